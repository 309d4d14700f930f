"""The overview page: figures, each with its definition and the list behind it; charts, each with its table (2.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linbao.archive.statistics import counted, overview
from linbao.core import clock, figures
from linbao.core.keyset import Cursor
from linbao.core.permissions import allow
from linbao.core.problems import Invalid
from linbao.core.text import mask_within
from linbao.handling.models import Evaluation, Verdict
from linbao.items.models import Category, Item
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree

PAGE = 50


@dataclass(frozen=True)
class Links:
    """The addresses of the lists behind the figures of a unit and period."""

    unit_id: UUID
    period: overview.Period

    @property
    def span(self) -> dict[str, Any]:
        """The period as parameters."""
        return {"since": self.period.since, "until": self.period.until}

    def items(self, **filters: Any) -> str:
        """The archive with these filters."""
        return "/archive/?" + urlencode({"unit": self.unit_id, **{k: v for k, v in filters.items() if v}})

    def events(self, code: str) -> str:
        """The events that a figure counts."""
        return reverse("archive:events") + "?" + urlencode({"figure": code, "unit": self.unit_id, **self.span})


@login_required
@require_GET
def stats(request: AuthenticatedRequest) -> HttpResponse:
    """The overview of one unit and period, by default the last twelve weeks (2.2.2)."""
    allow(request.user, "archive.stats")
    period = overview.Period.read(request.GET.get("since", ""), request.GET.get("until", ""))
    unit_id = overview.unit_of(request.user, request.GET.get("unit", ""))
    result = overview.numbers(unit_id, period)
    links = Links(unit_id, period)
    subcategories = [
        {"name": label, "url": links.items(subcategory=code, **links.span), "n": n}
        for label, code, n in zip(
            result["by_subcategory"]["labels"],
            result["by_subcategory"]["codes"],
            result["by_subcategory"]["series"][0]["values"],
            strict=True,
        )
    ]
    places = [
        {"name": name, "url": "/archive/?" + urlencode({"unit": id_, **links.span})}
        for name, id_ in zip(result["by_place"]["labels"], result["by_place"]["ids"], strict=True)
    ]
    verdicts = [
        {"name": label, "url": links.events(code), "n": n}
        for label, code, n in zip(
            result["verdicts"]["labels"],
            result["verdicts"]["codes"],
            result["verdicts"]["series"][0]["values"],
            strict=True,
        )
    ]
    today = clock.today()
    context = {
        "tiles": _tiles(result, links),
        "figures": result,
        "period": period,
        "unit": tree().by_id[unit_id],
        "units": overview.units_for(request.user),
        "subcategories": subcategories,
        "places": places,
        "categories": [
            {"name": label, "url": links.items(category=code, figure="submitted", **links.span)}
            for code, label in Category.choices
        ],
        "periods": [
            (_("近 4 周"), clock.monday(today) - timedelta(weeks=3)),
            (_("近 12 周"), clock.monday(today) - timedelta(weeks=11)),
            (_("今年"), today.replace(month=1, day=1)),
        ],
        "verdicts": verdicts,
        "now": clock.now(),
    }
    return render(request, "archive/stats.html", context)


def _tiles(result: dict[str, Any], links: Links) -> list[dict[str, Any]]:
    """The tiles of the overview: each figure with the list behind it."""

    def of(share: overview.Share) -> str:
        return _("%(part)d / %(whole)d") % {"part": share.part, "whole": share.whole}

    bad = {name: "bad" if result[name] != "0" else "" for name in ("overdue", "urgent_open")}
    tiles: list[tuple[str, Any, str, str, str, str]] = [
        ("new", result["new"], links.items(figure="submitted", since=result["this_week"]), "", "inbox", ""),
        ("open", result["open"], links.items(status="open"), "", "hourglass", ""),
        ("overdue", result["overdue"], links.items(status="overdue"), bad["overdue"], "clock-exclamation", ""),
        ("urgent_open", result["urgent_open"], f"/duty/?unit={links.unit_id}", bad["urgent_open"], "urgent", ""),
        ("closings", result["closings"], links.events("closings"), "", "archive", ""),
        ("on_time", result["on_time"], links.events("closings"), "", "clock-check", of(result["on_time"])),
        ("satisfaction", result["satisfaction"], links.events("answers"), "", "mood-smile", of(result["satisfaction"])),
        (
            "first_satisfaction",
            result["first_satisfaction"],
            links.events("first_answers"),
            "",
            "mood-smile",
            of(result["first_satisfaction"]),
        ),
        (
            "last_satisfaction",
            result["last_satisfaction"],
            links.events("last_answers"),
            "",
            "mood-smile",
            of(result["last_satisfaction"]),
        ),
        ("unrated", result["unrated"], links.events("unrated"), "", "mood-neutral", ""),
        (
            "first_pass",
            result["first_pass"],
            links.items(figure="judged", **links.span),
            "",
            "clipboard-check",
            of(result["first_pass"]),
        ),
        ("returns", result["returns"], links.events("returns"), "", "arrow-back", ""),
        (
            "close_days",
            result["close_days"] if result["close_days"] is not None else "—",
            links.events("closings"),
            "",
            "calendar",
            _("天"),
        ),
    ]
    return [_tile(*t) for t in tiles]


def _tile(code: str, value: Any, url: str, tone: str, icon: str, note: str) -> dict[str, Any]:
    """A tile with the name of its figure, which the catalogue gives."""
    name = figures.FIGURES[code].name
    return {"code": code, "label": name, "value": value, "url": url, "tone": tone, "icon": icon, "note": note}


@login_required
@require_GET
def events(request: AuthenticatedRequest) -> HttpResponse:
    """The events that a figure of the statistics counts, the latest first; of an item that one may not see, the moment
    and what happened alone (1.3.4)."""
    allow(request.user, "archive.stats")
    code = request.GET.get("figure", "")
    if code not in counted.EVENTS:
        raise Invalid(fields={"figure": [_("没有这项指标。")]})
    period = overview.Period.read(request.GET.get("since", ""), request.GET.get("until", ""))
    unit_id = overview.unit_of(request.user, request.GET.get("unit", ""))
    unit = tree().by_id[unit_id]
    rows = counted.events(code, unit, period.since, period.until)
    total = rows.count()
    page = Cursor("-at").page(rows, request.GET.get("cursor", ""), PAGE)
    seen = {
        i.pk: i
        for i in Item.objects.visible_to(request.user)
        .filter(pk__in=[r.item_id for r in page.rows])
        .only("number", "title")
    }
    shown = [
        {
            "at": row.at,
            "what": Verdict(row.verdict).label if isinstance(row, Evaluation) else _verb(row.verb),
            "round": row.round if isinstance(row, Evaluation) else None,
            "number": seen[row.item_id].number if row.item_id in seen else "",
            "title": mask_within(seen[row.item_id].title) if row.item_id in seen else "",
            "url": reverse("items:item", args=[row.item_id]) if row.item_id in seen else "",
        }
        for row in page.rows
    ]
    context = {
        "rows": shown,
        "page": page,
        "total": total,
        "name": counted.EVENTS[code].name,
        "period": period,
        "unit": unit,
        "back": urlencode({"unit": unit_id, "since": period.since, "until": period.until}),
    }
    return render(request, "archive/events.html", context)


def _verb(verb: str) -> str:
    return {"close": _("归档"), "approve": _("审核通过"), "return": _("退回补正")}.get(verb, verb)


@login_required
@require_GET
def catalogue(request: AuthenticatedRequest) -> HttpResponse:
    """The catalogue of figures: what each counts, from what, and the clause; for everybody who signs in."""
    return render(request, "archive/figures.html", {"places": list(figures.by_place())})
