"""The host's guards (6.1.3): what `deploy/host_report.py` reports of firewall, bans, intrusion detection, time and disk
encryption; what stands in a guard's place where the host cannot report; alerts from what the guards noticed.

The host is one for all units. A guard is in order when the newest report says so, or while a substitute covers it; no
report for `SILENT_AFTER` is a fault of every guard that is not covered.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, IPvAnyAddress, StringConstraints, ValidationError

from linbao.audit import services as audit
from linbao.core import clock, dates, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.core.wording import Worded, worded
from linbao.duties.services import holders
from linbao.items.attachments import content
from linbao.items.models import AttachmentKind
from linbao.organisation.models import Role, User
from linbao.outbox.services import notify_many
from linbao.platform import files, queue
from linbao.platform.observability import doctor, health
from linbao.security import staff
from linbao.security.alerts import services as alerts
from linbao.security.hosts.inputs import RegisterSubstitute
from linbao.security.models import Guard, GuardState, GuardStatus, HostEvent, HostReport, Severity, Substitute

SILENT_AFTER = timedelta(minutes=15)
CLOCK_MAY_DIFFER = timedelta(minutes=5)  # of a report from the future
RULES_OLD = timedelta(days=30)  # of Suricata's newest rules
EVENTS_WITHIN = timedelta(days=2)  # older ones are no news; the host reports those of a day
EVENTS_KEPT = timedelta(days=7)  # longer than an event can come again
LARGEST_REPORT = 512 * 1024  # bytes
JAIL = "linbao"  # of fail2ban, on the security log (deploy/fail2ban)
WARN_BEFORE = 14  # days before its end

# Why a report was not read.
PROBLEMS: dict[str, str | Promise] = {
    "missing": lazy("没有找到报告文件"),
    "unreadable": lazy("没有权限读取报告文件，或它不是普通文件"),
    "too_large": lazy("报告文件超过 512 KB，没有读取"),
    "broken": lazy("报告文件的内容有误，没有采用"),
    "future": lazy("报告的时间在将来，没有采用；请核对主机的时钟"),
}
# Why a guard is not in order: the words of its alert too.
REASONS: dict[str, Worded] = {
    "firewall.off": worded("防火墙没有加载拦截外来连接的规则"),
    "bans.off": worded("fail2ban 没有运行，或没有名为 linbao 的封禁规则"),
    "intrusion.off": worded("Suricata 没有运行"),
    "intrusion.rules": worded("入侵检测的规则已超过 30 天没有更新"),
    "time.off": worded("主机的时间没有同步"),
    "encryption.off": worded("数据所在的磁盘没有加密"),
    "firewall.unknown": worded("主机不能判断防火墙是否在运行"),
    "bans.unknown": worded("主机不能判断自动封禁是否在运行"),
    "intrusion.unknown": worded("主机不能判断入侵检测是否在运行"),
    "time.unknown": worded("主机不能判断时间是否同步"),
    "encryption.unknown": worded("主机不能判断磁盘是否加密"),
}
ADVICE: dict[str, str | Promise] = {
    Guard.FIREWALL: lazy("在主机上运行 nft -f /etc/nftables.d/linbao.nft，并启用 nftables 服务。"),
    Guard.BANS: lazy("在主机上运行 systemctl restart fail2ban，用 fail2ban-client status 核对。"),
    Guard.INTRUSION: lazy("在主机上运行 systemctl restart suricata；规则用 suricata-update 更新后重新加载。"),
    Guard.TIME: lazy("在主机上启用 chrony 或 systemd-timesyncd。"),
    Guard.ENCRYPTION: lazy("把数据目录放在 LUKS 加密的磁盘上；云盘由服务商加密的，请登记替代措施。"),
}
URGENT = (Guard.FIREWALL, Guard.BANS, Guard.INTRUSION)


# --- the report -----------------------------------------------------------------------------------


def _possible(moment: datetime) -> datetime:
    return dates.meant(moment).astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_possible)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.@:-]{1,60}$")]
Count = Annotated[int, Field(ge=0, le=10**12)]


class GuardReport(BaseModel):
    """What the host says of one guard; each has some of the facts."""

    state: Literal["on", "off", "unknown"] = "unknown"
    tables: Annotated[list[Name], Field(max_length=40)] | None = None
    rules: Count | None = None
    jails: Annotated[list[Name], Field(max_length=40)] | None = None
    banned: Count | None = None
    rules_at: Moment | None = None
    skipped: Count | None = None  # bytes of Suricata's log


class Guards(BaseModel):
    """The guards by the names of `Guard`; one that is not mentioned is unknown."""

    firewall: GuardReport = GuardReport()
    bans: GuardReport = GuardReport()
    intrusion: GuardReport = GuardReport()
    time: GuardReport = GuardReport()
    encryption: GuardReport = GuardReport()


class EventReport(BaseModel):
    """Something that Suricata or fail2ban noticed; `times`: how often within one run of the reporter."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16,40}$")]
    at: Moment
    source: Literal["suricata", "fail2ban"]
    times: Annotated[int, Field(ge=1, le=10**6)] = 1
    address: IPvAnyAddress | None = None
    signature_id: Count = 0
    signature: Annotated[str, StringConstraints(max_length=200), AfterValidator(text.clean)] = ""
    severity: Annotated[int, Field(ge=1, le=255)] = 3  # Suricata's: 1 is the gravest
    jail: Name | None = None


