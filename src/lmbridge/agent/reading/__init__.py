"""Results made easier to read for small models: what a list holds, what a search looked at, what to do about an error."""
