"""Emergencies: call at once, report in writing within the hour, sealed, then follow up to the end (2.3.2, 4.2.1, 4.2.2).

Three taps: what, where, call. The tap on the call starts the record and the hour. The item of the same
matter is a draft from then on and is submitted with the first written version: nothing is typed twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.audit import actions as audit
from linbao.base import clock, days, ids, text
from linbao.base.problems import Conflict, Invalid, NotFound
from linbao.base.words import worded
from linbao.collection import actions as collection
from linbao.collection.models import Item, Status
from linbao.documents import actions as documents
from linbao.documents import seals
from linbao.documents.models import DocumentKind
from linbao.duties import actions as duties
from linbao.outbox import actions as outbox
from linbao.reporting import alarms
from linbao.reporting.models import UrgentKind, UrgentLevel, UrgentReport, UrgentStage, UrgentVersion
from linbao.units.models import User
from linbao.units.rights import allow
from linbao.units.tree import tree

URGENT_WRITTEN_WITHIN = timedelta(hours=1)  # 4.2.1, from the moment of the call, real time
CALL_AT_ONCE = timedelta(minutes=15)  # a call within this of seeing counts as at once (domain.md §3)
FOLLOW_UP_EVERY = {
    UrgentLevel.PARTICULARLY_MAJOR: timedelta(hours=2),
    UrgentLevel.MAJOR: timedelta(hours=2),
    UrgentLevel.LARGER: timedelta(hours=6),
    UrgentLevel.GENERAL: timedelta(hours=24),
}
SUBCATEGORY = {
    UrgentKind.FIRE: "fire",
    UrgentKind.THEFT: "theft",
    UrgentKind.NATURAL_DISASTER: "natural_disaster",
    UrgentKind.PUBLIC_SAFETY: "public_safety",
    UrgentKind.HAZARD: "hazard_other",
    UrgentKind.DISPUTE: "dispute_other",
    UrgentKind.OTHER: "emergency_other",
}
# What the written report holds: name, label, longest, required (4.2.1).
FIELDS = (
    ("place", gettext_lazy("地点"), 200, True),
    ("course", gettext_lazy("经过"), 5000, True),
    ("impact", gettext_lazy("影响范围"), 2000, True),
    ("measures", gettext_lazy("已采取的措施"), 3000, True),
    ("present", gettext_lazy("目前状况"), 2000, True),
    ("help", gettext_lazy("需要支持"), 1000, True),
)
NUMBERS = ("dead", "injured", "missing", "households", "loss")  # people, people, people, households, yuan
PRESENT_STATES = ("controlled", "in_progress", "uncontrolled", "subsided")
STAGE_MARK = {
    UrgentStage.FIRST: "",
    UrgentStage.CORRECTION: "-更正",
    UrgentStage.FOLLOW_UP: "-续",
    UrgentStage.FINAL: "-终",
}
CLOCK_TOLERATED = timedelta(minutes=2)


def get(user: User, report_id: UUID, *, lock: bool = False) -> UrgentReport:
    """The urgent report, if `user` may see it; `NotFound` else."""
    rows = UrgentReport.objects.visible_to(user).filter(pk=report_id)
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.select_related("item", "reporter", "community", "joined_to__reporter").first()
    if found is None:
        raise NotFound(_("没有找到这份紧急报告，或您无权查看。"))
    return found


def start(
    user: User,
    *,
    kind: str,
    place: str,
    report_id: UUID | None = None,
    lat: float | None = None,
    lon: float | None = None,
    words: str = "",
    seen_at: datetime | None = None,
    level: str = UrgentLevel.GENERAL,
    phone_now: datetime | None = None,
) -> UrgentReport:
    """Open the record of an emergency (2.3.2); safe to repeat with the same `report_id`.

    `seen_at` as the phone tells it (None: now); `phone_now` is the phone's own clock at sending, by which a
    wrong clock is set right. Raises `Invalid` with a field map, `NotAllowed`.
    """
    allow(user, "item.create")
    found = UrgentReport.objects.filter(pk=report_id).first() if report_id else None
    if found is not None:
        if found.reporter_id != user.pk:
            raise Conflict(_("这个 id 已用于另一条内容。"))
        return found
    wrong: dict[str, list[str]] = {}
    place = text.clean(place)
    if kind not in UrgentKind.values:
        wrong["kind"] = [_("请选择发生了什么。")]
    if level not in UrgentLevel.values:
        wrong["level"] = [_("请选择级别。")]
    if not place or len(place) > 200:
        wrong["place"] = [_("请写明在哪里，如“7 栋地下车库”。")]
    if wrong:
        raise Invalid(fields=wrong)
    now = clock.now()
    ahead = _ahead(phone_now)
    seen = min(_set_right(seen_at, ahead) or now, now)
    label = str(UrgentKind(kind).label)
    body = {
        "category": "event",
        "subcategory": SUBCATEGORY[UrgentKind(kind)],
        "title": f"{place[:40]}{label}"[:60],
        "narrative": text.clean(words)[:5000],
        "occurred_at": seen,
        "seen_at": seen,
        "place": {"text": place, "lat": lat, "lon": lon} if lat is not None and lon is not None else {"text": place},
        "source": {"method": "patrol"},
        "urgent": True,
        "key_points": [f"{label}，{place}"[:60]],
    }
    with transaction.atomic():
        item = collection.create(user, body, item_id=ids.new())
        report = UrgentReport.objects.create(
            id=report_id or ids.new(), item=item, kind=kind, level=level, reporter=user,
            work_group_id=item.work_group_id, community_id=item.community_id, seen_at=seen,
            clock_off=round(ahead.total_seconds()),
        )  # fmt: skip
        audit.record(user, "urgent.start", report, unit_id=report.community_id)
        duties.open_(
            duties.make(
                "urgent_call", unit_id=item.community_id, owner_id=user.pk, due_at=seen + CALL_AT_ONCE, subject=report,
                title=item.heading,
            )
        )  # fmt: skip
    return report


def record_call(
    user: User,
    report_id: UUID,
    *,
    called_at: datetime | None = None,
    answered_by: str = "",
    called_number: str = "",
    words: str = "",
    phone_now: datetime | None = None,
) -> UrgentReport:
    """The call was made: the hour of the written report begins, and the alarm goes out, in one transaction (4.2.1).

    Called again it completes who answered and what was said; the moment of the first call stays.
    """
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        allow(user, "urgent.write", report)
        now = clock.now()
        moment = _set_right(called_at, _ahead(phone_now)) or now
        if moment > now + CLOCK_TOLERATED:
            raise Invalid(fields={"called_at": [_("电话报告的时间不能晚于现在。")]})
        moment = min(moment, now)
        if report.called_at is None:
            if moment < report.seen_at - CLOCK_TOLERATED:
                raise Invalid(fields={"called_at": [_("电话报告的时间不能早于发现的时间。")]})
            report.called_at, report.call_entered_at = max(moment, report.seen_at), now
            duties.meet("urgent_call", report.pk, at=report.called_at)
            duties.open_(
                duties.make(
                    "urgent_written", unit_id=report.community_id, owner_id=report.reporter_id, subject=report,
                    due_at=report.called_at + URGENT_WRITTEN_WITHIN, title=report.item.heading, opened_at=report.called_at,
                )
            )  # fmt: skip
            alarms.raise_(report, "opened")
        report.answered_by = text.clean(answered_by)[:40] or report.answered_by
        report.called_number = text.clean(called_number)[:30] or report.called_number
        report.call_words = text.clean(words)[:1000] or report.call_words
        report.save()
        audit.record(user, "urgent.call", report, unit_id=report.community_id)
    return report


def blank(report: UrgentReport) -> dict[str, Any]:
    """What the written form begins with: the last version, or what is known from the call."""
    last = report.versions.order_by("-version").first()
    if last is not None:
        return dict(last.content)
    item = report.item
    return {
        "occurred_at": item.occurred_at.isoformat() if item.occurred_at else "",
        "place": item.place,
        "course": item.narrative or report.call_words,
        "impact": "",
        "measures": "",
        "present": "",
        "present_state": "in_progress",
        "help": "",
        "level": report.level,
        **dict.fromkeys(NUMBERS, 0),
    }


def read(content: Mapping[str, Any], report: UrgentReport) -> dict[str, Any]:
    """The written report's content, checked: raises `Invalid` with every wrong field at once (4.2.1)."""
    wrong: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    for name, label, longest, required in FIELDS:
        found[name] = text.clean(str(content.get(name) or ""))
        if required and not found[name]:
            wrong[name] = [_("请填写“%(label)s”；没有的写“无”。") % {"label": label}]
        elif len(found[name]) > longest:
            wrong[name] = [_("最多 %(n)d 字。") % {"n": longest}]
    for name in NUMBERS:
        given = str(content.get(name) or "0").strip()
        if not (given.isascii() and given.isdigit()) or len(given) > 9:
            wrong[name] = [_("请填写 0 或正整数。")]
        else:
            found[name] = int(given)
    found["present_state"] = str(content.get("present_state") or "")
    if found["present_state"] not in PRESENT_STATES:
        wrong["present_state"] = [_("请选择目前状况。")]
    found["level"] = str(content.get("level") or report.level)
    if found["level"] not in UrgentLevel.values:
        wrong["level"] = [_("请选择级别。")]
    occurred = content.get("occurred_at")
    try:
        moment = days.moment(occurred) if isinstance(occurred, str) else occurred
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        wrong["occurred_at"] = [_("请填写发生时间。")]
    else:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=clock.zone(tree().setting(report.community_id, "time_zone")))
        if moment > clock.now() + CLOCK_TOLERATED:
            wrong["occurred_at"] = [_("发生时间不能晚于现在。")]
        found["occurred_at"] = min(moment, clock.now()).astimezone(clock.UTC).isoformat()
    if wrong:
        raise Invalid(_("有 %(count)d 处内容需要修改。") % {"count": len(wrong)}, wrong)
    return found


