"""What the security officer keeps: alerts, devices and media, places, rules, check-ups, incidents, rights reviews
(6.1, 6.2.3)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from linbao.accounts.models import Phone
from linbao.core import clock, ids
from linbao.organisation.models import Role, Unit, User
from linbao.platform.encryption.crypto import EncryptedText


class Severity(models.TextChoices):
    LOW = "low", _("提示")
    MEDIUM = "medium", _("注意")
    HIGH = "high", _("严重")


class AlertState(models.TextChoices):
    OPEN = "open", _("待处理")
    TAKEN = "taken", _("处理中")
    CLOSED = "closed", _("已处理")


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: User) -> AlertQuerySet:
        """For the security officers of the unit or above alone; never an alert about one's own unusual access."""
        rows = self.filter(unit__in_array=user.rights.units(Role.SECURITY_OFFICER))
        return rows.exclude(about=user, kind__startswith="looking.")

    def open(self) -> AlertQuerySet:
        return self.exclude(state=AlertState.CLOSED)


class Alert(models.Model):
    """Something that a security officer should examine: unusual access, an attack, a broken audit chain, a lost phone.
    Raised by `security.alerts.services.alert`; the same cause (`key`) while open is counted, not notified again.

    `message` is a source string with `values`, so that each officer reads it in their own language (`text`).
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    kind = models.CharField(_("种类"), max_length=40)  # named in security.alerts.KINDS
    severity = models.CharField(_("程度"), max_length=6, choices=Severity, default=Severity.MEDIUM)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    message = models.CharField(_("情况"), max_length=300)
    values = models.JSONField(default=dict)
    data = models.JSONField(default=dict)  # facts for the officer, without personal data of residents
    key = models.CharField(max_length=140, blank=True)
    times = models.IntegerField(default=1)
    about = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("涉及人员"))
    opened_at = models.DateTimeField(_("发生时间"), default=clock.now)
    last_at = models.DateTimeField(default=clock.now)
    state = models.CharField(_("状态"), max_length=6, choices=AlertState, default=AlertState.OPEN)
    handled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("处理人"))
    handled_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("处理结果"), max_length=1000, blank=True)
    justified = models.BooleanField(_("有正当理由"), null=True)  # of what somebody did: the verdict

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("安全警报")
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key="") & ~Q(state="closed"), name="alert_open_once")
        ]
        indexes = [
            models.Index(fields=["unit", "-opened_at", "-id"], name="alert_unit"),
            models.Index(fields=["-opened_at", "-id"], name="alert_newest"),
            models.Index(fields=["key"], condition=~Q(key=""), name="alert_key"),
        ]

    @property
    def text(self) -> str:
        """What happened, in the language of the request."""
        values: dict[str, Any] = self.values
        return gettext(self.message) % values if values else gettext(self.message)


class RegisterQuerySet(models.QuerySet[Any]):
    """Rows of a unit's register."""

    def visible_to(self, user: User) -> RegisterQuerySet:
        """For the security officers of the unit or above, and its managers, who see the rows but do not change them."""
        return self.filter(unit__in_array=user.rights.units(Role.SECURITY_OFFICER, Role.MANAGER))


# --- devices and media (6.1.2) ------------------------------------------------------------------------


class DeviceKind(models.TextChoices):
    PHONE = "phone", _("手机")
    COMPUTER = "computer", _("电脑")
    TABLET = "tablet", _("平板")
    PRINTER = "printer", _("打印复印设备")
    USB = "usb", _("U 盘")
    DISK = "disk", _("移动硬盘")
    CARD = "card", _("存储卡")


MEDIA = (DeviceKind.USB, DeviceKind.DISK, DeviceKind.CARD)  # inspected monthly; devices quarterly


class DeviceState(models.TextChoices):
    IN_USE = "in_use", _("在用")
    LOST = "lost", _("已报失")
    DISPOSED = "disposed", _("已处置")


