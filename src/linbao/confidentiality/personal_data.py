"""The register of every place that may hold a person: what, on what basis, how long, how it ends (1.3.4; PIPL art. 47).

A test compares it with the models: each encrypted field and each field of free text stands here, or in `EXEMPT` with
the reason why no resident can be in it. A new field fails the test until somebody has decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Ends(StrEnum):
    """How a place is cleared when its time has come."""

    MASKED = "masked"  # persons go out of the words, the words stay
    EMPTIED = "emptied"
    DELETED = "deleted"  # the row
    OWN = "own"  # by a job or rule of its own, named in `note`


@dataclass(frozen=True)
class Place:
    """Fields of one model. `item` leads from the row to the item whose end counts (`subject`: by its subject_id);
    else `since` names the row's own date or moment, from which `days` run."""

    model: str
    fields: tuple[str, ...]
    what: str | Promise
    basis: str | Promise
    ends: Ends
    item: str = ""
    since: str = ""
    days: int = 0
    note: str | Promise = ""


DUTY, CONSENT, CONTRACT = _("履行法定职责"), _("本人同意"), _("人员管理所必需")
THREE_YEARS, TEN_YEARS, ONE_YEAR = 3 * 365, 10 * 365, 365
M, E, D = Ends.MASKED, Ends.EMPTIED, Ends.DELETED


def _item(model: str, fields: str, what: str | Promise, ends: Ends, path: str) -> Place:
    return Place(model, tuple(fields.split()), what, DUTY, ends, item=path)


def _aged(
    model: str, fields: str, what: str | Promise, ends: Ends, since: str, days: int, basis: str | Promise = DUTY
) -> Place:
    return Place(model, tuple(fields.split()), what, basis, ends, since=since, days=days)


def _own(model: str, fields: str, what: str | Promise, note: str | Promise, basis: str | Promise = CONTRACT) -> Place:
    return Place(model, tuple(fields.split()), what, basis, Ends.OWN, note=note)


