"""Figures and dashboards, from daily sums (2.2.1)."""
