"""What review does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linbao.review import actions


@app.periodic(cron="10 * * * *")
@app.task(
    name="review.escalate_unreviewable",
    queueing_lock="review.escalate_unreviewable",
    lock="review.escalate_unreviewable",
)
def escalate_unreviewable(timestamp: int) -> None:
    """Tell managers of items that nobody may review (4.3.1)."""
    actions.escalate_unreviewable()
