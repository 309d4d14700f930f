"""Minutes of a meeting as a document: frozen, versioned, made by a job; they meet the month's duty (5.3.3)."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db import transaction

from linbao.audit import services as audit
from linbao.core import clock, text
from linbao.core.wording import worded
from linbao.documents import services as documents
from linbao.documents.models import DocumentKind
from linbao.duties import services as duties
from linbao.management.meetings import services as meetings
from linbao.management.meetings.states import MEETING
from linbao.management.models import Meeting, Minutes, PointKind, Presence
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree
from linbao.outbox.services import notify_many
from linbao.platform import queue

NUMERALS = "一二三四五六七八九十"


@transaction.atomic
def issue(user: User, meeting_id: UUID) -> Minutes:
    """Issue the minutes of a held meeting as they stand: the same content twice is one version, other content the next.
    The month's duty is met; those invited are told. Raises `Conflict` before the meeting was held."""
    row = meetings.find(user, meeting_id, lock=True)
    MEETING.check(row, "issue_minutes", user)
    details = content(row)
    digest = hashlib.sha256(json.dumps(details, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    last = row.minutes.order_by("-version").first()
    if last is not None and last.digest == digest:
        return last
    number = last.content["number"] if last is not None else documents.number(_home(row), "会纪")
    made = Minutes.objects.create(
        meeting=row,
        version=last.version + 1 if last else 1,
        content=details | {"number": number, "date": _day(clock.now(), row)},
        digest=digest,
        by=user,
    )
    duties.meet_period("meeting", None, row.month, subject_id=row.unit_id)
    audit.record(user, "minutes.issue", row, unit_id=row.unit_id, version=made.version)
    who = set(row.people.values_list("person_id", flat=True)) - {user.pk}
    notify_many(
        sorted(who, key=str),
        worded("会议纪要已签发：%(title)s") % {"title": row.title},
        kind="minutes",
        subject_type="management.meeting",
        subject_id=row.pk,
    )

    queue.defer("management.make_minutes", minutes=made.pk)
    return made


def make_document(minutes_id: UUID) -> None:
    """PDF and DOCX of an issued version; safe to repeat."""
    row = Minutes.objects.select_related("meeting", "by").get(pk=minutes_id)
    if row.document_id is not None:
        return
    prepared = documents.prepare(DocumentKind.MINUTES, row.content, unit_id=row.meeting.unit_id, by=row.by)
    with transaction.atomic():
        row = Minutes.objects.select_for_update(of=("self",)).select_related("meeting", "by").get(pk=minutes_id)
        if row.document_id is None:
            row.document = documents.issue(
                DocumentKind.MINUTES,
                row.content,
                unit_id=row.meeting.unit_id,
                subject=row.meeting,
                version=row.version,
                by=row.by,
                prepared=prepared,
            )
            row.save(update_fields=["document"])


def content(row: Meeting) -> dict[str, Any]:
    """What the document says (domain.md §4), without number and date: when, where, who; reports, points, opinions,
    decisions, problems. Personal data in running text is masked."""
    unit = tree().get(row.unit_id)
    name = unit.name if unit else ""
    people = list(row.people.select_related("person").order_by("person__name"))
    sections = [
        ("会议基本情况", _basics(row, people)),
        ("工作汇报", [f"{p.person.name}：{p.report}" for p in people if p.report]),
        ("议题与讨论情况", _points(row)),
        ("会议情况", row.summary.split("\n")),
        (
            "意见建议",
            [
                ("（匿名）" if o.anonymous else f"{o.author.name}：" if o.author else "") + o.comment
                for o in row.opinions.select_related("author").order_by("day", "id")
            ],
        ),
        ("议定事项", _decisions(row)),
        (
            "问题清单",
            [
                f"{n}. {p.title}。负责人：{p.owner.name}，{_day(p.due_at, row)}前答复。"
                for n, p in enumerate(row.problems.select_related("owner").order_by("raised_at", "id"), 1)
            ],
        ),
    ]
    entries = [(heading, lines) for heading, lines in sections if lines]
    return {
        "title": f"{row.title}纪要",
        "unit": name,
        "issuer": name,
        "to": "各参会人员",
        "sections": [
            {
                "heading": f"{NUMERALS[n]}、{heading}",
                "blocks": [{"kind": "text", "text": text.mask_within(line)} for line in lines if line.strip()],
            }
            for n, (heading, lines) in enumerate(entries)
        ],
        "attachments": [],
        "signature": name,
    }


def _basics(row: Meeting, people: list[Any]) -> list[str]:
    local = clock.local(row.starts_at, tree().setting(row.unit_id, "time_zone"))
    lines = [
        f"时间：{_day(row.starts_at, row)}{local.hour}时{local.minute:02d}分",
        f"地点：{row.place}",
        f"召集人：{row.called_by.name}",
    ]
    for presence, message in ((Presence.PRESENT, "到会"), (Presence.EXCUSED, "请假"), (Presence.INVITED, "缺席")):
        names = [p.person.name for p in people if p.presence == presence]
        if names:
            lines.append(f"{message}（{len(names)} 人）：{'、'.join(names)}")
    return lines


def _points(row: Meeting) -> list[str]:
    marks = {PointKind.PROBLEM: "问题", PointKind.TASK: "超期任务", PointKind.ITEM: "居民不满意事项"}
    rows = []
    for n, point in enumerate(row.agenda.all(), 1):
        mark = f"（{marks[PointKind(point.kind)]}）" if point.kind in marks else ""
        rows.append(f"{n}. {mark}{point.title}" + (f"。{point.discussion}" if point.discussion else ""))
    return rows


def _decisions(row: Meeting) -> list[str]:
    rows = []
    decided = row.decisions.prefetch_related("parts__person").order_by("given_at", "id")
    for n, task in enumerate(decided, 1):
        names = "、".join(sorted(p.person.name for p in task.parts.all()))
        rows.append(f"{n}. {task.title}。责任人：{names}，{_day(task.due_at, row)}前完成。")
    return rows


def _day(moment: Any, row: Meeting) -> str:
    return clock.written(clock.local(moment, tree().setting(row.unit_id, "time_zone")))


def _home(row: Meeting) -> UUID:
    home = tree().above(row.unit_id, UnitKind.COMMUNITY)
    return home.pk if home else row.unit_id