def write(
    user: User,
    report_id: UUID,
    content: Mapping[str, Any],
    *,
    stage: str = UrgentStage.FIRST,
    changed: str = "",
    seal_id: UUID | None = None,
    written_at: datetime | None = None,
    version: int | None = None,
) -> UrgentVersion:
    """File a written version: first, follow-up, correction or final (4.2.1, 2.3.2). `written_at` is the true time
    of a report that was first written on paper. `version` is the number that the form was shown for: when it
    stands already the same content returns it, another raises `Conflict`.

    The item is completed and submitted with the first version; the hour is met; the next follow-up is owed by
    the level's rhythm; documents are made, sealed by `seal_id`, and mailed by a job.
    """
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        allow(user, "urgent.write", report)
        if report.joined_to_id:
            raise Conflict(_("这份报告已并入另一起，请在那里续报。"))
        wrong: dict[str, list[str]] = {}
        try:
            data = read(content, report)
        except Invalid as e:
            wrong = dict(e.fields or {})
            data = {}
        if stage not in UrgentStage.values:
            wrong["stage"] = [_("请选择首报、续报、更正或终报。")]
        changed = text.clean(changed)[:500]
        if stage != UrgentStage.FIRST and not changed:
            wrong["changed"] = [_("请写明与上一次相比有什么变化。")]
        if wrong:
            raise Invalid(_("有 %(count)d 处内容需要修改。") % {"count": len(wrong)}, wrong)
        number = report.versions_made + 1
        if version is not None and version < number:
            same = report.versions.filter(version=version, by=user, stage=stage, content=data).first()
            if same is not None:
                return same
            raise Conflict(_("已有人提交了新的一版，请核对后再提交；您填写的内容仍保留在页面上。"))
        if report.called_at is None:
            raise Conflict(_("请先电话报告并记录通话，再提交书面报告。"))
        if (stage == UrgentStage.FIRST) != (number == 1):
            raise Conflict(_("首报已提交，请选择续报、更正或终报。") if number > 1 else _("请先提交首报。"))
        if report.finished_at is not None and stage != UrgentStage.CORRECTION:
            raise Conflict(_("终报已提交；之后只能更正。"))
        if seal_id is not None:
            seals.to_affix(user, seal_id)
        now = clock.now()
        at = min(written_at or now, now)
        audit.record(user, "urgent.write", report, unit_id=report.community_id, version=number)
        if at < report.called_at:
            raise Invalid(fields={"written_at": [_("书面报告的时间不能早于电话报告。")]})
        made = UrgentVersion.objects.create(
            report=report, version=number, stage=stage, content=data, changed=changed, written_at=at, by=user,
            seal_id=seal_id,
        )  # fmt: skip
        if not report.number:
            report.number = documents.number(report.community_id, "社急")
        report.versions_made, report.level = number, data["level"]
        if report.written_at is None:
            report.written_at = at
            duties.meet("urgent_written", report.pk, at=at)
            alarms.settle(report, "overdue")
            _file_item(user, report, data)
        duties.meet("urgent_follow_up", report.pk, at=at)
        if stage == UrgentStage.FINAL:
            report.finished_at = at
        if report.finished_at is None:
            duties.open_(
                duties.make(
                    "urgent_follow_up", unit_id=report.community_id, owner_id=report.reporter_id, subject=report,
                    due_at=at + FOLLOW_UP_EVERY[UrgentLevel(report.level)], round=number, title=report.item.heading,
                )
            )  # fmt: skip
        report.save()
        from linbao.reporting.jobs import make_urgent_document

        make_urgent_document.defer(version=str(made.pk))
    return made


