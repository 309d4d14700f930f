"""/api/v1/me, /units, /people: who one is, the units one works in, the people one needs to know (1.3.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linbao.accounts import services
from linbao.accounts.inputs import ChangeOwn, CreatePerson
from linbao.accounts.models import ApiToken
from linbao.core.inputs import checked
from linbao.organisation.models import RoleGrant, Unit, User
from linbao.platform.reference import Reference
from tests.loop import Town

API = "/api/v1"


def ask(town: Town, name: str, path: str) -> Any:
    return Client().get(f"{API}{path}", **town.token(name))


def names(answer: Any) -> set[str]:
    return {p["username"] for p in answer.json()["people"]}


@pytest.mark.parametrize("path", ["/me", "/units", "/people"])
def test_nobody_without_a_token(town: Town, path: str) -> None:
    assert Client().get(API + path).status_code == 401
    error = ApiToken.make(town.people["manager"], "x", ["items"])[1]
    answer = Client().get(API + path, HTTP_AUTHORIZATION=f"Bearer {error}")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    right = ApiToken.make(town.people["manager"], "y", [f"{path[1:]}:read"])[1]
    assert Client().get(API + path, HTTP_AUTHORIZATION=f"Bearer {right}").status_code == 200


def test_me(town: Town) -> None:
    services.change_own(town.reporter, checked(ChangeOwn, {"phone": "13812345678", "email": "z@example.cn"}))
    details = ask(town, "reporter", "/me").json()
    assert details["id"] == str(town.reporter.pk) and details["username"] == "reporter"
    assert (details["name"], details["phone"], details["email"]) == ("reporter", "138****5678", "z@example.cn")
    assert {(r["role"], r["unit"]["code"]) for r in details["roles"]} == {
        ("reporter", "510104017003001"),
        ("reporter", "G1"),
    }
    assert details["roles"][0]["starts"] == "2026-01-01" and details["roles"][0]["ends"] is None


@pytest.mark.clause("1.3.4")
def test_units_that_ones_roles_reach(town: Town) -> None:
    near = {"510104000000", "510104017003", "510104017003001", "D1", "G1"}
    for name in ("reporter", "reviewer", "handler", "manager"):
        assert {u["code"] for u in ask(town, name, "/units").json()["units"]} == near, name
    assert {u["code"] for u in ask(town, "administrator", "/units").json()["units"]} == near | {"510104017004", "D2"}
    assert [u["code"] for u in ask(town, "manager", "/units?kind=grid").json()["units"]] == ["510104017003001"]
    below = ask(town, "manager", f"/units?parent={town.community.pk}").json()["units"]
    assert {u["code"] for u in below} == {"510104017003001", "D1", "G1"}
    assert ask(town, "manager", f"/units/{town.grid.pk}").json()["parent"] == str(town.community.pk)
    assert ask(town, "manager", f"/units/{town.elsewhere.pk}").status_code == 404
    assert ask(town, "manager", "/units?kind=planet").status_code == 422
    assert "mailbox" not in str(ask(town, "manager", "/units").json())


def test_units_page_by_cursor_without_a_query(town: Town) -> None:
    Unit.objects.bulk_create(
        Unit(kind="grid", code=f"510104017003{n:03d}", name=f"第{n}网格", parent=town.community) for n in range(2, 130)
    )
    for reference in Reference.all.values():
        reference.drop()
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = ask(town, "manager", f"/units?limit=50&cursor={cursor}").json()
        seen += [u["code"] for u in page["units"]]
        cursor = page["next"]
    assert seen == sorted(set(seen)) and len(seen) == 5 + 128
    bearer = town.token("manager")
    with CaptureQueriesContext(connection) as queries:
        Client().get(f"{API}/units?limit=200", **bearer)
    assert len(queries) == 1  # token, person and roles


@pytest.mark.clause("1.3.4")
def test_people_as_one_needs_to_know_them(town: Town) -> None:
    services.create_person(
        town.administrator, checked(CreatePerson, {"username": "idle1", "name": "闲云", "phone": "13812345678"})
    )
    community = set(town.people) - {"stranger", "administrator"}
    assert names(ask(town, "manager", "/people")) == community
    assert names(ask(town, "reviewer", "/people")) == community
    assert names(ask(town, "administrator", "/people")) == {*town.people, "idle1"}
    assert names(ask(town, "stranger", "/people")) == {"stranger"}
    for name in ("reporter", "leader", "handler", "trainer"):
        assert names(ask(town, name, "/people")) == {name}
    # Ways to reach somebody are for those who keep the accounts; a phone is masked for them too.
    idle = ask(town, "administrator", "/people?q=idle").json()["people"][0]
    assert idle["phone"] == "138****5678"
    for raised in ask(town, "reviewer", "/people").json()["people"]:
        assert ("phone" in raised) == ("email" in raised) == (raised["username"] == "reviewer")


def test_one_person(town: Town) -> None:
    details = ask(town, "manager", f"/people/{town.reporter.pk}").json()
    assert details["username"] == "reporter" and len(details["roles"]) == 2 and "phone" in details
    assert "phone" not in ask(town, "reviewer", f"/people/{town.reporter.pk}").json()
    assert ask(town, "manager", f"/people/{town.stranger.pk}").status_code == 404
    assert ask(town, "reporter", f"/people/{town.reporter2.pk}").status_code == 404
    assert ask(town, "reporter", f"/people/{town.reporter.pk}").json()["phone"] is None


def test_people_are_filtered_and_paged(town: Town) -> None:
    assert names(ask(town, "administrator", "/people?role=handler")) == {"handler", "handler2"}
    assert names(ask(town, "administrator", f"/people?unit={town.elsewhere.pk}")) == {"stranger"}
    for n in range(120):
        person = User.objects.create(username=f"p{n:03d}", name=f"人{n}")
        RoleGrant.objects.create(user=person, role="handler", unit=town.department, starts=date(2026, 1, 1))
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = ask(town, "manager", f"/people?limit=50&sort=-created&cursor={cursor}").json()
        seen += [p["username"] for p in page["people"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 120 + len(set(town.people) - {"stranger", "administrator"})
    assert seen[0] == "p119"


@pytest.mark.parametrize(
    "query",
    ["role=king", "state=asleep", "sort=size", "unit=nowhere", "limit=0", "limit=201", "cursor=%21", "cursor=AAAA"],
)
def test_what_is_no_filter_is_a_problem(town: Town, query: str) -> None:
    answer = ask(town, "manager", f"/people?{query}")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"


def test_people_cost_the_same_for_one_and_for_fifty(town: Town) -> None:
    bearer = town.token("manager")
    Client().get(f"{API}/people", **bearer)  # units are read once per process
    with CaptureQueriesContext(connection) as one:
        Client().get(f"{API}/people?limit=1", **bearer)
    for n in range(60):
        person = User.objects.create(username=f"p{n:03d}", name=f"人{n}")
        RoleGrant.objects.create(user=person, role="handler", unit=town.department, starts=date(2026, 1, 1))
    with CaptureQueriesContext(connection) as fifty:
        answer = Client().get(f"{API}/people?limit=50", **bearer)
    assert len(answer.json()["people"]) == 50
    assert len(fifty) == len(one) <= 3
    with CaptureQueriesContext(connection) as me:
        Client().get(f"{API}/me", **bearer)
    assert len(me) <= 2


def test_every_scope_names_an_area_of_the_interface(town: Town) -> None:
    """A token for any area can be made: none is left to `*` alone."""
    from linbao.accounts.inputs import scope_known
    from linbao.api import api

    areas = {path.split("/")[3] for path in api.get_openapi_schema()["paths"]}
    assert {"me", "units", "people"} <= areas
    assert [a for a in areas if not scope_known(a)] == []
