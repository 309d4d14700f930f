"""Visits, meetings and other ways of collecting (2.1, 4.1.1)."""
