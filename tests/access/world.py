"""Two communities side by side, each with one person of every role and one object of every kind.

What the second community's people wrote bears `SECRET`: no page and no answer may show it to the first's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client

from linbao.accounts.models import ApiToken, PasswordReset, RoleProposal
from linbao.archive import services as archive
from linbao.archive.filters import Filters
from linbao.archive.inputs import SaveView
from linbao.archive.models import SavedView
from linbao.core import clock
from linbao.documents.inputs import MakeSeal
from linbao.documents.models import Document, DocumentKind, Template
from linbao.documents.seals import services as seals
from linbao.duties.models import HandOver, Obligation, Shift
from linbao.emergencies.models import Alarm, UrgentReport
from linbao.handling import links, oversight
from linbao.handling.inputs import AdoptItem, RequestExtension, SuperviseItem
from linbao.handling.models import CallBack
from linbao.items import services as item_services
from linbao.items.activities import services as activities
from linbao.items.activities.inputs import RecordActivity
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.models import Attachment, ImportRun, Item
from linbao.organisation.models import CalendarDay, Role, RoleGrant, Unit, User
from linbao.outbox import services as outbox
from linbao.outbox.models import Channel
from linbao.platform import files
from linbao.review import services as review
from linbao.review.inputs import ReturnItem
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports.inputs import ConfirmReport
from linbao.weekly_reports.models import WeeklyReport
from tests.access.rooms import ROOMS
from tests.access.who import NOBODY, PERSONAS, RESIDENT, ROLES
from tests.items import samples
from tests.loop import OVERRULED, Town, proven

SECRET = "鹭洲密语"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Side(Town):
    """One community, its people and one object of each kind; `mark` stands in all that they wrote."""

    mark = ""
    suffix = ""
    items: dict[str, Item]
    photos: dict[str, Attachment]
    views: dict[str, SavedView]
    tokens: dict[str, ApiToken]
    training: dict[str, Any]
    report: WeeklyReport
    emergency: UrgentReport
    alarm: Alarm

    def body(self, **changes: Any) -> dict[str, Any]:
        details = super().body(**changes)
        if not self.mark:
            return details
        return details | {
            "title": self.mark + details["title"],
            "narrative": self.mark + details["narrative"],
            "place": {"text": self.mark + details["place"]["text"]},
            "key_points": [self.mark],
            "analysis": self.mark,
            "suggestion": self.mark,
        }

    def join(self, key: str, role: str, unit: Unit) -> User:
        """A person known by `key`, with a name that tells where they are from."""
        user = User.objects.create(
            username=f"{key.replace('_', '-')}{self.suffix}", name=f"{self.mark if role else ''}{key}"
        )
        if role:
            RoleGrant.objects.create(user=user, role=role, unit=unit, starts=datetime(2026, 1, 1))
        self.people[key] = user
        return user

    def party(self, state: str) -> str:
        """The id of the person whom an item speaks of."""
        return str(self.items[state].parties.get().pk)


class World:
    """`own` and `foreign`, and the browsers and tokens of `own`'s people."""

    def __init__(self, town: Town) -> None:
        self.own = _side(town.community, town.grid, town.department, town.group)
        grid = Unit.objects.create(kind="grid", code="510104017004001", name="银杏一格", parent=town.elsewhere)
        group = Unit.objects.create(kind="work_group", code="G2", name="银杏小组", parent=town.elsewhere)
        department = Unit.objects.get(code="D2")
        _drop()
        self.foreign = _side(town.elsewhere, grid, department, group, mark=SECRET, suffix="-x")
        for side in (self.own, self.foreign):
            _fill(side)
        for side in (self.own, self.foreign):
            made = {p: ApiToken.make(side.people[p], side.mark + "旧令牌", ["items:read"])[0] for p in PERSONAS[:-1]}
            side.__dict__["tokens"] = made | {RESIDENT: made[NOBODY]}
        self._cookies = {p: _signed_in(self.own.people[p]) for p in PERSONAS if p != RESIDENT}
        self.tokens = {p: ApiToken.make(self.own.people[p], "test", ["*"])[1] for p in PERSONAS if p != RESIDENT}

    def browser(self, persona: str) -> Client:
        """A browser of its own for each call: what one request does to the session, the next does not see."""
        client = Client()
        if persona != RESIDENT:
            client.cookies["sessionid"] = self._cookies[persona]
        return client

    def program(self, persona: str) -> Client:
        return Client() if persona == RESIDENT else Client(headers={"Authorization": f"Bearer {self.tokens[persona]}"})

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens inside did not happen."""
        cache.clear()
        with transaction.atomic():
            yield
            transaction.set_rollback(True)


def whole(answer: HttpResponseBase) -> str:
    """The text of an answer, streamed ones included."""
    assert isinstance(answer, HttpResponse | StreamingHttpResponse)
    body: bytes = answer.getvalue()
    return body.decode(errors="replace")


def _drop() -> None:
    from linbao.platform.reference import Reference

    for reference in Reference.all.values():
        reference.drop()


def _signed_in(user: User) -> str:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return proven(client).cookies["sessionid"].value


def _side(community: Unit, grid: Unit, department: Unit, group: Unit, mark: str = "", suffix: str = "-o") -> Side:
    side = Side(community, grid, department, group, elsewhere=community)
    side.mark, side.suffix = mark, suffix
    units = {"grid": grid, "group": group, "community": community, "department": department}
    for role, unit in ROLES.items():
        side.join(role, role, units[unit])
    side.join(NOBODY, "", community)
    side.join("colleague", Role.REPORTER, grid)
    side.join("another_reviewer", Role.REVIEWER, community)
    side.join("another_handler", Role.HANDLER, department)
    RoleGrant.objects.create(user=side.people["reporter"], role=Role.REPORTER, unit=group, starts=datetime(2026, 1, 1))
    return side


def _fill(side: Side) -> None:
    """One object of each kind, in `side.<name>`; an item in each state of its life, in `side.items`."""
    CalendarDay.objects.create(unit=side.community, day=date(2026, 12, 31), working=False, name=side.mark)
    items: dict[str, Item] = {
        "draft": item_services.create(side.reporter, side.body()),
        "submitted": side.submitted(),
        "returned": side.submitted(),
        "approved": side.approved(),
        "handling": side.assigned(),
        "extended": side.assigned(),
        "resolved": side.resolved(sensitivity="public"),
        "informed": side.informed(),
        "evaluated": side.evaluated(),
        "unsatisfied": side.evaluated("unsatisfied"),
        "closed": side.closed(),
        "other": side.submitted(),
        "confidential": side.submitted(sensitivity="confidential", named=[side.people["reviewer"].pk]),
    }
    review.return_(
        side.reviewer,
        items["returned"].pk,
        ReturnItem(
            checks=OVERRULED | {"accuracy": {"pass": False}},
            findings=[{"field": "narrative", "check": "accuracy", "words": side.mark + "请写清楚"}],
        ),
    )
    side.__dict__["supervision"] = oversight.supervise(
        side.manager, items["handling"].pk, SuperviseItem(requirements=side.mark + "请加快")
    )
    oversight.request_extension(
        side.handler,
        items["extended"].pk,
        RequestExtension(until=clock.now() + timedelta(days=20), reason=side.mark + "等配件"),
    )
    side.__dict__["adoption"] = oversight.adopt(
        side.handler, items["closed"].pk, AdoptItem(kind="measure", note=side.mark + "已采纳")
    )
    side.__dict__["items"] = items
    link = links.link_of(side.reporter, items["resolved"].pk)
    side.__dict__["link"] = link.token
    photos: dict[str, Attachment] = {}
    for state, stage in (("draft", "report"), ("submitted", "report"), ("resolved", "result")):
        photos[state] = Attachment.objects.create(
            item=items[state],
            stage=stage,
            owner=side.people["reporter"],
            kind="photo",
            name=f"{side.mark}.jpg",
            content_type="image/jpeg",
            size=3,
            sha256=files.put(b"jpg"),
            shown=files.put(side.mark.encode() + b"shown"),
            thumb=files.put(side.mark.encode() + b"t"),
        )
    side.__dict__["photos"] = photos
    activity = activities.create(
        side.reporter,
        RecordActivity(
            kind="visit", starts_at=clock.now(), place=side.mark + "一栋", people=3, notes=side.mark + "走访"
        ),
    )
    side.__dict__["activity"] = activity
    side.__dict__["activity_photo"] = attachments.attach(
        side.reporter, AttachFile(activity=activity.pk), file=samples.jpeg(), name=f"{side.mark}.jpg"
    )
    monday = clock.monday(clock.today())
    report = weekly_reports.assemble_week(side.reporter, monday)
    weekly_reports.confirm(
        side.reporter, report.pk, ConfirmReport(texts={"analysis": side.mark + "本周情况"}, reason="外出培训")
    )
    with clock.at(clock.now() + timedelta(minutes=6)):
        weekly_reports.send_due()
    Document.objects.create(
        kind=DocumentKind.WEEKLY_REPORT,
        unit=side.community,
        title=side.mark + "周报",
        subject_id=report.pk,
        version=report.version,
        pdf=files.put(side.mark.encode() + b"%PDF"),
        docx=files.put(side.mark.encode() + b"docx"),
        issued_by=side.people["reporter"],
    )
    side.__dict__["report"] = report
    side.__dict__["delivery"] = outbox.post(
        key=f"test:{report.pk}",
        channel="mail",
        recipient="weekly@demo.invalid",
        subject=side.mark + "周报",
        unit_id=side.community.pk,
        caused_by=side.people["reporter"],
        about=report,
    )
    side.__dict__["channel"] = Channel.objects.create(
        unit=side.community, name=side.mark + "值班群", kind="webhook", address="json://127.0.0.1:9/nobody", fault=""
    )
    side.__dict__["call_back"] = CallBack.objects.create(item=items["closed"], community=side.community)
    side.__dict__["duty"] = Obligation.objects.filter(subject_id=items["handling"].pk, kind="handle").get()
    filters = Filters.read({"q": side.mark or "垃圾"})
    side.__dict__["views"] = {}
    for name in ("reporter", "group_leader", "reviewer", "handler", "manager"):
        side.__dict__["views"][name] = archive.save_view(
            getattr(side, name), SaveView(name=side.mark + "我的视图"), filters
        )
    side.__dict__["run"] = ImportRun.objects.create(
        user=side.people["manager"],
        community=side.community,
        name=side.mark + ".csv",
        sha256=files.put(b"title\n"),
        columns=["title"],
        mapping={"title": "title"},
        state="tried",
        report={"total": 1, "errors": [[2, "title", side.mark]]},
    )
    _alarm(side)
    side.__dict__["reset"] = PasswordReset.objects.create(
        person=side.people["colleague"],
        unit=side.community,
        first_half="abc-def",
        asked_by=side.people["administrator"],
    )
    side.__dict__["proposal"] = RoleProposal.objects.create(
        user=side.people["colleague"],
        role=Role.HANDLER,
        unit=side.department,
        starts=date(2026, 1, 1),
        proposed_by=side.people["administrator"],
    )
    for room in ROOMS:
        room.fill(side)


def _alarm(side: Side) -> None:
    """An emergency with its alarm, a shift and its note, and a seal."""
    now = clock.now()
    for name, state in (("emergency", "submitted"), ("another_emergency", "other")):
        side.__dict__[name] = UrgentReport.objects.create(
            item=side.items[state],
            kind="fire",
            reporter=side.people["reporter"],
            work_group=side.group,
            community=side.community,
            seen_at=now,
            called_at=now,
            call_words=side.mark + "电话报告",
        )
    Document.objects.create(
        kind="urgent_report",
        unit=side.community,
        title=side.mark + "紧急报告",
        subject_id=side.emergency.pk,
        version=1,
        pdf=files.put(side.mark.encode() + b"%PDF urgent"),
        issued_by=side.people["reporter"],
    )
    side.__dict__["alarm"] = Alarm.objects.create(report=side.emergency, community=side.community, reason="opened")
    side.__dict__["shift"] = Shift.objects.create(
        unit=side.community, person=side.people["manager"], starts=now, ends=now + timedelta(hours=8)
    )
    side.__dict__["note"] = HandOver.objects.create(
        unit=side.community, by=side.people["another_reviewer"], note=side.mark + "注意三栋"
    )
    side.__dict__["template"] = Template.objects.create(
        unit=side.community,
        kind="weekly_report",
        name=side.mark + "模板",
        active=False,
        file=files.put(side.mark.encode() + b"docx"),
        uploaded_by=side.people["manager"],
    )
    side.__dict__["seal"] = seals.make(
        side.manager,
        MakeSeal(
            kind="work_group", name=f"{side.mark}第一小组", unit=side.group.pk, custodian=side.people["manager"].pk
        ),
    )
