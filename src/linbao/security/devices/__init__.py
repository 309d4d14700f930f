"""Devices from registration to disposal (6.1.2)."""
