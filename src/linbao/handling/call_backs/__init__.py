"""The drawn sample of residents who are called back (2.4.2)."""
