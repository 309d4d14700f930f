"""The tree of units, one unit with its settings, and its calendar, as an administrator sees them."""

from __future__ import annotations

import calendar as weeks
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core import clock
from linbao.core import dates as days
from linbao.core.calendar import DEFAULT_HOURS, day_name, made_up
from linbao.core.inputs import checked, posted
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound, Problem
from linbao.organisation import services as units_
from linbao.organisation.inputs import EXPORT_ROLES, ChangeUnit, CorrectDays, CreateUnit, RemoveDay, SetActive
from linbao.organisation.models import CalendarDay, Role, RoleGrant, Unit, UnitKind, User, WeeklyBy
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import DEFAULTS, tree
from linbao.platform.protection.reauthentication import dangerous, require_proof

MOST_SHOWN, MOST_MATCHES, OPEN_UP_TO = 300, 100, 60
FIELDS = ("kind", *units_.OWN, *units_.SETTINGS, *units_.STORED)
ZONES = ("Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Taipei")
KIND_ICONS = {
    "city": "building-skyscraper",
    "district": "map-2",
    "subdistrict": "building-bank",
    "community": "home-2",
    "grid": "layout-grid",
    "department": "building",
    "work_group": "users-group",
}


# --- the tree ----------------------------------------------------------------------------------


@login_required
@require_GET
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The units that this person administers: as a tree, or flat where something is searched."""
    user = request.user
    allow(user, "units.view")
    units, mine = tree(), user.rights.units(Role.ADMINISTRATOR)
    terms = request.GET.get("q", "").strip()[:60]
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in UnitKind.values else ""
    without = request.GET.get("without") == "mailbox"
    context: dict[str, Any] = {
        "kinds": UnitKind.choices,
        "kind": kind,
        "q": terms,
        "without": without,
        "icons": KIND_ICONS,
        "total": len(mine),
    }
    if terms or kind or without:
        result = _search(mine, terms.casefold(), kind, without)
        shown = result[:MOST_MATCHES]
        people = _people(u.id for u in shown)
        context |= {
            "matches": [{"unit": u, "path": _path(u), "people": people.get(u.id, 0)} for u in shown],
            "more": len(result) > MOST_MATCHES,
        }
        return render(request, "organisation/admin_units.html", context)
    under = _asked(request.GET.get("under", ""))
    tops = [units.by_id[under]] if under in mine else _tops(mine)
    branches, shown_ids = _branches(tops)
    people = _people(shown_ids)
    for branch in _each(branches):
        branch["people"] = people.get(branch["unit"].id, 0)
    context |= {
        "branches": branches,
        "open_to": 9 if len(shown_ids) <= OPEN_UP_TO else 2,
        "under": units.get(under) if under in mine else None,
        "above": _above(tops, mine),
    }
    return render(request, "organisation/admin_units.html", context)


def _asked(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _search(mine: Iterable[UUID], query: str, kind: str, without: bool) -> list[Unit]:
    units = tree()
    rows = [units.by_id[u] for u in mine if u in units.by_id]
    if query:
        rows = [u for u in rows if query in f"{u.name} {u.short_name} {u.code}".casefold()]
    if kind:
        rows = [u for u in rows if u.kind == kind]
    if without:
        rows = [u for u in rows if u.kind == UnitKind.COMMUNITY and u.active and not units.setting(u, "mailbox")]
    return sorted(rows, key=lambda u: (u.code, u.order))


def _tops(mine: frozenset[UUID]) -> list[Unit]:
    """The uppermost of the units that one administers."""
    units = tree()
    rows = [units.by_id[u] for u in mine if u in units.by_id]
    return sorted((u for u in rows if u.parent_id not in mine), key=lambda u: u.code)


def _branches(tops: list[Unit]) -> tuple[list[dict[str, Any]], list[UUID]]:
    """The tree from `tops` down, level by level until `MOST_SHOWN` stand on the page; what is below is counted."""
    units = tree()
    branches: list[dict[str, Any]] = [{"unit": u, "below": [], "hidden": 0, "depth": 0} for u in tops]
    left, shown = deque(branches), [u.id for u in tops]
    while left:
        branch = left.popleft()
        children = units.children(branch["unit"])
        if branch["depth"] and len(shown) + len(children) > MOST_SHOWN:
            branch["hidden"] = len(children)
            continue
        branch["below"] = [{"unit": u, "below": [], "hidden": 0, "depth": branch["depth"] + 1} for u in children]
        shown += [u.id for u in children]
        left.extend(branch["below"])
    return branches, shown


def _each(branches: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    left = list(branches)
    while left:
        branch = left.pop()
        yield branch
        left.extend(branch["below"])


def _above(tops: list[Unit], mine: frozenset[UUID]) -> list[dict[str, Any]]:
    if len(tops) != 1:
        return []
    return [{"unit": u, "mine": u.id in mine} for u in reversed(tree().line(tops[0])[1:])]


def _path(unit: Unit) -> str:
    return " › ".join(u.name for u in reversed(tree().line(unit)[1:]))


def _people(unit_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many people hold a role on each of the units now; one statement."""
    rows = RoleGrant.objects.current().filter(unit__in=list(unit_ids), user__is_active=True)
    return dict(rows.values_list("unit").annotate(n=Count("user", distinct=True)))


