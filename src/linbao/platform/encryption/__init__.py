"""Sealed fields and files, data keys, rotation (6.1.1, 1.3.4)."""