class Report(BaseModel):
    """The file that the host writes."""

    version: Literal[1]
    at: Moment
    host: Name
    guards: Guards
    events: Annotated[list[EventReport], Field(max_length=500)] = []


class Unreadable(Exception):
    """There is no report to be read; the argument is one of `PROBLEMS`."""


def load(path: str, now: datetime) -> Report:
    """The report in a file; nothing in it is trusted. Raises `Unreadable`."""
    try:
        # A pipe or device in its place must not hold the job up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as e:
        raise Unreadable("missing") from e
    except OSError as e:
        raise Unreadable("unreadable") from e
    try:
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable("unreadable")
            data = file.read(LARGEST_REPORT + 1)
    except OSError as e:
        raise Unreadable("unreadable") from e
    if len(data) > LARGEST_REPORT:
        raise Unreadable("too_large")
    try:
        report = Report.model_validate_json(data)
    except ValidationError as e:
        raise Unreadable("broken") from e
    if report.at > now + CLOCK_MAY_DIFFER:
        raise Unreadable("future")
    return report


def judge(guard: Guard, part: GuardReport, at: datetime) -> tuple[str, str]:
    """State and reason of a guard as the report of `at` has it: running alone is not enough."""
    if part.state == "on":
        if guard == Guard.BANS and JAIL not in (part.jails or ()):
            return GuardState.OFF, "bans.off"
        if guard == Guard.INTRUSION and not _fresh(part.rules_at, at):
            return GuardState.OFF, "intrusion.rules"
        return GuardState.ON, ""
    return part.state, f"{guard}.{part.state}"


def _fresh(rules_at: datetime | None, at: datetime) -> bool:
    """Whether rules of `rules_at` are new enough at `at`; a file from the future would be new for ever."""
    return rules_at is not None and at - RULES_OLD <= rules_at <= at + CLOCK_MAY_DIFFER


def read() -> int:
    """Read the report (`LINBAO_HOST_REPORT`), keep each guard's state, raise alerts for faults and for new events; how
    many events were new. What cannot be read is kept as such and changes no guard's state."""
    now = clock.now()
    report: Report | None = None
    problem = ""
    try:
        report = load(settings.HOST_REPORT, now)
    except Unreadable as e:
        problem = str(e)
    with transaction.atomic():
        _keep(report, problem, now)
        _alert_faults(now)
    return _take_events(report.events, now) if report is not None else 0


def _keep(report: Report | None, problem: str, now: datetime) -> None:
    row = HostReport.objects.select_for_update().filter(pk=1).first() or HostReport()
    if problem != row.problem:
        row.problem, row.problem_since = problem, now if problem else None
    if report is not None and (row.at is None or report.at > row.at):
        row.host, row.at = report.host, report.at
        before = {s.guard: s for s in GuardStatus.objects.all()}
        for guard in Guard:
            part: GuardReport = getattr(report.guards, guard.value)
            status = before.get(guard) or GuardStatus(guard=guard)
            state, reason = judge(guard, part, report.at)
            if (state, reason) != (status.state, status.reason):
                status.state, status.reason, status.since = state, reason, report.at
            status.facts = part.model_dump(mode="json", exclude={"state"}, exclude_none=True)
            status.save()
    row.save()


