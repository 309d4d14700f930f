"""Emergencies: call at once, report in writing within the hour, sealed, then follow up to the end (2.3.2, 4.2.1,
4.2.2).

Urgent is one state with one entry: `open_for_items` opens the emergency of every submitted urgent item, however it came
in; a call that comes first (`start`) makes its item a draft, which is submitted with the first written version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, ids, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.core.wording import worded
from linbao.documents import services as documents
from linbao.documents.seals import services as seals
from linbao.duties import roster
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.emergencies import alarms, written_report
from linbao.emergencies.inputs import (
    ANSWERED_BY_MOST,
    CALL_MOST,
    Basics,
    CompleteEmergency,
    FileVersion,
    LogCall,
    RecordCall,
    StartEmergency,
)
from linbao.emergencies.models import (
    AlarmCall,
    AlarmReason,
    UrgentKind,
    UrgentLevel,
    UrgentReport,
    UrgentStage,
    UrgentState,
    UrgentVersion,
    WrittenDraft,
)
from linbao.emergencies.states import URGENT_REPORT
from linbao.items import fields as item_fields
from linbao.items import masking
from linbao.items import services as item_services
from linbao.items.models import Item, PartyRole, Source, Status
from linbao.organisation.models import Role, RoleGrant, User
from linbao.organisation.tree import tree
from linbao.outbox import services as outbox
from linbao.platform import bulk, queue

URGENT_WRITTEN_WITHIN = timedelta(hours=1)  # 4.2.1, from the moment of the call, real time
CALL_AT_ONCE = timedelta(minutes=15)  # a call within this of seeing counts as at once (domain.md §3)
FOLLOW_UP_EVERY = {
    UrgentLevel.PARTICULARLY_MAJOR: timedelta(hours=2),
    UrgentLevel.MAJOR: timedelta(hours=2),
    UrgentLevel.LARGER: timedelta(hours=6),
    UrgentLevel.GENERAL: timedelta(hours=24),
}
OWED = ("urgent_call", "urgent_written", "urgent_follow_up")
CLOCK_TOLERATED = written_report.CLOCK_TOLERATED


def get(user: User, report_id: UUID, *, lock: bool = False) -> UrgentReport:
    """The urgent report, if `user` may see it; `NotFound` else."""
    visible = UrgentReport.objects.visible_to(user).filter(pk=report_id)
    visible = visible.select_for_update(of=("self",)) if lock else visible
    report = visible.select_related("item__reporter", "reporter", "community", "joined_to__reporter").first()
    if report is None:
        raise NotFound(_("没有找到这份紧急报告，或您无权查看。"))
    return report


def desk_communities(user: User) -> frozenset[UUID]:
    """The communities whose duty desk is this person's: as department, or while on duty."""
    return user.rights.communities(Role.MANAGER, Role.REVIEWER) | roster.on_duty_for(user)


# --- opening -----------------------------------------------------------------------------------


def open_for_items(items: Sequence[Item], by: User, *, marked_at: datetime | None = None) -> list[UrgentReport]:
    """Open the emergency of each submitted urgent item that has none yet (2.3.2, 4.2.1): call, hour, alarm, duty desk.

    `marked_at` is when somebody recognised them as urgent later (None: they came so): the call is owed from then on.
    One that had ended (found not urgent) opens anew. Belongs inside the transaction of its cause; a constant number of
    statements for many items of one community.
    """
    known = {r.item_id: r for r in UrgentReport.objects.select_for_update().filter(item__in=[i.pk for i in items])}
    now = clock.now()
    fresh = [_of_item(item, marked_at) for item in items if item.pk not in known]
    if fresh:
        bulk.insert(fresh)
    anew = [r for r in known.values() if URGENT_REPORT.allows(r, "reopen")]
    for report in anew:
        URGENT_REPORT.advance(report, "reopen")
        report.round += 1
        report.ended_at, report.end_reason, report.seen_at, report.called_at = None, "", marked_at or now, None
    if anew:
        UrgentReport.objects.bulk_update(anew, ["round", "ended_at", "end_reason", "seen_at", "called_at"])
    opened = [*fresh, *anew]
    by_item = {i.pk: i for i in items}
    for report in opened:
        report.item = by_item[report.item_id]
    _owe(opened)
    alarms.raise_many(opened, AlarmReason.OPENED)
    if opened:
        about = opened[0]
        audit.record(
            by, "urgent.start", about, unit_id=about.community_id, count=len(opened), items=[str(r.pk) for r in opened]
        )
    return opened


