"""Half-yearly appraisal: cycles with frozen formulas, people with their figures, ratings, objections, proposals
(5.2)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids, periods
from linbao.organisation.models import Role, Unit, User
from linbao.platform.encryption.crypto import EncryptedText


class Grade(models.TextChoices):
    """The four grades of an appraisal, the best first (5.2.3)."""

    EXCELLENT = "excellent", _("优秀")
    COMPETENT = "competent", _("称职")
    BASIC = "basic", _("基本称职")
    FAILING = "failing", _("不称职")


GRADES = list(Grade.values)  # the best first: a lower place is a better grade


class CycleState(models.TextChoices):
    """The life of a cycle (`states.CYCLE`)."""

    OPEN = "open", _("考核进行中")
    PUBLISHED = "published", _("结果已告知")
    CLOSED = "closed", _("已结束")
    SUPERSEDED = "superseded", _("已重新考核")


class RatingKind(models.TextChoices):
    """Who judges."""

    SELF = "self", _("自评")
    PEER = "peer", _("互评")
    SUPERIOR = "superior", _("上级评价")


class RuleSet(models.Model):
    """One version of a unit's weights and cut-offs (`metrics.DEFAULTS`). A cycle keeps its own copy: changing the
    rules never changes an appraisal that has begun."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    version = models.SmallIntegerField()
    rules = models.JSONField()
    note = models.CharField(_("说明"), max_length=200, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["unit", "version"], name="appraisal_rules_once")]


class CycleQuerySet(models.QuerySet["Cycle"]):
    def visible_to(self, user: User) -> CycleQuerySet:
        """Cycles of the communities that a person manages."""
        return self.filter(unit__in_array=user.rights.communities(Role.MANAGER))


class Cycle(models.Model):
    """The appraisal of one community for one half-year. `since` (inclusive) and `until` (exclusive) bound the facts;
    the five dates are the ends of its phases (5.2.2). Reopened, it is followed by a new version and stays as it was."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    half = models.DateField(_("考核期"))  # its first day: 1 January or 1 July
    version = models.SmallIntegerField(default=1)
    state = models.CharField(_("状态"), max_length=10, choices=CycleState, default=CycleState.OPEN)
    rules = models.JSONField()
    rules_version = models.SmallIntegerField(default=0)
    zone = models.CharField(max_length=40)
    since = models.DateTimeField()
    until = models.DateTimeField()
    seed = models.BigIntegerField()  # of the draw of peers, so that it can be done again

    opened_at = models.DateTimeField(default=clock.now)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    self_due = models.DateTimeField(_("自评截止"))
    peer_due = models.DateTimeField(_("互评截止"))
    superior_due = models.DateTimeField(_("上级评价截止"))
    publish_due = models.DateTimeField(_("告知结果截止"))
    objection_due = models.DateTimeField(_("申诉截止"), null=True)  # known when the result has been told

    counted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    reopened_reason = models.CharField(_("重新考核的理由"), max_length=300, blank=True)
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="following")

    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("考核周期")
        constraints = [
            models.UniqueConstraint(fields=["unit", "half", "version"], name="appraisal_cycle_version_once"),
            models.UniqueConstraint(
                fields=["unit", "half"], condition=~Q(state="superseded"), name="appraisal_one_cycle"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "-half", "-id"], name="appraisal_cycle_unit"),
            models.Index(fields=["state"], condition=Q(state__in=["open", "published"]), name="appraisal_cycle_going"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The half-year, in the language of the page."""
        return half_name(self.half)

    @property
    def named(self) -> Promise:
        """The same in the language of whoever reads it in the end: for notices."""
        name: Promise = lazy(half_name, str)(self.half)  # type: ignore[assignment]  # Django's stubs: lazy() returns text
        return name


half_name = periods.half


class AppraisalQuerySet(models.QuerySet["Appraisal"]):
    def visible_to(self, user: User) -> AppraisalQuerySet:
        """One's own; those that one rates as superior; those of communities that one manages."""
        led = user.rights.communities(Role.MANAGER)
        rated = Rating.objects.filter(rater=user, kind=RatingKind.SUPERIOR).values("appraisal")
        return self.filter(Q(person=user) | Q(cycle__unit__in_array=led) | Q(pk__in=rated))


