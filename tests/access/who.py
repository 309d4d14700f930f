"""The personas of the access table, and what a line of it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.items import samples

if TYPE_CHECKING:
    from tests.access.world import Side

ROLES: dict[str, str] = {
    "reporter": "grid",
    "group_leader": "group",
    "reviewer": "community",
    "handler": "department",
    "manager": "community",
    "trainer": "community",
    "security_officer": "community",
    "auditor": "community",
    "administrator": "community",
}
NOBODY, RESIDENT = "nobody", "resident"  # signed in without a role; not signed in at all
PERSONAS = (*ROLES, NOBODY, RESIDENT)

Who = tuple[str, ...]
REPORTER, LEADER, REVIEWER, HANDLER, MANAGER = "reporter", "group_leader", "reviewer", "handler", "manager"
TRAINER, OFFICER, AUDITOR, ADMINISTRATOR = "trainer", "security_officer", "auditor", "administrator"

EVERYBODY: Who = PERSONAS
SIGNED_IN: Who = tuple(p for p in PERSONAS if p != RESIDENT)
HOLDING: Who = tuple(p for p in SIGNED_IN if p != NOBODY)  # hold any role
NONE: Who = ()
REPORTING: Who = (REPORTER, LEADER)
DEPARTMENT: Who = (REVIEWER, MANAGER)
READING: Who = (REPORTER, LEADER, REVIEWER, MANAGER)  # see what is submitted in their community
WORKING: Who = (*READING, HANDLER)
INSPECTING: Who = (*READING, AUDITOR)
TELLING: Who = (REPORTER, LEADER, MANAGER)  # tell the resident (2.4.1)
IMPORTING: Who = (REVIEWER, MANAGER, ADMINISTRATOR)
HANDLING: Who = (HANDLER,)
FOLLOWING: Who = (*READING, ADMINISTRATOR)
PEOPLE: Who = (MANAGER, ADMINISTRATOR)
WEIGHING: Who = (OFFICER, ADMINISTRATOR, AUDITOR)  # propose and confirm roles


@dataclass(frozen=True)
class Access:
    """A line of the table. `item` is the state of the item in the address, `data` a body that is right enough to
    be asked for permission; `by_link`: the secret in the address is the permission."""

    get: Who | None = None
    post: Who | None = None
    item: str = "submitted"
    data: Callable[[Side], dict[str, Any]] = lambda side: {}
    by_link: bool = False
    query: Callable[[Side], str] = lambda side: ""


def photo(_side: Side) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("a.jpg", samples.jpeg(64, 48))}


def to(**body: Any) -> Callable[[Side], dict[str, Any]]:
    return lambda side: dict(body)