def make_document(version_id: UUID) -> None:
    """Make and seal the document of a version and post the mail to the unit's mailbox (4.2.1, 4.2.2). Safe to repeat."""
    with transaction.atomic():
        made = UrgentVersion.objects.select_related("report__item", "by", "seal").get(pk=version_id)
        report = made.report
        content = document(made)
        issued = documents.issue(
            DocumentKind.URGENT_REPORT, content, unit_id=report.community_id, subject=report, version=made.version,
            by=made.by, seal_id=made.seal_id,
        )  # fmt: skip
        mailbox = tree().setting(report.community_id, "mailbox")
        if not mailbox:
            outbox.notify(
                report.reporter_id, worded("紧急报告已生成，但社区还没有设置指定邮箱，请联系管理员。"), kind="urgent.mailbox",
                subject_type=report._meta.label_lower, subject_id=report.pk,
            )  # fmt: skip
            return
        outbox.post(
            key=f"urgent:{report.pk}:{made.version}", channel="mail", recipient=mailbox,
            subject=_("【紧急】%(number)s") % {"number": content["number"]},
            body=_("附件为紧急信息报告（%(number)s）。\n验证码：%(code)s") % {"number": content["number"], "code": issued.code},
            attachments=[{"document": str(issued.pk), "form": "pdf", "name": f"{content['number']}.pdf"}],
            unit_id=report.community_id, caused_by=made.by, about=report,
        )  # fmt: skip


