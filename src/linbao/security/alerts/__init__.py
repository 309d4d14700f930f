"""Security alerts and who answers for them (6.1.3)."""
