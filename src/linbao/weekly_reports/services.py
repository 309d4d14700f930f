"""The weekly report: assembled from facts, confirmed once, sent as a document, reviewed (2.3.1, 4.1.1, 4.1.2,
4.3.1)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock, periods, text
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.core.wording import worded
from linbao.documents import services as documents
from linbao.documents.models import DocumentKind
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.items.services import work_group
from linbao.organisation.models import User
from linbao.organisation.tree import tree
from linbao.outbox import missing_documents as missing
from linbao.outbox import services as outbox
from linbao.outbox.models import Delivery
from linbao.platform import queue
from linbao.platform.observability import health
from linbao.weekly_reports import assembly, weeks
from linbao.weekly_reports.inputs import ConfirmReport, OwnTexts, ReviewReport
from linbao.weekly_reports.models import ReportStatus, WeeklyReport
from linbao.weekly_reports.states import WEEKLY_REPORT

log = logging.getLogger(__name__)

LONGEST_TEXT = 5000  # characters, of parts three and four each
S = ReportStatus
# What the confirmation settles beside the state.
SETTLED = ("reporter", "version", "facts", "covers_from", "covers_until", "texts", "nil_reason", "timing_reason")


def reporter_of(user: User, name: str, monday: date) -> User:
    """Whose report of a week `user` means by `name` (username or id): their own, or that of somebody in whose place
    they owe it by leave or departure. Raises `NotAllowed` for anybody else's."""
    if name in ("", str(user.pk), user.username):
        return user
    owed = (
        Obligation.objects.filter(owner=user, kind="weekly_report", period=clock.monday(monday))
        .filter(moved_from__isnull=False)
        .select_related("moved_from")
    )
    for duty in owed:
        if duty.moved_from and name in (str(duty.moved_from_id), duty.moved_from.username):
            return duty.moved_from
    raise NotAllowed(_("您没有替此人报送周报的义务。"))


def assemble_week(reporter: User, monday: date) -> WeeklyReport:
    """The report of the week of this reporter or of their work group, with its facts as they stand; one per week,
    safe to repeat. `monday`: any day of the week.

    A confirmed report stays with the facts that it was confirmed with; one that waits or came back reads them anew.
    Raises `NotFound` for somebody who never reported, `Invalid` for a week to come or before their first.
    """
    monday = clock.monday(monday)
    group = weeks.by_group(reporter)
    community = weeks.home(reporter)
    if community is None:
        raise NotFound(_("此人不是信息报告员。"))
    _check_week(community, monday, weeks.first_week(reporter.pk, group))
    with transaction.atomic():
        reports = WeeklyReport.objects.select_for_update(of=("self",))
        if group:
            report, _made = reports.get_or_create(
                work_group_id=group,
                week=monday,
                by_group=True,
                defaults={"community_id": community, "reporter": reporter},
            )
        else:
            report, _made = reports.get_or_create(
                reporter=reporter,
                week=monday,
                by_group=False,
                defaults={"community_id": community, "work_group_id": work_group(reporter)},
            )
        return read_anew(report)


def read_anew(report: WeeklyReport) -> WeeklyReport:
    """Bring a report that waits or came back up to the facts of now; a confirmed one stays as it is."""
    if WEEKLY_REPORT.allows(report, "confirm"):
        assembly.gather(report)
        report.assembled_at = clock.now()
        report.save(update_fields=["facts", "covers_from", "covers_until", "assembled_at"])
    return report


def assemble_due(monday: date) -> int:
    """From the day's noon on, assemble the report of everyone who owes one and notify them (4.1.1); safe to repeat.
    One that cannot be assembled does not hold up the others. Returns how many were assembled."""
    reports = WeeklyReport.objects.filter(week=monday)
    people = reports.filter(by_group=False).values("reporter_id")
    owed = (
        Obligation.objects.open()
        .filter(kind="weekly_report", period=monday)
        .exclude(subject_id__isnull=True, moved_from__isnull=True, owner_id__in=people)
        .exclude(subject_id__isnull=True, moved_from_id__in=people)
        .exclude(subject_id__in=reports.filter(by_group=True).values("work_group_id"))
        .select_related("owner", "moved_from")
    )

    def assemble(duty: Obligation) -> int:
        if not duty.community_id or not duty.owner:
            return 0
        if clock.now() < weeks.due(duty.community_id, monday, weeks.OPENS_AT):
            return 0
        report = assemble_week(duty.moved_from or duty.owner, monday)
        outbox.notify(
            duty.owner.pk,
            worded("本周周报已汇成，请看一遍后确认报送。"),
            kind="weekly.assembled",
            subject_type=report._meta.label_lower,
            subject_id=report.pk,
        )
        return 1

    return queue.each(list(owed), assemble)