def document(made: UrgentVersion) -> dict[str, Any]:
    """The content of the official document of one version, for `documents.issue` (domain.md §4)."""
    report, data = made.report, made.content
    zone = tree().setting(report.community_id, "time_zone")
    name = tree().name(report.community_id)

    def when(moment: datetime | None) -> str:
        local = clock.local(moment, zone) if moment else None
        return f"{clock.written(local)}{local.hour}时{local.minute:02d}分" if local else "不详"

    hurt = f"死亡 {data['dead']} 人，受伤 {data['injured']} 人，失联 {data['missing']} 人"
    more = (f"；涉及 {data['households']} 户" if data["households"] else "") + (
        f"；财产损失约 {data['loss']} 元" if data["loss"] else ""
    )
    told = f"，由{report.answered_by}接听" if report.answered_by else ""
    state = {"controlled": "已控制", "in_progress": "处置中", "uncontrolled": "未控制", "subsided": "已平息"}
    sections = [
        ("一、时间地点", [f"{when(datetime.fromisoformat(data['occurred_at']))}，{data['place']}。"]),
        ("二、经过", [data["course"]]),
        ("三、影响范围", [f"人员伤亡：{hurt}{more}。", data["impact"]]),
        ("四、已采取的措施", [data["measures"]]),
        ("五、目前状况", [f"{state[data['present_state']]}。{data['present']}"]),
        ("六、需要支持", [data["help"]]),
        ("七、电话报告", [f"{when(report.called_at)}由{report.reporter.name}电话报告{told}。{report.call_words}"]),
    ]
    if made.changed:
        sections.insert(0, ("本次变化", [made.changed]))
    follow = sum(1 for v in report.versions.all() if v.stage == made.stage and v.version <= made.version)
    mark = STAGE_MARK[UrgentStage(made.stage)]
    group = tree().get(report.work_group_id)
    return {
        "title": f"关于{data['place']}{UrgentKind(report.kind).label}的紧急信息报告"[:100],
        "unit": name,
        "issuer": f"{name}紧急信息报告",
        "number": report.number
        + mark
        + (str(follow) if made.stage in (UrgentStage.FOLLOW_UP, UrgentStage.CORRECTION) else ""),
        "to": f"{name}管理部门",
        "sections": [
            {"heading": h, "blocks": [{"kind": "text", "text": p} for p in words if p]} for h, words in sections
        ],
        "attachments": [],
        "signature": (made.seal.name if made.seal else "") or (group.name if group else made.by.name),
        "date": clock.written(clock.local(made.written_at, zone)),
    }


