"""Values that follow a new key; backups by the schedule."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from procrastinate.exceptions import AlreadyEnqueued

from linbao.base import queue

SLICE = 30.0  # seconds of one job: a worker that is asked to end is not kept waiting


@queue.task("base.reseal", queueing_lock="base.reseal", lock="base.reseal", retried=False)
def reseal() -> None:
    """Seal anew what older keys sealed, slice by slice until all has followed, late writers' values too."""
    from linbao.base import resealing

    if resealing.waiting():
        through = resealing.run(SLICE)
        if resealing.waiting():
            reseal_soon(int(resealing.LATE.total_seconds()) if through else 0)


def reseal_soon(wait: int = 0) -> None:
    """In the transaction that made a new key current; or in `wait` seconds."""
    with suppress(AlreadyEnqueued):
        reseal.configure(schedule_in={"seconds": wait} if wait else None).defer()


@queue.periodic("*/10 * * * *", "base.reseal_left")
def reseal_left(timestamp: int) -> None:
    """What a stop left behind, or a late writer (every ten minutes)."""
    from linbao.base import resealing

    if resealing.waiting():
        reseal_soon()


@queue.periodic("30 18 * * *", "base.backup", minutes=360)  # half past two at night in China
def back_up(timestamp: int) -> None:
    """The night's backup, where LINBAO_BACKUP_TO says where; older ones go by LINBAO_BACKUP_KEEP."""
    if settings.BACKUP_TO:
        from linbao.base import backup

        backup.scheduled(settings.BACKUP_TO)
