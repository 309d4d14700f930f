"""Every list of the product: filters, orders, pages both ways, export, and nobody else's rows (1.3.4, design §6)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import get_resolver

from linbao.audit.models import Record
from linbao.core.listing import REGISTRY, Listing, Tab
from linbao.core.problems import Invalid
from linbao.organisation.models import User
from tests.access import places
from tests.access.who import NOBODY, SIGNED_IN
from tests.access.world import SECRET, World

pytestmark = pytest.mark.clause("1.3.4")

# Of the whole installation, whose administrator is nobody of these two communities.
ABOVE = {"jobs"}
NONSENSE = "无此值!"
# What this world has none of; their lists stand empty here.
EMPTY = {"role-proposals", "removals"}


def lists() -> list[Listing]:
    get_resolver().reverse_dict  # noqa: B018  (the views are imported, and with them their lists)
    return [listing for listing in REGISTRY.values() if listing.name not in ABOVE]


def readers(world: World, listing: Listing) -> Iterator[tuple[str, User]]:
    for persona in SIGNED_IN:
        user = User.objects.get(pk=world.own.people[persona].pk)
        if not listing.permission or user.has_perm(listing.permission):
            yield persona, user


def id_of(row: Any) -> Any:
    return row["id"] if isinstance(row, dict) else row.pk


def every_id(listing: Listing, user: User, size: int = 200, **data: str) -> list[Any]:
    """The ids of all pages from the first to the last."""
    result, cursor = [], ""
    for _page in range(2000):
        page = listing.slice(user, data, cursor, size)
        result += [id_of(r) for r in page.rows]
        if page.next is None:
            return result
        cursor = page.next
    raise AssertionError(f"{listing.name} does not end")


def backwards(listing: Listing, user: User, size: int, **data: str) -> list[Any]:
    """The ids of all pages, walked from the last one back to the first."""
    cursor = ""
    while (page := listing.slice(user, data, cursor, size)).next is not None:
        cursor = page.next
    result = [id_of(r) for r in page.rows]
    while page.previous is not None:
        page = listing.slice(user, data, page.previous, size)
        result = [id_of(r) for r in page.rows] + result
    assert page.number == 1
    return result


def most(world: World, listing: Listing) -> tuple[str, User]:
    """Who sees most of a list."""
    return max(readers(world, listing), key=lambda pair: len(every_id(listing, pair[1])))


def address(world: World, listing: Listing, name: str, persona: str) -> str:
    place = next(p for p in places.pages() if p.name == name)
    return places.address(place, world.own, "submitted", persona)


def sheet(answer: Any) -> list[list[str]]:
    assert isinstance(answer, HttpResponse | StreamingHttpResponse)
    body: bytes = answer.getvalue()
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def test_every_list_is_walked_and_sorted_both_ways(world: World, quiet: None) -> None:
    errors: list[str] = []
    assert len(lists()) > 35
    for listing in lists():
        _persona, user = most(world, listing)
        whole = every_id(listing, user)
        if not whole and listing.name not in EMPTY:
            errors.append(f"{listing.name}: no rows in this world")
        if every_id(listing, user, size=1) != whole or len(set(whole)) != len(whole):
            errors.append(f"{listing.name}: pages lose or repeat rows")
        for size in (1, 3):
            if backwards(listing, user, size) != whole:
                errors.append(f"{listing.name}: pages of {size} do not lead back")
        for column in listing.columns:
            if not column.sort:
                continue
            rising, falling = (every_id(listing, user, 2, sort=sign + column.key) for sign in ("", "-"))
            if set(rising) != set(whole) or falling != rising[::-1]:
                errors.append(f"{listing.name}: wrong order by {column.key}")
            if backwards(listing, user, 2, sort=column.key) != rising:
                errors.append(f"{listing.name}: pages by {column.key} do not lead back")
    assert not errors, "\n".join(errors)


def test_nonsense_in_an_address_is_named(world: World, quiet: None) -> None:
    errors: list[str] = []
    for listing in lists():
        persona, user = most(world, listing)
        for each in listing.filters:
            for name in each.names:
                try:
                    rows = listing.slice(user, {name: NONSENSE}).rows
                    if rows and not isinstance(each, Tab):
                        errors.append(f"{listing.name}: {name} takes nonsense")
                except Invalid as e:
                    if each.free or set(e.fields) != {name}:
                        errors.append(f"{listing.name}: {name} refused with {e.fields}")
        for data, cursor in (({"sort": NONSENSE}, ""), ({}, "%21"), ({}, "AAAA"), ({}, "x" * 9000)):
            with pytest.raises(Invalid):
                listing.slice(user, data, cursor)
        browser, there = world.browser(persona), address(world, listing, listing.url, persona)
        for query in (f"sort={NONSENSE}", "cursor=AAAA"):
            with world.undone():
                answer = browser.get(f"{there}?{query}")
            if answer.status_code != 422 or "筛选条件有误" not in answer.content.decode():
                errors.append(f"{listing.name}: {answer.status_code} for {query}")
    assert not errors, "\n".join(errors)


def test_an_export_is_what_the_page_shows_and_stands_on_the_log(world: World, quiet: None) -> None:
    errors: list[str] = []
    for listing in lists():
        allowed = listing.export_permission or listing.permission
        able = [(p, u) for p, u in readers(world, listing) if not allowed or u.has_perm(allowed)]
        persona, _user = max(able, key=lambda pair: len(every_id(listing, pair[1])))
        there = address(world, listing, listing.export_url or listing.url, persona)
        shown = address(world, listing, listing.url, persona)
        with world.undone():
            before = Record.objects.filter(action=listing.action).count()
            answer = world.browser(persona).get(f"{there}?format=csv")
            if answer.status_code != 200:
                errors.append(f"{listing.name}: {answer.status_code} for {persona}")
                continue
            lines = sheet(answer)
            if Record.objects.filter(action=listing.action).count() != before + 1:
                errors.append(f"{listing.name}: {listing.action} is not on the log")
        with world.undone():
            page = world.browser(persona).get(shown).context["page"]
        if lines[0] != [str(c.label) for c in listing.columns]:
            errors.append(f"{listing.name}: other columns")
        if page.next is None and len(lines) - 1 != len(page.rows) and listing.name != "notices":
            errors.append(f"{listing.name}: {len(lines) - 1} lines for {len(page.rows)} rows")
        if world.browser(persona).get(f"{there}?format=exe").status_code != 422:
            errors.append(f"{listing.name}: another format is taken")
        plain = [[cell.removeprefix("'") for cell in line] for line in lines[1:]]
        for line, row in zip(plain, page.rows, strict=False):
            if page.listing.prepare is None and line != [row[c.key].removeprefix("'") for c in listing.columns]:
                errors.append(f"{listing.name}: {line} is not the row shown")
                break
    assert not errors, "\n".join(errors)


def test_nobody_finds_a_strangers_rows(world: World, quiet: None) -> None:
    errors: list[str] = []
    for listing in lists():
        for persona, user in readers(world, listing):
            text = str(list(listing.cells(user, listing.read(user, {}))))
            if SECRET in text:
                errors.append(f"{listing.name}: {persona} reads the other community's words")
            if persona == NOBODY and listing.permission:
                errors.append(f"{listing.name}: open to who has no role")
    assert not errors, "\n".join(errors)
