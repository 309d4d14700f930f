"""Rewards: contributions, nominations, budgets, certificates (7.1)."""