def join(user: User, report_id: UUID, other_id: UUID) -> UrgentReport:
    """Two reporters told of one emergency: this report goes on as part of the other, both accounts are kept."""
    with transaction.atomic():
        report, other = get(user, report_id, lock=True), get(user, other_id)
        allow(user, "urgent.join", report)
        if report.pk == other.pk or other.joined_to_id or report.community_id != other.community_id:
            raise Conflict(_("请选择本社区另一起仍在报告中的紧急情况。"))
        if report.joined_to_id == other.pk:
            return report
        if report.versions_made:
            raise Conflict(_("已提交书面报告的不能并入，请由管理部门在审核中合并。"))
        report.joined_to = other
        report.save(update_fields=["joined_to"])
        audit.record(user, "urgent.join", report, unit_id=report.community_id, other=str(other.pk))
        duties.cancel(["urgent_written", "urgent_follow_up"], report.pk)
        alarms.settle(report, "opened", by=user)
        outbox.notify_many(
            [other.reporter_id, report.reporter_id],
            worded("两份紧急报告已并为一起：%(title)s") % {"title": other.item.title},
            kind="urgent.joined", subject_type=other._meta.label_lower, subject_id=other.pk,
        )  # fmt: skip
    return report


def alike(report: UrgentReport) -> list[UrgentReport]:
    """Other open emergencies of the same kind in the community within two hours, which this may be the same as."""
    near = timedelta(hours=2)
    return list(
        UrgentReport.objects.open()
        .filter(
            community_id=report.community_id, kind=report.kind,
            seen_at__range=(report.seen_at - near, report.seen_at + near),
        )
        .exclude(pk=report.pk)
        .select_related("reporter", "item")
        .order_by("-opened_at")[:5]
    )  # fmt: skip


def _file_item(user: User, report: UrgentReport, data: Mapping[str, Any]) -> None:
    """Complete the item from the written report and submit it; what its catalogue asks beyond can follow there."""
    item: Item = report.item
    if item.status != Status.DRAFT or item.reporter_id != user.pk:
        return
    grid = tree().get(item.grid_id)
    body: dict[str, Any] = {
        "narrative": data["course"] if len(data["course"]) >= 10 else f"{data['course']}（{data['present']}）",
        "occurred_at": datetime.fromisoformat(data["occurred_at"]),
        "place": {"text": data["place"]} | ({"lat": item.lat, "lon": item.lon} if item.lat is not None else {}),
        "details": {
            "course": data["course"],
            "casualties": {k: data[k] for k in ("dead", "injured", "missing")},
            "loss": data["loss"],
            "present_state": data["present_state"],
            "measures_taken": data["measures"],
            "scope": {"households": data["households"]},
            "level": data["level"],
            **({} if item.parties.exists() else {"none_involved": True}),
        },
    }
    if grid is None:
        home = sorted(user.rights.units("reporter"), key=str)
        grids = [u for u in (tree().get(h) for h in home) if u is not None and u.kind == "grid"]
        grids = [g for g in grids if (c := tree().above(g.id, "community")) is not None and c.id == item.community_id]
        if grids:
            body["grid"] = grids[0].code
    item = collection.change(user, item.pk, body)
    if item.seen_at and item.occurred_at and item.seen_at < item.occurred_at:
        item = collection.change(user, item.pk, {"seen_at": item.occurred_at})
    collection.submit(user, item.pk)


def _ahead(phone_now: datetime | None) -> timedelta:
    """How far the phone's clock is ahead of ours; small differences are the network's."""
    if phone_now is None:
        return timedelta()
    off = phone_now - clock.now()
    return off if abs(off) > CLOCK_TOLERATED else timedelta()


def _set_right(moment: datetime | None, ahead: timedelta) -> datetime | None:
    return moment - ahead if moment is not None else None
