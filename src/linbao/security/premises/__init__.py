"""Places, doors and visitors (6.2.3)."""
