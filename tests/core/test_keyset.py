"""Pages by the place of a row: both ways, while rows come in, whatever the order (performance.md rule 6)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.core.keyset import LONGEST, Cursor
from linbao.core.problems import Invalid
from linbao.organisation.models import User


def person(name: str, username: str) -> User:
    return User.objects.create(username=username, name=name)


@pytest.mark.parametrize("keys", [("name",), ("-name",), ("username",), ("-created_at",), ("-name", "username"), ()])
def test_rows_that_come_in_neither_hide_nor_repeat_others(db: Any, keys: tuple[str, ...]) -> None:
    for n in range(23):
        person(f"人{n % 4}", f"p{n:03d}")
    rows, order = User.objects.filter(username__startswith="p"), Cursor(*keys)
    there = set(rows.values_list("pk", flat=True))
    seen: list[Any] = []
    page = order.page(rows, "", 4)
    for step in range(30):
        seen += [r.pk for r in page.rows]
        person("人0", f"p-early{step:03d}")
        person("人9", f"pz-late{step:03d}")
        if page.next is None:
            break
        page = order.page(rows, page.next, 4)
        assert page.number == step + 2
    assert len(seen) == len(set(seen)) and there <= set(seen)

    there = set(rows.values_list("pk", flat=True))
    back = [r.pk for r in page.rows]
    behind = back[-1]
    while page.previous is not None:
        page = order.page(rows, page.previous, 4)
        assert len(page.rows) == 4
        back = [pk for pk in (r.pk for r in page.rows) if pk not in back] + back
        person("人5", f"p-more{len(back):03d}")
    ordered = [r.pk for r in order.ordered(rows.filter(pk__in=there), None)]
    assert back[: ordered.index(behind)] and set(ordered[: ordered.index(behind) + 1]) <= set(back)


def test_each_page_is_one_statement_without_offset_or_count(db: Any) -> None:
    for n in range(12):
        person("人", f"p{n:03d}")
    order, cursor = Cursor("-created_at"), ""
    for _page in range(3):
        with CaptureQueriesContext(connection) as statements:
            page = order.page(User.objects.all(), cursor, 4)
        cursor = page.next or ""
        assert len(statements) == 1
        assert "OFFSET" not in statements[0]["sql"] and "COUNT(" not in statements[0]["sql"]


def test_an_export_walks_all_rows_in_batches(db: Any) -> None:
    for n in range(11):
        person(f"人{n % 3}", f"p{n:03d}")
    rows = User.objects.filter(username__startswith="p")
    batches = list(Cursor("name").walk(rows, batch=4))
    assert [len(b) for b in batches] == [4, 4, 3]
    assert [r.pk for b in batches for r in b] == list(rows.order_by("name", "id").values_list("pk", flat=True))


@pytest.mark.parametrize("cursor", ["!", "AAAA", "e30", "W10", "WzEsMCwyLCJhIl0", "\ud800", "x" * (LONGEST + 1), "%00"])
def test_a_cursor_that_is_none_is_refused(db: Any, cursor: str) -> None:
    with pytest.raises(Invalid):
        Cursor("name").page(User.objects.all(), cursor, 5)


def test_a_cursor_of_another_order_is_refused(db: Any) -> None:
    for n in range(4):
        person(f"人{n}", f"p{n}")
    by_name = Cursor("name").page(User.objects.all(), "", 2).next
    assert by_name is not None
    for other in (Cursor("-name"), Cursor("username"), Cursor("created_at")):
        with pytest.raises(Invalid):
            other.page(User.objects.all(), by_name, 2)


@pytest.mark.parametrize("value", ["\0", "\ud800"])
def test_a_value_that_the_database_cannot_hold_is_refused(db: Any, value: str) -> None:
    forged = Cursor("name").write({"name": "人", "id": User.objects.create(username="p").pk})
    import base64
    import json

    parts = json.loads(base64.urlsafe_b64decode(forged + "=" * (-len(forged) % 4)))
    parts[3] = value
    cursor = base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()
    with pytest.raises(Invalid):
        Cursor("name").page(User.objects.all(), cursor, 2)
