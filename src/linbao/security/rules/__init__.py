"""Rules, their versions and confirmations (6.1.1)."""
