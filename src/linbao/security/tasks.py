"""The jobs of this room."""

from __future__ import annotations

from uuid import UUID

from linbao.platform import queue
from linbao.security import documents, rights_reviews
from linbao.security.hosts import services as hosts
from linbao.security.inspections import services as inspections
from linbao.security.rules import services as rulebook


@queue.periodic("15 17 * * *", "security.open_duties")
def open_duties(timestamp: int) -> None:
    """Inspections of the quarter and month, the review of rights, rules for whoever joined; daily, 1:15 in China."""
    queue.steps(inspections.open_duties, rights_reviews.open_duties, rulebook.open_duties)


@queue.periodic("* * * * *", "security.read_host")
def read_host(timestamp: int) -> None:
    """The host's report of its guards, and what stands in their place as it runs out (every minute)."""
    queue.steps(hosts.read, hosts.end_substitutes)


@queue.task("security.make_record", queue="documents")
def make_record(kind: str, record: str) -> None:
    """The document of an incident, check-up or review."""
    documents.make(kind, UUID(record))
