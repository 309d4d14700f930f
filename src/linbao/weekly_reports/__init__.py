"""The weekly report (2.3.1, 4.1)."""
