"""The official document of a written version, and its mail (4.2.1, 4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.wording import official, worded
from linbao.documents import services as documents
from linbao.documents.models import Document, DocumentKind
from linbao.emergencies import written_report
from linbao.emergencies.models import UrgentKind, UrgentLevel, UrgentReport, UrgentStage, UrgentVersion
from linbao.items.models import Category
from linbao.organisation.tree import tree
from linbao.outbox import missing_documents as missing
from linbao.outbox import services as outbox
from linbao.outbox.models import Delivery
from linbao.platform.observability import health

STAGE_MARK = {
    UrgentStage.FIRST: "",
    UrgentStage.CORRECTION: "-更正",
    UrgentStage.FOLLOW_UP: "-续",
    UrgentStage.FINAL: "-终",
}
STATES = {"controlled": "已控制", "in_progress": "处置中", "uncontrolled": "未控制", "subsided": "已平息"}
REPORTED_TO = {"police": "公安", "fire": "消防", "medical": "急救", "department": "主管部门"}


RESTRICTED_TITLE = "紧急信息报告"  # of a document that was made of a restricted matter, without its words


def may_leave(row: Delivery) -> bool:
    """Whether the document of an urgent report's mail may still go out (`outbox.mail.MAY_LEAVE`): the matter is not
    restricted, or was already when the document was made, which then bears none of its words (1.3.4)."""
    report = UrgentReport.objects.select_related("item").filter(pk=row.subject_id or UUID(int=0)).first()
    if report is None or not report.item.restricted:
        return report is not None
    made = [a["document"] for a in row.attachments]
    return not Document.objects.filter(pk__in=made).exclude(title=RESTRICTED_TITLE).exists()


def make_document(version_id: UUID) -> None:
    """Make and seal the document of a version and post the mail to the unit's mailbox. Safe to repeat."""
    made = UrgentVersion.objects.select_related("report__item", "report__reporter", "by", "seal").get(pk=version_id)
    report = made.report
    content = document(made)
    # Set and sealed before the transaction: photos, seal and time stamp take the time they take.
    prepared = documents.prepare(
        DocumentKind.URGENT_REPORT, content, unit_id=report.community_id, by=made.by, seal_id=made.seal_id
    )
    with transaction.atomic():
        issued = documents.issue(
            DocumentKind.URGENT_REPORT,
            content,
            unit_id=report.community_id,
            subject=report,
            version=made.version,
            by=made.by,
            seal_id=made.seal_id,
            prepared=prepared,
        )
        mailbox = tree().setting(report.community_id, "mailbox")
        if not mailbox:
            outbox.notify(
                made.by_id,
                worded("紧急报告已生成，但社区还没有设置指定邮箱，请联系管理员。"),
                kind="urgent.mailbox",
                subject_type=report._meta.label_lower,
                subject_id=report.pk,
            )
            return
        outbox.post(
            key=f"urgent:{report.pk}:{made.version}",
            channel="mail",
            recipient=mailbox,
            subject=_subject(made, content["number"]),
            body=_body(made, content["number"], issued.code),
            attachments=[{"document": str(issued.pk), "form": "pdf", "name": f"{content['number']}.pdf"}],
            unit_id=report.community_id,
            caused_by=made.by,
            about=report,
        )


def _without_document() -> QuerySet[UrgentVersion]:
    rows = UrgentVersion.objects.annotate(subject=F("report_id"), place=F("report__community_id"))
    return missing.without_document(rows, "entered_at", "urgent")


def troubles() -> Iterator[health.Trouble]:
    """Versions entered in the last month whose document or mail was not made (4.2.2)."""
    if (result := missing.trouble(_without_document(), "entered_at")) is not None:
        yield result


def make_missing() -> int:
    """Make the documents and mails of versions that no job is going to make; returns how many (4.2.2)."""
    rows = _without_document().order_by("entered_at").values_list("pk", flat=True)
    return missing.make((pk, partial(make_document, pk)) for pk in rows)


def _subject(made: UrgentVersion, number: str) -> str:
    """Stage, kind, level, community and number; of a restricted matter no kind (1.3.4)."""
    unit = tree().name(made.report.community_id)
    stage = "" if made.stage == UrgentStage.FIRST else made.get_stage_display()
    if made.report.item.restricted:
        return _("【紧急%(stage)s】%(unit)s %(number)s") % {"stage": stage, "unit": unit, "number": number}
    return _("【紧急%(stage)s】%(kind)s·%(level)s %(unit)s %(number)s") % {
        "stage": stage,
        "kind": UrgentKind(made.report.kind).label,
        "level": UrgentLevel(made.content["level"]).label,
        "unit": unit,
        "number": number,
    }