# --- one unit ----------------------------------------------------------------------------------


@dangerous("unit.change")
@login_required
@require_http_methods(["GET", "POST"])
def new(request: AuthenticatedRequest) -> HttpResponseBase:
    """Add a unit under `?parent=`."""
    user = request.user
    parent = tree().get(_asked(request.GET.get("parent", "")))
    if parent is None:
        raise NotFound
    allow(user, "unit.manage", parent)
    kinds = [(k.value, k.label) for k in units_.BELOW.get(parent.kind, ())]
    if not kinds:
        raise NotFound
    asked = request.GET.get("kind", "")
    kind = asked if asked in dict(kinds) else kinds[0][0]
    data: dict[str, str] = dict.fromkeys(FIELDS, "") | {"kind": kind, "code": _next_code(parent, kind), "order": "0"}
    problem: Problem | None = None
    if request.method == "POST":
        require_proof(request)
        data |= _typed(request)
        try:
            unit = units_.create(user, parent.pk, checked(CreateUnit, data))
        except (Invalid, Problem) as e:
            if e.status in (403, 404):
                raise
            problem = e
        else:
            messages.success(request, _("已增加“%(name)s”，立即生效。") % {"name": unit.name})
            return redirect("organisation:unit", unit.pk)
    draft = Unit(parent_id=parent.pk, kind=data["kind"], name="")
    context = _form(draft, parent, data, problem) | {"parent": parent, "line": _line(parent), "choices": kinds}
    return render(request, "organisation/admin_unit_new.html", context, status=problem.status if problem else 200)


@dangerous("unit.change")
@login_required
@require_http_methods(["GET", "POST"])
def unit(request: AuthenticatedRequest, unit_id: UUID) -> HttpResponseBase:
    """One unit: its names, its settings beside what it inherits, what is below it."""
    user = request.user
    row = _mine(user, unit_id)
    data = _as_typed(row)
    seen, problem = units_.version(row), None
    if request.method == "POST":
        require_proof(request)
        data |= _typed(request)
        try:
            saved = units_.change(user, unit_id, _changed(request, data))
        except Problem as e:
            if e.status in (403, 404):
                raise
            problem = e
        else:
            messages.success(request, _("“%(name)s”已保存，立即生效。") % {"name": saved.name})
            return redirect("organisation:unit", unit_id)
    parent = tree().get(row.parent_id)
    children = tree().children(row)
    people = _people([row.pk, *(u.id for u in children[:MOST_SHOWN])])
    context = _form(row, parent, data, problem) | {
        "unit": row,
        "seen": seen,
        "line": _line(parent),
        "people": people.get(row.pk, 0),
        "icons": KIND_ICONS,
        "below": [{"unit": u, "people": people.get(u.id, 0)} for u in children[:MOST_SHOWN]],
        "more": len(children) > MOST_SHOWN,
        "addable": [(k.value, k.label) for k in units_.BELOW.get(row.kind, ())] if row.active else [],
        "people_url": _people_url(row),
    }
    return render(request, "organisation/admin_unit.html", context, status=problem.status if problem else 200)


@login_required
@require_POST
def active(request: AuthenticatedRequest, unit_id: UUID) -> HttpResponse:
    """Take a unit out of use, or back into it."""
    try:
        wanted = posted(SetActive, request.POST).active
        row = units_.set_active(request.user, unit_id, wanted)
    except Problem as e:
        if e.status in (403, 404):
            raise
        messages.error(request, e.message)
    else:
        message = _("“%(name)s”已启用。") if wanted else _("“%(name)s”已停用，不能再选用；原有记录不受影响。")
        messages.success(request, message % {"name": row.name})
    return redirect("organisation:unit", unit_id)


