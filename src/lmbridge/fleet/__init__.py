"""Several backends as one: their models told together, and smg, a router that others wrote, before those that share a model."""
