"""The record of a session (培训记录) as a document: issued with or without a seal, made by a job (5.1.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.problems import NotAllowed
from linbao.core.wording import worded
from linbao.documents import services as documents
from linbao.documents.models import DocumentKind
from linbao.documents.seals import services as seals
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.outbox import services as outbox
from linbao.platform import queue
from linbao.training import duty, quarters
from linbao.training.models import Seat, SeatStatus, Session, Sheet, Subject
from linbao.training.sessions.services import get
from linbao.training.sessions.states import SESSION


@transaction.atomic
def issue(user: User, session_id: UUID, *, seal_id: UUID | None = None) -> Session:
    """Have the record of a held session made as PDF and DOCX, a new version each time, sealed with a seal that is in
    the person's own keeping. Raises `Conflict` before the end, `NotAllowed` for a seal that is not theirs."""
    row = get(user, session_id, lock=True)
    SESSION.check(row, "issue_record", user)
    if seal_id is not None:
        seal = seals.to_affix(user, seal_id)
        if seal.person_id is None and row.community_id not in tree().communities(seal.unit_id):
            raise NotAllowed(_("这枚印章不属于本社区，不能用于这份培训记录。"))
    if not row.number:
        row.number = documents.number(row.community_id, "社训")
    row.record_version += 1
    row.record_by = user
    row.save(update_fields=["number", "record_version", "record_by"])
    audit.record(user, "training.record", row, unit_id=row.community_id, number=row.number, version=row.record_version)

    queue.defer(
        "training.make_record", session=row.pk, version=row.record_version, seal=str(seal_id) if seal_id else None
    )
    return row


def make(session_id: UUID, version: int, seal_id: UUID | None) -> None:
    """Make the documents of that version, and notify whoever asked for it. Safe to repeat; an older version than the
    present one is left unmade."""
    rows = Session.objects.select_related("community", "record_by")
    row = rows.get(pk=session_id)
    if row.record_version != version or row.record_by is None:
        return
    message = content(row)
    prepared = documents.prepare(
        DocumentKind.TRAINING_RECORD, message, unit_id=row.community_id, by=row.record_by, seal_id=seal_id
    )
    with transaction.atomic():
        row = rows.select_for_update(of=("self",)).get(pk=session_id)
        if row.record_version != version or row.record_by is None:
            return
        documents.issue(
            DocumentKind.TRAINING_RECORD,
            message,
            unit_id=row.community_id,
            subject=row,
            version=version,
            by=row.record_by,
            seal_id=seal_id,
            prepared=prepared,
        )
        outbox.notify(
            row.record_by.pk,
            worded("培训记录%(number)s已生成，可以下载。") % {"number": row.number},
            kind="training.record",
            subject_type=row._meta.label_lower,
            subject_id=row.pk,
        )


def content(row: Session) -> dict[str, Any]:
    """What the document says (documents.actions.issue); names of attendants, nobody's phone, fee or mark."""
    zone = quarters.zone_of(row.community_id)
    seats = list(row.seats.select_related("person"))
    there = [s for s in seats if s.signed_in_at]
    away = [s for s in seats if not s.signed_in_at]
    teachings = list(row.teachings.select_related("lecturer"))
    sheets = Sheet.objects.filter(quiz_id=row.pk, score__isnull=False)
    scores = [s for s in sheets.values_list("score", flat=True) if s is not None]
    marks = list(row.feedback.values_list("content_mark", "lecturer_mark", "useful_mark"))

    def at(moment: datetime | None) -> str:
        return clock.local(moment, zone).strftime("%H:%M") if moment else "—"

    start, length = clock.local(row.starts_at, zone), int((row.ends_at - row.starts_at).total_seconds() // 60)
    people = [["姓名", "签到", "签退", "在场（分钟）", "备注"]] + [
        [s.person.name, at(s.signed_in_at), at(s.signed_out_at), str(s.minutes), _remark(row, s)] for s in there
    ]
    counted = sum(duty.counts(row, s) for s in there)
    results = (
        f"应到 {len(seats)} 人，实到 {len(there)} 人，达到 2 小时的"
        f" {sum(s.enough for s in there)} 人，计入季度培训的 {counted} 人。"
    )
    if scores:
        results += f"测验 {len(scores)} 人作答，平均 {round(sum(scores) / len(scores))} 分。"
    if marks:
        mean = [sum(m[i] for m in marks) / len(marks) for i in range(3)]
        results += f"评价 {len(marks)} 份：内容 {mean[0]:.1f}、讲授 {mean[1]:.1f}、对工作有用 {mean[2]:.1f}（5 分制）。"
    quarter = f"{row.quarter.year}年第{(row.quarter.month + 2) // 3}季度"
    made_up = quarters.of_moment(row.community_id, row.starts_at) != row.quarter
    facts = [
        f"时间：{clock.written(start)} {start:%H:%M}—{at(row.ends_at)}，共 {length} 分钟。",
        f"地点：{row.place}。",
        f"计入：{quarter}{'（补训）' if made_up else ''}。",
    ]
    sections = [
        ("一、基本情况", [_text(f) for f in facts]),
        (
            "二、培训内容",
            [_text(f"{row.title}。内容类别：{'、'.join(str(Subject(s).label) for s in row.subjects)}。")]
            + ([_text(f"案例与经验：{row.cases}")] if row.cases else []),
        ),
        ("三、授课人员", [_text(_lecturer(t)) for t in teachings] or [_text("由社区组织自学和研讨。")]),
        ("四、签到情况", [{"kind": "table", "rows": people}] if there else [_text("无人签到。")]),
        (
            "五、请假和缺席",
            [
                _text(
                    "、".join(f"{s.person.name}（{'请假' if s.status == SeatStatus.LEAVE else '缺席'}）" for s in away)
                    + "。"
                )
            ]
            if away
            else [_text("无。")],
        ),
        ("六、培训效果", [_text(results)] + ([_text(row.summary)] if row.summary else [])),
    ]
    issued = clock.local(clock.now(), zone)
    return {
        "title": f"{row.title}培训记录",
        "unit": row.community.name,
        "issuer": row.community.name,
        "number": row.number,
        "to": "社区管理部门",
        "sections": [{"heading": h, "blocks": b} for h, b in sections],
        "attachments": list(row.materials.values_list("name", flat=True)),
        "signature": row.community.name,
        "date": clock.written(issued),
    }


def _text(text: str) -> dict[str, str]:
    return {"kind": "text", "text": text}


def _remark(row: Session, seat: Seat) -> str:
    if seat.by_hand_id:
        return f"补登：{seat.hand_reason}"
    if seat.signed_out_at is None:
        return "未签退"
    return "" if seat.enough else "不足 2 小时"


def _lecturer(teaching: Any) -> str:
    who = teaching.lecturer
    place = "，".join(w for w in (who.organization, who.title) if w)
    origin = "外请专家" if who.external else "本单位"
    return f"{who.name}（{origin}{'，' + place if place else ''}）：{teaching.about or '授课'}。"
