"""The overview page: figures, each with the list behind it; charts, each with its table (2.2.2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linbao.archive import overview
from linbao.base import clock
from linbao.collection.answering import answering
from linbao.collection.models import Category
from linbao.units.rights import allow
from linbao.units.tree import tree


@answering
@require_GET
def stats(request: HttpRequest) -> HttpResponse:
    """For one unit and period, the last twelve weeks unless told otherwise."""
    allow(request.user, "archive.stats")
    period = overview.Period.read(request.GET.get("since", ""), request.GET.get("until", ""))
    unit_id = overview.unit_of(request.user, request.GET.get("unit", ""))
    found = overview.numbers(request.user, unit_id, period)

    def behind(**filters: Any) -> str:
        return "/archive/?" + urlencode({"unit": unit_id, **{k: v for k, v in filters.items() if v}})

    span = {"since": period.since, "until": period.until}
    tiles = [
        (_("本周新上报"), found["new"], behind(since=found["this_week"]), "", "inbox", ""),
        (_("未办结"), found["open"], behind(status="open"), "", "hourglass", ""),
        (_("办理超期"), found["overdue"], behind(status="overdue"), "bad" if found["overdue"] != "0" else "", "clock-exclamation", ""),
        (_("紧急未终报"), found["urgent_open"], f"/duty/?unit={unit_id}", "bad" if found["urgent_open"] != "0" else "", "urgent", ""),
        (_("期间归档"), found["total"]["closed"], behind(status="closed", **span), "", "archive", ""),
        (_("按期办结率"), found["on_time"], behind(status="closed", **span), "", "clock-check", _("期间归档的条目中，办理未超期的比例")),
        (_("居民满意率"), found["satisfaction"], behind(verdict="unsatisfied", **span), "", "mood-smile", _("%(n)d 条有评价；点开看不满意的") % {"n": found["judged"]}),
        (_("一次通过率"), found["first_pass"], behind(status="returned", **span), "", "clipboard-check", _("首次审核即通过的比例")),
        (_("平均办结"), found["close_days"] if found["close_days"] is not None else "—", "", "", "calendar", _("天，从上报到归档")),
    ]  # fmt: skip
    subcategories = [
        {"name": label, "url": behind(subcategory=code, **span), "n": n}
        for label, code, n in zip(
            found["by_subcategory"]["labels"],
            found["by_subcategory"]["codes"],
            found["by_subcategory"]["series"][0]["values"],
            strict=True,
        )
    ]
    places = [
        {"name": name, "url": "/archive/?" + urlencode({"unit": id_, **span})}
        for name, id_ in zip(found["by_place"]["labels"], found["by_place"]["ids"], strict=True)
    ]
    today = clock.today()
    context = {
        "tiles": [dict(zip(("label", "value", "url", "tone", "icon", "note"), t, strict=True)) for t in tiles],
        "found": found, "period": period, "unit": tree().by_id[unit_id], "units": overview.units_for(request.user), "subcategories": subcategories, "places": places,
        "categories": [{"name": label, "url": behind(category=code, **span)} for code, label in Category.choices],
        "periods": [(_("近 4 周"), clock.monday(today) - timedelta(weeks=3)), (_("近 12 周"), clock.monday(today) - timedelta(weeks=11)), (_("今年"), today.replace(month=1, day=1))],
        "now": clock.now(),
    }  # fmt: skip
    return render(request, "archive/stats.html", context)
