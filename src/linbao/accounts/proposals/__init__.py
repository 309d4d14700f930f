"""Roles that wait for a second person (三员分立, 6.1.1)."""
