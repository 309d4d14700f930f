"""Duties against clauses, for any unit."""
