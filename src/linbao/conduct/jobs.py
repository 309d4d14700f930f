"""What rewards and cases do by themselves, and the certificates."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from linbao.conduct import cases, certificates, contributions, decisions, reassigning, revoking


@app.periodic(cron="40 * * * *")
@app.task(name="conduct.gather", queueing_lock="conduct.gather", lock="conduct.gather")
def gather(timestamp: int) -> None:
    """Take up confirmed adoptions as contributions (7.1.1), and changes of post accepted after an appraisal (5.2.3)."""
    contributions.gather()
    reassigning.gather()


@app.periodic(cron="50 * * * *")
@app.task(name="conduct.settle", queueing_lock="conduct.settle", lock="conduct.settle")
def settle(timestamp: int) -> None:
    """Appeal terms, expiry of records, cases without a decider, accounts to close, documents that lack (7.2.1)."""
    cases.settle()
    revoking.close_accounts()
    decisions.make_missing()


@app.task(name="conduct.make_certificate", queue="documents", retry=RetryStrategy(max_attempts=10, exponential_wait=5))
def make_certificate(award: str, seal: str, by: str) -> None:
    """The sealed PDF of a certificate."""
    certificates.make(UUID(award), UUID(seal), UUID(by))


@app.task(name="conduct.make_decision", queue="documents", retry=RetryStrategy(max_attempts=10, exponential_wait=5))
def make_decision(case: str, version: int, seal: str) -> None:
    """The decision of a case as a document; `seal` may be empty (7.2.1)."""
    decisions.make(UUID(case), version, UUID(seal) if seal else None)
