"""The engine's minute."""

from __future__ import annotations

from linbao.base import queue
from linbao.duties import actions


@queue.periodic("* * * * *", "duties.tick")
def tick(timestamp: int) -> None:
    """Remind, escalate and declare missed what is due (every minute)."""
    actions.tick()
