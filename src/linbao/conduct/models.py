"""Rewards by contribution (7.1.1, 7.1.2) and responsibility for breaches of duty (7.2.1, 7.2.2)."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.handling.models import Adoption
from linbao.items.models import Item
from linbao.organisation.models import Role, Unit, User
from linbao.platform.encryption.crypto import EncryptedText

# --- rewards -----------------------------------------------------------------------------------


class Worth(models.TextChoices):
    """What a contribution can be (domain.md §7); its value stands in `scale.POINTS`."""

    MEASURE = "measure", _("促成一项措施")
    DECISION = "decision", _("进入社区以上决策")
    AVERTED = "averted", _("避免人身伤害或重大损失")
    HAZARD = "hazard", _("发现并消除隐患")
    DISPUTE = "dispute", _("化解长期纠纷")
    MODEL = "model", _("示范报告")


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def visible_to(self, user: User) -> ContributionQuerySet:
        """One's own share, what one recorded, and for the department and handlers those of their communities."""
        led = user.rights.communities(Role.MANAGER, Role.REVIEWER, Role.HANDLER)
        own = Share.objects.filter(person=user).values("contribution")
        return self.filter(Q(community__in=led) | Q(recorded_by=user) | Q(pk__in=own))


class Contribution(models.Model):
    """What an item led to, with its value; counts once somebody of the department confirms it (7.1.1)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="contributions")
    adoption = models.OneToOneField(Adoption, models.CASCADE, null=True, related_name="contribution")
    worth = models.CharField(_("贡献"), max_length=10, choices=Worth)
    points = models.DecimalField(_("贡献值"), max_digits=5, decimal_places=2)
    note = models.CharField(_("说明"), max_length=500)
    half = models.DateField(_("半年度"))  # its first day
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=clock.now)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("贡献")
        constraints = [
            # One value for one matter: the same item does not count twice for the same thing.
            models.UniqueConstraint(fields=["item", "worth"], name="contribution_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="contribution_positive"),
        ]
        indexes = [models.Index(fields=["community", "half", "-recorded_at", "-id"], name="contribution_list")]


class Share(models.Model):
    """What one of the reporters has of a contribution; co-reporters share it evenly."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="shares")
    person = models.ForeignKey(User, models.PROTECT, related_name="contribution_shares", db_index=False)
    points = models.DecimalField(max_digits=5, decimal_places=2)
    half = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contribution", "person"], name="share_once")]
        indexes = [models.Index(fields=["person", "half"], name="share_half")]


class Kind(models.TextChoices):
    """The form of a reward, the smaller first (7.1.2)."""

    PRAISE = "praise", _("通报表扬")
    CERTIFICATE = "certificate", _("荣誉证书")
    BONUS = "bonus", _("奖金")
    GOODS = "goods", _("实物奖励")


class NominationState(models.TextChoices):
    OPEN = "open", _("待决定")
    GRANTED = "granted", _("已表彰")
    DECLINED = "declined", _("未通过")
    WITHDRAWN = "withdrawn", _("已撤回")


class NominationQuerySet(models.QuerySet["Nomination"]):
    def visible_to(self, user: User) -> NominationQuerySet:
        """One's own and those that one made; for managers those of their units."""
        led = user.rights.communities(Role.MANAGER)
        return self.filter(Q(community__in=led) | Q(nominee=user) | Q(nominated_by=user))


