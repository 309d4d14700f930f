"""People's work files (5.3.2)."""