class Device(models.Model):
    """An office device or storage medium on the register, from registration to disposal."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    kind = models.CharField(_("种类"), max_length=10, choices=DeviceKind)
    name = models.CharField(_("名称"), max_length=60)
    number = models.CharField(_("编号"), max_length=40)
    holder = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("使用人"))
    phone = models.ForeignKey(Phone, models.SET_NULL, null=True, related_name="+")  # the app on it, if it has one
    state = models.CharField(_("状态"), max_length=10, choices=DeviceState, default=DeviceState.IN_USE)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(default=clock.now)
    inspected_at = models.DateTimeField(_("最近检查"), null=True)
    lost_at = models.DateTimeField(null=True)
    disposed_at = models.DateTimeField(null=True)
    disposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    witness = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("监督人"))
    disposal = models.CharField(_("处置方式"), max_length=10, blank=True)  # devices.DISPOSALS
    disposal_note = models.CharField(_("处置说明"), max_length=300, blank=True)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("设备")
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="device_number_once"),
            models.CheckConstraint(
                condition=~Q(state="disposed") | (Q(disposed_at__isnull=False) & Q(witness__isnull=False)),
                name="device_disposal_witnessed",
            ),
        ]
        indexes = [models.Index(fields=["unit", "-registered_at", "-id"], name="device_unit")]

    def __str__(self) -> str:
        return f"{self.name}（{self.number}）"

    @property
    def medium(self) -> bool:
        return self.kind in MEDIA


class Holding(models.Model):
    """Who had a device, from when to when."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    device = models.ForeignKey(Device, models.CASCADE, related_name="holdings")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("使用人"))
    starts = models.DateTimeField(default=clock.now)
    ends = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device"], condition=Q(ends__isnull=True), name="device_held_by_one")
        ]


class Place(models.Model):
    """A room or cabinet where sensitive information is kept or handled (6.2.3)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    kind = models.CharField(_("种类"), max_length=8, choices=[("room", _("房间")), ("cabinet", _("柜子"))])
    name = models.CharField(_("名称"), max_length=60)
    where = models.CharField(_("位置"), max_length=100)
    contents = models.CharField(_("存放或处理的内容"), max_length=200)
    keeper = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("责任人"))
    code = models.CharField(max_length=16, unique=True, default=ids.code)  # on the door
    active = models.BooleanField(default=True)
    made_at = models.DateTimeField(default=clock.now)
    inspected_at = models.DateTimeField(_("最近检查"), null=True)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("场所")
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="place_name_once")]
        indexes = [models.Index(fields=["unit", "-made_at", "-id"], name="place_unit")]

    def __str__(self) -> str:
        return self.name


class Permit(models.Model):
    """Who may enter a place, since when; the keeper may always."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    place = models.ForeignKey(Place, models.CASCADE, related_name="permits")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("人员"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "person"], condition=Q(ended_at__isnull=True), name="permit_once")
        ]


class Entry(models.Model):
    """Somebody entered a place or was refused: one of the staff, or a visitor with an escort. Nothing is deleted."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="entries", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("人员"))
    visitor = EncryptedText(_("来访人"), null=True)
    escort = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("陪同人"))
    purpose = models.CharField(_("事由"), max_length=100, blank=True)
    refused = models.BooleanField(_("未获准"), default=False)
    at = models.DateTimeField(_("进入时间"), default=clock.now)
    left_at = models.DateTimeField(_("离开时间"), null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("登记人"))

    class Meta:
        verbose_name = _("进出记录")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(visitor__isnull=False), name="entry_is_somebodys"
            ),
            models.CheckConstraint(
                condition=Q(visitor__isnull=True) | Q(escort__isnull=False), name="visitor_escorted"
            ),
            models.CheckConstraint(condition=Q(left_at__isnull=True) | Q(refused=False), name="refused_never_leaves"),
        ]
        indexes = [
            models.Index(fields=["place", "-at", "-id"], name="entry_place"),
            models.Index(fields=["place"], name="entry_inside", condition=Q(left_at__isnull=True, refused=False)),
        ]


# --- inspections of both -----------------------------------------------------------------------------


class About(models.TextChoices):
    DEVICE = "device", _("设备")
    MEDIUM = "medium", _("存储介质")
    PLACE = "place", _("场所")


class CheckList(models.Model):
    """What an inspection asks, in a unit and below; without a row the list of `inspections.POINTS`."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    about = models.CharField(max_length=8, choices=About)
    points = models.JSONField(default=list)
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("检查表")
        constraints = [models.UniqueConstraint(fields=["unit", "about"], name="check_list_once")]


