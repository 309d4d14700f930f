"""What stands between strangers and the product: limits, the box, outgoing connections (6.1.3)."""
