"""What the demo community did in the two half-years before: closed items, weekly reports, decisions; what an
appraisal counts.

The stories of the other modules are acted out, step by step. These are too many for that while somebody waits for the
demo: they are written as they would lie in the tables after the same steps.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from linbao.appraisal import enrolment
from linbao.core import clock
from linbao.duties import services as duties
from linbao.duties.kinds import KINDS
from linbao.duties.models import Obligation
from linbao.handling.models import Evaluation
from linbao.items.models import Entry, Item
from linbao.items.services import index_many
from linbao.organisation.models import Unit, User
from linbao.platform import bulk, partitions
from linbao.review.models import Finding, Review
from linbao.shell.demo_content import neighbourhood
from linbao.shell.demo_content.people import PEOPLE
from linbao.weekly_reports import weeks

FIRST_NUMBER = 501  # of a day: the stories' own numbers begin at 1
# How each reporter works: items in a half-year, of a hundred returned once, of those for accuracy, of a hundred
# duties late.
MANNER = {
    "reporter1": (14, 0, 0, 0),
    "reporter2": (11, 10, 0, 5),
    "reporter3": (12, 8, 0, 4),
    "reporter4": (9, 25, 50, 10),
    "reporter5": (13, 5, 0, 4),
    "reporter6": (10, 20, 0, 12),
    "reporter7": (12, 10, 50, 6),
    "reporter8": (9, 30, 30, 30),
    "reporter9": (14, 0, 0, 0),
    "reporter10": (10, 15, 0, 8),
    "reporter11": (11, 10, 0, 4),
    "reporter12": (10, 15, 50, 8),
}
# subcategory, handler, matter, what was seen, what was done
MATTERS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "sanitation.waste",
        "handler3",
        "垃圾桶满溢",
        "桶边堆了十来袋垃圾，汤水流到人行道上，路过的人都绕着走",
        "增加晚间清运一次，换了两只带盖的桶",
    ),
    (
        "sanitation.dead_corner",
        "handler3",
        "楼后卫生死角",
        "夹道里堆着旧沙发和泡沫箱，蚊虫多，像是好久没人扫",
        "半天清完，装了一盏灯，贴了告示",
    ),
    (
        "sanitation.greening",
        "handler2",
        "树枝挡住路灯",
        "行道树的枝条压到灯罩，晚上路面几乎照不到",
        "修剪六棵，枝条当天运走",
    ),
    ("sanitation.sewage", "handler2", "污水井外溢", "井盖缝里往外冒水，流到单元门口，气味重", "疏通管道并冲洗路面"),
    (
        "sanitation.occupying",
        "handler4",
        "店外摆货占了盲道",
        "货架摆出店门一米多，推婴儿车的只好走机动车道",
        "劝导退回店内，约定界线",
    ),
    (
        "event.fire_safety",
        "handler4",
        "楼道里给电动车充电",
        "从家里拉线下来充电，旁边堆着纸箱",
        "当场断电挪走，三天后复查没有再放",
    ),
    ("event.lift", "handler1", "电梯停层不平", "轿厢比楼面低一掌，老人迈步容易绊", "维保调整后试运行一天正常"),
    (
        "event.neighbour",
        "handler4",
        "楼上漏水两家争执",
        "楼下天花板起泡，两家为谁修说不到一处",
        "三方到场查明是地漏，楼上已修",
    ),
    (
        "event.high_fall",
        "handler1",
        "空调外机支架锈蚀",
        "支架一角锈断，风大时外机会晃，下面是人行道",
        "围挡后更换支架四处",
    ),
    ("construction.lighting", "handler2", "楼道灯不亮", "三层到五层的灯都不亮，晚上要打手电", "换感应灯五盏"),
    (
        "construction.road",
        "handler2",
        "路面塌了一个坑",
        "坑有脸盆大，下雨积水看不见，已有人崴脚",
        "填补压实，摆放提示牌两天",
    ),
    (
        "construction.facility_damage",
        "handler1",
        "健身器材扶手松动",
        "扶手一摇就响，有孩子在上面玩",
        "更换螺栓并检查其余器材",
    ),
    (
        "opinion.service",
        "handler4",
        "希望周六能办居住证",
        "上班的居民说窗口下班早，来了两次都没赶上",
        "每月第二个周六上午开一个窗口",
    ),
    (
        "opinion.facility",
        "handler1",
        "想在树荫下添座椅",
        "从车站走回来没有歇脚的地方，老人走走停停",
        "添两张带靠背的座椅",
    ),
    (
        "opinion.environment",
        "handler3",
        "请人讲讲怎么分类",
        "新来的租户常投错，想有人在投放点说一说",
        "志愿者连续两周晚间在点位讲解",
    ),
    ("opinion.property", "handler1", "单元门禁坏了", "门一推就开，外人随便进，楼道贴满小广告", "修好门禁，清理小广告"),
)
SEEN = ("早上巡查看到", "晚饭后走访时", "雨停以后", "楼栋议事会上有人提", "周末值班时", "入户时听住户说")
LACKS = ("请写明具体楼栋和单元。", "请补充影响的户数。", "时间前后对不上，请核对后再报。")


def halves(today: date) -> tuple[date, date]:
    """The half-year before the last one, whose appraisal the demo tells to its end, and the last one, now appraised."""
    last = enrolment.last_half(today)
    return enrolment.last_half(last), last


def joined(today: date) -> dict[str, date]:
    """Who became a reporter in the middle of the first of the two; everybody else long before."""
    return {"reporter12": halves(today)[0] + timedelta(days=75)}


def moves(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Iterator[tuple[datetime, Any]]:
    """One deed: all of it, before everything else that the demo tells."""
    first, _last = halves(clock.local(now).date())
    yield datetime.combine(first, time(0), clock.zone()), lambda: Past(people, units, now).write()


def how_many(now: datetime) -> int:
    """How many items `moves` writes."""
    return sum(1 for half in halves(clock.local(now).date()) for _moment in _moments(half, now))


def _moments(half: date, now: datetime) -> Iterator[tuple[str, date]]:
    """Who reports on which days of a half-year, those alone whose matters had the time to end."""
    first, last = enrolment.bounds(half)
    begun = joined(clock.local(now).date())
    for username, (items, *_rates) in MANNER.items():
        start = max(first, begun.get(username, first))
        for n in range(items):
            day = start + (last - start) * n // items + timedelta(days=len(username) + n % 3)
            if datetime.combine(day, time(0), clock.zone()) < now - timedelta(days=30):
                yield username, day


class Past:
    """The rows of the two half-years, gathered and then written kind by kind."""

    def __init__(self, people: dict[str, User], units: dict[str, Unit], now: datetime) -> None:
        self.people, self.units, self.now = people, units, now
        self.home = next(u for u in units.values() if u.kind == "community")
        self.chance = random.Random(18)  # the same past on each day
        self.entries: list[Entry] = []
        self.reviews: list[Review] = []
        self.findings: list[Finding] = []
        self.duties: list[Obligation] = []
        self.evaluations: list[Evaluation] = []

    def write(self) -> None:
        """Everything in eight statements."""
        days = sorted(
            (day, who) for half in halves(clock.local(self.now).date()) for who, day in _moments(half, self.now)
        )
        partitions.ensure("items_entry", start=days[0][0] - timedelta(days=1))
        partitions.ensure("audit_record", start=days[0][0] - timedelta(days=1))
        items = [self.item(number, who, day) for number, (day, who) in enumerate(days)]
        self.weekly_duties()
        bulk.insert(items)
        index_many(items)
        for made in (self.reviews, self.findings, self.entries, self.duties, self.evaluations):
            bulk.insert(made)

    def item(self, number: int, who: str, day: date) -> Item:
        """One item from its report to its end, some ten days later at most; its steps go to the other tables."""
        _many, returned, inaccurate, late = MANNER[who]
        code, by, matter, seen, done = MATTERS[number * 7 % len(MATTERS)]
        reporter, handler, manager = self.people[who], self.people[by], self.people["manager1"]
        grid = next(p[3] for p in PEOPLE if p[0] == who)
        at = datetime.combine(day, time(8 + number % 10, number * 7 % 60), clock.zone())
        house = f"{1 + number * 5 % 19}幢{1 + number % 3}单元"
        back = int(self.chance.random() * 100 < returned)
        source = ("patrol", "visit", "patrol", "forum", "hotline", "visit")[number % 6]
        lat, lon = neighbourhood.point(int(grid[1:]), number)
        hour = timedelta(hours=1)
        approved = at + (30 if back else 5) * hour
        row = Item(
            number=f"{self.home.code[-6:]}-{day:%y%m%d}-{FIRST_NUMBER + number:04d}",
            category=code.partition(".")[0],
            subcategory=code,
            title=f"{house}{matter}",
            narrative=f"{SEEN[number % len(SEEN)]}，{house}{seen}。现场已拍照，影响约{3 + number * 11 % 40}户。",
            key_points=[matter],
            analysis="情况属实，影响限于周边住户，拖久了容易引起抱怨。",
            suggestion="请责任单位现场查看后处理，并答复居民。",
            status="closed",
            community_id=self.home.pk,
            grid_id=self.units[grid].pk,
            reporter_id=reporter.pk,
            channel="web",
            occurred_at=at - 2 * hour,
            seen_at=at - hour,
            reported_at=at,
            arrived_at=at,
            created_at=at,
            changed_at=approved + 80 * hour,
            closed_at=approved + 80 * hour,
            place=house,
            lat=lat,
            lon=lon,
            source=source,
            handling_unit_id=next(iter(handler.rights.granted["handler"])),
            handler_id=handler.pk,
            due_at=approved + 170 * hour,
            result=f"{done}。",
            returns=back,
            version=8,
            verdict=("satisfied", "satisfied", "mostly_satisfied", "satisfied", "none", "satisfied", "unsatisfied")[
                number % 7
            ],
        )
        reviewer = self.people[f"reviewer{number % 2 + 1}"]
        self.step(row, at, reporter, "submit", "draft", "submitted")
        if back:
            self.return_(row, at + 3 * hour, reviewer, accuracy=self.chance.random() * 100 < inaccurate)
            self.step(row, at + 25 * hour, reporter, "submit", "returned", "submitted")
            self.owe("amend", row, reporter, at + 3 * hour, due=at + 51 * hour, met=at + 25 * hour)
        self.reviews.append(
            Review(
                item=row,
                reviewer=reviewer,
                at=approved,
                round=1 + back,
                approved=True,
                completeness_mark=5 - back - (late > 8),
                analysis_mark=4 + (not late) - (returned > 20),
                answers={},
                snapshot={},
            )
        )
        self.step(row, approved, reviewer, "approve", "submitted", "approved")
        self.step(
            row, approved + 3 * hour, manager, "assign", "approved", "handling", "请到现场查看，按时限办理并答复。"
        )
        resolved = approved + 50 * hour
        self.step(row, resolved, handler, "resolve", "handling", "resolved", f"{done}。")
        details = resolved + (60 if self.chance.random() * 100 < late else 6) * hour
        self.step(row, details, reporter, "inform", "resolved", "informed")
        self.owe("inform_resident", row, reporter, resolved, due=resolved + 48 * hour, met=details)
        if row.verdict != "none":
            self.owe("evaluate", row, reporter, details, due=details + 72 * hour, met=details + 20 * hour)
        reason = "" if row.verdict != "none" else "居民表示不便评价"
        self.step(row, details + 20 * hour, reporter, "evaluate", "informed", "evaluated")
        self.evaluations.append(
            Evaluation(
                item=row, round=1, verdict=row.verdict, reason=reason, recorded_by=reporter, at=details + 20 * hour
            )
        )
        self.step(row, details + 22 * hour, manager, "close", "evaluated", "closed")
        row.closed_at = row.changed_at = details + 22 * hour
        return row

    def return_(self, row: Item, at: datetime, reviewer: User, *, accuracy: bool) -> None:
        check = "accuracy" if accuracy else "completeness"
        review = Review(item=row, reviewer=reviewer, at=at, round=1, approved=False, answers={}, snapshot={})
        self.reviews.append(review)
        message = LACKS[2] if accuracy else LACKS[len(self.reviews) % 2]
        self.findings.append(Finding(review=review, field="narrative", check_kind=check, note=message))
        self.step(row, at, reviewer, "return", "submitted", "returned", message)

    def weekly_duties(self) -> None:
        """The duty of each week's report, met, late or missed by everybody's manner."""
        for half in halves(clock.local(self.now).date()):
            first, last = enrolment.bounds(half)
            monday = clock.monday(first + timedelta(days=6))
            while monday <= last - timedelta(days=7) and monday < (self.now - timedelta(days=35)).date():
                due = weeks.due(self.home.pk, monday)
                for who, (_items, _returned, _inaccurate, late) in MANNER.items():
                    if monday < joined(clock.local(self.now).date()).get(who, monday):
                        continue
                    drawn = self.chance.random() * 100
                    met = due + timedelta(minutes=90 if drawn < late else -40)
                    self.owe(
                        "weekly_report", None, self.people[who], due - timedelta(days=4), due=due, met=met, week=monday
                    )
                monday += timedelta(days=7)

    def step(self, row: Item, at: datetime, actor: User, verb: str, before: str, after: str, note: str = "") -> None:
        self.entries.append(
            Entry(
                at=at,
                item_id=row.pk,
                actor_id=actor.pk,
                actor_name=actor.name,
                verb=verb,
                before=before,
                after=after,
                note=note,
            )
        )

    def owe(
        self,
        kind: str,
        row: Item | None,
        owner: User,
        opened: datetime,
        *,
        due: datetime,
        met: datetime,
        week: date | None = None,
    ) -> None:
        made = duties.make(
            kind,
            unit_id=self.home.pk,
            owner_id=owner.pk,
            subject=row,
            period=week,
            round=1,
            due_at=due,
            opened_at=opened,
            title=row.heading if row is not None else "",
        )
        made.met_at, made.next_at, made.next_step = met, None, len(KINDS[kind].steps)
        self.duties.append(made)
