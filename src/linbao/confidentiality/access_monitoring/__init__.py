"""Who looked at what, and what was unusual (1.3.4)."""
