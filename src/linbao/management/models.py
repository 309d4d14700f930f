"""Daily management (5.3): tasks with their thread, meetings with what came of them, and work files taken out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from linbao.core import clock, ids
from linbao.documents.models import Document
from linbao.duties.models import Obligation
from linbao.organisation.models import Role, Unit, User


class Rhythm(models.TextChoices):
    """How often a task comes again."""

    DAILY = "daily", _("每天")
    WEEKLY = "weekly", _("每周")
    MONTHLY = "monthly", _("每月")


class Series(models.Model):
    """A task that comes again: each period of its rhythm gets one `Task`, made by a job (5.3.1).

    `day`: 0 (Monday) to 6 for weekly, 1 to 28 for monthly; `hour`: when it is due that day, in the unit's zone.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"))
    title = models.CharField(_("任务"), max_length=100)
    requirements = models.TextField(_("要求"), max_length=4000, blank=True)
    checklist = ArrayField(models.CharField(max_length=100), default=list)
    people = ArrayField(models.UUIDField(), default=list)  # ids of User; empty where the whole group has it
    whole_group = models.BooleanField(default=False)  # everybody of `unit`, as it stands when a period begins
    rhythm = models.CharField(_("重复"), max_length=8, choices=Rhythm)
    day = models.SmallIntegerField(default=0)
    hour = models.SmallIntegerField(default=18)
    starts = models.DateField(_("自"))
    ends = models.DateField(_("至"), null=True, blank=True)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("布置人"))
    given_at = models.DateTimeField(default=clock.now)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("重复任务")
        indexes = [models.Index(fields=["starts"], name="series_running", condition=Q(stopped_at__isnull=True))]


class TaskState(models.TextChoices):
    """The life of a task (`work_tasks.states.TASK`)."""

    OPEN = "open", _("进行中")
    DONE = "done", _("已完成")
    ENDED = "ended", _("已收回")


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User) -> TaskQuerySet:
        """Given by them or to them, standing in for somebody, or of a unit that they lead or manage."""
        led = user.rights.units(Role.MANAGER, Role.GROUP_LEADER)
        theirs = TaskPart.objects.filter(task=OuterRef("pk"), person=user)
        moved = Obligation.objects.filter(kind="task", subject_id=OuterRef("pk"), owner=user)
        return self.filter(Q(given_by=user) | Q(unit__in_array=led) | Exists(theirs) | Exists(moved))


class Task(models.Model):
    """What a manager or leader asks of one, several or a whole group, by when (工作安排, 5.3.1).

    Each person's share is a `TaskPart` with an obligation of its own. `meeting`: the decision it carries out.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    title = models.CharField(_("任务"), max_length=100)
    requirements = models.TextField(_("要求"), max_length=4000, blank=True)
    checklist = ArrayField(models.CharField(max_length=100), default=list)
    whole_group = models.BooleanField(_("整个小组"), default=False)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("布置人"), db_index=False)
    given_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(_("期限"))
    state = models.CharField(_("状态"), max_length=6, choices=TaskState, default=TaskState.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    series = models.ForeignKey(Series, models.PROTECT, null=True, related_name="tasks", db_index=False)
    period = models.DateField(null=True)  # first day of the period that this one of the series is for
    meeting = models.ForeignKey("Meeting", models.PROTECT, null=True, related_name="decisions")

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("任务")
        constraints = [
            models.UniqueConstraint(fields=["series", "period"], name="task_once_a_period"),
            models.CheckConstraint(
                condition=Q(state=TaskState.OPEN, closed_at__isnull=True)
                | (~Q(state=TaskState.OPEN) & Q(closed_at__isnull=False)),
                name="task_closed_at",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "due_at", "id"], name="task_unit_due"),
            models.Index(fields=["given_by", "due_at", "id"], name="task_given_due"),
            models.Index(fields=["unit"], name="task_group_open", condition=Q(state="open", whole_group=True)),
        ]


class PartState(models.TextChoices):
    """The life of one person's share (`work_tasks.states.TASK_PART`)."""

    OPEN = "open", _("进行中")
    DONE = "done", _("已完成")
    TAKEN_BACK = "taken_back", _("已收回")


