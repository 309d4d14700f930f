"""The fields of this room's forms, as they are drawn; the inputs of the verbs decide what is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linbao.core import dates
from linbao.organisation import people
from linbao.organisation.models import Role, User
from linbao.security.devices.services import DISPOSALS
from linbao.security.models import CheckKind, DeviceKind, Guard, IncidentKind, Severity

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
CHOOSE = ("", _("请选择"))
RADIO = forms.RadioSelect(attrs={"class": "form-check-input"})
YES_NO = [("1", _("是")), ("0", _("否"))]


def long_text(label: Any, most: int, *, required: bool = True, rows: int = 4, help: Any = "") -> forms.CharField:
    """A field of several lines, at most `most` characters."""
    return forms.CharField(
        label=label, max_length=most, required=required, help_text=help, widget=forms.Textarea(attrs={"rows": rows})
    )


def somebody(label: Any, *, required: bool = True, help: Any = "") -> forms.CharField:
    """A field for a person, by username or name, proposed from the page's list."""
    box = forms.TextInput(attrs={"list": "people", "autocomplete": "off", "autocapitalize": "none"})
    return forms.CharField(
        label=label,
        max_length=80,
        required=required,
        widget=box,
        help_text=help or _("输入用户名或姓名，从列表中选择。"),
    )


class OfUnit(forms.Form):
    """Something of a unit that the officer keeps; where there is one only, it is chosen."""

    unit = forms.ChoiceField(label=_("单位"))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = people.offered(user.rights, Role.SECURITY_OFFICER)
        box: Any = self.fields["unit"]
        box.choices = [CHOOSE, *offered]
        if offered and not self.initial.get("unit"):
            self.initial["unit"] = offered[0][0]


class DeviceForm(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), choices=[CHOOSE, *DeviceKind.choices])
    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("如“一网格工作手机”。"))
    number = forms.CharField(label=_("编号"), max_length=40, help_text=_("资产编号或序列号。"))


class NewDeviceForm(OfUnit, DeviceForm):
    holder = somebody(_("使用人"), required=False)
    field_order = ("unit", "kind", "name", "number", "holder")


class AssignForm(forms.Form):
    holder = somebody(_("使用人"), required=False, help=_("留空表示收回，由单位保管。"))


