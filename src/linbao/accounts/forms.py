"""What people are asked about accounts, roles and tokens. What is right is decided in `services`."""

from __future__ import annotations

from typing import Any

from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.accounts.inputs import SCOPES
from linbao.core import clock, text
from linbao.core import dates as days
from linbao.core.fields import set_choices
from linbao.organisation import people
from linbao.organisation.models import Role, User

AREAS = {
    "items": gettext_lazy("信息条目"),
    "attachments": gettext_lazy("附件"),
    "activities": gettext_lazy("收集活动"),
    "catalogue": gettext_lazy("信息类别"),
    "weekly-reports": gettext_lazy("周报"),
    "emergencies": gettext_lazy("紧急报告"),
    "archive": gettext_lazy("档案"),
    "stats": gettext_lazy("统计"),
    "compliance": gettext_lazy("制度落实情况"),
    "obligations": gettext_lazy("任务期限"),
    "deliveries": gettext_lazy("发送记录"),
    "units": gettext_lazy("单位"),
    "people": gettext_lazy("人员"),
    "me": gettext_lazy("本人信息"),
    "training": gettext_lazy("培训"),
}
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class PersonForm(forms.Form):
    """Name and ways to reach somebody. The phone is never shown again: an empty one leaves what is stored."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    phone = forms.CharField(
        label=gettext_lazy("手机"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    email = forms.CharField(
        label=gettext_lazy("电子邮箱"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    no_phone = forms.BooleanField(label=gettext_lazy("删除已登记的手机号"), required=False)

    def __init__(self, person: User | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phone = person.phone if person is not None else None
        if phone:
            self.fields["phone"].help_text = _("已登记 %(phone)s；不更换请留空。") % {"phone": text.mask_phone(phone)}
        else:
            del self.fields["no_phone"]


class OwnForm(PersonForm):
    """The same about oneself, with the language of the pages. The name is the administrator's to change."""

    name = None  # type: ignore[assignment]  # Django's way to drop an inherited field
    language = forms.ChoiceField(label=gettext_lazy("界面语言"), required=False, choices=settings.LANGUAGES)


class RoleFields(forms.Form):
    """A role on a unit for a period. The unit is chosen from a list, or named where there are too many."""

    role = forms.ChoiceField(label=gettext_lazy("角色"))
    unit = forms.CharField(label=gettext_lazy("单位"), max_length=120)
    starts = days.DayField(label=gettext_lazy("自"), widget=DAY, initial=clock.today)
    ends = days.DayField(
        label=gettext_lazy("至"), widget=DAY, required=False, help_text=gettext_lazy("含当日；长期任职请留空。")
    )

    def __init__(self, actor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        set_choices(self, "role", [("", _("请选择")), *Role.choices])
        if people.all_offered(actor.rights, Role.ADMINISTRATOR):
            units = people.offered(actor.rights, Role.ADMINISTRATOR)
            unit.widget = forms.Select(choices=[("", _("请选择")), *units])
        else:
            unit.widget = forms.TextInput(
                attrs={
                    "list": "unit-proposals",
                    "autocomplete": "off",
                    "hx-get": reverse("accounts:people-units"),
                    "hx-target": "#unit-proposals",
                    "hx-trigger": "input changed delay:250ms",
                    "hx-params": "unit",
                }
            )
            unit.help_text = _("输入单位名称或代码，从列表中选择。")


class NewPersonForm(RoleFields, PersonForm):
    """A new account, with its first role when it is known already."""

    field_order = ("name", "username", "phone", "email", "role", "unit", "starts", "ends")
    username = forms.CharField(
        label=gettext_lazy("用户名"),
        max_length=40,
        help_text=gettext_lazy("登录用，建立后不能更改；小写字母、数字、点、横线或下划线，如 zhanghong。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, actor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, None, *args, **kwargs)
        for name in ("role", "unit", "starts"):
            self.fields[name].required = False

    def has_role(self) -> bool:
        """Whether a role was filled in besides."""
        return bool(self["role"].value() or self["unit"].value())


class TokenForm(forms.Form):
    """A token for a program that works in one's name."""

    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=60, help_text=gettext_lazy("给哪个程序用，如“街道数据平台”。")
    )
    areas = forms.MultipleChoiceField(
        label=gettext_lazy("可以访问"),
        choices=[(s, AREAS[s]) for s in SCOPES],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        required=False,
    )
    access = forms.ChoiceField(
        label=gettext_lazy("权限"),
        choices=[("read", gettext_lazy("只读")), ("write", gettext_lazy("读取和写入"))],
        initial="read",
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("有效天数"), initial=90, widget=forms.NumberInput(attrs={"min": 1, "max": 3650})
    )


class _Limited:
    """A second step that somebody gets wrong again and again is refused for a while, from whatever address: who tries
    has the password already (6.1.1)."""

    def clean_code(self) -> Any:
        key = f"second-{self.user.pk}"  # type: ignore[attr-defined]  # of the form that it is mixed into
        if not ratelimit.consume(context.request, action="second_step", key=key):
            raise forms.ValidationError(_("验证码多次错误，请 10 分钟后再试。"))
        code = super().clean_code()  # type: ignore[misc]  # of the form that it is mixed into
        ratelimit.clear(context.request, action="second_step", key=key)
        return code


class SecondStepForm(_Limited, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The code asked for after the password."""


class SecondStepAgainForm(_Limited, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The code asked for before a dangerous act."""
