"""Acts that could do great harm: whoever does one signs in again within ten minutes of it, or a second person
decides (6.1.1). This is the one list of them; a page of such an act carries `@dangerous(…)`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from linbao.core import clock

WITHIN = 600  # seconds since one last proved who one is
FORM_WITHIN = 3600  # seconds for filling in a form that holds personal data or a secret, from the proof at its opening

SIGN_IN_AGAIN = {
    "role.propose": _("授予角色"),
    "role.confirm": _("确认授予角色"),
    "role.end": _("结束角色"),
    "person.reset_password": _("重置口令"),
    "password.open": _("开封他人的一次性口令"),
    "person.own_address": _("修改本人的电子邮箱或手机"),
    "person.change": _("修改他人的姓名、电子邮箱或手机"),
    "unit.change": _("修改单位的指定邮箱和设置"),
    "channel.change": _("增加、修改或删除发送渠道"),
    "person.deactivate": _("停用或启用账号"),
    "token.create": _("签发接口令牌"),
    "party.reveal": _("在条目页查看未脱敏的个人信息"),
    "seal.change": _("恢复、作废或移交印章"),
    "template.upload": _("上传或启用文书模板"),
    "disclosure.give": _("批准对外提供，或生成对外提供的文件"),
    "rights.review": _("完成权限复核"),
}
SECOND_PERSON = {
    "role.grant": _("系统管理员提出的角色，须由安全保密员确认"),
    "password": _("一次性口令分成两半，由系统管理员和另一人分别交给本人"),
    "administrator.last": _("最后一位系统管理员不能结束，须先另设一位"),
    "alert.about_me": _("涉及本人的警报，须由另一位安全保密员处理"),
    "disposal": _("设备和介质的处置，须有办理人和使用人以外的一位同事监督"),
}


class _Stale(Exception):
    """The last proof of who this is was too long ago."""


def proven(request: HttpRequest, within: int = WITHIN) -> bool:
    """Signed in, or signed in again, within the last ten minutes (`within`: so many seconds)."""
    records = get_authentication_records(request, request.user) if request.user.is_authenticated else []
    return bool(records) and clock.now().timestamp() - float(records[-1].get("at") or 0) < within


def require_proof(request: HttpRequest, *, within: int = WITHIN) -> None:
    """Call it once permission is settled, before the act: leads to signing in again where that is due. What was
    sent is kept in the session and carried out afterwards; a file is not, and must be chosen again. A form that asks
    for personal data requires its proof when it is opened, and gives longer when it is sent: nothing personal is kept.
    """
    if not proven(request, within):
        raise _Stale


def dangerous(action: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Marks the page of an act on the list; the page calls `require_proof` when it knows that the person may."""
    if action not in SIGN_IN_AGAIN:
        raise KeyError(action)

    def decorate(page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(page)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return page(request, *args, **kwargs)
            except _Stale:
                if request.FILES:
                    messages.warning(request, gettext("验证身份后，请重新选择文件再提交。"))
                    return redirect_to_login(request.path, reverse("account_reauthenticate"))
                answer: HttpResponseBase = suspend_request(request, reverse("account_reauthenticate"))
                return answer

        asked.dangerous = action  # type: ignore[attr-defined]  # a mark on the page, for the test of the list
        return asked

    return decorate