class Inspection(models.Model):
    """One look at a device or place: each point of the list as it read then, passed or not."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="inspections")
    place = models.ForeignKey(Place, models.PROTECT, null=True, related_name="inspections")
    answers = models.JSONField(default=list)  # [{point, ok, remark}]
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("检查人"))
    at = models.DateTimeField(_("检查时间"), default=clock.now)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("检查")
        constraints = [
            models.CheckConstraint(
                condition=Q(device__isnull=False, place__isnull=True) | Q(device__isnull=True, place__isnull=False),
                name="inspection_of_one",
            )
        ]
        indexes = [models.Index(fields=["unit", "-at", "-id"], name="inspection_unit")]


class Finding(models.Model):
    """What an inspection found wrong, and how it was put right."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="findings")
    problem = models.CharField(_("问题"), max_length=300)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("整改责任人"))
    due_at = models.DateTimeField(_("期限"))
    found_at = models.DateTimeField(default=clock.now)
    correction = models.CharField(_("整改情况"), max_length=300, blank=True)
    fixed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("核验人"))
    closed_at = models.DateTimeField(null=True)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("检查发现的问题")
        indexes = [models.Index(fields=["unit", "-found_at", "-id"], name="finding_unit")]


# --- rules, check-ups, incidents, reviews (6.1.1) --------------------------------------------------------


class SecurityRule(models.Model):
    """A security rule of a unit; its text is in its versions."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    title = models.CharField(_("名称"), max_length=80)
    version = models.SmallIntegerField(_("版本"), default=0)
    active = models.BooleanField(_("有效"), default=True)
    made_at = models.DateTimeField(default=clock.now)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("安全制度")
        constraints = [models.UniqueConstraint(fields=["unit", "title"], name="rule_title_once")]
        indexes = [models.Index(fields=["unit", "-made_at", "-id"], name="rule_unit")]

    def __str__(self) -> str:
        return self.title


class RuleVersion(models.Model):
    """The text of a rule from a day on; never changed."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    rule = models.ForeignKey(SecurityRule, models.PROTECT, related_name="versions")
    version = models.SmallIntegerField(_("版本"))
    body = models.TextField(_("正文"))
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("发布人"))
    issued_at = models.DateTimeField(_("发布时间"), default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "version"], name="rule_version_once")]


class Confirmation(models.Model):
    """A person has read a version of a rule and will keep to it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="confirmations")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "person"], name="confirmed_once")]


class CheckKind(models.TextChoices):
    CHECK = "check", _("安全检查")
    RESTORE = "restore", _("备份恢复演练")
    DRILL = "drill", _("应急演练")


class SecurityCheck(models.Model):
    """A check-up or drill on the calendar, and its result; a repeated one plans the next when it is done."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    kind = models.CharField(_("种类"), max_length=8, choices=CheckKind)
    title = models.CharField(_("名称"), max_length=80)
    due_on = models.DateField(_("计划日期"))
    every = models.SmallIntegerField(_("每几个月一次"), default=0)
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(_("完成时间"), null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    passed = models.BooleanField(_("合格"), null=True)
    result = models.CharField(_("结果"), max_length=1000, blank=True)
    figures = models.JSONField(default=dict)  # of a restore drill: backup_on, minutes, lost

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("安全检查与演练")
        indexes = [models.Index(fields=["unit", "-due_on", "-id"], name="check_unit")]


class IncidentKind(models.TextChoices):
    LOSS = "loss", _("设备或介质丢失")
    LEAK = "leak", _("信息泄露")
    INTRUSION = "intrusion", _("入侵或破坏")
    MISUSE = "misuse", _("越权查看或使用")
    MALWARE = "malware", _("病毒木马")
    OTHER = "other", _("其他")


class IncidentState(models.TextChoices):
    NOTICED = "noticed", _("待研判")
    CLASSIFIED = "classified", _("处置中")
    CONTAINED = "contained", _("已控制")
    CLOSED = "closed", _("已结案")


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: User) -> IncidentQuerySet:
        """For the officers of the unit or above and its managers; whoever noticed it sees how it stands."""
        units = user.rights.units(Role.SECURITY_OFFICER, Role.MANAGER)
        return self.filter(Q(unit__in_array=units) | Q(noticed_by=user))


class Incident(models.Model):
    """A security incident from notice to report; its steps stand beside it and are never changed."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    number = models.CharField(_("编号"), max_length=60, unique=True)
    kind = models.CharField(_("种类"), max_length=10, choices=IncidentKind)
    state = models.CharField(_("状态"), max_length=10, choices=IncidentState, default=IncidentState.NOTICED)
    severity = models.CharField(_("程度"), max_length=6, choices=Severity, blank=True)
    description = EncryptedText(_("情况"))
    seen_at = models.DateTimeField(_("发现时间"))
    noticed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("报告人"))
    noticed_at = models.DateTimeField(_("报告时间"), default=clock.now)
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="incidents")
    personal = models.BooleanField(_("涉及个人信息"), null=True)
    people = models.IntegerField(_("涉及人数"), null=True)
    classified_at = models.DateTimeField(null=True)
    authority_at = models.DateTimeField(_("报告主管部门时间"), null=True)
    people_at = models.DateTimeField(_("告知本人时间"), null=True)
    exemption = models.CharField(_("不告知本人的理由"), max_length=300, blank=True)
    contained_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("安全事件")
        indexes = [
            models.Index(fields=["unit", "-noticed_at", "-id"], name="incident_unit"),
            models.Index(fields=["noticed_by"], name="incident_noticed_by"),
        ]

    def __str__(self) -> str:
        return self.number


class IncidentStep(models.Model):
    """What was done about an incident, by whom and when."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12)  # incidents.STEPS
    note = EncryptedText(_("说明"), null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]


