"""Inspections, findings, correction (6.1.2)."""