def _typed(request: AuthenticatedRequest) -> dict[str, str]:
    """What was typed into the fields of a unit's form; those that the form does not show are left out."""
    return {name: str(value) for name, value in request.POST.items() if name in FIELDS}


def _changed(request: AuthenticatedRequest, data: Mapping[str, str]) -> ChangeUnit:
    values = {name: value for name, value in data.items() if name != "kind"}
    return checked(ChangeUnit, {**values, "seen": request.POST.get("seen", "")})


def _mine(user: User, unit_id: UUID) -> Unit:
    """The unit as the database has it now, for somebody who administers it."""
    row = Unit.objects.filter(pk=unit_id).first()
    if row is None:
        raise NotFound
    allow(user, "unit.manage", row)
    return row


def _line(unit: Unit | None) -> list[Unit]:
    return list(reversed(tree().line(unit)))


def _people_url(unit: Unit) -> str:
    try:
        return f"{reverse('accounts:people')}?unit={unit.pk}"
    except NoReverseMatch:
        return ""


def _as_typed(unit: Unit) -> dict[str, str]:
    choices: dict[bool | None, str] = {True: "yes", False: "no"}
    follows = choices.get(unit.weekly_follows_holidays, "")
    return {
        "kind": unit.kind,
        "code": unit.code,
        "name": unit.name,
        "short_name": unit.short_name,
        "order": str(unit.order),
        "mailbox": unit.mailbox,
        "duty_phone": unit.duty_phone,
        "time_zone": unit.time_zone,
        "working_hours": units_.hours_as_text(unit.working_hours),
        "weekly_by": unit.weekly_by,
        "weekly_follows_holidays": follows,
        "call_back_share": "" if unit.call_back_share is None else str(unit.call_back_share),
    } | {name: str(unit.settings.get(name, "")) for name in units_.STORED}


def _form(unit: Unit, parent: Unit | None, data: Mapping[str, str], problem: Problem | None) -> dict[str, Any]:
    return {
        "values": data,
        "problem": problem,
        "errors": problem.fields if problem else {},
        "zones": ZONES,
        "with_settings": unit.kind in units_.WITH_SETTINGS,
        "inherited": _inherited(parent),
        "weekly_choices": WeeklyBy.choices,
        "share_choices": range(0, 101, 5),
        "export_choices": [(c, role_names(c)) for c in EXPORT_ROLES],
    }


def _inherited(parent: Unit | None) -> dict[str, dict[str, str]]:
    """What each setting is when it is left empty, as text, and whose setting that is ("": the product's own)."""
    result = {}
    for name in (*units_.SETTINGS, *units_.STORED):
        source = next((u for u in tree().line(parent) if u.own(name) not in (None, "")), None)
        value: Any = source.own(name) if source else DEFAULTS.get(name)
        if name == "working_hours":
            value = units_.hours_as_text(value or [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in DEFAULT_HOURS])
        elif name == "time_zone":
            value = value or settings.TIME_ZONE
        elif name == "weekly_by":
            value = str(WeeklyBy(value).label)
        elif name == "weekly_follows_holidays":
            value = _("随节假日调整") if value else _("固定在周五")
        elif name == "call_back_share":
            value = f"{value}%"
        elif name == "reward_approval_above":
            value = _("%(n)s 元") % {"n": value}
        elif name == "export_roles":
            value = role_names(value)
        elif name == "work_file_years":
            value = _("%(n)s 年") % {"n": value}
        elif name == "weekly_take_back_minutes":
            value = _("%(n)s 分钟") % {"n": value}
        elif name == "mail_max_mb":
            value = f"{value or settings.MAIL_MAX_MB} MB"
        result[name] = {"text": str(value or ""), "source": source.name if source else ""}
    return result


def role_names(codes: str) -> str:
    """The labels of `manager,reviewer`, for the page."""
    return _("、").join(str(Role(code).label) for code in codes.split(",") if code in Role.values)


def _next_code(parent: Unit, kind: str) -> str:
    """The grid code that follows the last one (GB/T 34300: the community's and three digits); else nothing."""
    if kind != UnitKind.GRID:
        return ""
    used = [
        u.code[len(parent.code) :] for u in tree().children(parent, UnitKind.GRID) if u.code.startswith(parent.code)
    ]
    last = max((int(n) for n in used if n.isascii() and n.isdigit() and len(n) == 3), default=0)
    return f"{parent.code}{last + 1:03d}" if last < 999 and len(parent.code) == 12 else ""


