"""Sending, and finding what a dead worker left behind."""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext

SILENT_FOR = 30  # seconds without a heartbeat after which a worker counts as dead


@app.task(name="outbox.send", queue="outbox")
def send(delivery: str) -> None:
    """Hand one delivery to its channel."""
    from linbao.outbox import sending

    sending.send(delivery)


@app.periodic(cron="* * * * *")
@app.task(name="outbox.sweep", queueing_lock="outbox.sweep", lock="outbox.sweep")
def sweep(timestamp: int) -> None:
    """Deliveries that wait for their next try, or whose worker died (every minute)."""
    from linbao.outbox import sending

    sending.sweep()


@app.periodic(cron="*/2 * * * *")
@app.task(name="outbox.notices_by_mail", queueing_lock="outbox.notices_by_mail", lock="outbox.notices_by_mail")
def notices_by_mail(timestamp: int) -> None:
    """Notices that people want by mail (every other minute)."""
    from linbao.outbox import notices_by_mail as by_mail

    by_mail.send_due()


@app.periodic(cron="* * * * *")
@app.task(name="jobs.retry_stalled", queueing_lock="jobs.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs of killed workers go again: each is an action that is safe to repeat (every minute)."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_FOR):
        await manager.retry_job(job)
