"""Accounts: sign-in, sessions, tokens, phones, passwords, proposals of roles."""