class NoteForm(forms.Form):
    """One text; `name`: what the verb's input calls it."""

    def __init__(
        self, *args: Any, label: Any, name: str = "note", most: int = 2000, help: Any = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields[name] = long_text(label, most, help=help)


class OutcomeForm(forms.Form):
    """`judged`: the alert is about what a person did, and a verdict is asked for."""

    justified = forms.ChoiceField(
        label=_("核查结论"),
        choices=[("yes", _("有正当理由，或属误报")), ("no", _("没有正当理由，须追究"))],
        widget=RADIO,
    )
    outcome = long_text(_("核查结果和措施"), 1000, help=_("写明怎样核查、结论是什么、采取了什么措施。"))

    def __init__(self, judged: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not judged:
            del self.fields["justified"]


class LostForm(forms.Form):
    what = forms.ChoiceField(label=_("丢失的设备"), widget=RADIO)
    person = somebody(_("同事的用户名"), required=False, help=_("只在为同事报失时填写。"))
    description = long_text(_("何时何地丢失，上面有什么"), 500)

    def __init__(self, options: Sequence[tuple[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box: Any = self.fields["what"]
        box.choices = [*options, ("all", _("我的其他设备或不确定")), ("colleague", _("同事的设备"))]


class DisposeForm(forms.Form):
    method = forms.ChoiceField(label=_("处置方式"), choices=[CHOOSE, *DISPOSALS.items()])
    cleared = forms.BooleanField(label=_("存储内容已清除，无法恢复"), required=False)
    witness = somebody(_("监督人"))
    note = long_text(_("处置经过"), 300)


class PointsForm(forms.Form):
    points = long_text(_("检查项目"), 2000, rows=10, help=_("每行一项，1 至 20 项，每项不超过 80 字。"))


class PlaceForm(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), choices=[CHOOSE, ("room", _("房间")), ("cabinet", _("柜子"))])
    name = forms.CharField(label=_("名称"), max_length=60)
    where = forms.CharField(label=_("位置"), max_length=100)
    contents = forms.CharField(label=_("存放或处理的内容"), max_length=200)
    keeper = somebody(_("责任人"))
    active = forms.BooleanField(label=_("启用"), required=False, initial=True)


class NewPlaceForm(OfUnit, PlaceForm):
    field_order = ("unit", "kind", "name", "where", "contents", "keeper", "active")


class PersonForm(forms.Form):
    person = somebody(_("人员"))


class AdmitForm(forms.Form):
    person = somebody(_("本单位人员"), required=False)
    visitor = forms.CharField(label=_("来访人姓名和单位"), max_length=60, required=False)
    escort = somebody(_("陪同人"), required=False, help=_("来访人须由获准进入的人员陪同。"))
    purpose = forms.CharField(label=_("事由"), max_length=100)


class PurposeForm(forms.Form):
    purpose = forms.CharField(label=_("进入的事由"), max_length=100)


class RuleForm(forms.Form):
    title = forms.CharField(label=_("名称"), max_length=80)
    body = long_text(_("正文"), 20_000, rows=16)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=30_000)


class NewRuleForm(OfUnit, RuleForm):
    field_order = ("unit", "title", "body")


class CheckForm(OfUnit):
    kind = forms.ChoiceField(label=_("种类"), choices=[CHOOSE, *CheckKind.choices])
    title = forms.CharField(label=_("名称"), max_length=80)
    due_on = dates.DayField(label=_("计划日期"), widget=DAY)
    every = forms.IntegerField(
        label=_("每几个月一次"), initial=0, min_value=0, max_value=24, help_text=_("0 表示只做一次。")
    )
    field_order = ("unit", "kind", "title", "due_on", "every")


class ResultForm(forms.Form):
    passed = forms.ChoiceField(label=_("合格"), choices=YES_NO, widget=RADIO)
    backup_on = dates.DayField(label=_("所用备份的日期"), widget=DAY, required=False)
    minutes = forms.IntegerField(label=_("恢复用时（分钟）"), required=False, min_value=0, max_value=100_000)
    lost = forms.IntegerField(label=_("恢复后缺失的条数"), required=False, min_value=0, max_value=10**9)
    result = long_text(_("经过、发现的问题和改进"), 1000)

    def __init__(self, restore: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not restore:
            for name in ("backup_on", "minutes", "lost"):
                del self.fields[name]


class SubstituteForm(forms.Form):
    guard = forms.ChoiceField(label=_("防护"), choices=[CHOOSE, *Guard.choices])
    measure = forms.CharField(
        label=_("由什么代替"),
        max_length=100,
        help_text=_("如“政务云安全组只放行 443 端口，云防火墙由云平台统一管理”。"),
    )
    proof = long_text(
        _("证明"), 300, required=False, help=_("10 至 300 字：在哪里可以核实、谁负责、合同或工单号；也可以只上传文件。")
    )
    file = forms.FileField(label=_("证明文件"), required=False, help_text=_("PDF 或照片，不超过 20 MB。"))
    expires_on = dates.DayField(
        label=_("有效期至"), widget=DAY, help_text=_("最长一年；到期前两周提醒，到期自动失效。")
    )


class NoticeForm(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), choices=[CHOOSE, *IncidentKind.choices])
    seen_at = dates.MomentField(
        label=_("发现时间"), widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    )
    description = long_text(_("发现了什么"), 2000, help=_("何时何地、涉及什么、现在怎样；不确定也请先报告。"))


class ClassifyForm(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), choices=[CHOOSE, *IncidentKind.choices])
    severity = forms.ChoiceField(label=_("程度"), choices=[CHOOSE, *Severity.choices])
    personal = forms.ChoiceField(label=_("是否涉及个人信息"), choices=YES_NO, widget=RADIO)
    people = forms.IntegerField(label=_("涉及人数"), required=False, min_value=1, max_value=10_000_000)
    note = long_text(_("研判依据"), 2000)


class NotifyForm(forms.Form):
    recipient = forms.ChoiceField(
        label=_("告知"),
        choices=[
            ("authority", _("已报告主管部门")),
            ("people", _("已告知本人")),
            ("exempt", _("已有效避免危害，决定不告知本人")),
        ],
        widget=RADIO,
    )
    note = long_text(_("何时、向谁、以何方式，或不告知的理由"), 2000)
