"""The engine's minute."""

from __future__ import annotations

from procrastinate.contrib.django import app

from linbao.duties import actions


@app.periodic(cron="* * * * *")
@app.task(name="duties.tick", queueing_lock="duties.tick", lock="duties.tick")
def tick(timestamp: int) -> None:
    """Remind, escalate and declare missed what is due (every minute)."""
    actions.tick()
