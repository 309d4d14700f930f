"""What the closed loop does by itself."""

from __future__ import annotations

from linbao.handling import loop
from linbao.handling.call_backs import services as call_backs
from linbao.platform import queue


@queue.periodic("20 * * * *", "handling.close_settled")
def close_settled(timestamp: int) -> None:
    """Close what residents were content with three working days ago (2.4.2)."""
    loop.close_settled()


@queue.periodic("30 0 * * 1", "handling.draw_call_backs")
def draw_call_backs(timestamp: int) -> None:
    """Draw last week's sample for call-backs (2.4.2); Monday 8:30 in China."""
    call_backs.draw_call_backs()
