"""Ratings by oneself, peers and superiors (5.2.2)."""
