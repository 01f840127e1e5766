"""Tasks only for the report."""
