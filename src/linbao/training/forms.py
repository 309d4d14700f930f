"""The forms of training, as they are drawn; what was typed is checked by the inputs of the verbs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import clock
from linbao.documents.seals import services as seals
from linbao.organisation.models import UnitKind, User
from linbao.organisation.tree import tree
from linbao.training import quarters
from linbao.training.inputs import MOST_OPTIONS
from linbao.training.models import Course, Lecturer, Question, QuestionKind, Session, Subject, Topic
from linbao.training.planning.services import colleagues
from linbao.training.sessions.services import invitable

MOST_LISTED = 500


class Moment(forms.CharField):
    """A `datetime-local`, shown in the community's zone."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)
        self.zone: str | None = None

    def prepare_value(self, value: Any) -> Any:
        return clock.local(value, self.zone).strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else value


def _chosen(
    choices: list[tuple[Any, Any]], label: Any, *, required: bool = True, empty: Any = None
) -> forms.ChoiceField:
    first = [("", empty or _("请选择"))]
    return forms.TypedChoiceField(
        label=label, required=required, coerce=UUID, empty_value=None, choices=[*first, *choices]
    )


def _rows(rows: Any) -> list[tuple[Any, Any]]:
    return [(str(r.pk), str(r)) for r in rows[:MOST_LISTED]]


def groups_of(community_id: UUID) -> list[tuple[str, str]]:
    """(id, name) of the active work groups of a community."""
    return [(str(u.pk), u.name) for u in tree().children(community_id, UnitKind.WORK_GROUP) if u.active]


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class SessionForm(forms.Form):
    """A session: what, where, when, how long; with its plan's topic and course."""

    title = forms.CharField(label=gettext_lazy("培训主题"), max_length=80)
    subjects = forms.MultipleChoiceField(
        label=gettext_lazy("内容类别"), choices=Subject.choices, widget=forms.CheckboxSelectMultiple
    )
    starts_at = Moment(label=gettext_lazy("开始时间"))
    minutes = forms.IntegerField(
        label=gettext_lazy("时长（分钟）"),
        min_value=15,
        max_value=720,
        initial=150,
        help_text=gettext_lazy("不少于 120 分钟的一次培训才计入季度要求；建议排 150 分钟，为签到和休息留出余地。"),
    )
    place = forms.CharField(label=gettext_lazy("地点"), max_length=100)
    makes_up = forms.BooleanField(
        label=gettext_lazy("这是上一季度的补训（只能在季度结束后的第一个月内）"), required=False
    )
    cases = forms.CharField(
        label=gettext_lazy("案例与经验"),
        max_length=3000,
        required=False,
        widget=_area(4),
        help_text=gettext_lazy("写清楚讲哪些案例；不要写居民的姓名和电话。"),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, community_id: UUID, *args: Any, session: Session | None = None, **kwargs: Any) -> None:
        if session is not None:
            made_up = quarters.of_moment(community_id, session.starts_at) != session.quarter
            kwargs["initial"] = {
                **{
                    n: getattr(session, n)
                    for n in ("title", "subjects", "starts_at", "minutes", "place", "cases", "version")
                },
                "makes_up": made_up,
                "topic": session.topic_id,
                "course": session.course_id,
            }
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].zone = quarters.zone_of(community_id)  # type: ignore[attr-defined]  # a Moment
        topics = Topic.objects.filter(plan__community_id=community_id).select_related("plan")
        recent = topics.order_by("-plan__quarter", "added_at")[:60]
        self.fields["topic"] = _chosen(
            [(str(t.pk), f"{quarters.name(t.plan.quarter)} · {t.title}") for t in recent],
            gettext_lazy("计划主题"),
            required=False,
            empty=_("不属于计划主题"),
        )
        courses = Course.objects.filter(community_id=community_id, active=True).order_by("title")
        self.fields["course"] = _chosen(_rows(courses), gettext_lazy("课程"), required=False, empty=_("不用现成课程"))