class TaskPart(models.Model):
    """One person's share of a task; `done_by` is somebody else where a stand-in did it."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    task = models.ForeignKey(Task, models.CASCADE, related_name="parts")
    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("承担人"), db_index=False)
    state = models.CharField(_("状态"), max_length=10, choices=PartState, default=PartState.OPEN)
    ticked = ArrayField(models.SmallIntegerField(), default=list)  # places in the task's check list
    joined_at = models.DateTimeField(default=clock.now)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "person"], name="task_part_once")]
        indexes = [models.Index(fields=["person", "-joined_at", "-id"], name="task_part_person")]


class NoteKind(models.TextChoices):
    """What a note of the thread is."""

    PROGRESS = "progress", _("进展")
    QUESTION = "question", _("提问")
    GUIDANCE = "guidance", _("工作指导")
    DONE = "done", _("完成情况")
    CHANGE = "change", _("变动")


class TaskNote(models.Model):
    """A line of a task's one thread: progress, question, guidance (工作指导), and what was changed."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    task = models.ForeignKey(Task, models.CASCADE, related_name="notes", db_index=False)
    kind = models.CharField(max_length=8, choices=NoteKind)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)
    text = models.TextField(max_length=2000)

    class Meta:
        indexes = [models.Index(fields=["task", "at", "id"], name="task_note_thread")]


class TaskFile(models.Model):
    """Material of a task, of every task of a series, or what somebody brought in; known by digest (platform.files)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    task = models.ForeignKey(Task, models.CASCADE, null=True, related_name="files")
    series = models.ForeignKey(Series, models.CASCADE, null=True, related_name="files")
    name = models.CharField(_("文件名"), max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(task__isnull=False, series__isnull=True) | Q(task__isnull=True, series__isnull=False),
                name="task_file_of_one",
            )
        ]


# --- meetings (5.3.3) ----------------------------------------------------------------------------


class MeetingState(models.TextChoices):
    """The life of a meeting (`meetings.states.MEETING`)."""

    CALLED = "called", _("已召集")
    HELD = "held", _("已召开")
    CANCELLED = "cancelled", _("已取消")


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User) -> MeetingQuerySet:
        """Invited or called by them, or of a unit that they lead, review or manage."""
        led = user.rights.units(Role.MANAGER, Role.REVIEWER, Role.GROUP_LEADER)
        invited = MeetingPerson.objects.filter(meeting=OuterRef("pk"), person=user)
        return self.filter(Q(called_by=user) | Q(unit__in_array=led) | Exists(invited))


class Meeting(models.Model):
    """A working meeting: called, held, with minutes. `month`: the first day of the month whose duty it meets."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("单位"), db_index=False)
    title = models.CharField(_("会议名称"), max_length=100)
    starts_at = models.DateTimeField(_("时间"))
    place = models.CharField(_("地点"), max_length=100)
    called_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("召集人"), db_index=False)
    called_at = models.DateTimeField(default=clock.now)
    state = models.CharField(_("状态"), max_length=10, choices=MeetingState, default=MeetingState.CALLED)
    month = models.DateField()
    held_at = models.DateTimeField(null=True)
    reason = models.CharField(_("取消原因"), max_length=200, blank=True)
    summary = models.TextField(_("会议情况"), max_length=8000, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("会议")
        indexes = [models.Index(fields=["unit", "-starts_at", "-id"], name="meeting_unit")]


class Presence(models.TextChoices):
    """Whether somebody invited was there."""

    INVITED = "invited", _("未签到")
    PRESENT = "present", _("已到会")
    EXCUSED = "excused", _("请假")


class MeetingPerson(models.Model):
    """Somebody invited: whether they came, and their work report (工作汇报)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="people")
    person = models.ForeignKey(User, models.PROTECT, related_name="meetings", verbose_name=_("参会人"))
    presence = models.CharField(_("到会"), max_length=8, choices=Presence, default=Presence.INVITED)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    report = models.TextField(_("工作汇报"), max_length=2000, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="meeting_person_once")]


class PointKind(models.TextChoices):
    """What a point of the agenda comes from."""

    PROBLEM = "problem", _("未解决的问题")
    TASK = "task", _("超期任务")
    ITEM = "item", _("居民不满意的事项")
    OWN = "own", _("其他议题")


class AgendaPoint(models.Model):
    """A point of the agenda, taken from what is open or added by hand."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda")
    order = models.SmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=PointKind, default=PointKind.OWN)
    subject_id = models.UUIDField(null=True)
    title = models.CharField(_("议题"), max_length=120)
    discussion = models.TextField(_("讨论情况"), max_length=2000, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "kind", "subject_id"],
                condition=Q(subject_id__isnull=False),
                name="agenda_point_once",
            )
        ]


