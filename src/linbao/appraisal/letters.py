"""The letter that tells a person their result, as a document with a verification code (5.2.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import translation

from linbao.appraisal import names
from linbao.appraisal.metrics import METRICS
from linbao.appraisal.models import Appraisal, Cycle, Objection
from linbao.core import clock
from linbao.documents import services as documents
from linbao.documents.models import Document, DocumentKind
from linbao.documents.seals import services as seals
from linbao.organisation.tree import tree
from linbao.platform import queue

UNSEALED = "本告知书没有加盖印章；真伪可用文末的核验码查询。"


def version(appraisal: Appraisal) -> int:
    """1; 2 once an objection has changed the grade."""
    return 2 if Objection.objects.filter(appraisal=appraisal, upheld=True).exists() else 1


def document(appraisal: Appraisal) -> Document | None:
    """The present letter, when it has been made."""
    return Document.objects.filter(kind=DocumentKind.APPRAISAL, subject_id=appraisal.pk).order_by("-version").first()


def make_documents(cycle_id: UUID) -> int:
    """The letters that are missing in a told cycle, each in its own transaction; safe to repeat. Returns how many.

    Sealed with the unit's seal where whoever issues them keeps it (4.2.2)."""
    cycle = Cycle.objects.filter(pk=cycle_id, published_at__isnull=False).first()
    if cycle is None:
        return 0
    changed = {
        o.appraisal_id: o.decided_by
        for o in Objection.objects.filter(appraisal__cycle=cycle, upheld=True).select_related("decided_by")
    }
    there = dict(
        Document.objects.filter(kind=DocumentKind.APPRAISAL, subject_id__in=cycle.people.values("id"))
        .order_by("version")
        .values_list("subject_id", "version")
    )

    def make(row: Appraisal) -> int:
        wanted = 2 if row.pk in changed else 1
        with translation.override("zh-hans"):
            # Two jobs at once: the second finds the letter made, and takes no number for nothing.
            Appraisal.objects.select_for_update().get(pk=row.pk)
            earlier = document(row)
            if earlier is not None and earlier.version >= wanted:
                return 0
            number = earlier.number if earlier else documents.number(cycle.unit_id, "社考")
            by = changed.get(row.pk, cycle.published_by)  # who changed a grade answers for the letter that tells it
            seal = seals.of_unit(by, cycle.unit_id) if by is not None else None
            documents.issue(
                DocumentKind.APPRAISAL,
                content(row, number, sealed=seal is not None),
                unit_id=cycle.unit_id,
                subject=row,
                version=wanted,
                by=by,
                seal_id=seal.pk if seal is not None else None,
            )
        return 1

    rows = cycle.people.select_related("cycle__unit", "cycle__published_by", "person", "group").order_by("name", "id")
    return queue.each([r for r in rows if there.get(r.pk, 0) < (2 if r.pk in changed else 1)], make)


def content(row: Appraisal, number: str, *, sealed: bool) -> dict[str, Any]:
    """The letter's parts; in Chinese, as all documents."""
    cycle, unit = row.cycle, row.cycle.unit
    objection = Objection.objects.filter(appraisal=row, decided_at__isnull=False).first()
    changed_at = objection.decided_at if objection is not None and objection.upheld else None
    at = clock.local(changed_at or cycle.published_at or clock.now(), cycle.zone)
    until = clock.local(cycle.objection_due, cycle.zone) if cycle.objection_due else None
    grade = f"等次为“{row.get_grade_display()}”" if row.grade else "本期不定等次"
    total = f"综合得分 {float(row.total):g} 分" if row.total is not None else "没有可以计算的得分"
    table = [["指标", "得分", "依据数", "权重"]] + [
        [
            str(names.METRICS[m]),
            _score(row.figures.get(m, {}).get("score")),
            str(row.figures.get(m, {}).get("n", 0)),
            f"{cycle.rules['metrics'][m]}%",
        ]
        for m in METRICS
    ]
    judged = [["部分", "得分", "权重"]] + [
        [str(names.PARTS[p]), _score(getattr(row, f"{p}_score")), f"{cycle.rules['parts'][p]}%"] for p in names.PARTS
    ]
    objecting = (
        f"对结果有异议的，可在{until:%Y年}{until.month}月{until.day}日{until:%H:%M}前在系统中提出申诉，由未参与评定的负责人答复。"
        if until
        else ""
    )
    if objection is not None:
        objecting = f"本人提出申诉，经答复：{objection.reply}"
    months = f"在岗 {float(row.months):g} 个月。" + "".join(f"{a}。" for a in names.absences(row.absences))
    return {
        "title": f"{cycle.name}考核结果告知书",
        "unit": unit.name,
        "issuer": f"{unit.name}考核",
        "number": number,
        "to": row.person.name,
        "sections": [
            {
                "heading": "一、考核结果",
                "blocks": [_text(f"根据第 5.2 条的规定，您在{cycle.name}的考核中{total}，{grade}。{months}")],
            },
            {"heading": "二、事实数据", "blocks": [{"kind": "table", "rows": table}]},
            {
                "heading": "三、各部分得分",
                "blocks": [{"kind": "table", "rows": judged}, _text("没有的部分不计入，权重按比例分给其他部分。")],
            },
            {
                "heading": "四、申诉",
                "blocks": [_text(t) for t in (objecting or "申诉期已结束。", "" if sealed else UNSEALED) if t],
            },
        ],
        "attachments": [],
        "signature": tree().by_id[cycle.unit_id].name,
        "date": clock.written(at),
    }


def _score(value: Any) -> str:
    return "—" if value is None else f"{float(value):g}"


def _text(text: str) -> dict[str, str]:
    return {"kind": "text", "text": text}
