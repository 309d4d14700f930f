"""Backup and restore in one sealed archive (6.1.1)."""
