"""The forms of tasks, leave, meetings, opinions and problems, as they are drawn; what was typed is checked by the
inputs of the verbs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.core import clock, dates
from linbao.core.fields import set_choices
from linbao.duties.models import LeaveKind
from linbao.management import leave, people
from linbao.management.models import Rhythm
from linbao.organisation.models import Unit, User

DAY = {"type": "date"}
WEEKDAYS = [
    (0, gettext_lazy("周一")),
    (1, gettext_lazy("周二")),
    (2, gettext_lazy("周三")),
    (3, gettext_lazy("周四")),
    (4, gettext_lazy("周五")),
    (5, gettext_lazy("周六")),
    (6, gettext_lazy("周日")),
]


class UnitForm(forms.Form):
    """A form about one of the units that the person leads."""

    unit = forms.ChoiceField(label=gettext_lazy("单位"))

    def __init__(self, user: User, units: list[Unit], data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user = user
        set_choices(self, "unit", [(str(u.pk), u.name) for u in units])
        if units:
            self.fields["unit"].initial = str(units[0].pk)


def offer_people(form: forms.Form, units: list[Unit]) -> None:
    """Those who work in the widest of the units, to tick."""
    result = people.working_in(units[0].pk) if units else []
    set_choices(form, "people", [(str(p.pk), p.name) for p in result])


def _when(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=40, widget=forms.TextInput(attrs={"type": "datetime-local"})
    )


class TaskForm(UnitForm):
    """One task, or one that comes again."""

    title = forms.CharField(label=gettext_lazy("任务"), max_length=100)
    requirements = forms.CharField(
        label=gettext_lazy("要求"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    checklist = forms.CharField(
        label=gettext_lazy("清单"),
        max_length=2200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("一行一项，最多 20 项；每人逐项打勾后才能完成。"),
    )
    whole_group = forms.BooleanField(
        label=gettext_lazy("布置给所选单位的全体报告员（以后加入的也会收到）"), required=False
    )
    people = forms.MultipleChoiceField(
        label=gettext_lazy("承担人"), required=False, widget=forms.CheckboxSelectMultiple
    )
    due_at = _when(gettext_lazy("期限"), required=False)
    rhythm = forms.ChoiceField(
        label=gettext_lazy("重复"), required=False, choices=[("", gettext_lazy("不重复")), *Rhythm.choices]
    )
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("每周的哪天到期"), choices=WEEKDAYS, coerce=int, required=False, initial=4
    )
    monthday = forms.IntegerField(
        label=gettext_lazy("每月几日到期"), min_value=1, max_value=28, required=False, initial=25
    )
    hour = forms.IntegerField(label=gettext_lazy("几点前完成"), min_value=0, max_value=23, required=False, initial=18)
    starts = dates.DayField(
        label=gettext_lazy("自"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )
    ends = dates.DayField(
        label=gettext_lazy("至"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d")
    )

    def __init__(self, user: User, units: list[Unit], data: QueryDict | None = None) -> None:
        super().__init__(user, units, data)
        offer_people(self, units)
        self.fields["starts"].initial = clock.today(people.zone(user))


class LeaveForm(forms.Form):
    """Leave over whole days, and who stands in."""

    kind = forms.ChoiceField(label=gettext_lazy("事由"), choices=LeaveKind.choices)
    starts = dates.DayField(label=gettext_lazy("自"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    ends = dates.DayField(
        label=gettext_lazy("至"),
        widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=gettext_lazy("首尾两天都算在内。"),
    )
    stand_in = forms.ChoiceField(
        label=gettext_lazy("代班人"),
        required=False,
        help_text=gettext_lazy("批准后，请假期间到期的待办转给代班人；没有代班人的，只免除每周的收集和报告。"),
    )
    note = forms.CharField(
        label=gettext_lazy("说明"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("加密保存，只有您和审批人能看到。"),
    )

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(data)
        rows = [(str(p.pk), p.name) for p in leave.stand_ins(user)]
        set_choices(self, "stand_in", [("", _("没有代班人")), *rows])


class MeetingForm(UnitForm):
    """Calling a meeting."""

    title = forms.CharField(label=gettext_lazy("会议名称"), max_length=100)
    starts_at = _when(gettext_lazy("时间"))
    place = forms.CharField(label=gettext_lazy("地点"), max_length=100)
    everybody = forms.BooleanField(label=gettext_lazy("所选单位的全体在岗人员"), required=False, initial=True)
    people = forms.MultipleChoiceField(
        label=gettext_lazy("或者逐一选择参会人"), required=False, widget=forms.CheckboxSelectMultiple
    )
    points = forms.CharField(
        label=gettext_lazy("其他议题"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("一行一项。未解决的问题、超期任务和居民不满意的事项会自动列入议程。"),
    )

    def __init__(self, user: User, units: list[Unit], data: QueryDict | None = None) -> None:
        super().__init__(user, units, data)
        offer_people(self, units)


class OpinionForm(UnitForm):
    """What a reporter thinks and suggests."""

    comment = forms.CharField(
        label=gettext_lazy("意见建议"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("请不要写居民的姓名和电话。"),
    )
    anonymous = forms.BooleanField(
        label=gettext_lazy("匿名提出"),
        required=False,
        help_text=gettext_lazy("匿名的不保存提出人，谁也查不到；答复请到意见建议页上看。"),
    )


class ProblemForm(UnitForm):
    """A problem for the unit's list."""

    title = forms.CharField(
        label=gettext_lazy("问题"), max_length=100, help_text=gettext_lazy("请不要写居民的姓名和电话。")
    )
    owner = forms.ChoiceField(label=gettext_lazy("负责人"))
    due_at = _when(gettext_lazy("期限"))

    def __init__(self, user: User, units: list[Unit], data: QueryDict | None = None) -> None:
        super().__init__(user, units, data)
        result = people.working_in(units[0].pk) if units else []
        set_choices(self, "owner", [("", ""), *((str(p.pk), p.name) for p in result)])