class InviteForm(forms.Form):
    """Whom to invite."""

    whom = forms.ChoiceField(
        label=gettext_lazy("邀请哪些人"),
        widget=forms.RadioSelect,
        choices=[
            ("owing", gettext_lazy("这个季度还没有达标的报告员")),
            ("reporters", gettext_lazy("全体报告员")),
            ("group", gettext_lazy("一个工作小组")),
            ("chosen", gettext_lazy("逐个勾选")),
        ],
    )

    def __init__(self, community_id: UUID, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"] = _chosen(groups_of(community_id), gettext_lazy("工作小组"), required=False)
        self.fields["people"] = forms.TypedMultipleChoiceField(
            label=gettext_lazy("人员"),
            required=False,
            coerce=UUID,
            widget=forms.CheckboxSelectMultiple,
            choices=_rows(invitable(community_id).order_by("name", "username")),
        )


class ReasonForm(forms.Form):
    """A reason for leave, or for calling off."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, widget=_area(2))


class TickForm(forms.Form):
    """Presence entered by hand."""

    signed_in_at = Moment(label=gettext_lazy("签到时间"))
    signed_out_at = Moment(label=gettext_lazy("签退时间"))
    reason = forms.CharField(
        label=gettext_lazy("补登原因"), max_length=200, help_text=gettext_lazy("如“手机没电，现场签名”。")
    )

    def __init__(self, session: Session, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"signed_in_at": session.starts_at, "signed_out_at": session.ends_at})
        super().__init__(*args, **kwargs)
        zone = quarters.zone_of(session.community_id)
        for name in ("signed_in_at", "signed_out_at"):
            self.fields[name].zone = zone  # type: ignore[attr-defined]  # a Moment
        people = _chosen(_rows(invitable(session.community_id).order_by("name", "username")), gettext_lazy("人员"))
        self.fields = {"person": people, **self.fields}


class EndForm(forms.Form):
    """When the session ended, and its summary."""

    ended_at = Moment(label=gettext_lazy("结束时间"), required=False, help_text=gettext_lazy("留空即为现在。"))
    summary = forms.CharField(label=gettext_lazy("培训小结"), max_length=3000, required=False, widget=_area(3))

    def __init__(self, session: Session, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended_at"].zone = quarters.zone_of(session.community_id)  # type: ignore[attr-defined]  # a Moment
        if session.ended_at:
            del self.fields["ended_at"]
            self.fields["summary"].initial = session.summary


class TeachForm(forms.Form):
    """A lecturer of the session, with what they taught and their fee."""

    about = forms.CharField(label=gettext_lazy("讲授内容"), max_length=120, required=False)
    fee = forms.CharField(
        label=gettext_lazy("课酬（元）"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    fee_note = forms.CharField(
        label=gettext_lazy("课酬说明"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("如发放方式、签收凭证号。"),
    )

    def __init__(self, session: Session, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Lecturer.objects.filter(community_id=session.community_id, active=True).order_by("name")
        self.fields = {"lecturer": _chosen(_rows(rows), gettext_lazy("授课人")), **self.fields}


class RecordForm(forms.Form):
    """Which seal in one's own keeping the record is to bear."""

    def __init__(self, user: User, session: Session, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = [
            s for s in seals.usable_by(user) if s.person_id or session.community_id in tree().communities(s.unit_id)
        ]
        self.fields["seal"] = _chosen(_rows(usable), gettext_lazy("印章"), required=False, empty=_("不加盖"))
        self.none = not usable


MARKS = [(n, str(n)) for n in range(5, 0, -1)]


def _mark(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, choices=MARKS, widget=forms.RadioSelect)


class FeedbackForm(forms.Form):
    """Marks and a comment on a session."""

    content = _mark(gettext_lazy("内容"))
    lecturer = _mark(gettext_lazy("讲授"))
    useful = _mark(gettext_lazy("对工作有用"))
    comment = forms.CharField(label=gettext_lazy("意见建议"), max_length=500, required=False, widget=_area(2))


class TopicForm(forms.Form):
    """A topic of the quarter's plan."""

    title = forms.CharField(label=gettext_lazy("主题"), max_length=80)
    subject = forms.ChoiceField(label=gettext_lazy("内容类别"), choices=Subject.choices)
    why = forms.CharField(label=gettext_lazy("安排理由"), max_length=300, required=False, widget=_area(2))
    check_kind = forms.CharField(widget=forms.HiddenInput, required=False, max_length=12)

    def __init__(self, community_id: UUID, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"] = _chosen(
            groups_of(community_id), gettext_lazy("针对小组"), required=False, empty=_("全体报告员")
        )


class CourseForm(forms.Form):
    """A course of the community's catalogue."""

    title = forms.CharField(label=gettext_lazy("课程名称"), max_length=80)
    subject = forms.ChoiceField(label=gettext_lazy("内容类别"), choices=Subject.choices)
    outline = forms.CharField(label=gettext_lazy("内容提纲"), max_length=2000, required=False, widget=_area(4))
    active = forms.BooleanField(label=gettext_lazy("启用"), required=False, initial=True)


class LecturerForm(forms.Form):
    """A lecturer of the community's catalogue."""

    external = forms.BooleanField(label=gettext_lazy("外请专家"), required=False)
    name = forms.CharField(
        label=gettext_lazy("姓名"), max_length=40, required=False, help_text=gettext_lazy("选了本社区人员时可以不填。")
    )
    organization = forms.CharField(label=gettext_lazy("单位"), max_length=80, required=False)
    title = forms.CharField(label=gettext_lazy("职务或职称"), max_length=60, required=False)
    profile = forms.CharField(label=gettext_lazy("专业背景"), max_length=1000, required=False, widget=_area(3))
    phone = forms.CharField(
        label=gettext_lazy("联系电话"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    active = forms.BooleanField(label=gettext_lazy("启用"), required=False, initial=True)

    def __init__(self, community_id: UUID, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person = _chosen(_rows(colleagues(community_id)), gettext_lazy("本社区人员"), required=False, empty=_("不是"))
        external = self.fields.pop("external")
        self.fields = {"external": external, "person": person, **self.fields}


class QuestionForm(forms.Form):
    """A question with up to eight options; the boxes beside them say which are right."""

    kind = forms.ChoiceField(label=gettext_lazy("题型"), choices=QuestionKind.choices)
    subject = forms.ChoiceField(label=gettext_lazy("内容类别"), choices=Subject.choices)
    text = forms.CharField(label=gettext_lazy("题目"), max_length=300, widget=_area(2))
    why = forms.CharField(
        label=gettext_lazy("解析"),
        max_length=500,
        widget=_area(2),
        help_text=gettext_lazy("交卷后连同正确答案一起显示。"),
    )
    active = forms.BooleanField(label=gettext_lazy("启用"), required=False, initial=True)

    def __init__(self, *args: Any, question: Question | None = None, **kwargs: Any) -> None:
        if question is not None:
            details = {n: getattr(question, n) for n in ("kind", "subject", "text", "why", "active")}
            details |= {f"option{i}": o for i, o in enumerate(question.options)}
            kwargs["initial"] = details | {f"right{i}": True for i in question.right}
        super().__init__(*args, **kwargs)
        for i in range(MOST_OPTIONS):
            self.fields[f"option{i}"] = forms.CharField(
                label=_("选项 %(letter)s") % {"letter": "ABCDEFGH"[i]}, max_length=200, required=False
            )
            self.fields[f"right{i}"] = forms.BooleanField(
                label=_("%(letter)s 是正确答案") % {"letter": "ABCDEFGH"[i]}, required=False
            )

    def pairs(self) -> list[tuple[Any, Any]]:
        """(option, whether it is right) as bound fields."""
        return [(self[f"option{i}"], self[f"right{i}"]) for i in range(MOST_OPTIONS)]

    def options(self) -> list[str]:
        """What was typed into the eight lines, empty ones included."""
        return [str(self[f"option{i}"].value() or "") for i in range(MOST_OPTIONS)]

    def right(self) -> list[int]:
        """The places of the options that were ticked as right."""
        return [i for i in range(MOST_OPTIONS) if self[f"right{i}"].value()]


class QuizForm(forms.Form):
    """Which questions of the bank make the quiz of a session."""

    def __init__(self, session: Session, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Question.objects.filter(community_id=session.community_id, active=True).order_by(
            "subject", "-created_at"
        )
        self.fields["questions"] = forms.TypedMultipleChoiceField(
            label=gettext_lazy("测验题目"),
            coerce=UUID,
            widget=forms.CheckboxSelectMultiple,
            choices=[
                (str(q.pk), f"{q.text}（{Subject(q.subject).label} · {q.get_kind_display()}）")
                for q in rows[:MOST_LISTED]
            ],
        )
