"""Training: plans, courses, lecturers, sessions, who was there, quizzes, feedback (5.1.1, 5.1.2, 5.1.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.organisation.models import Role, Unit, User
from linbao.platform.encryption.crypto import EncryptedText
from linbao.review.models import Check

LEAST_MINUTES = 120  # of a session, and of the presence of each person (5.1.3)
LEARNING = (Role.REPORTER, Role.GROUP_LEADER, Role.REVIEWER, Role.HANDLER)  # who may be invited
RUNNING = (Role.TRAINER, Role.MANAGER)  # who plans and runs


class Subject(models.TextChoices):
    """The four subjects that 5.1.1 prescribes, and what else is taught."""

    COLLECTION = "collection", _("信息收集方法")
    ORGANISING = "organising", _("信息整理技巧")
    WRITING = "writing", _("报告撰写规范")
    LAW = "law", _("法律法规知识")
    OTHER = "other", _("其他")


PRESCRIBED = (Subject.COLLECTION, Subject.ORGANISING, Subject.WRITING, Subject.LAW)


class Plan(models.Model):
    """What a community means to teach in a quarter (its first day)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    quarter = models.DateField(_("季度"))
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "quarter"], name="training_plan_once")]


class Topic(models.Model):
    """A topic of a plan, and why it is there; `check_kind` names the question of review that it answers (4.3.1)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="topics")
    subject = models.CharField(_("内容类别"), max_length=12, choices=Subject)
    title = models.CharField(_("主题"), max_length=80)
    why = models.CharField(_("安排理由"), max_length=300, blank=True)
    check_kind = models.CharField(max_length=12, choices=Check, blank=True)
    group = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("针对小组"))
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [models.UniqueConstraint(fields=["plan", "title"], name="training_topic_once")]


M = TypeVar("M", bound=models.Model)


class CommunityQuerySet(models.QuerySet[M]):
    """Rows of a community's own catalogue: for whoever plans there."""

    def visible_to(self, user: User) -> CommunityQuerySet[M]:
        return self.filter(community__in=user.rights.communities(*RUNNING))


class Course(models.Model):
    """A course that can be given again: what it teaches and how."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(_("内容类别"), max_length=12, choices=Subject)
    title = models.CharField(_("课程名称"), max_length=80)
    outline = models.TextField(_("内容提纲"), max_length=2000, blank=True)
    active = models.BooleanField(_("启用"), default=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["community", "title"], name="training_course_once")]
        indexes = [models.Index(fields=["community", "subject", "title"], name="training_course_list")]

    def __str__(self) -> str:
        return self.title


class Lecturer(models.Model):
    """Who teaches: one of the house (`person`) or an invited expert with a profile (5.1.2)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("姓名"), max_length=40)
    external = models.BooleanField(_("外请专家"), default=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    organization = models.CharField(_("单位"), max_length=80, blank=True)
    title = models.CharField(_("职务或职称"), max_length=60, blank=True)
    profile = models.TextField(_("专业背景"), max_length=1000, blank=True)
    phone = EncryptedText(_("联系电话"), null=True, blank=True)
    active = models.BooleanField(_("启用"), default=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["community", "name", "organization"], name="training_lecturer_once")
        ]

    def __str__(self) -> str:
        return self.name


class SessionStatus(models.TextChoices):
    """The life of a session (`sessions.states.SESSION`)."""

    PLANNED = "planned", _("待举行")
    HELD = "held", _("已举行")
    CANCELLED = "cancelled", _("已取消")


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> SessionQuerySet:
        """Sessions of the communities where the person learns or teaches."""
        return self.filter(community__in=user.rights.communities(*LEARNING, *RUNNING))


class Session(models.Model):
    """One meeting to learn: where, when, how long, by whom; counted for `quarter` (its first day).

    A session in the month after a quarter may make up for that quarter (5.1.3).
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    quarter = models.DateField(_("计入季度"))
    title = models.CharField(_("培训主题"), max_length=80)
    subjects = ArrayField(models.CharField(max_length=12, choices=Subject), verbose_name=_("内容类别"))
    course = models.ForeignKey(Course, models.PROTECT, null=True, related_name="+", verbose_name=_("课程"))
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, related_name="sessions", verbose_name=_("计划主题"))
    place = models.CharField(_("地点"), max_length=100)
    starts_at = models.DateTimeField(_("开始时间"))
    minutes = models.SmallIntegerField(_("时长（分钟）"))
    cases = models.TextField(_("案例与经验"), max_length=3000, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=SessionStatus, default=SessionStatus.PLANNED)
    cancel_reason = models.CharField(max_length=200, blank=True)
    summary = models.TextField(_("培训小结"), max_length=3000, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    version = models.IntegerField(default=1)  # raised by every change, so that a stale form is noticed
    number = models.CharField(_("文号"), max_length=60, blank=True)
    record_version = models.SmallIntegerField(default=0)  # of the training record as a document
    record_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("培训")
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gte=15) & Q(minutes__lte=720), name="training_minutes"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("starts_at")), name="training_ends_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["community", "-starts_at", "-id"], name="training_session_list"),
            models.Index(fields=["community", "quarter", "status"], name="training_session_quarter"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ends_at(self) -> datetime:
        """When it ended; while it is planned, when it is to end."""
        return self.ended_at or self.starts_at + timedelta(minutes=self.minutes)

    @property
    def long_enough(self) -> bool:
        """Whether this one session can meet the duty of the quarter (5.1.3: at least two hours in one go)."""
        if self.minutes < LEAST_MINUTES:
            return False
        return self.ended_at is None or self.ended_at - self.starts_at >= timedelta(minutes=LEAST_MINUTES)


class Teaching(models.Model):
    """A lecturer of a session, what about, and the fee with how it was settled."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="teachings")
    lecturer = models.ForeignKey(Lecturer, models.PROTECT, related_name="teachings")
    about = models.CharField(_("讲授内容"), max_length=120, blank=True)
    fee = models.DecimalField(_("课酬（元）"), max_digits=9, decimal_places=2, null=True)
    fee_note = models.CharField(_("课酬说明"), max_length=120, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "lecturer"], name="training_teaching_once")]


