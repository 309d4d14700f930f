"""Commands that look after keys and backups: each asks `base` to do it and notes it on the audit log."""
