"""The host's guards, and what stands in their place (6.1.3)."""
