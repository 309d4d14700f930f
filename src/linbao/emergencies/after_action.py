"""What an emergency's reporting was like: the whole record in order, what was learnt (复盘), and how fast it was for
each reporter and unit (1.3.2, 2.3.2, 4.2.1). Read off the facts; only the lessons are typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict
from linbao.documents.models import Document
from linbao.duties.kinds import KINDS
from linbao.duties.models import Obligation, State
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import Conclude
from linbao.emergencies.models import AfterAction, Alarm, AlarmReason, UrgentReport
from linbao.items.models import Entry
from linbao.items.timeline import name_of
from linbao.organisation.models import User
from linbao.outbox.models import Delivery

LESSONS = ("went_well", "to_improve", "measures")
MOST_REPORTS = 5_000  # of one list of figures: a district's quarter holds about half
DUTIES = ("urgent_call", "urgent_written", "urgent_follow_up")


def record(report: UrgentReport) -> list[dict[str, Any]]:
    """Everything that happened, in order of its true time, as lines of the timeline component; eight statements."""
    lines: list[dict[str, Any]] = []

    def add(at: datetime | None, name: str, note: str = "", by: str = "", tone: str = "work", clause: str = "") -> None:
        if at is not None:
            lines.append({"at": at, "name": name, "note": note, "by": by, "tone": tone, "clause": clause})

    add(report.found_at, _("发现"), "", report.reporter.name)
    add(report.seen_at if report.marked_later else None, _("认定为紧急"))
    add(report.opened_at, _("在系统中登记"), "", report.reporter.name, "neutral")
    logged = report.call_logged_by
    answered = _("接听：%(name)s") % {"name": report.answered_by} if report.answered_by else ""
    add(
        report.called_at,
        _("电话报告"),
        "\n".join(
            w for w in (answered, report.call_words, _("由%(name)s登记") % {"name": logged.name} if logged else "") if w
        ),
        report.reporter.name,
        clause="4.2.1",
    )
    for alarm in report.alarms.select_related("acknowledged_by").prefetch_related("calls__person"):
        add(alarm.raised_at, _("发出警报"), str(alarm.get_reason_display()), tone="bad", clause="2.3.2")
        for call in alarm.calls.all():
            add(call.notified_at, _("通知"), call.person.name, tone="wait")
        by = alarm.acknowledged_by.name if alarm.acknowledged_by else ""
        add(alarm.acknowledged_at, _("签收"), "" if by else _("书面报告已到，警报解除"), by, "done", "2.3.2")
    label = report._meta.label_lower  # its item has the same id
    documents = {d.version: d for d in Document.objects.filter(subject_id=report.pk, kind="urgent_report")}
    for version in report.versions.select_related("by", "seal"):
        name = f"{version.get_stage_display()} · " + _("第 %(n)d 版") % {"n": version.version}
        add(version.written_at, name, version.changed, version.by.name, "done", "4.2.1")
        made = documents.get(version.version)
        if made is not None and version.seal is not None:
            add(made.sealed_at, _("加盖印章"), version.seal.name, version.by.name, clause="4.2.2")
    for row in Delivery.objects.filter(subject_id=report.pk, subject_type=label).order_by("created_at"):
        add(
            row.sent_at or row.created_at,
            _("发送"),
            f"{row.subject}\n{row.get_state_display()}",
            tone="done" if row.sent_at else "bad",
        )
    for duty in Obligation.objects.filter(subject_id=report.pk, subject_type=label):
        if duty.state in (State.OVERDUE, State.LATE, State.MISSED):
            add(duty.due_at, _("到期未办"), str(KINDS[duty.kind].name), tone="bad", clause=duty.clause)
    for entry in Entry.objects.filter(item_id=report.item_id).exclude(verb__in=("create", "submit", "save")):
        add(entry.at, name_of(entry.verb), "", entry.actor_name, "neutral")
    for other in report.joined.select_related("reporter", "item"):
        add(other.found_at, _("另有人报告同一起"), other.item.narrative or other.call_words, other.reporter.name)
    return sorted(lines, key=lambda line: line["at"])


def conclude(user: User, report_id: UUID, data: Conclude) -> AfterAction:
    """Save what was learnt (1.3.2). Raises `Conflict` when somebody saved another version, `NotAllowed`."""
    with transaction.atomic():
        report = emergencies.get(user, report_id, lock=True)
        allow(user, "urgent.conclude", report)
        row = AfterAction.objects.select_for_update().filter(report=report).first() or AfterAction(report=report)
        if row.version != data.version:
            raise Conflict(_("已有人更新了复盘，请核对后再保存；您填写的内容仍保留在页面上。"))
        for name in LESSONS:
            setattr(row, name, getattr(data, name))
        row.version, row.by, row.at = row.version + 1, user, clock.now()
        row.save()
        audit.record(user, "urgent.conclude", report, unit_id=report.community_id)
    return row


# --- figures -----------------------------------------------------------------------------------


@dataclass
class Figures:
    """How fast one reporter or unit was; times as they happened, in minutes."""

    name: str
    reports: int = 0
    to_call: list[float] = field(default_factory=list)  # from seeing to the call
    to_sign: list[float] = field(default_factory=list)  # from the alarm to the signature
    to_write: list[float] = field(default_factory=list)  # from the call to the written report
    in_time: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    owed: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def shares(self) -> list[str]:
        """Met in time of those that are decided, for each duty: `3 / 4`."""
        return [f"{self.in_time[k]} / {self.owed[k]}" if self.owed[k] else "—" for k in DUTIES]

    def medians(self) -> list[str]:
        """To the call, the signature and the written report."""
        return [_minutes(v) for v in (self.to_call, self.to_sign, self.to_write)]

    def cells(self) -> list[str]:
        """A line of the table: name, reports, and the median and share of each duty."""
        return [
            self.name,
            str(self.reports),
            *(v for pair in zip(self.medians(), self.shares(), strict=True) for v in pair),
        ]


def header() -> list[str]:
    """The heads of the columns of `Figures.cells`."""
    return [
        _("名称"),
        _("紧急报告"),
        _("发现到电话（中位数）"),
        _("立即电话"),
        _("警报到签收（中位数）"),
        _("一小时内书面报告"),
        _("电话到书面（中位数）"),
        _("续报及时"),
    ]


def figures(
    user: User, unit_ids: Sequence[UUID] | frozenset[UUID], since: datetime, until: datetime
) -> tuple[list[Figures], list[Figures]]:
    """By community and by reporter, for reports opened in [since, until); three statements whatever there is."""
    reports = list(
        UrgentReport.objects.visible_to(user)
        .filter(community__in=unit_ids, opened_at__gte=since, opened_at__lt=until)
        .select_related("reporter", "community")
        .order_by("-opened_at", "-id")[:MOST_REPORTS]
    )
    ids = [r.pk for r in reports]
    signed = {a.report_id: a for a in Alarm.objects.filter(report__in=ids, reason=AlarmReason.OPENED)}
    duties: dict[Any, list[Obligation]] = defaultdict(list)
    for duty in Obligation.objects.filter(subject_id__in=ids, kind__in=DUTIES):
        duties[duty.subject_id].append(duty)
    units: dict[UUID, Figures] = {}
    people: dict[UUID, Figures] = {}
    for report in reports:
        for row in (
            units.setdefault(report.community_id, Figures(report.community.name)),
            people.setdefault(report.reporter_id, Figures(report.reporter.name)),
        ):
            row.reports += 1
            _add(row.to_call, report.seen_at, report.called_at)
            _add(row.to_write, report.called_at, report.written_at)
            alarm = signed.get(report.pk)
            if alarm is not None:
                _add(row.to_sign, alarm.raised_at, alarm.acknowledged_at)
            for duty in duties[report.pk]:
                if duty.state in (State.MET, State.LATE, State.MISSED, State.OVERDUE):
                    row.owed[duty.kind] += 1
                    row.in_time[duty.kind] += duty.state == State.MET
    return sorted(units.values(), key=lambda f: f.name), sorted(people.values(), key=lambda f: f.name)


def rows(units: Sequence[Figures], people: Sequence[Figures]) -> Iterator[list[str]]:
    """The lines of the export: units, then people."""
    for f in (*units, *people):
        yield f.cells()


def _add(to: list[float], start: datetime | None, end: datetime | None) -> None:
    if start is not None and end is not None and end >= start:
        to.append((end - start).total_seconds() / 60)


def _minutes(values: list[float]) -> str:
    if not values:
        return "—"
    result = median(values)
    return _("%(n)s 分钟") % {"n": f"{result:.0f}" if result >= 10 else f"{result:.1f}".rstrip("0").rstrip(".")}
