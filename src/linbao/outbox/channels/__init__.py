"""Units' notification channels."""
