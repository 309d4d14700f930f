"""The calendar of checks and drills (6.1.1)."""
