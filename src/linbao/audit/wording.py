"""What the codes on the audit log mean, in words, by the matter that they belong to."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linbao.core.listing import REGISTRY
from linbao.organisation.models import Role

ACTIONS: dict[str | Promise, dict[str, str | Promise]] = {
    lazy("个人信息与取出"): {
        "party.reveal": lazy("查看未脱敏的个人信息"),
        "party.search": lazy("按姓名或电话查找"),
        "sheet.look": lazy("打开敏感条目"),
        "sheet.print": lazy("打印条目"),
        "attachment.original": lazy("查看原始照片"),
        "export": lazy("导出"),
        "import": lazy("从表格导入"),
        "document.take": lazy("下载文书"),
        "compliance.print": lazy("打印检查材料"),
        "export.reveal": lazy("未脱敏导出"),
        "list.export": lazy("导出清单"),
        "people.export": lazy("导出人员"),
        "audit.export": lazy("导出审计日志"),
        "delivery.export": lazy("导出发送记录"),
        "job.retry": lazy("重试后台任务"),
        "job.discard": lazy("放弃后台任务"),
        "weekly.export": lazy("导出周报清单"),
        "urgent.export": lazy("导出紧急报告及时性"),
        "resident_link.make": lazy("生成居民查询链接"),
        "resident_link.revoke": lazy("作废居民查询链接"),
    },
    lazy("登录"): {
        "sign_in": lazy("登录"),
        "sign_in.fail": lazy("登录失败"),
        "sign_in.lock": lazy("多次失败，暂停登录"),
        "sign_out": lazy("退出"),
        "sign_in.second_fail": lazy("第二步验证失败"),
        "second.add": lazy("增加第二步验证"),
        "second.remove": lazy("取消第二步验证"),
        "second.reset": lazy("重置恢复码"),
    },
    lazy("账号与角色"): {
        "person.create": lazy("新建账号"),
        "person.change": lazy("修改账号"),
        "person.change_own": lazy("修改本人资料"),
        "person.reset_password": lazy("重置口令"),
        "person.password_open": lazy("开封一次性口令的后一半"),
        "person.password_alone": lazy("一次性口令由一人交给本人"),
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
        "channel.remove": lazy("删除渠道"),
        "calendar.correct": lazy("更正日历"),
        "calendar.remove": lazy("取消日历更正"),
        "catalogue.subcategory": lazy("修改子类"),
        "catalogue.field": lazy("修改字段"),
        "review.reason.add": lazy("增加退回理由"),
        "review.reason.change": lazy("修改退回理由"),
    },
    lazy("密钥与备份"): {
        "keys.rotate": lazy("更换数据密钥"),
        "keys.reseal": lazy("重新加密完成"),
        "keys.rewrap": lazy("重新包裹数据密钥"),
        "keys.retire": lazy("销毁旧密钥"),
        "keys.recovery": lazy("制作恢复密钥"),
        "backup.make": lazy("备份"),
        "backup.verify": lazy("试恢复备份"),
        "backup.fail": lazy("备份失败"),
        "backup.prune": lazy("清除到期备份"),
        "backup.drill": lazy("备份恢复演练"),
        "backup.restore": lazy("从备份恢复"),
    },
    lazy("日常工作"): {
        "activity.record": lazy("登记收集活动"),
        "activity.change": lazy("修改收集活动"),
        "activity.remove": lazy("删除收集活动"),
        "weekly.confirm": lazy("报送周报"),
        "weekly.accept": lazy("审阅周报通过"),
        "weekly.return": lazy("退回周报"),
        "urgent.start": lazy("开始紧急报告"),
        "urgent.call": lazy("登记电话报告"),
        "urgent.write": lazy("提交书面紧急报告"),
        "urgent.join": lazy("并入另一起紧急报告"),
        "alarm.acknowledge": lazy("签收警报"),
        "duty.waive": lazy("免除义务"),
    },
    lazy("审计与防护"): {"audit.detach": lazy("移出到期的审计月份"), "audit.tampered": lazy("发现审计日志被改动")},
    lazy("发送与文书"): {
        "delivery.resend": lazy("再次发送"),
        "delivery.mark_sent": lazy("确认已送达"),
        "seal.make": lazy("制作印章"),
        "seal.affix": lazy("加盖印章"),
        "seal.hand_over": lazy("移交印章"),
        "seal.suspend": lazy("暂停印章"),
        "seal.resume": lazy("恢复印章"),
        "seal.revoke": lazy("作废印章"),
        "urgent.conclude": lazy("写复盘"),
        "template.upload": lazy("上传文书模板"),
        "template.on": lazy("启用文书模板"),
        "template.off": lazy("停用文书模板"),
    },
}
NAMES: dict[str, Any] = {code: name for group in ACTIONS.values() for code, name in group.items()}
SUBJECTS: dict[str, Any] = {
    "organisation.user": lazy("人员"),
    "organisation.unit": lazy("单位"),
    "accounts.apitoken": lazy("令牌"),
    "accounts.phone": lazy("使用的设备"),
    "items.item": lazy("信息条目"),
    "items.attachment": lazy("附件"),
    "items.party": lazy("相关人员"),
    "outbox.delivery": lazy("发送"),
    "review.standardreason": lazy("退回理由"),
    "weekly_reports.weeklyreport": lazy("周报"),
    "emergencies.urgentreport": lazy("紧急报告"),
    "documents.document": lazy("文书"),
    "documents.seal": lazy("印章"),
    "outbox.channel": lazy("发送渠道"),
    "duties.shift": lazy("值班"),
    "duties.obligation": lazy("义务"),
    "items.activity": lazy("收集活动"),
    "emergencies.alarm": lazy("警报"),
    "audit.detachment": lazy("移出的审计月份"),
}
KEYS: dict[str, Any] = {
    "fields": lazy("改动的栏目"),
    "code": lazy("代码"),
    "kind": lazy("类型"),
    "parent": lazy("上级"),
    "role": lazy("角色"),
    "starts": lazy("自"),
    "ends": lazy("至"),
    "last_day": lazy("最后一天"),
    "scopes": lazy("权限范围"),
    "owner": lazy("持有人"),
    "username": lazy("用户名"),
    "rows": lazy("行数"),
    "count": lazy("条数"),
    "what": lazy("内容"),
    "format": lazy("格式"),
    "filters": lazy("筛选条件"),
    "searched": lazy("含文字搜索"),
    "matches": lazy("结果数"),
    "party": lazy("相关人员编号"),
    "active": lazy("启用"),
    "first": lazy("自"),
    "last": lazy("至"),
    "working": lazy("上班"),
    "day": lazy("日期"),
    "new_address": lazy("改发现邮箱"),
    "proposed_by": lazy("提出人"),
    "purposes": lazy("用途"),
    "keys": lazy("密钥编号"),
    "made_at": lazy("制作时间"),
    "name": lazy("名称"),
    "version": lazy("版次"),
    "refused": lazy("有误行数"),
    "other": lazy("另一份编号"),
    "before": lazy("原状态"),
    "after": lazy("新状态"),
    "month": lazy("月份"),
    "digest": lazy("校验值"),
    "kinds": lazy("类型"),
    "entry": lazy("时间线记录"),
    "digest_before": lazy("改写前的校验值"),
    "digest_after": lazy("改写后的校验值"),
}
# Values that are codes, by the key that they stand under.
VALUES: dict[str, dict[str, Any]] = {
    "role": dict(Role.choices),
    "kind": {"totp": lazy("动态码"), "webauthn": lazy("通行密钥"), "recovery_codes": lazy("恢复码")},
    "kinds": {
        "changed": lazy("改动"),
        "removed": lazy("删除"),
        "inserted": lazy("插入"),
        "order": lazy("次序"),
        "block": lazy("区块"),
        "signature": lazy("签名"),
        "truncated": lazy("截断"),
        "rewritten": lazy("重写"),
        "guard": lazy("防改规则"),
        "empty": lazy("清空"),
    },
}


def add(
    group: Any, actions: dict[str, Any], subjects: dict[str, Any] | None = None, keys: dict[str, Any] | None = None
) -> None:
    """A room above this one names its own deeds; called once, when the room is made ready (its apps.py). What is
    added to `VALUES` names codes in a line's data."""
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
    return [(str(KEYS.get(k, k)), _described(v, k)) for k, v in data.items() if v not in (None, "", [], {})]


def _described(value: Any, key: str = "") -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dict):
        return "；".join(
            f"{KEYS.get(k, k)}={_described(v, k)}" for k, v in value.items() if v not in (None, "", [], {})
        )
    if isinstance(value, list):
        return _("、").join(_described(v, key) for v in value)
    if key == "what" and value in REGISTRY:
        return str(REGISTRY[value].title)
    return str(VALUES.get(key, {}).get(value, value))
