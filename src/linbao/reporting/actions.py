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
from linbao.units.models import Role, RoleGrant, UnitKind, User, WeeklyBy
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


def by_group(reporter: User) -> UUID | None:
    """The work group that reports for this person: where the community's reports go by group and they are in one."""
    homes = reporter.rights.communities(Role.REPORTER, Role.GROUP_LEADER)
    if not homes or tree().setting(min(homes, key=str), "weekly_by") != WeeklyBy.WORK_GROUP:
        return None
    held = reporter.rights.held.get(Role.REPORTER, set()) | reporter.rights.held.get(Role.GROUP_LEADER, set())
    groups = [u for u in held if (unit := tree().get(u)) is not None and unit.kind == UnitKind.WORK_GROUP]
    return min(groups, key=str) if groups else None


def open_week(monday: date) -> int:
    """Open the week's duty of every reporter, or of every work group where the community reports by group (its
    leader owes it, else the member who has served longest); those that stand stay. Returns how many owe one."""
    grants = (
        RoleGrant.objects.current(monday)
        .filter(role__in=(Role.REPORTER, Role.GROUP_LEADER), user__is_active=True)
        .order_by("starts", "id")
        .values_list("user_id", "role", "unit_id")
    )
    homes: dict[UUID, UUID] = {}
    groups: dict[UUID, UUID] = {}  # work group → who owes its report
    grouped: set[UUID] = set()
    for user_id, role, unit_id in grants:
        unit, found = tree().get(unit_id), tree().communities(unit_id)
        if unit is None or not found:
            continue
        home = min(found, key=str)
        if unit.kind == UnitKind.WORK_GROUP and tree().setting(home, "weekly_by") == WeeklyBy.WORK_GROUP:
            grouped.add(user_id)
            if role == Role.GROUP_LEADER or unit_id not in groups:
                groups[unit_id] = user_id
        elif role == Role.REPORTER:
            homes.setdefault(user_id, home)
    alone = {user_id: home for user_id, home in homes.items() if user_id not in grouped}
    standing = Obligation.objects.filter(kind="weekly_report", period=monday, subject_id__in=groups)
    for unit_id in standing.values_list("subject_id", flat=True):  # a new leader does not owe it a second time
        groups.pop(unit_id, None)
    name = clock.week_name(monday)
    duties.open_(*(
        duties.make("weekly_report", unit_id=home, owner_id=user_id, period=monday, due_at=due(home, monday), title=name)
        for user_id, home in alone.items()
    ), *(
        duties.make(
            "weekly_report", unit_id=group, owner_id=user_id, period=monday, due_at=due(min(tree().communities(group), key=str), monday),
            subject=tree().get(group), title=f"{tree().by_id[group].name} {name}",
        )
        for group, user_id in groups.items()
    ))  # fmt: skip
    return len(alone) + len(groups)


def assemble_week(reporter: User, monday: date) -> WeeklyReport:
    """The report of the week of this reporter or of their work group, with its facts as they stand; one per week,
    safe to repeat.

    A report that was sent keeps the facts that it was sent with; one that waits or came back reads them anew.
    """
    monday = clock.monday(monday)
    group = by_group(reporter)
    homes = tree().communities(group) if group else reporter.rights.communities(Role.REPORTER)
    if not homes:
        raise NotFound(_("此人不是信息报告员。"))
    home = min(homes, key=str)
    with transaction.atomic():
        reports = WeeklyReport.objects.select_for_update(of=("self",))
        if group:
            report, _made = reports.get_or_create(
                work_group_id=group, week=monday, by_group=True, defaults={"community_id": home, "reporter": reporter}
            )
        else:
            report, _made = reports.get_or_create(
                reporter=reporter,
                week=monday,
                by_group=False,
                defaults={"community_id": home, "work_group_id": work_group(reporter)},
            )
        return read_anew(report)


def read_anew(report: WeeklyReport) -> WeeklyReport:
    """Bring a report that waits or came back up to the facts of now; one that was sent stays as it is."""
    if report.status in (S.ASSEMBLED, S.RETURNED):
        report.facts = assembling.facts(report)
        report.assembled_at = clock.now()
        report.save(update_fields=["facts", "assembled_at"])
    return report


def assemble_due(monday: date) -> int:
    """From the day's noon on, assemble the report of everyone who owes one and tell them (4.1.1); safe to repeat."""
    made = WeeklyReport.objects.filter(week=monday)
    owed = (
        Obligation.objects.open()
        .filter(kind="weekly_report", period=monday)
        .exclude(subject_id__isnull=True, owner_id__in=made.filter(by_group=False).values("reporter_id"))
        .exclude(subject_id__in=made.filter(by_group=True).values("work_group_id"))
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
    found = (
        rows.select_for_update(of=("self",)) if lock else rows.select_related("reporter", "reviewed_by", "work_group")
    ).first()
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
        report.facts = assembling.facts(report)
        if report.by_group:
            report.reporter = user  # whoever of the group sends it signs it
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
        if report.by_group and report.work_group_id:
            duties.meet_period("weekly_report", None, report.week, subject_id=report.work_group_id)
        else:
            duties.meet_period("weekly_report", report.reporter_id, report.week, in_person=True)
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
        report = (
            WeeklyReport.objects.select_for_update(of=("self",))
            .select_related("reporter", "work_group")
            .get(pk=report_id)
        )
        if report.version != version or report.confirmed_at is None:
            return
        content = assembling.content(
            report.facts, report.words, week=report.week, community_id=report.community_id, reporter=report.reporter,
            number=report.number, nil_reason=report.nil_reason, confirmed_at=report.confirmed_at,
            group=report.work_group.name if report.by_group and report.work_group else "",
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
