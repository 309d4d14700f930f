"""One-time passwords in two halves from two people (6.1.1)."""