class Nomination(models.Model):
    """Somebody proposes a reporter, with reasons and the items concerned (7.1.1)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    nominee = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("被提名人"))
    reasons = models.TextField(_("提名理由"), max_length=2000)
    items = models.ManyToManyField(Item, related_name="+", verbose_name=_("相关信息"))
    half = models.DateField(_("半年度"))
    nominated_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("提名人"))
    at = models.DateTimeField(_("提名时间"), default=clock.now)
    state = models.CharField(_("状态"), max_length=10, choices=NominationState, default=NominationState.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(_("审批意见"), max_length=500, blank=True)

    objects = NominationQuerySet.as_manager()

    class Meta:
        verbose_name = _("表彰提名")
        constraints = [
            models.UniqueConstraint(fields=["nominee", "half"], condition=Q(state="open"), name="one_open_nomination")
        ]
        indexes = [
            models.Index(fields=["community", "-at", "-id"], name="nomination_list"),
            models.Index(fields=["community", "state", "-at", "-id"], name="nomination_state"),
        ]


class AwardQuerySet(models.QuerySet["Award"]):
    def visible_to(self, user: User) -> AwardQuerySet:
        """One's own; for managers those of their units."""
        return self.filter(Q(community__in=user.rights.communities(Role.MANAGER)) | Q(person=user))

    def on_the_wall(self, user: User) -> AwardQuerySet:
        """What its holder agreed to show, in the communities of whoever looks."""
        return self.filter(community__in=user.rights.communities(), shown_since__isnull=False)

    def paid_from(self, unit_id: UUID, year: int) -> AwardQuerySet:
        """What counts against a unit's budget of a year."""
        return self.filter(community=unit_id, year=year, amount__gt=0)


class Award(models.Model):
    """A reward that was decided (7.1.2). `amount` is in yuan: of the bonus, or what the goods cost."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="awards")
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="awards", db_index=False)
    kind = models.CharField(_("奖励方式"), max_length=12, choices=Kind)
    title = models.CharField(_("荣誉名称"), max_length=40)
    citation = models.CharField(_("表彰事由"), max_length=200)
    goods = models.CharField(_("物品"), max_length=80, blank=True)
    amount = models.DecimalField(_("金额（元）"), max_digits=9, decimal_places=2, default=0)
    points = models.DecimalField(_("贡献值"), max_digits=7, decimal_places=2)  # as it stood when decided
    half = models.DateField()
    year = models.SmallIntegerField(_("预算年度"))
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("决定时间"), default=clock.now)
    handed_over_at = models.DateTimeField(_("发放时间"), null=True)
    handed_over_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    shown_since = models.DateTimeField(_("同意上墙时间"), null=True)  # the holder's consent, withdrawn by emptying it

    objects = AwardQuerySet.as_manager()

    class Meta:
        verbose_name = _("奖励")
        constraints = [
            models.UniqueConstraint(fields=["nomination", "kind"], name="award_kind_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="award_amount"),
        ]
        indexes = [
            models.Index(fields=["person", "-decided_at"], name="award_person"),
            models.Index(fields=["community", "year", "-decided_at", "-id"], name="award_ledger"),
            models.Index(
                fields=["community", "-decided_at", "-id"], name="award_wall", condition=Q(shown_since__isnull=False)
            ),
        ]


class Budget(models.Model):
    """What a unit may spend on rewards in a calendar year, in yuan."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    year = models.SmallIntegerField(_("年度"))
    amount = models.DecimalField(_("预算（元）"), max_digits=11, decimal_places=2)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("奖励预算")
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="budget_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budget_amount"),
        ]


# --- discipline --------------------------------------------------------------------------------


class Breach(models.TextChoices):
    FALSE = "false", _("提供虚假信息")
    DELAY = "delay", _("延误报告")
    LEAK = "leak", _("泄露信息")
    NEGLECT = "neglect", _("失职造成损失或决策失误")


class Severity(models.TextChoices):
    LIGHT = "light", _("情节较轻")
    MIDDLE = "middle", _("情节较重")
    GRAVE = "grave", _("情节严重")


class Measure(models.TextChoices):
    """From the mildest to the hardest; the order is `measures.LADDER`."""

    TALK = "talk", _("谈话提醒")
    CRITICISM = "criticism", _("批评教育")
    NOTICE = "notice", _("通报批评")
    REASSIGN = "reassign", _("调整岗位")
    REVOKE = "revoke", _("取消资格")
    REFER = "refer", _("取消资格并移送处理")


