"""One's own settings: language, sessions, tokens."""
