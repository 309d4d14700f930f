"""Confidentiality agreements, on screen and on paper (6.2.1)."""
