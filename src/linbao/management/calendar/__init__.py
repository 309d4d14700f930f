"""The calendar and its feed (5.3.1)."""