# --- the calendar ------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def calendar(request: AuthenticatedRequest, unit_id: UUID) -> HttpResponse:
    """A month of the unit: what is worked and why, with the unit's corrections."""
    user = request.user
    row = _mine(user, unit_id)
    if row.kind not in units_.WITH_SETTINGS:
        raise NotFound
    month = _month(request.GET.get("month", ""), row)
    chosen = _day(request.GET.get("day", ""))
    data = {"first": str(chosen or ""), "last": "", "working": "", "name": ""}
    problem: Problem | None = None
    if request.method == "POST":
        data |= {name: str(value)[:100] for name, value in request.POST.items() if name in data}
        try:
            count = units_.correct_days(user, unit_id, posted(CorrectDays, request.POST))
        except Problem as e:
            if e.status in (403, 404):
                raise
            problem = e
        else:
            messages.success(request, _("已更正 %(n)d 天，立即生效。") % {"n": count})
            return redirect(f"{reverse('organisation:calendar', args=[unit_id])}?month={data['first'][:7]}")
    context = _shown_month(row, month) | {
        "unit": row,
        "line": _line(row),
        "values": data,
        "problem": problem,
        "errors": problem.fields if problem else {},
        "chosen": chosen,
    }
    return render(request, "organisation/admin_calendar.html", context, status=problem.status if problem else 200)


@login_required
@require_POST
def remove_day(request: AuthenticatedRequest, unit_id: UUID) -> HttpResponse:
    """Take one of the unit's own corrections away."""
    try:
        day = posted(RemoveDay, request.POST).day
    except Invalid as e:
        raise NotFound from e
    units_.remove_day(request.user, unit_id, day)
    messages.success(request, _("已取消 %(day)s 的更正。") % {"day": day})
    return redirect(f"{reverse('organisation:calendar', args=[unit_id])}?month={day:%Y-%m}")


def _day(value: str) -> date | None:
    try:
        return days.day(value)
    except ValueError:
        return None


def _month(value: str, unit: Unit) -> date:
    first = _day(f"{value}-01") if len(value) == 7 else None
    if first is None or not units_.FIRST_YEAR <= first.year <= units_.LAST_YEAR:
        first = clock.today(tree().setting(unit, "time_zone")).replace(day=1)
    return first


def _shown_month(unit: Unit, month: date) -> dict[str, Any]:
    units, english = tree(), (get_language() or "").startswith("en")
    line = units.line(unit.pk) or [unit]
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    grid = weeks.Calendar().monthdatescalendar(month.year, month.month)
    rows = list(CalendarDay.objects.filter(unit__in=[u.id for u in line], day__range=(grid[0][0], grid[-1][-1])))
    rank = {u.id: n for n, u in enumerate(line)}
    nearest: dict[date, CalendarDay] = {}
    for row in sorted(rows, key=lambda r: -rank[r.unit_id]):
        nearest[row.day] = row
    working = units.calendar(unit.pk)
    follows = units.setting(unit.pk, "weekly_follows_holidays")
    reports = {working.last_working_day(w[0]) if follows else w[4] for w in grid}
    today = clock.today(units.setting(unit.pk, "time_zone"))

    def shown(day: date) -> dict[str, Any]:
        own = nearest.get(day)
        return {
            "day": day,
            "inside": day.month == month.month,
            "today": day == today,
            "working": working.is_working_day(day),
            "row": own,
            "source": units.get(own.unit_id) if own else None,
            "own": bool(own and own.unit_id == unit.pk),
            "name": own.name if own else day_name(day, english=english),
            "made_up": not own and made_up(day),
            "report": day in reports,
        }

    days = [[shown(d) for d in week] for week in grid]
    return {
        "weeks": days,
        "month": month,
        "count": sum(d["working"] for w in days for d in w if d["inside"]),
        "notes": _notes(d for w in days for d in w if d["inside"]),
        "previous": (month - timedelta(days=1)).replace(day=1),
        "next": last + timedelta(days=1),
        "hours": units_.hours_as_text([[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in working.hours]),
        "zone": str(working.zone),
    }


def _notes(days: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is out of the ordinary, days in a row told together; the unit's own corrections one by one, to be taken
    away."""
    rows: list[dict[str, Any]] = []
    for day in days:
        if not (day["row"] or day["made_up"] or day["name"]):
            continue
        before = rows[-1] if rows else None
        follows = before is not None and before["last"] + timedelta(days=1) == day["day"] and not day["own"]
        if before is not None and follows and all(before[k] == day[k] for k in ("working", "name", "source", "own")):
            before["last"] = day["day"]
        else:
            rows.append(day | {"last": day["day"]})
    return rows
