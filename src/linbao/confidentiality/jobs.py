"""What this room does by itself."""

from __future__ import annotations

from linbao.base import queue


@queue.task("confidentiality.make_agreement")
def make_agreement(signature: str) -> None:
    """The sealed document of one signature (6.2.1)."""
    from linbao.confidentiality import agreements

    agreements.make_document(signature)


@queue.task("confidentiality.trace", queue="imports")
def trace(trace: str) -> None:
    """Compare what leaked with what was given out (6.2.2)."""
    from uuid import UUID

    from linbao.confidentiality import tracing

    tracing.run(UUID(trace))


@queue.periodic("*/10 * * * *", "confidentiality.watch")
def watch(timestamp: int) -> None:
    """Raise unusual looking (1.3.4); every ten minutes."""
    from linbao.confidentiality import watching

    watching.watch()


@queue.periodic("40 18 * * *", "confidentiality.daily")
def daily(timestamp: int) -> None:
    """Renewals, expired copies, and what is past its period; 2:40 in China."""
    from linbao.base.models import forget_tallies
    from linbao.confidentiality import agreements, disclosures, retention, tracing
    from linbao.units import adapter

    queue.steps(
        agreements.renew, disclosures.expire, tracing.expire, retention.run, adapter.forget_attempts, forget_tallies
    )