def start(user: User, data: StartEmergency, *, body_digest: str = "") -> UrgentReport:
    """Open the record of an emergency that `user` saw (2.3.2), with the call if it was made; safe to repeat with the
    same `id`.

    `seen_at`, `called_at` by the phone's clock (None: now); `phone_now` is that clock at sending, by which a wrong one
    is set right. With a call kind and place may follow (`complete`); without one they are asked. Who works in several
    communities is asked for one where the point does not decide it. `body_digest`: that of the body, so that another
    one under the same id is refused. Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    allow(user, "item.create")
    existing = _existing(data.id, body_digest, user)
    if existing is not None:
        return existing
    called = data.called or data.called_at is not None
    if not called:
        _require_basics(data.kind, data.where.text or "")
    community = item_fields.community_of(
        user, chosen=data.community or None, grid=data.grid or None, lat=data.where.lat, lon=data.where.lon
    )
    if community is None:
        if not item_fields.homes(user):
            raise NotAllowed(_("您还没有被分配到社区，请联系管理员。"))
        raise Invalid(fields={"community": [_("您在多个社区工作，请选择是哪个社区。")]})
    ahead = _ahead(data.phone_now)
    seen = _set_right(data.seen_at, ahead) or _set_right(data.called_at, ahead) or clock.now()
    with transaction.atomic():
        report = _open(
            user,
            user,
            community,
            data,
            report_id=data.id,
            seen_at=min(seen, clock.now()),
            clock_off=round(ahead.total_seconds()),
            body_digest=body_digest,
        )
        if called:
            call = RecordCall(
                called_at=data.called_at,
                answered_by=data.answered_by,
                called_number=data.called_number,
                message=data.narrative[:CALL_MOST],
                phone_now=data.phone_now,
            )
            _record_call(user, report, call)
    return report


def log_call(user: User, community: UUID, data: LogCall, *, body_digest: str = "") -> UrgentReport:
    """Log a call that the department received (2.3.2, 4.2.1): from a reporter of the community, who then owes the
    written report, or from somebody else, for whom whoever logs it does. Opens the same emergency, the call recorded.

    `called_at` (None: now) and `seen_at` (None: the caller did not say; the call's own moment) are true times. Raises
    `Invalid`, `Conflict`, `NotAllowed`.
    """
    allow(user, "duty.stand", tree().get(community))
    existing = _existing(data.id, body_digest, user)
    if existing is not None:
        return existing
    errors: dict[str, list[str]] = {}
    reporter = user
    if data.reporter is not None:
        row = reporters_of(community).filter(pk=data.reporter).first()
        if row is None:
            errors["reporter"] = [_("请选择本社区的报告员。")]
        reporter = row or user
    now = clock.now()
    moment = data.called_at or now
    if moment > now + CLOCK_TOLERATED:
        errors["called_at"] = [_("电话报告的时间不能晚于现在。")]
    if data.seen_at is not None and data.seen_at > moment + CLOCK_TOLERATED:
        errors["seen_at"] = [_("发现时间不能晚于来电时间。")]
    caller, caller_phone = data.caller, text.clean(data.caller_phone)
    people: list[dict[str, str]] = []
    if caller or caller_phone:
        people = [{"role": PartyRole.CONTACT, "name": caller, "phone": caller_phone}]
        errors |= {
            {"parties.0.phone": "caller_phone"}.get(k, "caller"): v
            for k, v in item_fields.read_parties(Item(), people)[1].items()
        }
    if errors:
        raise Invalid(fields=errors)
    with transaction.atomic():
        report = _open(
            user,
            reporter,
            community,
            data,
            report_id=data.id,
            seen_at=min(data.seen_at or moment, now),
            clock_off=0,
            body_digest=body_digest,
            more={"parties": people} | ({} if data.reporter else {"source": {"method": Source.RESIDENT}}),
        )
        report.call_logged_by = user
        answered_by = data.answered_by or _short(user.name)
        call = RecordCall(called_at=moment, answered_by=answered_by, message=data.narrative[:CALL_MOST])
        _record_call(user, report, call)
        if reporter.pk != user.pk:
            outbox.notify(
                reporter.pk,
                worded("管理部门已登记您的电话报告：%(title)s，请在一小时内提交书面报告。") % {"title": report.heading},
                kind="urgent.logged",
                subject_type=report._meta.label_lower,
                subject_id=report.pk,
            )
    return report


def reporters_of(community: UUID) -> QuerySet[User]:
    """Who reports in a community, by name: from whom the department may have had a call."""
    grants = RoleGrant.objects.current().filter(
        unit__in=tree().within(community), role__in=(Role.REPORTER, Role.GROUP_LEADER)
    )
    return User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("name")


def complete(user: User, report_id: UUID, data: CompleteEmergency) -> UrgentReport:
    """Add what the call did not say yet: what, where, how grave; whoever was notified of the alarm is notified again
    (2.3.2).

    Only what is given changes, and only until the first written version. Raises `Invalid`, `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        URGENT_REPORT.check(report, "complete", user)
        item = report.item
        if item.status != Status.DRAFT or report.versions_made:
            raise Conflict(URGENT_REPORT.answer(report, "complete"))
        kind, place = data.kind or report.kind, data.where.text or item.place
        _require_basics(kind, place)
        item_services.complete(item, _body(data, kind, place))
        URGENT_REPORT.move(report, "complete", kind=kind, level=data.level or report.level)
        Obligation.objects.filter(subject_id=report.pk, kind__in=OWED).update(
            title=text.mask_within(item.heading)[:120]
        )
        people = AlarmCall.objects.filter(alarm__report=report).values_list("person_id", flat=True)
        outbox.notify_many(
            sorted(set(people), key=str),
            worded("【紧急】补充情况：%(title)s") % {"title": report.heading},
            kind="alarm",
            subject_type=report._meta.label_lower,
            subject_id=report.pk,
        )
        audit.record(user, "urgent.complete", report, unit_id=report.community_id)
    return report


def record_call(user: User, report_id: UUID, data: RecordCall) -> UrgentReport:
    """The call was made: the hour of the written report runs from it (4.2.1). By the reporter, or by the department
    that received it.

    Called again it completes who answered and what was said; the moment of the first call stays. Raises `Invalid`,
    `Conflict`, `NotAllowed`.
    """
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        allow(user, "urgent.call", report)
        if report.called_at is None and user.pk != report.reporter_id:
            report.call_logged_by = user
            data = data.model_copy(update={"answered_by": data.answered_by or _short(user.name)})
        _record_call(user, report, data)
    return report


# --- writing -----------------------------------------------------------------------------------


def write(user: User, report_id: UUID, data: FileVersion) -> UrgentVersion:
    """File a written version: first, follow-up, correction or final (4.2.1, 2.3.2), its content as
    `written_report.read` takes it. When its `version` exists already the same content returns it, another raises
    `Conflict`.

    The item is completed and submitted with the first version; the hour is met; the next follow-up is owed by
    the level's rhythm; documents are made, sealed by `seal`, and mailed by a job. Raises `Invalid` with every field at
    fault, `Conflict`, `NotAllowed`.
    """
    stage = data.stage
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        allow(user, "urgent.write", report)
        if report.state == UrgentState.JOINED:
            raise Conflict(URGENT_REPORT.answer(report, UrgentStage.FIRST))
        read = written_report.read(data.content, report)
        names = masking.names_in(report.item.parties.all() if read.parties is None else read.parties)
        masked = written_report.without_persons(read.content, names)
        changed = text.mask_within(data.changed, names)
        number = report.versions_made + 1
        if data.version is not None and data.version < number:
            same = report.versions.filter(version=data.version, by=user, stage=stage).first()
            if same is not None and written_report.comparable(same.content) == written_report.comparable(masked):
                return same
            raise Conflict(_("已有人提交了新的一版，请核对后再提交；您填写的内容仍保留在页面上。"))
        URGENT_REPORT.check(report, stage)
        assert report.called_at is not None
        if data.seal is not None:
            seals.to_affix(user, data.seal)
        now = clock.now()
        at = min(data.written_at or now, now)
        audit.record(user, "urgent.write", report, unit_id=report.community_id, version=number)
        if at < report.called_at:
            raise Invalid(fields={"written_at": [_("书面报告的时间不能早于电话报告。")]})
        made = UrgentVersion.objects.create(
            report=report,
            version=number,
            stage=stage,
            content=masked,
            changed=changed,
            written_at=at,
            by=user,
            seal_id=data.seal,
        )
        written: dict[str, Any] = {
            "number": report.number or documents.number(report.community_id, "社急"),
            "versions_made": number,
            "level": read.content["level"],
            "kind": read.content.get("kind", report.kind),
            "call_words": text.mask_within(report.call_words, names),
        }
        written_report.submit_item(report, read)
        if report.written_at is None:
            written["written_at"] = at
            duties.meet("urgent_written", report.pk, at=at)
            alarms.settle([report.pk], (AlarmReason.OVERDUE,))
        duties.meet("urgent_follow_up", report.pk, at=at)
        if stage == UrgentStage.FINAL:
            written["finished_at"] = at
        elif report.finished_at is None:
            duties.open_(
                duties.make(
                    "urgent_follow_up",
                    unit_id=report.community_id,
                    owner_id=_owner(report),
                    subject=report,
                    due_at=at + FOLLOW_UP_EVERY[UrgentLevel(written["level"])],
                    round=number,
                    title=report.heading,
                )
            )
        URGENT_REPORT.move(report, stage, **written)
        report.drafts.filter(by=user).delete()

        queue.defer("emergencies.make_document", version=made.pk)
    return made


def save_draft(user: User, report_id: UUID, content: Mapping[str, Any]) -> WrittenDraft:
    """Store what is typed of the next version so far, as the form saves it by itself; nothing of it is checked.

    `content` is the form's own fields, `version` among them. Raises `Conflict` when that version exists already.
    """
    with transaction.atomic():
        report = get(user, report_id)
        allow(user, "urgent.write", report)
        stored = orjson.dumps(dict(content)).decode()
        if len(stored) > 100_000:
            raise Invalid(fields={"": [_("内容过长。")]})
        following = report.versions_made + 1
        if str(content.get("version") or following) != str(following):
            raise Conflict(_("已有人提交了新的一版，请核对后再提交；您填写的内容仍保留在页面上。"))
        row = WrittenDraft.objects.select_for_update().filter(report=report, by=user).first()
        row = row or WrittenDraft(report=report, by=user)
        row.version, row.content, row.saved_at = following, stored, clock.now()
        row.save()
    return row


def draft_of(user: User, report: UrgentReport) -> dict[str, Any] | None:
    """What this person typed of the next version and did not send; None when there is nothing."""
    row = report.drafts.filter(by=user, version=report.versions_made + 1).first()
    return orjson.loads(row.content) if row is not None and row.content else None


def digest(body: Mapping[str, Any]) -> str:
    """A SHA-256 of a body, by which another one under the same id is known."""
    return hashlib.sha256(orjson.dumps(dict(body), option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


# --- inside ------------------------------------------------------------------------------------


def _existing(report_id: UUID | None, body_digest: str, user: User) -> UrgentReport | None:
    """The report of this id, when it is the same person's and the same body's. Raises `Conflict` for another's."""
    report = UrgentReport.objects.filter(pk=report_id).select_related("item", "reporter").first() if report_id else None
    if report is None:
        return None
    own = user.pk in (report.reporter_id, report.call_logged_by_id)
    if not own or (body_digest and report.body_digest and body_digest != report.body_digest):
        raise Conflict(_("这个 id 已用于另一条内容。"))
    return report


def _require_basics(kind: str, place: str) -> None:
    """Raises `Invalid` where it is not known what happened or where."""
    errors: dict[str, list[str]] = {}
    if not kind:
        errors["kind"] = [_("请选择发生了什么。")]
    if not place:
        errors["place"] = [_("请写明在哪里，如“7 栋地下车库”。")]
    if errors:
        raise Invalid(fields=errors)


def _short(name: str) -> str:
    return name[:ANSWERED_BY_MOST]


def _body(data: Basics, kind: str, place: str) -> dict[str, Any]:
    """The item's fields as far as they are known."""
    label = str(UrgentKind(kind).label) if kind else ""
    where: dict[str, Any] = {"text": place}
    if data.where.lat is not None and data.where.lon is not None:
        where |= {"lat": data.where.lat, "lon": data.where.lon}
    body: dict[str, Any] = {
        "title": (f"{place[:40]}{label}" or str(_("紧急情况")))[:60],
        "place": where,
        "key_points": ["，".join(filter(None, [label, place]))[:60]] if label or place else [],
    }
    if kind:
        body["subcategory"] = "" if kind in written_report.GROUPS else written_report.SUBCATEGORY[UrgentKind(kind)]
    if data.grid:
        body["grid"] = data.grid
    if data.narrative:
        body["narrative"] = data.narrative
    return body


def _open(
    by: User,
    reporter: User,
    community: UUID,
    data: Basics,
    *,
    report_id: UUID | None,
    seen_at: datetime,
    clock_off: int,
    body_digest: str,
    more: Mapping[str, Any] | None = None,
) -> UrgentReport:
    """The draft of its item, the report, the duties and the alarm."""
    body = {
        "category": "event",
        "seen_at": seen_at,
        "urgent": True,
        **_body(data, data.kind, data.where.text or ""),
        **(more or {}),
    }
    item = item_services.begin(reporter, body, item_id=report_id or ids.new(), community=community)
    report = UrgentReport(
        id=item.pk,
        item=item,
        kind=data.kind,
        level=data.level,
        reporter=reporter,
        work_group_id=item.work_group_id,
        community_id=item.community_id,
        seen_at=seen_at,
        clock_off=clock_off,
        body_digest=body_digest,
    )
    report.save(force_insert=True)
    audit.record(by, "urgent.start", report, unit_id=report.community_id)
    _owe([report])
    alarms.raise_many([report], AlarmReason.OPENED)
    return report


def _of_item(item: Item, marked_at: datetime | None) -> UrgentReport:
    level = item.details.get("level", "") if item.category == "event" else ""
    return UrgentReport(
        id=item.pk,
        item=item,
        kind=written_report.kind_of(item),
        level=level if level in UrgentLevel.values else "",
        reporter_id=item.reporter_id,
        work_group_id=item.work_group_id,
        community_id=item.community_id,
        seen_at=marked_at or item.seen_at or item.arrived_at or clock.now(),
    )


def _owe(reports: Sequence[UrgentReport]) -> None:
    """The call at once; and the written report, due an hour after the last moment at which the call counts as made at
    once, until the call sets the hour (4.2.1). What came in under an account that nobody uses is the department's."""
    people = {r.reporter_id for r in reports}
    active = set(User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))
    owed = []
    for report in reports:
        owner = report.reporter_id if report.reporter_id in active else None
        at_once = report.seen_at + CALL_AT_ONCE
        for kind, due in (("urgent_call", at_once), ("urgent_written", at_once + URGENT_WRITTEN_WITHIN)):
            owed.append(
                duties.make(
                    kind,
                    unit_id=report.community_id,
                    owner_id=owner,
                    due_at=due,
                    subject=report,
                    title=report.heading,
                    round=report.round,
                )
            )
    if owed:
        duties.open_(*owed)


def _owner(report: UrgentReport) -> UUID | None:
    return report.reporter_id if report.reporter.is_active else None


def _record_call(user: User, report: UrgentReport, data: RecordCall) -> None:
    now = clock.now()
    moment = _set_right(data.called_at, _ahead(data.phone_now)) or now
    if moment > now + CLOCK_TOLERATED:
        raise Invalid(fields={"called_at": [_("电话报告的时间不能晚于现在。")]})
    moment = min(moment, now)
    called: dict[str, datetime] = {}
    if report.called_at is None:
        URGENT_REPORT.check(report, "call")
        if moment < report.seen_at - CLOCK_TOLERATED:
            raise Invalid(fields={"called_at": [_("电话报告的时间不能早于发现的时间。")]})
        called = {"called_at": max(moment, report.seen_at), "call_entered_at": now}
        duties.meet("urgent_call", report.pk, at=called["called_at"])
        duties.move_due(Q(kind="urgent_written", subject_id=report.pk), called["called_at"] + URGENT_WRITTEN_WITHIN)
    report.answered_by = data.answered_by or report.answered_by
    report.called_number = data.called_number or report.called_number
    names = masking.names_in(report.item.parties.all())
    report.call_words = text.mask_within(data.message, names)[:CALL_MOST] or report.call_words
    details = ("answered_by", "called_number", "call_words", "call_logged_by")
    if called:
        URGENT_REPORT.move(report, "call", save=details, **called)
    else:
        report.save(update_fields=details)
    audit.record(user, "urgent.call", report, unit_id=report.community_id)


def _ahead(phone_now: datetime | None) -> timedelta:
    """How far the phone's clock is ahead of ours; small differences are the network's."""
    if phone_now is None:
        return timedelta()
    off = phone_now - clock.now()
    return off if abs(off) > CLOCK_TOLERATED else timedelta()


def _set_right(moment: datetime | None, ahead: timedelta) -> datetime | None:
    return moment - ahead if moment is not None else None


def count_open(communities: Iterable[UUID]) -> int:
    """How many emergencies are open in these communities: the one figure of Today, statistics and duty desk."""
    return UrgentReport.objects.open().filter(community__in=list(communities)).count()
