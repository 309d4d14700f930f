"""The jobs of this room."""

from __future__ import annotations

from uuid import UUID

from linbao.accounts import adapter
from linbao.confidentiality import retention
from linbao.confidentiality.access_monitoring import services as watching
from linbao.confidentiality.agreements import services as agreements
from linbao.confidentiality.disclosures import services as disclosures
from linbao.confidentiality.disclosures import tracing
from linbao.platform import queue
from linbao.platform.models import forget_tallies


@queue.task("confidentiality.make_agreement")
def make_agreement(signature: str) -> None:
    """The sealed document of one signature (6.2.1)."""
    agreements.make_document(signature)


@queue.task("confidentiality.trace", queue="imports")
def trace(trace: str) -> None:
    """Compare what leaked with what was given out (6.2.2)."""
    tracing.run(UUID(trace))


@queue.periodic("*/10 * * * *", "confidentiality.watch")
def watch(timestamp: int) -> None:
    """Raise alerts about unusual access (1.3.4); every ten minutes."""
    watching.watch()


@queue.periodic("40 18 * * *", "confidentiality.daily")
def daily(timestamp: int) -> None:
    """Renewals, expired copies, and what is past its period; 2:40 in China."""
    queue.steps(
        agreements.renew, disclosures.expire, tracing.expire, retention.run, adapter.forget_attempts, forget_tallies
    )