# --- how the guards stand -------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How a guard stands now. `since`: when the report began to say so, or when the last one came (none ever: None)."""

    guard: Guard
    state: GuardState
    reason: str
    since: datetime | None
    facts: dict[str, Any]
    substitute: Substitute | None

    @property
    def fault(self) -> bool:
        """Neither running nor covered."""
        return self.state != GuardState.ON and self.substitute is None

    @property
    def covered(self) -> bool:
        return self.state != GuardState.ON and self.substitute is not None

    @property
    def explanation(self) -> str:
        """Why it is not in order, in the language of the request; empty when it runs."""
        if self.state == GuardState.SILENT:
            return _("15 分钟以上没有收到报告") if self.since else _("从未收到报告")
        return str(REASONS[self.reason]) if self.reason in REASONS else ""


def newest() -> HostReport | None:
    """What is known of the report itself."""
    return HostReport.objects.filter(pk=1).first()


def standings(report: HostReport | None = None) -> list[Standing]:
    """Every guard as it stands now, the same for every reader; three statements (two with `report`)."""
    report = report or newest()
    at = report.at if report else None
    silent = at is None or clock.now() - at > SILENT_AFTER
    rows = {s.guard: s for s in GuardStatus.objects.all()}
    covers = {s.guard: s for s in Substitute.objects.current().select_related("unit").order_by("expires_on")}
    matches = []
    for guard in Guard:
        row = rows.get(guard)
        if silent or row is None:
            matches.append(Standing(guard, GuardState.SILENT, "", at, row.facts if row else {}, covers.get(guard)))
        else:
            state = GuardState(row.state)
            matches.append(Standing(guard, state, row.reason, row.since, row.facts, covers.get(guard)))
    return matches


def described(standing: Standing) -> str:
    """A guard's state, since when and why, or what covers it until when; in the installation's zone."""
    name = str(standing.guard.label)
    if standing.covered and standing.substitute is not None:
        return _("%(guard)s：由替代措施覆盖，至 %(day)s") % {"guard": name, "day": standing.substitute.expires_on}
    details = {
        "guard": name,
        "state": standing.state.label,
        "why": standing.explanation,
        "at": shown_at(standing.since),
    }
    if standing.state == GuardState.ON:
        return _("%(guard)s：%(state)s，自 %(at)s") % details
    if standing.since is None:
        return _("%(guard)s：%(state)s（%(why)s）") % details
    return _("%(guard)s：%(state)s（%(why)s），自 %(at)s") % details


def shown_at(moment: datetime | None) -> str:
    """A moment in the installation's zone, to the minute."""
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""


def troubles() -> Iterator[health.Trouble]:
    """For `/readyz`, `/metrics` and the administrator's Today: a report that cannot be read, silence, guards that do
    not run. Nothing while substitutes cover all guards."""
    report = newest()
    stand = standings(report)
    if report and report.problem not in ("", "missing") and not all(s.substitute for s in stand):
        yield health.Trouble("host_report_broken", oldest=report.problem_since, stops_work=False)
    faults = [s for s in stand if s.fault]
    silent = [s for s in faults if s.state == GuardState.SILENT]
    if silent:
        yield health.Trouble("host_silent", len(silent), silent[0].since, stops_work=False)
    if off := [s for s in faults if s.state != GuardState.SILENT]:
        yield health.Trouble("guards_off", len(off), min(s.since for s in off if s.since), stops_work=False)


