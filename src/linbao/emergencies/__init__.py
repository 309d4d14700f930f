"""Emergencies: calls, written reports, alarms, duty desk, roster (2.3.2, 4.2)."""
