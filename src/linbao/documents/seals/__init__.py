"""Electronic seals: keeping, affixing, certificates (4.2.2)."""
