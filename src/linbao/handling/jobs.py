"""What the closed loop does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linbao.handling import actions


@app.periodic(cron="20 * * * *")
@app.task(name="handling.close_settled", queueing_lock="handling.close_settled", lock="handling.close_settled")
def close_settled(timestamp: int) -> None:
    """Close what residents were content with three working days ago (2.4.2)."""
    actions.close_settled()


@app.periodic(cron="30 0 * * 1")
@app.task(name="handling.draw_call_backs", queueing_lock="handling.draw_call_backs", lock="handling.draw_call_backs")
def draw_call_backs(timestamp: int) -> None:
    """Draw last week's sample for call-backs (2.4.2); Monday 8:30 in China."""
    actions.draw_call_backs()
