"""How this room shows the clauses that it serves (compliance page), and what its deeds are called on the audit log."""

from __future__ import annotations


def register() -> None:
    """Called once, when the room is made ready."""