class CaseState(models.TextChoices):
    OPEN = "open", _("待决定")
    DECIDED = "decided", _("已决定，可申诉")
    APPEALED = "appealed", _("申诉中")
    FINAL = "final", _("已生效")
    DISMISSED = "dismissed", _("不予追究")


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> CaseQuerySet:
        """Those concerned and nobody else: who opened it, who decides it or its appeal, and the person (1.3.4)."""
        return self.filter(
            Q(opened_by=user)
            | Q(person=user)
            | Q(deciders__contains=[user.pk])
            | Q(appeal_deciders__contains=[user.pk])
        )

    def standing(self) -> CaseQuerySet:
        """Measures that are in force and not yet expired."""
        return self.filter(state__in=(CaseState.DECIDED, CaseState.APPEALED, CaseState.FINAL), expired_at__isnull=True)


class Case(models.Model):
    """A breach: opened, notified to the person, answered by them, decided by somebody not involved, open to appeal.

    `barred` are those who may not decide: the person, who opened it, witnesses, and who reviewed or handled the
    items concerned.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    number = models.CharField(_("案号"), max_length=40, unique=True)
    kind = models.CharField(_("事由"), max_length=10, choices=Breach)
    suspected = models.CharField(_("初步情节"), max_length=8, choices=Severity)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("当事人"))
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    items = models.ManyToManyField(Item, related_name="+", verbose_name=_("相关信息"))
    since = models.DateField(_("取证起始日"))
    until = models.DateField(_("取证截止日"))
    allegation = EncryptedText(_("登记的事实"))
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("立案人"))
    opened_at = models.DateTimeField(_("立案时间"), default=clock.now)
    state = models.CharField(_("状态"), max_length=10, choices=CaseState, default=CaseState.OPEN)
    barred = ArrayField(models.UUIDField(), default=list)
    deciders = ArrayField(models.UUIDField(), default=list)
    appeal_deciders = ArrayField(models.UUIDField(), default=list)

    statement_due = models.DateTimeField(_("陈述申辩期限"))
    statement = EncryptedText(_("陈述申辩"), null=True)
    stated_at = models.DateTimeField(null=True)

    severity = models.CharField(_("认定情节"), max_length=8, choices=Severity, blank=True)
    decided_measure = models.CharField(_("处理决定"), max_length=10, choices=Measure, blank=True)
    reasons = EncryptedText(_("决定理由"), null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    appeal_until = models.DateTimeField(_("申诉期限"), null=True)
    appeal = EncryptedText(_("申诉理由"), null=True)
    appealed_at = models.DateTimeField(null=True)
    answer = EncryptedText(_("申诉答复"), null=True)
    appeal_decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    appeal_decided_at = models.DateTimeField(null=True)

    measure = models.CharField(_("处理"), max_length=10, choices=Measure, blank=True)  # as it stands now
    expires_at = models.DateTimeField(_("记录有效期至"), null=True)
    expired_at = models.DateTimeField(null=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("责任追究案件")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("person")), name="not_judge_of_oneself"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("opened_by")),
                name="opener_does_not_decide",
            ),
            models.CheckConstraint(
                condition=Q(appeal_decided_by__isnull=True) | ~Q(appeal_decided_by=models.F("decided_by")),
                name="appeal_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-opened_at"], name="case_person"),
            models.Index(fields=["opened_by", "-opened_at"], name="case_opener"),
            models.Index(fields=["community", "-opened_at"], name="case_community"),
            models.Index(fields=["expires_at"], name="case_expiry", condition=Q(expired_at__isnull=True)),
        ]


class Evidence(models.Model):
    """What the timeline, the duties and the audit log said when the case was opened, frozen: `facts` is JSON with
    sorted keys, `digest` its SHA-256. The database refuses to change a row (see the migration)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence")
    facts = EncryptedText()
    digest = models.CharField(max_length=64)
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["taken_at"]


class Revocation(models.Model):
    """A qualification that was taken, and which roles ended with it (to give back after a successful appeal)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    case = models.OneToOneField(Case, models.PROTECT, related_name="revocation")
    person = models.ForeignKey(User, models.PROTECT, related_name="revocations")
    at = models.DateTimeField(default=clock.now)
    roles = models.JSONField(default=list)  # role, unit, starts, ends of each that ended
    moved = models.IntegerField(default=0)  # duties handed to others
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(undone_at__isnull=True), name="revoked_once")
        ]
