"""Processes, sockets, embedded PostgreSQL, TLS."""
