"""What lies behind a figure: the items and obligations that were counted, each with what it counted and why (5.2.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from linbao.appraisal import metrics, scoring
from linbao.appraisal.models import Appraisal
from linbao.core import clock, keyset
from linbao.core.keyset import Cursor, Place, Slice
from linbao.core.problems import NotFound
from linbao.duties.kinds import KINDS, heading
from linbao.items.models import Item, Status
from linbao.organisation.models import User

PAGE = 50
# Which items a figure counts, and which duties.
OF_ITEMS = {
    metrics.QUANTITY: "standing",
    metrics.QUALITY: "judged",
    metrics.ACCURACY: "decided",
    metrics.FEEDBACK: "resolved",
}
OF_DUTIES = {metrics.TIMELINESS: "kind != ALL(%(telling)s)", metrics.FEEDBACK: "kind = ANY(%(telling)s)"}
BEHIND = """(%(at)s::timestamptz IS NULL OR ({moment}, id) {side} (%(at)s::timestamptz, %(last)s::uuid))
        ORDER BY {moment} {way}, id {way} LIMIT %(count)s"""
ONE = "a.id = %(appraisal)s"
SHOWN = ", i.number, i.status, i.verdict"  # what a list tells of an item besides
OWN_FAULTS = "AND r.item_id IN (SELECT id FROM items_item WHERE reporter_id = (SELECT person_id FROM who))"


def items(user: User, appraisal: Appraisal, metric: str, cursor: str = "") -> Slice[dict[str, Any]]:
    """A page of the items behind `metric`, the latest first.

    What `user` may not see otherwise is told by its number alone. Raises `NotFound` for a figure that has none.
    """
    if metric not in metrics.METRICS:
        raise NotFound(_("没有这项指标。"))
    if metric not in OF_ITEMS:
        return Slice([])
    page = _rows(
        f"""WITH {scoring.WHO.format(where=ONE)}, {scoring.items_sql(fault_of=OWN_FAULTS, more=SHOWN)}
        SELECT id, number, reported_at, status, returns, adopted, verdict, faulted, passed, worth, counts, nth,
          alike_free
        FROM item WHERE {OF_ITEMS[metric]} AND """,
        appraisal,
        cursor,
        "reported_at",
    )
    seen = dict(Item.objects.visible_to(user).filter(pk__in=[r["id"] for r in page.rows]).values_list("id", "title"))
    for row in page.rows:
        row["title"] = seen.get(row["id"])
        row["url"] = reverse("items:item", args=[row["id"]]) if row["title"] is not None else ""
        row["state"] = Status(row["status"])
        row["why"] = _why(row, metric)
    return page


def duties(user: User, appraisal: Appraisal, metric: str, cursor: str = "") -> Slice[dict[str, Any]]:
    """The same for obligations."""
    if metric not in OF_DUTIES:
        return Slice([])
    page = _rows(
        f"""WITH {scoring.WHO.format(where=ONE)}, {scoring.DUTIES}
        SELECT id, kind, title, period, due_at, met_at, weight, credit, subject_type, subject_id FROM duty
        WHERE {OF_DUTIES[metric]} AND """,
        appraisal,
        cursor,
        "due_at",
    )
    of_items = [r["subject_id"] for r in page.rows if r["subject_type"] == "items.item"]
    seen = set(Item.objects.visible_to(user).filter(pk__in=of_items).values_list("id", flat=True))
    for row in page.rows:
        row["name"] = KINDS[row["kind"]].name
        row["url"] = reverse("items:item", args=[row["subject_id"]]) if row["subject_id"] in seen else ""
        if row["subject_type"] == "items.item" and not row["url"]:
            row["title"] = ""  # the duty bears the item's title
        row["title"] = heading(row["kind"], row["title"], row.pop("period"))
        row["state"] = "met" if row["credit"] == 1 else "late" if row["credit"] else "missed"
    return page


def answers(user: User, appraisal: Appraisal, metric: str, cursor: str = "") -> Slice[dict[str, Any]]:
    """The same for evaluations: each that a resident gave, whatever became of the item (2.4.2)."""
    if metric != metrics.FEEDBACK:
        return Slice([])
    page = _rows(
        f"""WITH {scoring.WHO.format(where=ONE)}, {scoring.ANSWERS}
        SELECT id, item_id, at, verdict, first, last FROM answer
        WHERE """,
        appraisal,
        cursor,
        "at",
    )
    of_items = Item.objects.filter(pk__in=[r["item_id"] for r in page.rows])
    numbers = dict(of_items.values_list("id", "number"))
    seen = dict(Item.objects.visible_to(user).filter(pk__in=list(numbers)).values_list("id", "title"))
    for row in page.rows:
        row["number"] = numbers.get(row["item_id"], "")
        row["title"] = seen.get(row["item_id"])
        row["url"] = reverse("items:item", args=[row["item_id"]]) if row["title"] is not None else ""
    return page


def _rows(sql: str, appraisal: Appraisal, given_cursor: str, moment: str) -> Slice[dict[str, Any]]:
    """A page of rows at a cursor; `sql` ends with `BEHIND`. Raises `Invalid` for a cursor that is none."""
    cycle = appraisal.cycle
    # A told result counts what stood when it was counted: duties that were open then are not missed now.
    now: datetime = cycle.counted_at or clock.now()

    def read(place: Place | None, count: int) -> list[dict[str, Any]]:
        at, last = place.values if place else (None, None)
        back = place is not None and place.back
        behind = BEHIND.format(moment=moment, side=">" if back else "<", way="ASC" if back else "DESC")
        data = scoring.params(cycle.since, cycle.until, now, appraisal=appraisal.pk, at=at, last=last, count=count)
        with connection.cursor() as cursor:
            cursor.execute(sql + behind, data)
            names = [c.name for c in cursor.description or ()]
            return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    return Cursor(f"-{moment}").page_of(read, given_cursor, PAGE, (keyset.moment, UUID))


def _why(row: dict[str, Any], metric: str) -> str:
    """Why an item counts what it counts under this figure, in words."""
    if metric == metrics.QUALITY:
        message = (
            _("一次通过") if row["passed"] and not row["returns"] else _("曾退回 %(n)d 次") % {"n": row["returns"]}
        )
        return message + (_("；被采用") if row["adopted"] else "")
    if metric == metrics.ACCURACY:
        return _("因真实性或准确性被退回") if row["faulted"] else _("没有因真实性或准确性被退回")
    if metric == metrics.FEEDBACK:
        return _("已形成闭环") if row["status"] in (Status.EVALUATED, Status.CLOSED) else _("还没有形成闭环")
    if row["status"] == Status.MERGED:
        return _("已合并到另一条，不重复计")
    if not row["passed"]:
        return _("还没有审核通过，不计")
    if row["nth"] > row["alike_free"]:
        return _("同一地点一周内第 %(n)d 条同类") % {"n": row["nth"]}
    if row["returns"] >= 2:
        return _("退回两次")
    return {1.0: _("一般"), 1.5: _("需到现场")}.get(
        float(row["worth"]), _("紧急或复杂") if row["worth"] > 1 else _("一般")
    )
