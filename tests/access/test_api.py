"""Every operation of the interface × every role (1.3.4, 6.2.2, design §9), by token; scopes cut a token down."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from linbao.accounts.models import ApiToken
from tests.access.places import endpoint, operations
from tests.access.table import API
from tests.access.who import PERSONAS, RESIDENT, Access
from tests.access.world import SECRET, World, whole

OPERATIONS = dict(operations())


def ask(client: Client, key: str, url: str, data: dict[str, Any]) -> Any:
    method = key.partition(" ")[0].lower()
    if method == "get":
        return client.get(url)
    if "file" in data:
        return client.post(url, data)
    return getattr(client, method)(url, data, content_type="application/json")


def test_every_operation_stands_in_the_table() -> None:
    missing = [k for k in OPERATIONS if k not in API]
    gone = [k for k in API if k.partition("#")[0] not in OPERATIONS]
    assert not missing, f"operations without a line in tests/access/table.py: {missing}"
    assert not gone, f"lines of tests/access/table.py without an operation: {gone}"


@pytest.mark.clause("1.3.4", "6.2.2")
def test_who_may_call_what(world: World, quiet: None) -> None:
    errors: list[str] = []
    for key, access in API.items():
        for persona in PERSONAS:
            errors += _of(world, key, access, persona)
    assert not errors, "\n".join(errors)


def _of(world: World, key: str, access: Access, persona: str) -> list[str]:
    allowed = persona in ((access.get if key.startswith("GET") else access.post) or ())
    errors: list[str] = []
    for side in (world.own, world.foreign):
        url = endpoint(key, side, access.item, persona)
        with world.undone():
            answer = ask(world.program(persona), key, url, access.data(side))
            body = whole(answer)
        status = answer.status_code
        foreign = side is world.foreign and (
            url != endpoint(key, world.own, access.item, persona) or key == "POST /attachments"
        )
        refused = (401,) if persona == RESIDENT else (403, 404)
        right = status in refused if foreign or not allowed else status < 500 and status not in (401, 403, 404)
        if not right:
            errors.append(f"{key} as {persona}{', another community’s' if foreign else ''}: {status}")
        if SECRET in body:
            errors.append(f"{key} as {persona}: shows another community's text")
        if status >= 400 and answer["Content-Type"] != "application/problem+json":
            errors.append(f"{key} as {persona}: {status} is no problem+json")
    return errors


@pytest.mark.clause("6.2.2")
def test_a_token_does_what_its_scopes_say_and_nothing_else(world: World, quiet: None) -> None:
    """Read does not write, one area is not another; a revoked or an unknown token is nobody."""
    areas = {k.split("/")[1].partition(" ")[0] for k in API}
    tokens = {
        s: ApiToken.make(world.own.people["manager"], s, [s])[1] for a in areas for s in (a, f"{a}:read", f"{a}:write")
    }
    for key, access in API.items():
        area, reads = key.split("/")[1], key.startswith("GET")
        url = endpoint(key, world.own, access.item, "manager")
        for scope in (area, f"{area}:read", f"{area}:write", "catalogue" if area != "catalogue" else "items"):
            fits = scope == area or scope == f"{area}:{'read' if reads else 'write'}"
            with world.undone():
                answer = ask(
                    Client(headers={"Authorization": f"Bearer {tokens[scope]}"}), key, url, access.data(world.own)
                )
                message = b"".join(answer) if answer.streaming else answer.content
            assert (f"{area}:{'read' if reads else 'write'}".encode() in message and answer.status_code == 403) == (
                not fits
            ), (key, scope)
        assert ask(Client(headers={"Authorization": "Bearer lb_nobody"}), key, url, {}).status_code == 401, key


@pytest.mark.clause("6.1.3")
def test_a_browser_changes_nothing_without_its_csrf_token(world: World, quiet: None) -> None:
    for key, access in API.items():
        if key.startswith("GET"):
            continue
        client = Client(enforce_csrf_checks=True)
        client.cookies = world.browser("reporter").cookies
        answer = ask(client, key, endpoint(key, world.own, access.item, "reporter"), access.data(world.own))
        assert answer.status_code in (401, 403), (key, answer.status_code)
