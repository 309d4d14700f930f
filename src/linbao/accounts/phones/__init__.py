"""Browsers and phones that people signed in with; wiping a lost one (6.1.2)."""
