"""Tasks, once or repeated (5.3.1)."""
