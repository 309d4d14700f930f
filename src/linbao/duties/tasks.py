"""The engine's minute."""

from __future__ import annotations

from linbao.duties import services
from linbao.platform import queue


@queue.periodic("* * * * *", "duties.tick")
def tick(timestamp: int) -> None:
    """Remind, escalate and declare missed what is due (every minute)."""
    services.tick()
