"""Every page × every role (1.3.4, 6.2.2, design §9): the table says who gets in; what it does not name fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.access.places import Place, address, pages
from tests.access.table import ALL, PAGES
from tests.access.who import NOBODY, PERSONAS, RESIDENT, Access
from tests.access.world import SECRET, World, whole

PLACES = list(pages())
# The gate asks what can differ; with this set every persona asks everything.
EVERYTHING = os.environ.get("LINBAO_TEST_EVERYTHING") == "1"
BY_KEY = {p.key: p for p in PLACES}


def verdict(answer: Any) -> str:
    """in, out (refused, or sent to sign in), absent (no such method), broken."""
    if answer.status_code >= 500 and answer.status_code != 503:  # 503: /readyz without a worker
        return "broken"
    if answer.status_code == 405:
        return "absent"
    signing_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")
    return "out" if signing_in or answer.status_code in (401, 403, 404, 410) else "in"


def test_every_page_stands_in_the_table() -> None:
    missing = [p.key for p in PLACES if p.key not in ALL]
    gone = [k for k in ALL if k.partition("#")[0] not in BY_KEY]
    assert not missing, f"pages without a line in tests/access/table.py: {missing}"
    assert not gone, f"lines of tests/access/table.py without a page: {gone}"


@pytest.mark.clause("1.3.4", "6.2.2")
def test_who_gets_in_where(world: World, quiet: None) -> None:
    """Each persona at each page, GET and POST, with their own community's objects and with another's."""
    errors: list[str] = []
    for key, access in PAGES.items():
        place = BY_KEY[key.partition("#")[0]]
        for method, allowed in (("get", access.get), ("post", access.post)):
            # A method that is not served, a page of the sign-in library: not for each role anew.
            few = allowed is None or place.route.startswith("accounts/")
            for persona in ("reporter", NOBODY, RESIDENT) if few and not EVERYTHING else PERSONAS:
                errors += _own(world, key, place, access, method, persona)
                if persona in (allowed or ()) or EVERYTHING:
                    errors += _foreign(world, key, place, access, method, persona)
    assert not errors, "\n".join(errors)


def _ask(world: World, method: str, persona: str, url: str, data: Callable[[], dict[str, Any]]) -> tuple[str, str, int]:
    with world.undone():
        browser = world.browser(persona)
        answer = browser.get(url) if method == "get" else browser.post(url, data())
        return verdict(answer), whole(answer), answer.status_code


def _own(world: World, key: str, place: Place, access: Access, method: str, persona: str) -> list[str]:
    allowed = access.get if method == "get" else access.post
    if allowed is None and "#" in key:
        return []  # told by the line of the page itself
    url = address(place, world.own, access.item, persona) + access.query(world.own)
    message, body, status = _ask(world, method, persona, url, lambda: access.data(world.own))
    expected: tuple[str, ...]
    if allowed is None:
        expected = ("absent", "out")
    else:
        expected = ("in",) if persona in allowed else ("out", "absent") if persona == RESIDENT else ("out",)
    errors = (
        [] if message in expected else [f"{method} {key} as {persona}: {status} {message}, not {'/'.join(expected)}"]
    )
    return [*errors, *([f"{method} {key} as {persona}: shows another community's text"] if SECRET in body else [])]


def _foreign(world: World, key: str, place: Place, access: Access, method: str, persona: str) -> list[str]:
    url = address(place, world.foreign, access.item, persona) + access.query(world.foreign)
    if access.by_link or url == address(place, world.own, access.item, persona) + access.query(world.own):
        return []
    message, body, status = _ask(world, method, persona, url, lambda: access.data(world.foreign))
    if message in ("out", "absent") and SECRET not in body:
        return []
    return [f"{method} {key} as {persona}, another community's: {status}{' with its text' if SECRET in body else ''}"]
