"""How clients reach the server: stdio and HTTP, both protocol eras, and leaving."""
