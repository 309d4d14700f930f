"""Information given to others, marked, and traced when it leaks (6.2.2)."""