PLACES: tuple[Place, ...] = (
    # with the item
    _item("items.party", "name phone name_index phone_index", _("提出人和涉及人员"), D, "item"),
    _item(
        "items.item", "title narrative details key_points analysis suggestion place result", _("条目的文字"), M, "pk"
    ),
    _item("items.item", "typed", _("上报的原文"), E, "pk"),
    _item("items.attachment", "name caption exif sha256 shown thumb", _("附件和拍摄信息"), D, "item"),
    _item("items.entry", "note data", _("全过程记录"), M, "item"),
    _item("items.itemtext", "terms", _("检索词"), M, "item"),
    _item("items.hint", "message", _("自动核对的提示"), D, "item"),
    _item("review.review", "answers remark snapshot", _("审核意见和当时的内容"), M, "item"),
    _item("review.finding", "note", _("退回的问题"), M, "review__item"),
    _item("handling.assignment", "instruction", _("办理要求"), M, "item"),
    _item("handling.extension", "reason remark", _("延期理由"), M, "assignment__item"),
    _item("handling.supervision", "requirements answer", _("督办和答复"), M, "assignment__item"),
    _item("handling.informing", "message reason", _("向居民反馈的记录"), M, "item"),
    _item("handling.evaluation", "remark", _("居民评价的意见"), E, "item"),
    _item("handling.evaluation", "reason", _("未评价的原因"), M, "item"),
    _item("handling.callback", "remark", _("回访记录"), E, "item"),
    _item("handling.residentlink", "token digest", _("居民查询链接"), D, "item"),
    _item("handling.adoption", "note", _("采用说明"), M, "item"),
    _item("emergencies.urgentreport", "answered_by called_number call_words", _("电话报告"), M, "item"),
    _item("emergencies.urgentversion", "content changed", _("紧急书面报告"), M, "report__item"),
    _item("emergencies.writtendraft", "content", _("未提交的书面报告"), D, "report__item"),
    _item("emergencies.afteraction", "went_well to_improve measures", _("复盘"), M, "report__item"),
    _item("conduct.contribution", "note", _("贡献说明"), M, "item"),
    _item("duties.obligation", "title waived_reason", _("职责的标题"), M, "subject"),
    _item("outbox.notice", "text", _("站内通知"), M, "subject"),
    _item("outbox.delivery", "subject body", _("外发消息"), M, "subject"),
    _own(
        "documents.document", "title pdf docx", _("签发的文件"), _("到期换成去标识化版本，保留原件摘要和验证码"), DUTY
    ),
    _own(
        "weekly_reports.weeklyreport",
        "facts texts findings nil_reason timing_reason",
        _("周报的内容"),
        _("随条目和周报期限去标识化"),
        DUTY,
    ),
    # by their own age
    _aged("outbox.delivery", "recipient answer attachments", _("收件地址"), E, "created_at", THREE_YEARS),
    _aged("outbox.deliverystep", "recipient answer reason", _("发送经过"), E, "at", THREE_YEARS),
    _aged("outbox.notice", "text", _("站内通知"), D, "created_at", THREE_YEARS),
    _aged("items.activity", "place notes", _("收集活动的记录"), E, "starts_at", THREE_YEARS),
    _aged("items.importrun", "name columns mapping report problem", _("导入的表格"), D, "created_at", ONE_YEAR),
    _aged("archive.savedview", "name query", _("保存的查询"), D, "created_at", THREE_YEARS, CONTRACT),
    _aged("duties.handover", "note", _("值班交接"), E, "at", THREE_YEARS),
    _aged("duties.leave", "note remark", _("请假说明"), E, "asked_at", THREE_YEARS, CONTRACT),
    _aged(
        "confidentiality.privacyrequest",
        "name phone note new_name new_phone identity reason answer",
        _("个人信息请求"),
        E,
        "received_at",
        THREE_YEARS,
    ),
    _aged(
        "confidentiality.disclosure",
        "query purpose why_identified legal_basis",
        _("对外提供的申请"),
        E,
        "asked_at",
        THREE_YEARS,
    ),
    _aged("confidentiality.approval", "comment", _("对外提供的审批意见"), E, "at", THREE_YEARS),
    _aged("confidentiality.trace", "name text result", _("泄露溯源的文字和结果"), D, "asked_at", ONE_YEAR),
    _aged("confidentiality.hold", "reason", _("依法保全的理由"), E, "released_at", THREE_YEARS),
    _aged("security.entry", "visitor purpose", _("场所来访登记"), E, "at", THREE_YEARS),
    _aged("security.incident", "description exemption", _("安全事件"), E, "closed_at", TEN_YEARS),
    _aged("security.incidentstep", "note", _("安全事件的处置"), E, "at", TEN_YEARS),
    _aged("security.alert", "message values data outcome", _("安全告警"), E, "opened_at", TEN_YEARS),
    _aged("training.session", "cases summary", _("培训案例和小结"), E, "starts_at", TEN_YEARS),
    _aged("training.feedback", "comment", _("培训反馈"), E, "at", THREE_YEARS, CONTRACT),
    _aged("training.seat", "leave_reason hand_reason", _("培训请假"), E, "at", THREE_YEARS, CONTRACT),
    _aged("training.lecturer", "phone profile", _("外聘专家"), E, "created_at", TEN_YEARS, CONSENT),
    _aged("appraisal.rating", "evidence remark", _("考核评分的依据"), E, "submitted_at", TEN_YEARS, CONTRACT),
    _aged("appraisal.objection", "grounds reply", _("考核申诉"), E, "at", TEN_YEARS, CONTRACT),
    _aged("appraisal.cap", "reason", _("考核限制"), E, "at", TEN_YEARS, CONTRACT),
    _aged(
        "conduct.case", "allegation statement reasons appeal answer", _("处理案件"), E, "opened_at", TEN_YEARS, CONTRACT
    ),
    _aged("conduct.nomination", "reasons remark", _("表彰推荐"), E, "at", TEN_YEARS, CONTRACT),
    _aged("management.task", "requirements checklist", _("工作任务"), E, "given_at", TEN_YEARS, CONTRACT),
    _aged("management.tasknote", "text", _("任务进展"), E, "at", TEN_YEARS, CONTRACT),
    _aged("management.taskfile", "name", _("任务附件的名称"), E, "at", TEN_YEARS, CONTRACT),
    _aged("management.meeting", "summary reason", _("会议小结"), E, "called_at", TEN_YEARS),
    _aged("management.meetingperson", "report", _("会议汇报"), E, "meeting__called_at", TEN_YEARS),
    _aged("management.agendapoint", "title discussion", _("会议议题"), E, "meeting__called_at", TEN_YEARS),
    _aged("management.minutes", "content", _("会议纪要的内容"), E, "at", TEN_YEARS),
    _aged("management.opinion", "comment answer", _("会上的意见"), E, "day", TEN_YEARS),
    _aged("management.problem", "title result", _("问题清单"), E, "raised_at", TEN_YEARS),
    # by rules of their own
    _own(
        "confidentiality.relative",
        "name phone name_index phone_index",
        _("申报的亲属"),
        _("本人离岗三年后删除"),
        CONSENT,
    ),
    _own("confidentiality.disclosure", "file digest", _("对外提供的资料"), _("使用期限届满即删除"), DUTY),
    _own(
        "items.attachment",
        "name caption exif sha256 shown thumb",
        _("活动的照片和附件"),
        _("活动满三年删除；条目的附件随条目"),
        DUTY,
    ),
    _own("organisation.user", "phone email name username", _("工作人员"), _("在岗期间；离岗后随工作档案"), CONTRACT),
    _own("organisation.unit", "duty_phone mailbox settings", _("单位的公开联系方式"), _("单位修改或撤销时"), DUTY),
    _own("duties.shift", "phone", _("值班电话"), _("值班表更换时"), CONTRACT),
    _own("conduct.evidence", "facts", _("案件固定的证据"), _("依法固定，不可修改；条目文字固定时已脱敏"), DUTY),
    _own("audit.record", "reason data", _("审计日志"), _("至少三年，不可修改；居民姓名写入前已脱敏"), DUTY),
    _own("audit.event", "data", _("审计日志"), _("至少三年，不可修改"), DUTY),
    _own("sessions.session", "session_data", _("登录会话"), _("会话到期"), CONTRACT),
    _own("axes.accessattempt", "get_data post_data", _("登录失败"), _("成功登录或到期后清除"), CONTRACT),
)

