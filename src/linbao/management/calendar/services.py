"""The calendar (日程): duties due, meetings, shifts, leave, and what other rooms put in; month, list and .ics
(5.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core import dates as days
from linbao.core.problems import Invalid
from linbao.duties.kinds import KINDS
from linbao.duties.models import Leave, LeaveState, Obligation, Shift
from linbao.management import people
from linbao.management.models import Meeting, MeetingState
from linbao.organisation.models import Role, User
from linbao.training.models import Seat, SeatStatus, SessionStatus

MOST = 500  # of a kind in a month: a person's own are tens
AHEAD = timedelta(days=92)  # what the .ics file holds


@dataclass(frozen=True)
class Event:
    """Something at a moment or on a day. `kind` says what it is without naming anybody: that alone leaves the house."""

    key: str
    kind: str | Promise
    text: str
    at: datetime
    link: str
    tone: str = "wait"
    icon: str = "clock"
    ends: datetime | None = None
    all_day: bool = False
    clock: str = ""  # the hour as the person reads it


Source = Callable[[User, datetime, datetime], list[Event]]


def _duties(user: User, since: datetime, until: datetime) -> list[Event]:
    rows = Obligation.objects.open().filter(owner=user, due_at__gte=since, due_at__lt=until).order_by("due_at")
    now, result = clock.now(), []
    for row in rows[:MOST]:
        name = KINDS[row.kind].name if row.kind in KINDS else row.kind
        link = reverse("management:task", args=[row.subject_id]) if row.kind == "task" and row.subject_id else "/"
        result.append(
            Event(
                key=f"duty-{row.pk}",
                kind=name,
                text=row.heading,
                at=row.due_at,
                link=link,
                tone="bad" if row.due_at < now else "warn" if row.kind != "task" else "work",
                icon="checklist" if row.kind == "task" else "clock",
            )
        )
    return result


def _meetings(user: User, since: datetime, until: datetime) -> list[Event]:
    rows = Meeting.objects.filter(people__person=user, starts_at__gte=since, starts_at__lt=until)
    rows = rows.exclude(state=MeetingState.CANCELLED).order_by("starts_at")
    return [
        Event(
            key=f"meeting-{m.pk}",
            kind=_("会议"),
            text=f"{m.title} · {m.place}",
            at=m.starts_at,
            tone="work",
            link=reverse("management:meeting", args=[m.pk]),
            icon="users-group",
        )
        for m in rows[:MOST]
    ]


def _shifts(user: User, since: datetime, until: datetime) -> list[Event]:
    rows = Shift.objects.filter(Q(person=user) | Q(stand_in=user), starts__lt=until, ends__gt=since)
    desk = user.rights.has(Role.REVIEWER, Role.MANAGER)
    return [
        Event(
            key=f"shift-{s.pk}",
            kind=_("值班"),
            text="" if s.person_id == user.pk else _("替班"),
            tone="neutral",
            at=max(s.starts, since),
            ends=s.ends,
            link=reverse("emergencies:duty") if desk else "",
            icon="bell",
        )
        for s in rows.order_by("starts")[:MOST]
    ]


def _leave(user: User, since: datetime, until: datetime) -> list[Event]:
    """Their own leave, what they stand in for, and for leaders the approved leave of their units."""
    zone = clock.zone(people.zone(user))
    first, last = since.astimezone(zone).date(), (until - timedelta(seconds=1)).astimezone(zone).date()
    rows = (
        Leave.objects.visible_to(user)
        .during(first, last)
        .filter(Q(state=LeaveState.APPROVED) | Q(state=LeaveState.ASKED, person=user))
    )
    matches = []
    for row in rows.select_related("person").order_by("starts")[:MOST]:
        own = row.person_id == user.pk
        message = row.get_state_display() if own else row.person.name
        kind = _("请假") if own else _("代班") if row.stand_in_id == user.pk else _("同事请假")
        matches.append(
            Event(
                key=f"leave-{row.pk}",
                kind=kind,
                text=message,
                at=datetime.combine(max(row.starts, first), time(), zone),
                ends=datetime.combine(row.ends + timedelta(days=1), time(), zone),
                all_day=True,
                tone="neutral",
                link=reverse("management:leave", args=[row.pk]),
                icon="calendar-off",
            )
        )
    return matches


def _training(user: User, since: datetime, until: datetime) -> list[Event]:
    """Sessions to which the person is invited, or enrolled in."""
    rows = Seat.objects.filter(person=user, session__starts_at__gte=since, session__starts_at__lt=until)
    rows = rows.filter(status__in=(SeatStatus.INVITED, SeatStatus.ENROLLED)).exclude(
        session__status=SessionStatus.CANCELLED
    )
    return [
        Event(
            key=f"training-{s.session_id}",
            kind=_("培训"),
            text=f"{s.session.title} · {s.session.place}",
            at=s.session.starts_at,
            ends=s.session.starts_at + timedelta(minutes=s.session.minutes),
            tone="work",
            link=reverse("training:session", args=[s.session_id]),
            icon="school",
        )
        for s in rows.select_related("session").order_by("session__starts_at")[:MOST]
    ]


SOURCES: list[Source] = [_duties, _meetings, _training, _shifts, _leave]


def events(user: User, first: date, last: date) -> list[Event]:
    """All that concerns this person from `first` to `last`, both included, by time; a statement for each source."""
    zone = clock.zone(people.zone(user))
    since = datetime.combine(first, time(), zone)
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    rows = [
        replace(e, clock=f"{e.at.astimezone(zone):%H:%M}") for source in SOURCES for e in source(user, since, until)
    ]
    return sorted(rows, key=lambda e: (e.at, not e.all_day, e.key))


def month_of(value: str, today: date) -> date:
    """The first day of `2026-11`; of this month without. Raises `Invalid`."""
    if not value:
        return today.replace(day=1)
    try:
        result = days.day(f"{value}-01", 1990, 2199)
    except ValueError as e:
        raise Invalid(fields={"month": [_("请选择正确的月份。")]}) from e
    return result


def weeks(user: User, month: date) -> tuple[list[list[dict[str, Any]]], list[dict[str, Any]]]:
    """The month as weeks of days from Monday, and its days that hold something, for the list."""
    zone = clock.zone(people.zone(user))
    following = (month + timedelta(days=32)).replace(day=1)
    first = clock.monday(month)
    last = clock.monday(following - timedelta(days=1)) + timedelta(days=6)
    days: dict[date, list[Event]] = {first + timedelta(days=n): [] for n in range((last - first).days + 1)}
    for event in events(user, first, last):
        day = event.at.astimezone(zone).date()
        final = (event.ends - timedelta(seconds=1)).astimezone(zone).date() if event.ends else day
        while day <= min(final, last):
            if day in days:
                days[day].append(event)
            day += timedelta(days=1)
    today = clock.now().astimezone(zone).date()
    lines = [
        {"day": d, "events": result, "inside": d.month == month.month, "today": d == today}
        for d, result in sorted(days.items())
    ]
    return [lines[n : n + 7] for n in range(0, len(lines), 7)], [t for t in lines if t["inside"] and t["events"]]


# --- .ics (RFC 5545) ------------------------------------------------------------------------------------


def ics(user: User) -> str:
    """The coming three months for a phone's calendar: what, when and a link; no names, no titles, nothing personal."""
    zone = clock.zone(people.zone(user))
    today = clock.now().astimezone(zone).date()
    stamp = f"{clock.now():%Y%m%dT%H%M%SZ}"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Linbao//calendar//ZH", "METHOD:PUBLISH"]
    for event in events(user, today, today + AHEAD):
        lines += ["BEGIN:VEVENT", f"UID:{event.key}@linbao", f"DTSTAMP:{stamp}"]
        if event.all_day and event.ends:
            lines.append(f"DTSTART;VALUE=DATE:{event.at.astimezone(zone):%Y%m%d}")
            lines.append(f"DTEND;VALUE=DATE:{event.ends.astimezone(zone):%Y%m%d}")
        else:
            ends = event.ends or event.at + timedelta(minutes=30)
            lines.append(f"DTSTART:{event.at.astimezone(clock.UTC):%Y%m%dT%H%M%SZ}")
            lines.append(f"DTEND:{ends.astimezone(clock.UTC):%Y%m%dT%H%M%SZ}")
        lines.append(f"SUMMARY:{_escaped(str(event.kind))}")
        if event.link:
            lines.append(f"URL:{settings.BASE_URL.rstrip('/')}{event.link}")
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) + "\r\n" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 bytes a line, continued behind a blank; no character is cut in two."""
    out, size = "", 0
    for char in line:
        n = len(char.encode())
        if size + n > 75:
            out, size = out + "\r\n ", 1
        out, size = out + char, size + n
    return out
