"""Values that follow a new key; backups by the schedule."""

from __future__ import annotations

from django.conf import settings

from linbao.platform import queue
from linbao.platform.backup import nightly
from linbao.platform.encryption import resealing

SLICE = 30.0  # seconds of one job: a worker that is asked to end is not kept waiting


@queue.task("platform.reseal", queueing_lock="platform.reseal", lock="platform.reseal", retried=False)
def reseal() -> None:
    """Seal anew what older keys sealed, slice by slice until all has followed, late writers' values too."""
    if resealing.waiting():
        through = resealing.run(SLICE)
        if resealing.waiting():
            queue.defer("platform.reseal", wait=resealing.LATE.total_seconds() if through else 0)


@queue.periodic("*/10 * * * *", "platform.reseal_left")
def reseal_left(timestamp: int) -> None:
    """What a stop left behind, or a late writer (every ten minutes)."""
    if resealing.waiting():
        queue.defer("platform.reseal")


@queue.periodic("30 18 * * *", "platform.backup", minutes=360)  # half past two at night in China
def back_up(timestamp: int) -> None:
    """The night's backup, where LINBAO_BACKUP_TO says where; older ones go by LINBAO_BACKUP_KEEP."""
    if settings.BACKUP_TO:
        nightly.run(settings.BACKUP_TO)