class Minutes(models.Model):
    """One issued version of a meeting's minutes: what it says, frozen; the document is made from it by a job."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="minutes")
    version = models.SmallIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the content: the same minutes are not issued anew
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "version"], name="minutes_version_once")]


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def visible_to(self, user: User) -> OpinionQuerySet:
        """Their own signed ones, and for managers and leaders all of their units."""
        led = user.rights.units(Role.MANAGER, Role.GROUP_LEADER)
        return self.filter(Q(author=user) | Q(unit__in_array=led))


class Opinion(models.Model):
    """What a reporter thinks and suggests, at a meeting or between them (5.3.3).

    An anonymous one has no author in any column, a random id (ids elsewhere hold the moment) and only its day.
    """

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    meeting = models.ForeignKey(Meeting, models.SET_NULL, null=True, related_name="opinions")
    anonymous = models.BooleanField(_("匿名"), default=False)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    day = models.DateField(_("日期"))
    comment = models.TextField(_("意见建议"), max_length=2000)
    answer = models.TextField(_("答复"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("意见建议")
        constraints = [
            models.CheckConstraint(
                condition=Q(anonymous=True, author__isnull=True) | Q(anonymous=False, author__isnull=False),
                name="opinion_anonymous_has_no_author",
            )
        ]
        indexes = [models.Index(fields=["unit", "-day", "-id"], name="opinion_unit")]


class ProblemState(models.TextChoices):
    """The life of a problem on the list."""

    OPEN = "open", _("待解决")
    SOLVED = "solved", _("已解决")
    DROPPED = "dropped", _("不予解决")


class ProblemQuerySet(models.QuerySet["Problem"]):
    def visible_to(self, user: User) -> ProblemQuerySet:
        """All who work in the unit see its list (问题清单): what was raised is answered before everybody."""
        return self.filter(
            Q(owner=user) | Q(unit__in_array=user.rights.units()) | Q(unit__in_array=user.rights.communities())
        )

    def open(self) -> ProblemQuerySet:
        return self.filter(state=ProblemState.OPEN)


class Problem(models.Model):
    """A line of the list of problems, and what became of it (5.3.3)."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, related_name="problems")
    opinion = models.OneToOneField(Opinion, models.PROTECT, null=True, related_name="problem")
    title = models.CharField(_("问题"), max_length=120)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("负责人"), db_index=False)
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    raised_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(_("期限"))
    state = models.CharField(_("状态"), max_length=8, choices=ProblemState, default=ProblemState.OPEN)
    result = models.TextField(_("解决情况"), max_length=2000, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = _("问题")
        indexes = [
            models.Index(fields=["unit", "-raised_at", "-id"], name="problem_unit"),
            models.Index(fields=["unit", "due_at"], name="problem_unit_open", condition=Q(state="open")),
        ]


# --- work files (5.3.2) ----------------------------------------------------------------------------


class FileCopy(models.Model):
    """A work file taken out as a sealed PDF: of whom, over which days, by whom; made by a job."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)
    seal_id = models.UUIDField()
    problem = models.CharField(max_length=200, blank=True)  # why it could not be sealed
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person", "-at", "-id"], name="file_copy_person")]


class Removal(models.Model):
    """A work file whose time was over: from then on its page is closed and its copies are gone."""

    id = models.UUIDField(primary_key=True, default=ids.new, editable=False)
    person = models.OneToOneField(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
