"""Photos, recordings and files of items, decoded in the box (2.1)."""
