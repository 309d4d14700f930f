"""Records as documents: the report of an incident, the result of a check-up or drill, a review of rights (6.1.1)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import models
from django.utils import translation

from linbao.core import clock, text
from linbao.documents import services as documents
from linbao.documents.models import Document, DocumentKind
from linbao.organisation.models import Unit, User
from linbao.security import staff
from linbao.security.incidents.services import STEPS
from linbao.security.models import CheckKind, Incident, RightsReview, SecurityCheck

KINDS: dict[str, type[models.Model]] = {"incident": Incident, "check": SecurityCheck, "review": RightsReview}


def make(kind: str, record_id: UUID) -> Document | None:
    """Make the document of a closed incident, a done check or a review, in Chinese; safe to repeat. None for one that
    is not done."""
    row = KINDS[kind]._default_manager.select_related("unit").filter(pk=record_id).first()
    with translation.override("zh-hans"):
        if isinstance(row, Incident) and row.closed_at:
            return _issue(row, row.unit, row.number, *_incident(row))
        if isinstance(row, SecurityCheck) and row.done_at:
            return _issue(row, row.unit, "", *_check(row))
        if isinstance(row, RightsReview):
            return _issue(row, row.unit, "", *_review(row))
    return None


def of(row: models.Model) -> Document | None:
    """The document of a record, when it has been made."""
    return Document.objects.filter(kind=DocumentKind.SECURITY_RECORD, subject_id=row.pk).order_by("-version").first()


def _issue(row: models.Model, unit: Unit, number: str, title: str, by: User, at: Any, sections: list[Any]) -> Document:
    result = of(row)
    if result is not None:
        return result
    day = clock.local(at, staff.zone_of(unit.pk))
    content = {
        "title": title,
        "unit": unit.name,
        "issuer": unit.name,
        "to": "",
        "sections": sections,
        "attachments": [],
        "number": number or documents.number(unit.pk, "社安"),
        "signature": by.name,
        "date": clock.written(day),
    }
    return documents.issue(DocumentKind.SECURITY_RECORD, content, unit_id=unit.pk, subject=row, version=1, by=by)


def _incident(row: Incident) -> tuple[str, User, Any, list[Any]]:
    steps = list(row.steps.select_related("by"))
    zone = staff.zone_of(row.unit_id)

    def at(moment: Any) -> str:
        return clock.local(moment, zone).strftime("%Y-%m-%d %H:%M") if moment else "—"

    facts = [
        ["种类", row.get_kind_display()],
        ["程度", row.get_severity_display()],
        ["发现时间", at(row.seen_at)],
        ["报告时间", at(row.noticed_at)],
        ["报告人", row.noticed_by.name],
        ["控制时间", at(row.contained_at)],
        ["涉及个人信息", f"是，约 {row.people} 人" if row.personal else "否"],
    ]
    if row.personal:
        facts += [["报告主管部门", at(row.authority_at)], ["告知本人", row.exemption or at(row.people_at)]]
    sections = [
        {"heading": "基本情况", "blocks": [{"kind": "table", "rows": [["项目", "内容"], *facts]}]},
        {
            "heading": "处置经过",
            "blocks": [
                {"kind": "text", "text": f"{at(s.at)} {s.by.name}（{STEPS[s.kind]}）：{text.mask_within(s.note or '')}"}
                for s in steps
            ],
        },
        {"heading": "原因、后果和改进", "blocks": [{"kind": "text", "text": text.mask_within(steps[-1].note or "")}]},
    ]
    return "安全事件报告", steps[-1].by, row.closed_at, sections


def _check(row: SecurityCheck) -> tuple[str, User, Any, list[Any]]:
    facts = [["名称", row.title], ["计划日期", str(row.due_on)], ["结论", "合格" if row.passed else "不合格"]]
    if row.kind == CheckKind.RESTORE:
        facts += [
            ["所用备份", row.figures["backup_on"]],
            ["恢复用时", f"{row.figures['minutes']} 分钟"],
            ["缺失", f"{row.figures['lost']} 条"],
        ]
    sections = [
        {"heading": "基本情况", "blocks": [{"kind": "table", "rows": [["项目", "内容"], *facts]}]},
        {"heading": "经过和改进", "blocks": [{"kind": "text", "text": row.result}]},
    ]
    by = row.done_by or row.planned_by
    return f"{row.get_kind_display()}记录", by, row.done_at, sections


def _review(row: RightsReview) -> tuple[str, User, Any, list[Any]]:
    table = [["人员", "角色", "单位", "自", "结论", "理由"]] + [
        [li["person"], li["role"], li["unit"], li["since"], "保留" if li["retained"] else "结束", li["reason"]]
        for li in row.lines
    ]
    first, last = staff.quarter(row.quarter)
    counts = f"共 {len(row.lines)} 项，保留 {row.retained} 项，结束 {row.ended} 项"
    message = f"对 {first} 至 {last} 的角色授予逐项复核：{counts}。"
    sections = [
        {"heading": "复核范围和结果", "blocks": [{"kind": "text", "text": message}]},
        {"heading": "逐项结论", "blocks": [{"kind": "table", "rows": table}]},
    ]
    return "权限复核记录", row.by, row.at, sections