STAFF_TEXT = "words that the product or an administrator sets"
NO_WORDS = "codes, figures, ids or settings; no free text about residents"
SECRETS = "keys and certificates"
EXEMPT: dict[str, str] = {
    "appraisal.appraisal.absences": NO_WORDS,
    "appraisal.appraisal.figures": NO_WORDS,
    "appraisal.appraisal.groups": NO_WORDS,
    "appraisal.change.reason": STAFF_TEXT,
    "appraisal.cycle.reopened_reason": STAFF_TEXT,
    "appraisal.cycle.rules": NO_WORDS,
    "appraisal.proposal.reason": STAFF_TEXT,
    "appraisal.rating.marks": NO_WORDS,
    "appraisal.ruleset.note": STAFF_TEXT,
    "appraisal.ruleset.rules": NO_WORDS,
    "audit.detachment.blocks": NO_WORDS,
    "audit.key.marking": SECRETS,
    "audit.key.signing": SECRETS,
    "items.cataloguefield.help": STAFF_TEXT,
    "items.cataloguefield.options": STAFF_TEXT,
    "conduct.award.citation": STAFF_TEXT,
    "conduct.revocation.roles": NO_WORDS,
    "confidentiality.agreement.body": STAFF_TEXT,
    "confidentiality.papersignature.name": STAFF_TEXT,
    "confidentiality.papersignature.reason": STAFF_TEXT,
    "confidentiality.privacyrequest.result": NO_WORDS,
    "confidentiality.removal.counts": NO_WORDS,
    "platform.backup.fault": NO_WORDS,
    "platform.backup.name": NO_WORDS,
    "platform.backup.place": NO_WORDS,
    "platform.counter.scope": NO_WORDS,
    "platform.tally.key": NO_WORDS,
    "platform.jobfault.error": NO_WORDS,
    "platform.jobfault.key": NO_WORDS,
    "platform.jobfault.task": NO_WORDS,
    "platform.datakey.wrapper": SECRETS,
    "platform.recoverykey.public": SECRETS,
    "platform.resealing.part": NO_WORDS,
    "platform.resealing.position": NO_WORDS,
    "documents.authority.certificate": SECRETS,
    "documents.authority.key": SECRETS,
    "documents.authority.stamp_certificate": SECRETS,
    "documents.authority.stamp_key": SECRETS,
    "documents.seal.certificate": SECRETS,
    "documents.seal.chain": SECRETS,
    "documents.seal.key": SECRETS,
    "documents.seal.state_reason": STAFF_TEXT,
    "documents.sealuse.note": STAFF_TEXT,
    "documents.template.name": STAFF_TEXT,
    "duties.obligation.key": NO_WORDS,
    "management.filecopy.problem": NO_WORDS,
    "management.meeting.place": STAFF_TEXT,
    "management.meeting.title": STAFF_TEXT,
    "management.series.title": STAFF_TEXT,
    "management.series.checklist": STAFF_TEXT,
    "management.series.requirements": STAFF_TEXT,
    "management.task.title": STAFF_TEXT,
    "mfa.authenticator.data": SECRETS,
    "outbox.channel.address": SECRETS,
    "outbox.channel.fault": NO_WORDS,
    "outbox.delivery.key": NO_WORDS,
    "review.standardreason.text": STAFF_TEXT,
    "review.standardreason.text_en": STAFF_TEXT,
    "security.alert.key": NO_WORDS,
    "security.checklist.points": STAFF_TEXT,
    "security.device.disposal_note": STAFF_TEXT,
    "security.finding.correction": STAFF_TEXT,
    "security.finding.problem": STAFF_TEXT,
    "security.inspection.answers": STAFF_TEXT,
    "security.guardstatus.facts": NO_WORDS,
    "security.substitute.file_name": STAFF_TEXT,
    "security.substitute.measure": STAFF_TEXT,
    "security.substitute.proof": STAFF_TEXT,
    "security.place.contents": STAFF_TEXT,
    "security.place.where": STAFF_TEXT,
    "security.rightsreview.lines": NO_WORDS,
    "security.ruleversion.body": STAFF_TEXT,
    "security.securitycheck.figures": NO_WORDS,
    "security.securitycheck.title": STAFF_TEXT,
    "security.securitycheck.result": STAFF_TEXT,
    "security.securityrule.title": STAFF_TEXT,
    "training.course.outline": STAFF_TEXT,
    "training.course.title": STAFF_TEXT,
    "training.lecturer.organization": STAFF_TEXT,
    "training.material.content_type": NO_WORDS,
    "training.material.name": STAFF_TEXT,
    "training.question.options": STAFF_TEXT,
    "training.question.right": STAFF_TEXT,
    "training.question.text": STAFF_TEXT,
    "training.question.why": STAFF_TEXT,
    "training.session.cancel_reason": STAFF_TEXT,
    "training.session.place": STAFF_TEXT,
    "training.session.title": STAFF_TEXT,
    "training.sheet.answers": NO_WORDS,
    "training.sheet.content": STAFF_TEXT,
    "training.teaching.about": STAFF_TEXT,
    "training.teaching.fee_note": STAFF_TEXT,
    "training.topic.title": STAFF_TEXT,
    "training.topic.why": STAFF_TEXT,
    "accounts.roleproposal.reason": STAFF_TEXT,
    "accounts.passwordreset.first_half": SECRETS,
    "organisation.unit.outline": NO_WORDS,
    "organisation.unit.working_hours": NO_WORDS,
    "organisation.user.password": SECRETS,
    "usersessions.usersession.data": NO_WORDS,
    "usersessions.usersession.user_agent": NO_WORDS,
    "items.attachment.content_type": NO_WORDS,
    "conduct.award.goods": STAFF_TEXT,
    "confidentiality.disclosure.recipient": STAFF_TEXT,
    "management.taskfile.content_type": NO_WORDS,
}
FRAMEWORK = frozenset(
    ("auth", "contenttypes", "procrastinate", "account", "axes")
)  # ids and sign-in only, or in PLACES