def get(user: User, report_id: UUID, *, lock: bool = False) -> WeeklyReport:
    """The report, if `user` may see it; `NotFound` else."""
    rows = WeeklyReport.objects.visible_to(user).filter(pk=report_id)
    report = (
        rows.select_for_update(of=("self",)) if lock else rows.select_related("reporter", "reviewed_by", "work_group")
    ).first()
    if report is None:
        raise NotFound(_("没有找到这份周报，或您无权查看。"))
    return report


def save_texts(user: User, report_id: UUID, data: OwnTexts) -> WeeklyReport:
    """Save what the reporter has typed so far, before they confirm; text equal to the computed draft is not saved, so
    that the draft continues to follow the facts. The row is not saved when the report is confirmed already. Raises
    `NotFound`, `NotAllowed`."""
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        WEEKLY_REPORT.permit(report, "confirm", user)
        if WEEKLY_REPORT.allows(report, "confirm"):
            report.texts = _own_texts(report, _typed(data), assembly.names(report))
            report.save(update_fields=["texts"])
    return report


def confirm(user: User, report_id: UUID, data: ConfirmReport) -> WeeklyReport:
    """Confirm the week's report (4.1.1): it takes in everything of its reporter or group that no report has yet, and
    is sent when the minutes of take-back are over (`send_due`; at once where the setting is 0). Safe to repeat.

    Without texts: those that were saved, else the computed draft. A report of nothing is a nil
    report (零报告) and needs `nil_reason`; one before its day's noon (leave, say) or after 18:00 needs `reason`.
    Raises `Invalid`, `NotFound`, `NotAllowed`.
    """
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        WEEKLY_REPORT.permit(report, "confirm", user)
        if not WEEKLY_REPORT.allows(report, "confirm"):
            return report
        if report.by_group:
            report.reporter = user  # whoever of the group confirms it signs it
        if report.status == S.ASSEMBLED:
            _check_week(report.community_id, report.week)
            assembly.take_in(report)
            report.timing_reason = _timing_reason(report, data.reason)
        else:
            report.version += 1
        names = assembly.gather(report)
        report.nil_reason = text.mask_within(_nil_reason(report, data.nil_reason), names)
        report.timing_reason = text.mask_within(report.timing_reason, names)
        report.texts = {**assembly.draft(report.facts), **_own_texts(report, _typed(data.texts) or report.texts, names)}
        WEEKLY_REPORT.move(report, "confirm", confirmed_at=clock.now(), sent_at=None, save=SETTLED)
        audit.record(user, "weekly.confirm", report, unit_id=report.community_id, version=report.version)
        _duty_of(report).update(next_at=None)  # no reminder while the confirmation waits
        if not tree().setting(report.community_id, "weekly_take_back_minutes"):
            send(report.pk)
            report.refresh_from_db()
    return report


def take_back(user: User, report_id: UUID) -> WeeklyReport:
    """Undo a confirmation within the minutes of take-back: nothing has left the house yet, and what it took in is free
    for the next confirmation. Safe to repeat. Raises `Conflict` when it was sent."""
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        WEEKLY_REPORT.permit(report, "take_back", user)
        if WEEKLY_REPORT.allows(report, "confirm"):
            return report
        if report.sent_at is not None:
            raise Conflict(WEEKLY_REPORT.answer(report, "take_back"))
        if report.version > 1:
            WEEKLY_REPORT.move(report, "take_back_amended", version=report.version - 1)
        else:
            assembly.let_go(report)
            WEEKLY_REPORT.move(report, "take_back", confirmed_at=None)
        audit.record(user, "weekly.take_back", report, unit_id=report.community_id, version=report.version)
        for duty in _duty_of(report).filter(met_at__isnull=True, waived_at__isnull=True, missed_at__isnull=True):
            duties.restart(duty)
            duty.save(update_fields=["next_step", "next_at"])
        return read_anew(report)


def send_due() -> int:
    """Send every confirmed report whose minutes of take-back are over (the job of each minute). One that cannot be
    sent does not hold up the others; it is tried again at the next turn. Returns how many were sent."""
    waiting = WeeklyReport.objects.to_send().order_by("confirmed_at")[:2000]
    due = [r.pk for r in waiting if r.take_back_until is not None and r.take_back_until <= clock.now()]
    return queue.each(due, send)


