"""Health, logs, doctor, security events (6.1.3)."""
