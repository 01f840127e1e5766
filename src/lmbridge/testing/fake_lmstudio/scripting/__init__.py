"""What the fake's model is told to reply."""
