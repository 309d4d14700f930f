"""The weekly report: assembled from facts, confirmed once, sent as a document, reviewed (2.3.1, 4.1.1, 4.1.2, 4.3.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from linbao.audit import actions as audit
from linbao.base import clock, text
from linbao.base.problems import Conflict, Invalid, NotFound
from linbao.base.words import worded
from linbao.collection.actions import work_group
from linbao.documents import actions as documents
from linbao.documents.models import DocumentKind
from linbao.duties import actions as duties
from linbao.duties.models import Obligation
from linbao.outbox import actions as outbox
from linbao.reporting import assembling
from linbao.reporting.models import ReportStatus, WeeklyReport
from linbao.units.models import Role, RoleGrant, User
from linbao.units.rights import allow
from linbao.units.tree import tree

DUE_AT = time(18)  # Friday 12:00 to 18:00 (4.1.1)
OPENS_AT = time(12)
SECTIONS = ("sources", "facts", "analysis", "suggestion", "progress", "format")
S = ReportStatus


def week_day(community_id: UUID, monday: date) -> date:
    """The day of the report: Friday, or the week's last working day where the unit follows the holidays."""
    if not tree().setting(community_id, "weekly_follows_holidays"):
        return monday + timedelta(days=4)
    return tree().calendar(community_id).last_working_day(monday)


def due(community_id: UUID, monday: date, at: time = DUE_AT) -> datetime:
    """The moment (UTC) at which the week's report is due; `at=OPENS_AT`: from which it is assembled."""
    return datetime.combine(
        week_day(community_id, monday), at, clock.zone(tree().setting(community_id, "time_zone"))
    ).astimezone(clock.UTC)


def open_week(monday: date) -> int:
    """Open the duty of every reporter for the week; those that stand stay as they are. Returns how many people."""
    grants = (
        RoleGrant.objects.current(monday)
        .filter(role=Role.REPORTER, user__is_active=True)
        .values_list("user_id", "unit_id")
    )
    homes: dict[UUID, UUID] = {}
    for user_id, unit_id in grants:
        found = tree().communities(unit_id)
        if found:
            homes.setdefault(user_id, min(found, key=str))
    duties.open_(*(
        duties.make("weekly_report", unit_id=home, owner_id=user_id, period=monday, due_at=due(home, monday), title=clock.week_name(monday))
        for user_id, home in homes.items()
    ))  # fmt: skip
    return len(homes)


def assemble_week(reporter: User, monday: date) -> WeeklyReport:
    """The reporter's report of the week, with its facts as they stand; one per week, safe to repeat.

    A report that was sent keeps the facts that it was sent with; one that waits or came back reads them anew.
    """
    monday = clock.monday(monday)
    homes = reporter.rights.communities(Role.REPORTER)
    if not homes:
        raise NotFound(_("此人不是信息报告员。"))
    home = min(homes, key=str)
    with transaction.atomic():
        report, _made = WeeklyReport.objects.select_for_update(of=("self",)).get_or_create(
            reporter=reporter,
            week=monday,
            by_group=False,
            defaults={"community_id": home, "work_group_id": work_group(reporter)},
        )
        if report.status in (S.ASSEMBLED, S.RETURNED):
            report.facts = assembling.facts(reporter.pk, report.community_id, monday)
            report.assembled_at = clock.now()
            report.save(update_fields=["facts", "assembled_at"])
    return report


def assemble_due(monday: date) -> int:
    """From the day's noon on, assemble the report of everyone who owes one and tell them (4.1.1); safe to repeat."""
    made = WeeklyReport.objects.filter(week=monday, by_group=False).values("reporter_id")
    owed = (
        Obligation.objects.open()
        .filter(kind="weekly_report", period=monday)
        .exclude(owner_id__in=made)
        .select_related("owner")
    )
    count = 0
    for duty in owed:
        if duty.community_id and duty.owner and clock.now() >= due(duty.community_id, monday, OPENS_AT):
            with transaction.atomic():
                report = assemble_week(duty.owner, monday)
                outbox.notify(
                    duty.owner_id,
                    worded("本周周报已汇成，请看一遍后确认报送。"),
                    kind="weekly.assembled",
                    subject_type=report._meta.label_lower,
                    subject_id=report.pk,
                )
            count += 1
    return count


def get(user: User, report_id: UUID, *, lock: bool = False) -> WeeklyReport:
    """The report, if `user` may see it; `NotFound` else."""
    rows = WeeklyReport.objects.visible_to(user).filter(pk=report_id)
    found = (rows.select_for_update(of=("self",)) if lock else rows.select_related("reporter", "reviewed_by")).first()
    if found is None:
        raise NotFound(_("没有找到这份周报，或您无权查看。"))
    return found


