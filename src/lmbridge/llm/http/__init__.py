"""Requests to a backend: connections, deadlines, retries, the circuit breaker, slots, streams, errors."""
