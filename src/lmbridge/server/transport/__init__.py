"""How clients reach the server: stdio and HTTP, the first answers, the protocol's eras, leaving in time."""