def confirm(
    user: User, report_id: UUID, *, words: Mapping[str, str] | None = None, nil_reason: str = ""
) -> WeeklyReport:
    """Send the week's report: once, with one confirmation. Without items and activities it is a nil report
    (零报告) and needs a reason. Number, duty and the job that makes and mails the documents commit together;
    a late report is sent all the same, and is late as a fact of the duty."""
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        allow(user, "report.confirm", report)
        if report.status in (S.CONFIRMED, S.ACCEPTED):
            return report
        report.facts = assembling.facts(report.reporter_id, report.community_id, report.week)
        empty = not report.facts["items"] and not report.facts["activities"]
        reason = text.clean(nil_reason or report.nil_reason)[:300]
        if empty and not reason:
            raise Invalid(_("本周没有信息和活动，请写明零报告的原因。"), {"nil_reason": [_("请写明零报告的原因。")]})
        report.nil_reason = reason if empty else ""
        report.words = {
            k: text.clean(str((words or report.words or {}).get(k, "")))[:5000] for k in ("analysis", "suggestion")
        }
        if not report.number:
            report.number = documents.number(report.community_id)
        again = report.status == S.RETURNED
        report.version += again
        report.status, report.confirmed_at = S.CONFIRMED, clock.now()
        report.save()
        audit.record(user, "weekly.confirm", report, unit_id=report.community_id, version=report.version)
        duties.meet_period("weekly_report", report.reporter_id, report.week)
        if again:
            duties.meet("amend", report.pk)
        limit = tree().calendar(report.community_id).add_working_days(clock.now(), 1)
        duties.open_(
            duties.make(
                "review_report",
                unit_id=report.community_id,
                due_at=limit,
                subject=report,
                round=report.version,
                title=f"{report.number} {user.name}",
            )
        )
        from linbao.reporting.jobs import make_documents

        make_documents.defer(report=str(report.pk), version=report.version)
    return report


def make_documents(report_id: UUID, version: int) -> None:
    """Make DOCX and PDF of a confirmed report and post the one mail that carries both (4.1.1). Safe to repeat."""
    with transaction.atomic():
        report = WeeklyReport.objects.select_for_update(of=("self",)).select_related("reporter").get(pk=report_id)
        if report.version != version or report.confirmed_at is None:
            return
        content = assembling.content(
            report.facts, report.words, week=report.week, community_id=report.community_id, reporter=report.reporter,
            number=report.number, nil_reason=report.nil_reason, confirmed_at=report.confirmed_at,
        )  # fmt: skip
        document = documents.issue(
            DocumentKind.WEEKLY_REPORT,
            content,
            unit_id=report.community_id,
            subject=report,
            version=version,
            by=report.reporter,
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
        name = f"{content['title']}-{report.reporter.name}"
        outbox.post(
            key=f"weekly:{report.pk}:{version}", channel="mail", recipient=mailbox, subject=f"{content['title']} {report.number}",
            body=_("附件为%(title)s（%(number)s，第 %(version)d 版），含可编辑的 DOCX 与 PDF。\n验证码：%(code)s") % {"title": content["title"], "number": report.number, "version": version, "code": document.code},
            attachments=[{"document": str(document.pk), "form": form, "name": f"{name}.{form}"} for form in ("pdf", "docx")],
            unit_id=report.community_id, caused_by=report.reporter, about=report,
        )  # fmt: skip


def review(user: User, report_id: UUID, *, accept: bool, findings: Sequence[Mapping[str, str]] = ()) -> WeeklyReport:
    """Accept the report as a document, or return it with what is wrong in which part (4.3.1, 4.3.2)."""
    with transaction.atomic():
        report = get(user, report_id, lock=True)
        allow(user, "report.review", report)
        if report.status != S.CONFIRMED:
            if report.status == (S.ACCEPTED if accept else S.RETURNED) and report.reviewed_by_id == user.pk:
                return report
            raise Conflict(_("这份周报当前为“%(now)s”，不能审阅。") % {"now": S(report.status).label})
        kept = [
            {"section": str(f.get("section", "format")), "words": text.clean(str(f.get("words", "")))[:300]}
            for f in findings
        ]
        kept = [f for f in kept if f["words"] and f["section"] in SECTIONS]
        if not accept and not kept:
            raise Invalid(_("退回须写明哪一部分有什么问题。"), {"findings": [_("请写明问题所在。")]})
        report.status = S.ACCEPTED if accept else S.RETURNED
        report.findings, report.reviewed_at, report.reviewed_by = ([] if accept else kept), clock.now(), user
        report.save(update_fields=["status", "findings", "reviewed_at", "reviewed_by"])
        action = "weekly.accept" if accept else "weekly.return"
        audit.record(user, action, report, unit_id=report.community_id, version=report.version)
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
        said = (
            worded("您的周报%(number)s已审阅通过。")
            if accept
            else worded("您的周报%(number)s被退回，请修改后重新报送。")
        )
        outbox.notify(
            report.reporter_id,
            said % {"number": report.number},
            kind="weekly.reviewed",
            subject_type=report._meta.label_lower,
            subject_id=report.pk,
        )
    return report
