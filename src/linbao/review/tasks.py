"""What review does by itself."""

from __future__ import annotations

from linbao.platform import queue
from linbao.review import services


@queue.periodic("10 * * * *", "review.escalate_unreviewable")
def escalate_unreviewable(timestamp: int) -> None:
    """Notify managers of items that nobody may review (4.3.1)."""
    services.escalate_unreviewable()
