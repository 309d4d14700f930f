"""The kinds of duty and their rhythm (domain.md §3): reminders before, escalation after.

Steps are offsets from `due_at`. Due times themselves are computed by the area that opens the
duty, with `working` of the unit's calendar; an administrator changes the limits in the unit's
settings under `limits.<kind>` (see `duties.actions.limit`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

H, M = timedelta(hours=1), timedelta(minutes=1)

REMIND, ESCALATE_LEADER, ESCALATE_MANAGER, MISS = "remind", "escalate_leader", "escalate_manager", "miss"
Step = tuple[timedelta, str]


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
            # Due at 18:00: 12:00, 16:00, 17:30, then leader, then manager; missed on Monday 12:00.
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
        Kind("urgent_call", _("紧急情况电话报告"), "4.2.1", ((timedelta(), ESCALATE_LEADER),)),
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
        Kind("alarm_acknowledge", _("签收紧急警报"), "2.3.2"),  # who is called next: reporting.alarms
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
        Kind("review_report", _("审阅周报"), "4.3.1", ((-4 * H, REMIND), (timedelta(), ESCALATE_MANAGER))),
    )
}
