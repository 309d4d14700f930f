"""Incidents from notice to report (6.1.3)."""