class Material(models.Model):
    """A file of a session: handout, slides or a case. Content in `platform.files` by its digest."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="materials")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.IntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    case = models.BooleanField(_("案例"), default=False)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["uploaded_at", "id"]
        constraints = [models.UniqueConstraint(fields=["session", "sha256"], name="training_material_once")]


class SeatStatus(models.TextChoices):
    """The life of a person's seat (`sessions.states.SEAT`)."""

    INVITED = "invited", _("已邀请")
    ENROLLED = "enrolled", _("已报名")
    LEAVE_ASKED = "leave_asked", _("申请请假")
    LEAVE = "leave", _("已准假")


class Seat(models.Model):
    """One person and one session: invited or enrolled, on leave, there from when to when."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="seats", db_index=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="training_seats", db_index=False)
    status = models.CharField(_("状态"), max_length=12, choices=SeatStatus, default=SeatStatus.INVITED)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    leave_reason = models.CharField(_("请假事由"), max_length=200, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_in_at = models.DateTimeField(_("签到时间"), null=True)
    signed_out_at = models.DateTimeField(_("签退时间"), null=True)
    by_hand = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    hand_reason = models.CharField(_("补登原因"), max_length=200, blank=True)
    minutes = models.SmallIntegerField(_("在场分钟"), default=0)  # from sign-in (not before the start) to sign-out

    class Meta:
        ordering = ["person__username"]
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="training_seat_once"),
            models.CheckConstraint(
                condition=Q(signed_out_at__isnull=True)
                | Q(signed_in_at__isnull=False, signed_out_at__gte=F("signed_in_at")),
                name="training_out_after_in",
            ),
        ]
        indexes = [models.Index(fields=["person", "session"], name="training_seat_person")]

    @property
    def expected(self) -> bool:
        """Whether the person is expected to come."""
        return self.status in (SeatStatus.INVITED, SeatStatus.ENROLLED)

    @property
    def enough(self) -> bool:
        """Whether they were there for the two hours of 5.1.3."""
        return self.minutes >= LEAST_MINUTES


class QuestionKind(models.TextChoices):
    """How a question is answered."""

    SINGLE = "single", _("单选题")
    MULTIPLE = "multiple", _("多选题")
    TRUE_FALSE = "true_false", _("判断题")


class Question(models.Model):
    """A question of the bank: `options` in the order of typing, `right` their places (from 0), and why."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    community = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(_("内容类别"), max_length=12, choices=Subject)
    kind = models.CharField(_("题型"), max_length=10, choices=QuestionKind)
    text = models.CharField(_("题目"), max_length=300)
    options = ArrayField(models.CharField(max_length=200), verbose_name=_("选项"))
    right = ArrayField(models.SmallIntegerField(), verbose_name=_("正确答案"))
    why = models.CharField(_("解析"), max_length=500)
    active = models.BooleanField(_("启用"), default=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    objects = CommunityQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["community", "-created_at", "-id"], name="training_question_list")]


class Quiz(models.Model):
    """The short quiz of a session; its questions stand once somebody has opened it."""

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="quiz")
    questions = models.ManyToManyField(Question, related_name="+")
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=clock.now)


class Sheet(models.Model):
    """One person's copy of a quiz: questions and options shuffled, kept as they were shown; answered once.

    `content`: [{text, kind, options, right, why}]; `answers`: a list of places per question.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    quiz = models.ForeignKey(Quiz, models.CASCADE, related_name="sheets")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    content = models.JSONField()
    answers = models.JSONField(null=True)
    score = models.SmallIntegerField(_("得分"), null=True)  # 0 to 100
    opened_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["quiz", "person"], name="training_sheet_once")]


class Feedback(models.Model):
    """What somebody who was there thought of it; kept with the person only so that it is given once."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="feedback")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    content_mark = models.SmallIntegerField(_("内容"))
    lecturer_mark = models.SmallIntegerField(_("讲授"))
    useful_mark = models.SmallIntegerField(_("对工作有用"))
    comment = models.CharField(_("意见建议"), max_length=500, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="training_feedback_once"),
            models.CheckConstraint(
                condition=Q(content_mark__range=(1, 5)) & Q(lecturer_mark__range=(1, 5)) & Q(useful_mark__range=(1, 5)),
                name="training_marks",
            ),
        ]
