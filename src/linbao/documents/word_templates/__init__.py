"""A department's own Word templates."""