def findings() -> Iterator[doctor.Finding]:
    """For `linbao doctor`: the report, then each guard. What never reported is a warning, what stopped has failed."""
    part, report = _("主机防护"), newest()
    if report and report.problem not in ("", "missing"):
        yield doctor.Finding(
            part,
            doctor.FAIL,
            f"{PROBLEMS[report.problem]}（{settings.HOST_REPORT}）",
            _("核对 LINBAO_HOST_REPORT 和主机上的 linbao-host.timer；内容由 deploy/host_report.py 写入。"),
        )
    for standing in standings(report):
        if not standing.fault:
            yield doctor.Finding(part, doctor.OK, described(standing))
        elif standing.state == GuardState.SILENT:
            yield doctor.Finding(
                part,
                doctor.FAIL if standing.since else doctor.WARN,
                described(standing),
                _("在主机上启用主机报告（见部署说明）；主机不能报告的，请安全保密员登记替代措施。"),
            )
        else:
            state = doctor.WARN if standing.state == GuardState.UNKNOWN else doctor.FAIL
            yield doctor.Finding(part, state, described(standing), str(ADVICE[standing.guard]))


# --- alerts ---------------------------------------------------------------------------------------


def _alert_faults(now: datetime) -> None:
    """One alert for each fault that begins, one for a silence that begins; none for what is covered."""
    units, report = staff.in_charge_of_host(), newest()
    if not units or report is None:
        return
    stand = standings(report)
    silent = report.at is not None and any(s.fault and s.state == GuardState.SILENT for s in stand)
    if silent and not report.alerted:
        message = worded("主机已有 15 分钟以上没有报告防护状态，请检查主机和 linbao-host.timer。")
        for unit in units:
            alerts.alert(kind="host.silent", unit_id=unit, message=message, key=f"host.silent:{unit}")
    if silent != report.alerted:
        HostReport.objects.filter(pk=1).update(alerted=silent)
    alerted = dict(GuardStatus.objects.values_list("guard", "alerted"))
    for standing in (s for s in stand if s.state != GuardState.SILENT):
        guard = standing.guard
        if standing.fault and not alerted[guard]:
            for unit in units:
                alerts.alert(
                    kind="host.guard",
                    unit_id=unit,
                    message=REASONS[standing.reason],
                    key=f"host.guard:{guard}:{unit}",
                    severity=Severity.HIGH if guard in URGENT else Severity.MEDIUM,
                )
        if standing.fault != alerted[guard]:
            GuardStatus.objects.filter(pk=guard).update(alerted=standing.fault)


def _take_events(events: list[EventReport], now: datetime) -> int:
    """Alerts from the events that are new; each in a transaction of its own."""
    units = staff.in_charge_of_host()
    HostEvent.objects.filter(at__lt=now - EVENTS_KEPT).delete()
    recent = [e for e in events if now - EVENTS_WITHIN < e.at < now + CLOCK_MAY_DIFFER]
    known = set(HostEvent.objects.filter(pk__in=[e.id for e in recent]).values_list("pk", flat=True))
    new = {e.id: e for e in recent if e.id not in known}
    return queue.each(new.values(), partial(_take_event, units)) if units else 0


def _take_event(units: list[UUID], event: EventReport) -> int:
    HostEvent.objects.create(id=event.id, at=event.at)
    address = str(event.address or "—")
    for unit in units:
        if event.source == "fail2ban":
            alerts.alert(
                kind="host.ban",
                unit_id=unit,
                severity=Severity.LOW,
                key=f"host.ban:{event.jail}:{unit}",
                times=event.times,
                message=worded("%(address)s 多次违规，已被主机自动封禁。") % {"address": address},
                data={"address": address, "jail": event.jail or ""},
            )
        else:
            alerts.alert(
                kind="host.intrusion",
                unit_id=unit,
                key=f"host.intrusion:{event.signature_id}:{unit}",
                times=event.times,
                severity=Severity.MEDIUM if event.severity <= 2 else Severity.LOW,  # an attempt, not yet a break-in
                message=worded("入侵检测发现：%(rule)s，来源 %(address)s。")
                % {"rule": event.signature, "address": address},
                data={"address": address, "rule": event.signature, "rule_number": event.signature_id},
            )
    return 1


# --- substitutes ----------------------------------------------------------------------------------