def send(report_id: UUID) -> bool:
    """Number a confirmed report, meet its duty as of the confirmation, open its review, and defer its documents and
    mail, in one transaction (4.1.1). Returns whether it was this call that sent it."""
    with transaction.atomic():
        report = WeeklyReport.objects.to_send().select_for_update(of=("self",)).filter(pk=report_id).first()
        if report is None:
            return False
        if not report.number:
            report.number = documents.number(report.community_id)
        report.sent_at = clock.now()
        report.save(update_fields=["number", "sent_at"])
        _duty_of(report).filter(met_at__isnull=True, waived_at__isnull=True).update(
            met_at=report.confirmed_at, next_at=None
        )
        if report.version > 1:
            duties.meet("amend", report.pk, at=report.confirmed_at)
        duties.open_(
            duties.make(
                "review_report",
                unit_id=report.community_id,
                due_at=tree().calendar(report.community_id).add_working_days(report.sent_at, 1),
                subject=report,
                round=report.version,
                title=f"{report.number} {report.reporter.name}",
            )
        )

        queue.defer("weekly_reports.make_documents", report=report.pk, version=report.version)
    return True


def _without_document() -> models.QuerySet[WeeklyReport]:
    rows = WeeklyReport.objects.annotate(subject=F("pk"), place=F("community_id"))
    return missing.without_document(rows, "sent_at", "weekly")


def troubles() -> Iterator[health.Trouble]:
    """Reports sent in the last month whose document or mail was not made (4.1.1)."""
    if (result := missing.trouble(_without_document(), "sent_at")) is not None:
        yield result


def make_missing() -> int:
    """Make the documents and mails that should stand by now and that no job is going to make; returns how many (4.1.1).
    Where a community got its mailbox late, what it missed in the last month is mailed now."""
    rows = _without_document().order_by("sent_at").values_list("pk", "version")
    return missing.make((pk, partial(make_documents, pk, version)) for pk, version in rows)


def make_documents(report_id: UUID, version: int) -> None:
    """Make DOCX and PDF of a confirmed report and post the one mail that carries both (4.1.1). Safe to repeat."""
    rows = WeeklyReport.objects.select_related("reporter", "work_group")
    report = rows.get(pk=report_id)
    if report.version != version or report.sent_at is None:
        return
    # What it says is settled with its confirmation; it is set, and the unit's own template filled, before any row is
    # held.
    content = assembly.content(report)
    prepared = documents.prepare(DocumentKind.WEEKLY_REPORT, content, unit_id=report.community_id)
    with transaction.atomic():
        report = rows.select_for_update(of=("self",)).get(pk=report_id)
        if report.version != version or report.sent_at is None:
            return
        document = documents.issue(
            DocumentKind.WEEKLY_REPORT,
            content,
            unit_id=report.community_id,
            subject=report,
            version=version,
            by=report.reporter,
            prepared=prepared,
        )
        mailbox = tree().setting(report.community_id, "mailbox")
        if not mailbox:
            outbox.notify(
                report.reporter_id,
                worded("周报已生成，但社区还没有设置指定邮箱，请联系管理员。"),
                kind="weekly.mailbox",
                subject_type=report._meta.label_lower,
                subject_id=report.pk,
            )
            return
        title = f"{content['title']} {content['subtitle']}" + (f"（第{version}版）" if version > 1 else "")
        outbox.post(
            key=f"weekly:{report.pk}:{version}",
            channel="mail",
            recipient=mailbox,
            subject=f"{title} {report.number}",
            body=_mail_body(report, title, document.code),
            attachments=[
                {"document": str(document.pk), "form": form, "name": f"{title}-{report.reporter.name}.{form}"}
                for form in ("pdf", "docx")
            ],
            unit_id=report.community_id,
            caused_by=report.reporter,
            about=report,
        )


def may_leave(row: Delivery) -> bool:
    """Whether the documents of a weekly report's mail may still go out (`outbox.mail.MAY_LEAVE`): none of the items
    that they quote has become restricted since (1.3.4)."""
    report = WeeklyReport.objects.filter(pk=row.subject_id or UUID(int=0)).first()
    return report is not None and assembly.documents_open_to(report, None)


def _mail_body(report: WeeklyReport, title: str, code: str) -> str:
    """What a reader must know before the attachments are open: whose, of when, how much (4.1.1)."""
    details = assembly.summary(report.facts)
    group = tree().name(report.work_group_id) if report.by_group else ""
    rows = [
        _("附件为%(title)s（%(number)s，第 %(version)d 版），含可编辑的 DOCX 与 PDF。")
        % {"title": title, "number": report.number, "version": report.version},
        _("报告人：%(name)s　%(unit)s")
        % {"name": report.reporter.name, "unit": group or tree().name(report.community_id)},
        _("期间：%(period)s") % {"period": assembly.period(report)},
        _("信息：%(told)s") % {"told": details},
        *documents.mail_closing(code, reverse("weekly_reports:detail", args=[report.pk])),
    ]
    return "\n".join(rows)