class RightsReview(models.Model):
    """A quarter's review of who holds which role in a unit (6.1.1): each grant kept or ended."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    quarter = models.DateField(_("季度"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("复核人"))
    at = models.DateTimeField(_("复核时间"), default=clock.now)
    lines = models.JSONField(default=list)  # [{person, role, unit, since, retained, reason}]
    retained = models.IntegerField(default=0)
    ended = models.IntegerField(default=0)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        verbose_name = _("权限复核")
        constraints = [models.UniqueConstraint(fields=["unit", "quarter"], name="rights_review_once")]


# --- the host's guards (6.1.3) ------------------------------------------------------------------------


class Guard(models.TextChoices):
    FIREWALL = "firewall", _("防火墙")
    BANS = "bans", _("自动封禁")
    INTRUSION = "intrusion", _("入侵检测")
    TIME = "time", _("时间同步")
    ENCRYPTION = "encryption", _("磁盘加密")


class GuardState(models.TextChoices):
    ON = "on", _("运行正常")
    OFF = "off", _("异常")
    UNKNOWN = "unknown", _("无法判断")
    SILENT = "silent", _("没有报告")  # follows from the time of the report; never stored


class HostReport(models.Model):
    """The host's report itself; one row, written by `hosts.read` alone."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    host = models.CharField(_("主机"), max_length=60, blank=True)
    at = models.DateTimeField(_("报告时间"), null=True)  # of the newest one that could be read
    problem = models.CharField(max_length=12, blank=True)  # of the last try, one of hosts.PROBLEMS
    problem_since = models.DateTimeField(null=True)
    alerted = models.BooleanField(default=False)  # of the present silence

    class Meta:
        verbose_name = _("主机报告")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="host_report_one")]


class GuardStatus(models.Model):
    """What the newest report says of one guard, and since when it has said so."""

    guard = models.CharField(max_length=10, primary_key=True, choices=Guard)
    state = models.CharField(_("状态"), max_length=7, choices=GuardState)
    reason = models.CharField(max_length=20, blank=True)  # one of hosts.REASONS
    facts = models.JSONField(default=dict)  # tables, rules, jails, banned, rules_at, skipped
    since = models.DateTimeField()
    alerted = models.BooleanField(default=False)  # of the present fault

    class Meta:
        verbose_name = _("主机防护")


class HostEvent(models.Model):
    """An event of the host that has become an alert, so that it does not become another."""

    id = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="host_event_at")]


class SubstituteQuerySet(RegisterQuerySet):
    def current(self) -> SubstituteQuerySet:
        """Those in force: not ended, their last day not over (where the installation is)."""
        return self.filter(ended_at__isnull=True, expires_on__gte=clock.today())


class Substitute(models.Model):
    """What stands in a guard's place where the host cannot report, with proof, until a day (6.1.3)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    guard = models.CharField(_("防护"), max_length=10, choices=Guard)
    measure = models.CharField(_("替代措施"), max_length=100)
    proof = models.CharField(_("证明"), max_length=300, blank=True)
    file = models.CharField(max_length=64, blank=True)  # digest of the proof's content
    file_name = models.CharField(_("证明文件"), max_length=120, blank=True)
    content_type = models.CharField(max_length=60, blank=True)
    expires_on = models.DateField(_("有效期至"))  # the last day
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("登记人"))
    at = models.DateTimeField(_("登记时间"), default=clock.now)
    warned_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("结束人"))

    objects = SubstituteQuerySet.as_manager()

    class Meta:
        verbose_name = _("主机防护的替代措施")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "guard"], condition=Q(ended_at__isnull=True), name="substitute_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(proof="") | ~Q(file=""), name="substitute_proven"),
        ]
        indexes = [models.Index(fields=["unit", "-at", "-id"], name="substitute_unit")]

    def __str__(self) -> str:
        return f"{self.get_guard_display()}：{self.measure}"