class Appraisal(models.Model):
    """One person in one cycle: figures with what they were made of, the parts' scores, total and grade.

    `figures`: {metric: {"score", "n", "small", "parts": [{"name", "value", "n", "weight"}]}}; `months` are those in
    post (0 to 6), `absences` says of each lost month why. `suggested` follows from the total by the rules; `grade`
    differs from it only by a row of `Change`.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="people", db_index=False)
    person = models.ForeignKey(
        User, models.PROTECT, related_name="appraisals", verbose_name=_("报告员"), db_index=False
    )
    name = models.CharField(_("姓名"), max_length=40)  # the order of lists: never by score
    group = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("工作小组"))
    groups = models.JSONField(default=list)  # names of all groups of the half-year, in order
    left = models.BooleanField(default=False)  # no reporter any more when the cycle was opened
    months = models.DecimalField(_("在岗月数"), max_digits=3, decimal_places=2, default=0)
    absences = models.JSONField(default=list)  # [{"month": "2026-07", "share": 0.5, "why": "joined"}]

    figures = models.JSONField(default=dict)
    items = models.IntegerField(default=0)
    small = models.BooleanField(default=False)
    facts_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    self_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    peer_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    superior_score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    total = models.DecimalField(_("综合得分"), max_digits=5, decimal_places=2, null=True)
    capped = models.BooleanField(default=False)
    suggested = models.CharField(max_length=10, choices=Grade, blank=True)
    grade = models.CharField(_("等次"), max_length=10, choices=Grade, blank=True)

    objects = AppraisalQuerySet.as_manager()

    class Meta:
        verbose_name = _("考核结果")
        constraints = [models.UniqueConstraint(fields=["cycle", "person"], name="appraisal_person_once")]
        indexes = [
            models.Index(fields=["cycle", "name", "id"], name="appraisal_list"),
            models.Index(fields=["person", "-id"], name="appraisal_person"),
        ]

    @property
    def published(self) -> bool:
        """Whether the person may read the result."""
        return self.cycle.published_at is not None


class Rating(models.Model):
    """One person's judgement of another (or of themselves). `marks`: {aspect: 1 to 5}; the words are encrypted. Peers
    stay unknown to whom they rate: pages for the appraised never read `rater`."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    appraisal = models.ForeignKey(Appraisal, models.CASCADE, related_name="ratings", db_index=False)
    rater = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=RatingKind)
    marks = models.JSONField(default=dict)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    evidence = EncryptedText(_("事实依据"), null=True, blank=True)
    remark = EncryptedText(_("评语"), null=True, blank=True)
    submitted_at = models.DateTimeField(null=True)
    left_out_at = models.DateTimeField(null=True)  # never answered: its weight is shared

    class Meta:
        verbose_name = _("评价")
        constraints = [
            models.UniqueConstraint(fields=["appraisal", "rater", "kind"], name="appraisal_rating_once"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True) | Q(score__isnull=False), name="appraisal_rating_has_score"
            ),
        ]
        indexes = [
            models.Index(fields=["rater", "kind"], name="appraisal_rating_rater"),
            models.Index(fields=["appraisal", "kind"], name="appraisal_rating_of"),
        ]


class Change(models.Model):
    """A grade changed by a person: before, after and why (calibration, or after an objection)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    appraisal = models.ForeignKey(Appraisal, models.CASCADE, related_name="changes")
    before = models.CharField(max_length=10, choices=Grade, blank=True)
    after = models.CharField(max_length=10, choices=Grade)
    reason = models.CharField(_("理由"), max_length=300)
    objection = models.BooleanField(default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]


class Objection(models.Model):
    """The reporter objects to their result; somebody who did not grade it decides (5.2.2)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    appraisal = models.OneToOneField(Appraisal, models.CASCADE, related_name="objection")
    grounds = EncryptedText(_("申诉内容"))
    at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(_("答复期限"))
    decider = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # asked; None: nobody is there
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)  # True: the grade was changed
    reply = EncryptedText(_("答复"), null=True, blank=True)

    class Meta:
        verbose_name = _("考核申诉")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(decided_by__isnull=False, upheld__isnull=False),
                name="appraisal_objection_names_decider",
            )
        ]


class ProposalKind(models.TextChoices):
    """What a result proposes (5.2.3)."""

    COMMENDATION = "commendation", _("表彰奖励")
    TALK = "talk", _("批评教育谈话")
    TRAINING = "training", _("补充培训")
    REASSIGNMENT = "reassignment", _("调整岗位")


class ProposalState(models.TextChoices):
    """The life of a proposal (`states.PROPOSAL`)."""

    PROPOSED = "proposed", _("待决定")
    ACCEPTED = "accepted", _("已采纳")
    DECLINED = "declined", _("未采纳")
    WITHDRAWN = "withdrawn", _("已撤回")


class Proposal(models.Model):
    """A consequence that a result suggests; the manager accepts or declines it with a reason. Rooms above read the
    accepted ones (conduct: commendation, talk, reassignment; training: training)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    appraisal = models.ForeignKey(Appraisal, models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=12, choices=ProposalKind)
    metric = models.CharField(max_length=12, blank=True)  # the weak figure that a training is for
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.PROPOSED)
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["appraisal", "kind"], condition=~Q(state="withdrawn"), name="appraisal_proposal_once"
            )
        ]


class CapSource(models.TextChoices):
    """What caps a grade."""

    LEAK = "leak", _("泄露信息")
    FALSE = "false", _("提供虚假信息")


class Cap(models.Model):
    """A confirmed leak or false report in a half-year: at most 基本称职, whatever the figures say (domain.md §6).

    Written by the room of discipline through `appraisal.grading.cap`, lifted by it after an appeal.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    half = models.DateField()
    source = models.CharField(max_length=8, choices=CapSource)
    reference = models.CharField(max_length=60, blank=True)  # the case's id, as its room writes it
    reason = EncryptedText()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "half", "source", "reference"], name="appraisal_cap_once")
        ]