@transaction.atomic
def cover(actor: User, data: RegisterSubstitute) -> Substitute:
    """Record what stands in a guard's place until a day (6.1.3). It takes the place of an earlier one. Raises `Invalid`
    for a file that is neither PDF nor photo, `NotAllowed` for who does not look after the host."""
    allow(actor, "security.host")
    unit = staff.host_unit(actor)
    assert unit is not None
    file = data.file
    kind = _kind_of(file) if file else None
    if file and kind is None:
        raise Invalid(fields={"file": [_("证明文件可以是 PDF 或照片（JPG、PNG、HEIC）。")]})
    for earlier in Substitute.objects.select_for_update().filter(unit_id=unit, guard=data.guard, ended_at__isnull=True):
        _end(earlier, actor)
    row = Substitute.objects.create(
        unit_id=unit,
        guard=data.guard,
        measure=data.measure,
        proof=data.proof,
        expires_on=data.expires_on,
        by=actor,
        file=files.put(file) if file and kind else "",
        content_type=kind.content_type if kind else "",
        file_name=content.safe_name(data.file_name, kind.extension)[:120] if kind else "",
    )
    audit.record(actor, "host.cover", row, unit_id=unit, guard=row.guard, until=str(row.expires_on))
    return row


def _kind_of(file: bytes) -> content.Content | None:
    """The type of a proof by its content; none for what is neither PDF nor photo."""
    try:
        result = content.sniff(file)
    except Problem:
        return None
    return result if result.kind == AttachmentKind.PHOTO or result.extension == "pdf" else None


def substitute(user: User, substitute_id: UUID, *, lock: bool = False) -> Substitute:
    """A substitute that `user` may see. Raises `NotFound`."""
    rows = Substitute.objects.visible_to(user).select_related("unit", "by", "ended_by")
    row: Substitute | None = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=substitute_id).first()
    if row is None:
        raise NotFound(_("没有这项替代措施。"))
    return row


@transaction.atomic
def end(actor: User, substitute_id: UUID) -> Substitute:
    """End a substitute before its day. Raises `Conflict` when it has ended."""
    row = substitute(actor, substitute_id, lock=True)
    allow(actor, "security.keep", row.unit)
    if row.ended_at is not None:
        raise Conflict(_("这项替代措施已经结束。"))
    _end(row, actor)
    return row


def proof_file(user: User, substitute_id: UUID) -> tuple[Substitute, bytes]:
    """The file that proves a substitute, on the audit log. Raises `NotFound`."""
    row = substitute(user, substitute_id)
    if not row.file:
        raise NotFound(_("没有证明文件。"))
    audit.record(user, "host.cover_look", row, unit_id=row.unit_id)
    return row, files.get(row.file)


def end_substitutes() -> int:
    """End those whose last day is over, and give notice once, `WARN_BEFORE` days before; returns how many were
    handled."""
    today = clock.today()
    due = Substitute.objects.filter(ended_at__isnull=True, expires_on__lte=today + timedelta(days=WARN_BEFORE))
    return sum(
        queue.steps(
            lambda: queue.each(due.filter(expires_on__lt=today), _expire),
            lambda: queue.each(due.filter(expires_on__gte=today, warned_at__isnull=True), _warn),
        )
    )


def _expire(row: Substitute) -> int:
    _end(row, None)
    _notify(row, worded("主机防护的替代措施已到期：%(guard)s。请恢复防护或重新登记。"))
    return 1


def _warn(row: Substitute) -> int:
    Substitute.objects.filter(pk=row.pk).update(warned_at=clock.now())
    _notify(row, worded("主机防护的替代措施将于 %(day)s 到期：%(guard)s。请恢复防护或重新登记。"))
    return 1


def _notify(row: Substitute, message: Worded) -> None:
    officers = sorted(holders(row.unit_id, Role.SECURITY_OFFICER), key=str)
    values = {"guard": Guard(row.guard).label, "day": row.expires_on}
    notify_many(
        officers, message % values, kind="security.alert", subject_type=row._meta.label_lower, subject_id=row.pk
    )


def _end(row: Substitute, actor: User | None) -> None:
    row.ended_at, row.ended_by = clock.now(), actor
    row.save(update_fields=["ended_at", "ended_by"])
    audit.record(
        actor,
        "host.cover_end" if actor else "host.cover_expire",
        row,
        unit_id=row.unit_id,
        guard=row.guard,
        until=str(row.expires_on),
    )
