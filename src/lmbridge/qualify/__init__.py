"""What one model on one backend can really do: measured by harmless probes in about a minute, kept as a profile, and used.

`examine.qualify` measures, `store` keeps, `choose` decides which profile a run gets.
"""