def review(user: User, report_id: UUID, data: ReviewReport) -> WeeklyReport:
    """Accept the report as a document, or return it with comments on its parts (4.3.1, 4.3.2). Safe to repeat. Raises
    `Conflict`, `NotFound`, `NotAllowed`."""
    accept = data.accept
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        verb = "accept" if accept else "return"
        WEEKLY_REPORT.permit(report, verb, user)
        if report.status == (S.ACCEPTED if accept else S.RETURNED) and report.reviewed_by_id == user.pk:
            return report
        WEEKLY_REPORT.check(report, verb)
        if report.sent_at is None:
            raise Conflict(WEEKLY_REPORT.answer(report, verb))
        findings = [] if accept else [f.model_dump(by_alias=True) for f in data.findings]
        WEEKLY_REPORT.move(report, verb, findings=findings, reviewed_at=clock.now(), reviewed_by=user)
        audit.record(user, f"weekly.{verb}", report, unit_id=report.community_id, version=report.version)
        duties.meet("review_report", report.pk)
        if not accept:
            limit = tree().calendar(report.community_id).add_working_days(clock.now(), 2)
            duties.open_(
                duties.make(
                    "amend",
                    unit_id=report.community_id,
                    owner_id=report.reporter_id,
                    due_at=limit,
                    subject=report,
                    round=report.version,
                    title=report.number,
                )
            )
        message = (
            worded("您的周报%(number)s已审阅通过。")
            if accept
            else worded("您的周报%(number)s被退回，请修改后重新报送。")
        )
        outbox.notify(
            report.reporter_id,
            message % {"number": report.number},
            kind="weekly.reviewed",
            subject_type=report._meta.label_lower,
            subject_id=report.pk,
        )
    return report


# --- inside ------------------------------------------------------------------------------------


def _duty_of(report: WeeklyReport) -> models.QuerySet[Obligation]:
    """The duty that a report meets: the group's whoever owes it, else the person's own, wherever a leave or a
    departure moved it. What they owe as a stand-in for somebody else is not theirs: that has a report of its own."""
    rows = Obligation.objects.filter(kind="weekly_report", period=report.week)
    if report.by_group:
        return rows.filter(subject_id=report.work_group_id)
    own = Q(owner_id=report.reporter_id, moved_from__isnull=True) | Q(moved_from_id=report.reporter_id)
    return rows.filter(own, subject_id__isnull=True)


def _check_week(community_id: UUID, monday: date, first: date | None = None) -> None:
    """Raise `Invalid` for a week to come, and for one before the reporter's first."""
    if clock.now() < weeks.begins(community_id, monday):
        raise Invalid(_("这一周还没有开始。"), {"week": [_("这一周还没有开始，不能提前报送。")]})
    if first is not None and monday < first:
        raise Invalid(
            _("这一周还没有任职。"), {"week": [_("报告员从 %(week)s 起报送。") % {"week": periods.week(first)}]}
        )


def _timing_reason(report: WeeklyReport, reason: str) -> str:
    """The reason that an early or late confirmation asks for; raises `Invalid` without one."""
    now = clock.now()
    early = now < weeks.due(report.community_id, report.week, weeks.OPENS_AT)
    late = now > weeks.due(report.community_id, report.week)
    if not early and not late:
        return ""
    reason = reason or report.timing_reason
    if not reason:
        message = (
            _("还没有到报送时间（%(when)s起），提前报送请写明原因，如请假。")
            if early
            else _("已过报送期限（%(when)s），请写明迟报的原因。")
        )
        moment = weeks.due(report.community_id, report.week, weeks.OPENS_AT if early else weeks.DUE_AT)
        zone = tree().setting(report.community_id, "time_zone")
        message %= {"when": f"{clock.local(moment, zone):%Y-%m-%d %H:%M}"}
        raise Invalid(message, {"reason": [message]})
    return reason


def _nil_reason(report: WeeklyReport, nil_reason: str) -> str:
    """The reason of a report of nothing; none where there is something. Raises `Invalid` where it lacks."""
    if report.facts["items"] or report.facts["activities"]:
        return ""
    nil_reason = nil_reason or report.nil_reason
    if not nil_reason:
        raise Invalid(_("本期没有信息和活动，请写明零报告的原因。"), {"nil_reason": [_("请写明零报告的原因。")]})
    return nil_reason


def _typed(data: OwnTexts | None) -> dict[str, str]:
    return data.model_dump(exclude_none=True) if data is not None else {}


def _own_texts(report: WeeklyReport, texts: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """What the reporter wrote in place of the computed draft, without persons (`names` and numbers of people)."""
    draft = assembly.draft(report.facts)
    typed = {k: text.mask_within(texts[k], names)[:LONGEST_TEXT] for k in draft if k in texts}
    return {k: v for k, v in typed.items() if v != draft[k]}