def _body(made: UrgentVersion, number: str, code: str) -> str:
    """What a reader on a phone must know before the attachment is open; the words are masked as the version's are."""
    report, data = made.report, made.content
    rows = [_("附件为紧急信息报告（%(number)s，%(stage)s）。") % {"number": number, "stage": made.get_stage_display()}]
    if report.item.restricted:
        rows += [
            _("事项：%(number)s（%(category)s），正文须登录系统查阅。")
            % {"number": report.item.number, "category": report.label}
        ]
    else:
        zone = tree().setting(report.community_id, "time_zone")
        occurred = clock.local(datetime.fromisoformat(data["occurred_at"]), zone)
        rows += [
            _("种类：%(kind)s　级别：%(level)s")
            % {"kind": UrgentKind(report.kind).label, "level": UrgentLevel(data["level"]).label},
            _("时间：%(time)s") % {"time": clock.written_moment(occurred)},
            _("地点：%(place)s") % {"place": data["place"]},
            _("目前状况：%(state)s") % {"state": written_report.PRESENT_STATES[data["present_state"]]},
            _("人员伤亡：%(told)s") % {"told": written_report.casualties_in_words(data)},
        ]
    rows += [
        _("报告人：%(name)s　%(unit)s") % {"name": report.reporter.name, "unit": tree().name(report.community_id)},
        *documents.mail_closing(code, reverse("emergencies:urgent-report", args=[report.pk])),
    ]
    return "\n".join(rows)


@official()
def document(made: UrgentVersion) -> dict[str, Any]:
    """The content of the official document of one version, for `documents.issue` (domain.md §4). It goes out by mail,
    and from there to whoever holds it: of a restricted matter it bears number and category alone, and says where its
    words can be read (1.3.4)."""
    report, data = made.report, made.content
    zone = tree().setting(report.community_id, "time_zone")
    name = tree().name(report.community_id)
    restricted = report.item.restricted

    def when(moment: datetime | None) -> str:
        local = clock.local(moment, zone) if moment else None
        return f"{clock.written(local)}{local.hour}时{local.minute:02d}分" if local else "不详"

    answered = f"，由{report.answered_by}接听" if report.answered_by else ""
    reported = "、".join(REPORTED_TO[code] for code in data.get("reported_to", ()))
    sections = [
        ("一、时间地点", [f"{when(datetime.fromisoformat(data['occurred_at']))}，{data['place']}。"]),
        ("二、经过", [data["course"], written_report.people_in_words(data)]),
        ("三、影响范围", [written_report.scope_in_words(data), data["impact"]]),
        ("四、已采取的措施", [data["measures"], f"已报告：{reported}。" if reported else ""]),
        ("五、目前状况", [f"{STATES[data['present_state']]}。{data['present']}"]),
        ("六、需要支持", [data["help"]]),
        ("七、电话报告", [f"{when(report.called_at)}由{report.reporter.name}电话报告{answered}。{report.call_words}"]),
    ]
    if restricted:
        address = settings.BASE_URL + reverse("emergencies:urgent-report", args=[report.pk])
        sections = [
            (
                "一、事项",
                [
                    f"编号：{report.item.number}；类别：{Category(report.item.category).label}。",
                    f"本件涉及敏感信息，正文不随文件传送，有权查阅的人员登录系统后查阅：{address}",
                ],
            )
        ]
    elif made.changed:
        sections.insert(0, ("本次变化", [made.changed]))
    follow = sum(1 for v in report.versions.all() if v.stage == made.stage and v.version <= made.version)
    mark = STAGE_MARK[UrgentStage(made.stage)]
    if made.stage in (UrgentStage.FOLLOW_UP, UrgentStage.CORRECTION):
        mark += str(follow)
    group = tree().get(report.work_group_id)
    return {
        "title": RESTRICTED_TITLE
        if restricted
        else f"关于{data['place']}{UrgentKind(report.kind).label}的紧急信息报告"[:100],
        "unit": name,
        "issuer": f"{name}紧急信息报告",
        "number": report.number + mark,
        "to": f"{name}管理部门",
        "sections": [
            {"heading": h, "blocks": [{"kind": "text", "text": p} for p in message if p]} for h, message in sections
        ],
        "attachments": [],
        "photos": [] if restricted else list(data.get("photos", ())),
        "signature": (made.seal.name if made.seal else "") or (group.name if group else made.by.name),
        "date": clock.written(clock.local(made.written_at, zone)),
    }
