"""Sessions: invitation, signing in, record (5.1.2)."""
