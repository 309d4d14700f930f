"""People's requests about their own data, and removal (1.3.4)."""
