"""The fake's HTTP routes."""
