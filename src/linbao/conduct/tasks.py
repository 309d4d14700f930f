"""The jobs of this room."""

from __future__ import annotations

from uuid import UUID

from linbao.conduct import reassignment
from linbao.conduct.cases import decisions, revocation
from linbao.conduct.cases import services as cases
from linbao.conduct.rewards import certificates, contributions
from linbao.platform import queue


@queue.periodic("40 * * * *", "conduct.gather")
def gather(timestamp: int) -> None:
    """Take up confirmed adoptions as contributions (7.1.1), and changes of post accepted after an appraisal (5.2.3)."""
    queue.steps(contributions.gather, reassignment.gather)


@queue.periodic("50 * * * *", "conduct.settle")
def settle(timestamp: int) -> None:
    """Appeal terms, expiry of records, cases without a decider, accounts to close, missing documents (7.2.1)."""
    queue.steps(cases.settle, revocation.close_accounts, decisions.make_missing)


@queue.task("conduct.make_certificate", queue="documents")
def make_certificate(award: str, seal: str, by: str) -> None:
    """The sealed PDF of a certificate."""
    certificates.make(UUID(award), UUID(seal), UUID(by))


@queue.task("conduct.make_decision", queue="documents")
def make_decision(case: str, version: int, seal: str) -> None:
    """The decision of a case as a document; `seal` may be empty (7.2.1)."""
    decisions.make(UUID(case), version, UUID(seal) if seal else None)
