"""The fields of this room's forms, as they are drawn; the inputs of the verbs decide what is accepted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.conduct import scale
from linbao.conduct.models import Breach, Kind, Measure, Severity, Worth
from linbao.core import dates
from linbao.core.fields import set_choices

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
NUMBERS = gettext_lazy("每行一个编号，或用空格、顿号隔开；编号在信息页面的标题下。")


def area(rows: int) -> forms.Textarea:
    """A text area of so many rows."""
    return forms.Textarea(attrs={"rows": rows})


class PersonField(forms.ChoiceField):
    """One of the people offered; empty until chosen."""

    def offer(self, people: list[tuple[UUID, str, UUID]]) -> None:
        """Set the people, each as (id, name, community)."""
        self.choices = [("", _("请选择")), *((str(p), name) for p, name, _home in people)]


class NominationForm(forms.Form):
    nominee = PersonField(label=gettext_lazy("被提名人"))
    reasons = forms.CharField(
        label=gettext_lazy("提名理由"),
        max_length=2000,
        widget=area(5),
        help_text=gettext_lazy("做了什么、起了什么作用、有什么依据。"),
    )
    items = forms.CharField(label=gettext_lazy("相关信息的编号"), max_length=2000, widget=area(2), help_text=NUMBERS)

    def __init__(self, people: list[tuple[UUID, str, UUID]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nominee"].offer(people)  # type: ignore[attr-defined]  # a PersonField


class DecisionForm(forms.Form):
    """The reward that is granted; nothing ticked declines the nomination."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("奖励方式"),
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("可以多选；都不选就是不予表彰，须写明理由。"),
    )
    title = forms.CharField(label=gettext_lazy("荣誉名称"), max_length=40, required=False)
    citation = forms.CharField(
        label=gettext_lazy("表彰事由"),
        max_length=200,
        required=False,
        widget=area(2),
        help_text=gettext_lazy("一句话，印在证书上，不写居民的姓名和住址。"),
    )
    bonus = forms.CharField(label=gettext_lazy("奖金（元）"), max_length=20, required=False)
    goods = forms.CharField(label=gettext_lazy("物品"), max_length=80, required=False)
    goods_price = forms.CharField(label=gettext_lazy("物品价值（元）"), max_length=20, required=False)
    remark = forms.CharField(label=gettext_lazy("审批意见"), max_length=500, required=False, widget=area(2))


class ContributionForm(forms.Form):
    number = forms.CharField(label=gettext_lazy("信息编号"), max_length=24)
    worth = forms.ChoiceField(label=gettext_lazy("贡献"), choices=Worth.choices)
    note = forms.CharField(
        label=gettext_lazy("促成了什么"),
        max_length=500,
        widget=area(2),
        help_text=gettext_lazy("写明结果和依据，如文件、会议或处置记录。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worth = ((c, f"{n} · {scale.POINTS[c]}") for c, n in Worth.choices)
        set_choices(self, "worth", [("", _("请选择")), *worth])


class BudgetForm(forms.Form):
    unit = forms.ChoiceField(label=gettext_lazy("单位"))
    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=2000, max_value=2200)
    amount = forms.CharField(label=gettext_lazy("预算（元）"), max_length=20)

    def __init__(self, units: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "unit", units)


class CertificateForm(forms.Form):
    seal = forms.ChoiceField(label=gettext_lazy("加盖印章"))

    def __init__(self, seals: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "seal", seals)


class CaseForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("事由"), choices=[])
    suspected = forms.ChoiceField(label=gettext_lazy("初步情节"), choices=Severity.choices, widget=forms.RadioSelect)
    person = PersonField(label=gettext_lazy("当事人"))
    allegation = forms.CharField(
        label=gettext_lazy("登记的事实"),
        max_length=5000,
        widget=area(6),
        help_text=gettext_lazy("时间、经过和依据。加密保存，只有当事人、立案人和决定人可以看到。"),
    )
    items = forms.CharField(
        label=gettext_lazy("相关信息的编号"), max_length=2000, required=False, widget=area(2), help_text=NUMBERS
    )
    since = dates.DayField(label=gettext_lazy("取证起始日"), widget=DAY, required=False)
    until = dates.DayField(
        label=gettext_lazy("取证截止日"),
        widget=DAY,
        required=False,
        help_text=gettext_lazy("系统把这段时间的信息流转、义务履行和操作记录固定为证据；不填为最近 90 天。"),
    )
    witnesses = forms.MultipleChoiceField(
        label=gettext_lazy("证人"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("证人，以及审核、办理过相关信息的人，不能作出决定。"),
    )

    def __init__(
        self,
        people: list[tuple[UUID, str, UUID]],
        kinds: list[str],
        witnesses: list[tuple[str, str]],
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "kind", [("", _("请选择")), *((k, Breach(k).label) for k in kinds)])
        self.fields["person"].offer(people)  # type: ignore[attr-defined]  # a PersonField
        set_choices(self, "witnesses", witnesses)


def _seal() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("加盖印章"),
        required=False,
        help_text=gettext_lazy("决定书随即生成，带验证码；不盖章的由您电子签名。"),
    )


def _offer_seals(form: forms.Form, seals: list[tuple[str, str]]) -> None:
    set_choices(form, "seal", [*seals, ("", _("不盖章，由本人电子签名"))])


class VerdictForm(forms.Form):
    founded = forms.ChoiceField(
        label=gettext_lazy("认定"),
        choices=[("yes", gettext_lazy("事实成立")), ("no", gettext_lazy("事实不成立，不予追究"))],
        widget=forms.RadioSelect,
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("情节"), choices=[("", gettext_lazy("请选择")), *Severity.choices], required=False
    )
    measure = forms.ChoiceField(
        label=gettext_lazy("处理"), choices=[("", gettext_lazy("请选择")), *Measure.choices], required=False
    )
    reasons = forms.CharField(
        label=gettext_lazy("事实、证据和理由"),
        max_length=5000,
        widget=area(6),
        help_text=gettext_lazy("印在决定书上。当事人没有陈述的，不作不利推定，仍须以证据认定。"),
    )
    seal = _seal()

    def __init__(self, seals: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_seals(self, seals)


class AnswerForm(forms.Form):
    measure = forms.ChoiceField(label=gettext_lazy("申诉决定"), required=False)
    answer = forms.CharField(label=gettext_lazy("答复的理由"), max_length=5000, widget=area(5))
    seal = _seal()

    def __init__(
        self, measures: list[tuple[str, Any]], seals: list[tuple[str, str]], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "measure", measures)
        _offer_seals(self, seals)
