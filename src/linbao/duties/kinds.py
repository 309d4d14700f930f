"""The kinds of duty and their rhythm (domain.md §3): reminders before, escalation after.

Steps are offsets from `due_at`. Due times themselves are computed by the area that opens the duty, with `working` of
the unit's calendar; an administrator changes the limits in the unit's settings under `limits.<kind>` (see
`duties.services.limit`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linbao.core import periods

D, H, M = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

REMIND, ESCALATE_LEADER, ESCALATE_MANAGER, MISS = "remind", "escalate_leader", "escalate_manager", "miss"
Step = tuple[timedelta, str]


# The period that a duty is of, where its name says what the duty is about.
PERIODS: dict[str, Callable[[date], str]] = {
    **dict.fromkeys(("weekly_collection", "weekly_report"), periods.week),
    **dict.fromkeys(("training_quarter", "training_attend"), periods.quarter),
    **dict.fromkeys(
        (f"appraisal_{what}" for what in ("open", "self", "peer", "superior", "publish", "objection")), periods.half
    ),
}


def heading(kind: str, title: str, period: date | None) -> str:
    """What a duty is about, in the language of the page: its title, and the week, quarter or half-year by name."""
    named = PERIODS[kind](period) if period is not None and kind in PERIODS else ""
    return " ".join(part for part in (title, named) if part)


@dataclass(frozen=True)
class Kind:
    """`steps` in order of time: what the engine does at `due_at + offset` while the duty is open."""

    code: str
    name: str | Promise
    clause: str
    steps: tuple[Step, ...] = ()


KINDS: dict[str, Kind] = {
    k.code: k
    for k in (
        Kind(
            "weekly_collection", _("每周信息收集"), "4.1.1", ((-48 * H, REMIND), (-6 * H, REMIND), (timedelta(), MISS))
        ),
        Kind(
            "weekly_report",
            _("每周信息报告"),
            "4.1.1",
            # Due at 18:00: 12:00, 16:00, 17:30, then leader, then manager; missed on Monday 12:00, whichever day
            # the week's last working day is (`Obligation.miss_at`).
            (
                (-6 * H, REMIND),
                (-2 * H, REMIND),
                (-30 * M, REMIND),
                (timedelta(), ESCALATE_LEADER),
                (2 * H, ESCALATE_MANAGER),
                (66 * H, MISS),
            ),
        ),
        # The hour of an emergency runs in real time, from the moment of the call (design §4).
        Kind(
            "urgent_call",
            _("紧急情况电话报告"),
            "4.2.1",
            ((-10 * M, REMIND), (timedelta(), ESCALATE_LEADER), (15 * M, ESCALATE_MANAGER)),
        ),
        Kind(
            "urgent_written",
            _("紧急情况书面报告"),
            "4.2.1",
            (
                (-30 * M, REMIND),
                (-15 * M, REMIND),
                (-5 * M, REMIND),
                (timedelta(), ESCALATE_LEADER),
                (M, ESCALATE_MANAGER),
            ),
        ),
        Kind("urgent_follow_up", _("紧急情况续报"), "2.3.2", ((-30 * M, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("alarm_acknowledge", _("签收紧急警报"), "2.3.2"),  # who is called next: emergencies.alarms
        Kind("review", _("信息审核"), "4.3.1", ((-2 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind(
            "amend",
            _("补充修正"),
            "4.3.2",
            ((-4 * H, REMIND), (timedelta(), ESCALATE_LEADER), (24 * H, ESCALATE_MANAGER)),
        ),
        Kind("assign", _("交办"), "4.3.2", ((-2 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("handle", _("办理"), "4.3.2", ((-24 * H, REMIND), (-4 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("supervise", _("督办答复"), "4.3.2", ((-4 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind(
            "inform_resident",
            _("向居民反馈"),
            "2.4.1",
            ((-8 * H, REMIND), (timedelta(), ESCALATE_LEADER), (24 * H, ESCALATE_MANAGER)),
        ),
        Kind("inform_progress", _("向居民反馈进展"), "2.4.1", ((-8 * H, REMIND), (timedelta(), ESCALATE_LEADER))),
        Kind(
            "evaluate",
            _("收集居民评价"),
            "2.4.2",
            ((-8 * H, REMIND), (timedelta(), ESCALATE_LEADER), (24 * H, ESCALATE_MANAGER)),
        ),
        Kind("call_back", _("回访抽查"), "2.4.2", ((-8 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("decide_unsatisfied", _("处理不满意评价"), "2.4.2", ((-4 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
        # Chapter 5: people.
        Kind(
            "training_quarter",
            _("每季度培训"),
            "5.1.3",
            ((-14 * D, REMIND), (-7 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER), (31 * D, MISS)),
        ),
        Kind(
            "training_attend",
            _("参加季度培训"),
            "5.1.3",
            ((-14 * D, REMIND), (-3 * D, REMIND), (timedelta(), ESCALATE_LEADER), (31 * D, MISS)),
        ),
        Kind("appraisal_open", _("组织半年考核"), "5.2.2", ((-7 * D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("appraisal_self", _("考核自评"), "5.2.2", ((-2 * D, REMIND), (-4 * H, REMIND), (timedelta(), MISS))),
        Kind("appraisal_peer", _("考核互评"), "5.2.2", ((-2 * D, REMIND), (-4 * H, REMIND), (timedelta(), MISS))),
        Kind(
            "appraisal_superior",
            _("上级评价"),
            "5.2.2",
            ((-3 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER), (5 * D, MISS)),
        ),
        Kind("appraisal_publish", _("告知考核结果"), "5.2.2", ((-D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("appraisal_objection", _("答复考核申诉"), "5.2.2", ((-D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("task", _("任务"), "5.3.1", ((-24 * H, REMIND), (-4 * H, REMIND), (timedelta(), ESCALATE_LEADER))),
        Kind(
            "meeting",
            _("每月工作会议"),
            "5.3.3",
            ((-7 * D, REMIND), (-2 * D, REMIND), (timedelta(), ESCALATE_MANAGER), (5 * D, MISS)),
        ),
        Kind("problem", _("答复会议提出的问题"), "5.3.3", ((-D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        # Chapter 6: security and confidentiality.
        Kind(
            "device_inspection",
            _("设备检查"),
            "6.1.2",
            ((-7 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER), (31 * D, MISS)),
        ),
        Kind(
            "media_inspection",
            _("存储介质检查"),
            "6.1.2",
            ((-7 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER), (31 * D, MISS)),
        ),
        Kind("finding", _("整改检查发现的问题"), "6.1.2", ((-D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind(
            "rights_review",
            _("权限复核"),
            "6.1.1",
            ((-7 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER), (31 * D, MISS)),
        ),
        Kind(
            "security_check",
            _("安全检查与演练"),
            "6.1.1",
            ((-7 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER)),
        ),
        Kind(
            "rule_confirm",
            _("学习并确认安全制度"),
            "6.1.1",
            ((-3 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_LEADER)),
        ),
        Kind("incident", _("处置安全事件"), "6.1.1", ((-4 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind(
            "place_inspection",
            _("场所检查"),
            "6.2.3",
            ((-7 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER), (31 * D, MISS)),
        ),
        Kind(
            "agreement",
            _("签订保密协议"),
            "6.2.1",
            ((-30 * D, REMIND), (-7 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER)),
        ),
        Kind("disclosure_decide", _("审批对外提供"), "6.2.2", ((-4 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind(
            "privacy_request",
            _("答复个人信息请求"),
            "1.3.4",
            ((-5 * D, REMIND), (-D, REMIND), (timedelta(), ESCALATE_MANAGER)),
        ),
        # Chapter 7: rewards and discipline.
        Kind("reward_decide", _("审批表彰奖励"), "7.1.1", ((-D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("case_statement", _("陈述申辩"), "7.2.1", ((-2 * D, REMIND), (-D, REMIND))),
        Kind("case_decide", _("作出处理决定"), "7.2.1", ((-D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("appeal_decide", _("答复申诉"), "7.2.1", ((-2 * D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("reassign", _("调整岗位"), "5.2.3", ((-D, REMIND), (timedelta(), ESCALATE_MANAGER))),
        Kind("review_report", _("审阅周报"), "4.3.1", ((-4 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
    )
}
