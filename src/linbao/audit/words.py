"""What the codes on the audit log mean, in words, by the matter that they belong to."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

ACTIONS: dict[str, dict[str, Any]] = {
    lazy("个人信息与取出"): {
        "party.reveal": lazy("查看未脱敏的个人信息"),
        "party.search": lazy("按姓名或电话查找"),
        "attachment.original": lazy("查看原始照片"),
        "export": lazy("导出"),
        "export.reveal": lazy("未脱敏导出"),
        "people.export": lazy("导出人员"),
        "audit.export": lazy("导出审计日志"),
        "delivery.export": lazy("导出发送记录"),
        "weekly.export": lazy("导出周报清单"),
        "resident_link.make": lazy("生成居民查询链接"),
        "resident_link.revoke": lazy("作废居民查询链接"),
    },
    lazy("登录"): {
        "sign_in": lazy("登录"),
        "sign_in.fail": lazy("登录失败"),
        "sign_in.lock": lazy("多次失败，暂停登录"),
        "sign_out": lazy("退出"),
    },
    lazy("账号与角色"): {
        "person.create": lazy("新建账号"),
        "person.change": lazy("修改账号"),
        "person.change_own": lazy("修改本人资料"),
        "person.reset_password": lazy("重置口令"),
        "person.activate": lazy("启用账号"),
        "person.deactivate": lazy("停用账号"),
        "person.sign_out": lazy("强制下线"),
        "password.change": lazy("修改口令"),
        "session.end": lazy("结束登录"),
        "role.grant": lazy("授予角色"),
        "role.end": lazy("结束角色"),
        "role.propose": lazy("提出授予角色"),
        "role.refuse": lazy("未同意授予角色"),
        "role.withdraw": lazy("撤回授予角色"),
        "role.grant_alone": lazy("未经第二人确认授予角色"),
        "phone.wiped": lazy("设备已清除本地数据"),
        "token.create": lazy("签发令牌"),
        "token.revoke": lazy("撤销令牌"),
    },
    lazy("单位与设置"): {
        "unit.create": lazy("增加单位"),
        "unit.change": lazy("修改单位"),
        "unit.activate": lazy("启用单位"),
        "unit.deactivate": lazy("停用单位"),
        "roster.add": lazy("排班"),
        "roster.remove": lazy("撤销排班"),
        "channel.save": lazy("设置发送渠道"),
        "channel.test": lazy("试发渠道"),
        "calendar.correct": lazy("更正日历"),
        "calendar.remove": lazy("取消日历更正"),
        "catalogue.subcategory": lazy("修改子类"),
        "catalogue.field": lazy("修改字段"),
        "review.reason.add": lazy("增加退回理由"),
        "review.reason.change": lazy("修改退回理由"),
    },
    lazy("发送与文书"): {
        "delivery.resend": lazy("再次发送"),
        "delivery.mark_sent": lazy("确认已送达"),
        "seal.make": lazy("制作印章"),
        "seal.affix": lazy("加盖印章"),
        "seal.hand_over": lazy("移交印章"),
        "seal.suspend": lazy("暂停印章"),
        "seal.resume": lazy("恢复印章"),
        "seal.revoke": lazy("作废印章"),
        "template.upload": lazy("上传文书模板"),
        "template.on": lazy("启用文书模板"),
        "template.off": lazy("停用文书模板"),
    },
}
NAMES: dict[str, Any] = {code: name for group in ACTIONS.values() for code, name in group.items()}
SUBJECTS: dict[str, Any] = {
    "units.user": lazy("人员"),
    "units.unit": lazy("单位"),
    "units.apitoken": lazy("令牌"),
    "units.phone": lazy("使用的设备"),
    "collection.item": lazy("信息条目"),
    "collection.attachment": lazy("附件"),
    "collection.party": lazy("相关人员"),
    "outbox.delivery": lazy("发送"),
    "review.standardreason": lazy("退回理由"),
    "reporting.weeklyreport": lazy("周报"),
    "documents.document": lazy("文书"),
    "documents.seal": lazy("印章"),
    "outbox.channel": lazy("发送渠道"),
    "duties.shift": lazy("值班"),
}
KEYS: dict[str, Any] = {
    "fields": lazy("改动的栏目"), "code": lazy("代码"), "kind": lazy("类型"), "parent": lazy("上级"), "role": lazy("角色"),
    "starts": lazy("自"), "ends": lazy("至"), "last_day": lazy("最后一天"), "scopes": lazy("权限范围"), "owner": lazy("持有人"),
    "username": lazy("用户名"), "rows": lazy("行数"), "what": lazy("内容"), "format": lazy("格式"), "filters": lazy("筛选条件"),
    "searched": lazy("含文字搜索"), "found": lazy("结果数"), "party": lazy("相关人员编号"), "active": lazy("启用"),
    "first": lazy("自"), "last": lazy("至"), "working": lazy("上班"), "day": lazy("日期"), "new_address": lazy("改发现邮箱"),
    "proposed_by": lazy("提出人"),
}  # fmt: skip


def add(
    group: Any, actions: dict[str, Any], subjects: dict[str, Any] | None = None, keys: dict[str, Any] | None = None
) -> None:
    """A room above this one names its own deeds; called once, when the room is made ready (its apps.py)."""
    ACTIONS.setdefault(group, {}).update(actions)
    NAMES.update(actions)
    SUBJECTS.update(subjects or {})
    KEYS.update(keys or {})


def action(code: str) -> str:
    """The deed in words; a code that has none stands for itself."""
    return str(NAMES.get(code, code))


def subject(kind: str) -> str:
    """What it was done to, in a word."""
    return str(SUBJECTS.get(kind, kind))


def details(data: dict[str, Any]) -> list[tuple[str, str]]:
    """The line's own data as names and values; what is empty is left out."""
    return [(str(KEYS.get(k, k)), _told(v)) for k, v in data.items() if v not in (None, "", [], {})]


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        return "；".join(f"{KEYS.get(k, k)}={_told(v)}" for k, v in value.items() if v not in (None, "", [], {}))
    if isinstance(value, list):
        return _("、").join(_told(v) for v in value)
    return str(value)
