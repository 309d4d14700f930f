"""Rewards and discipline in the demo community: a certificate and a bonus, a wall of honour, a case that was appealed
and one that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from linbao.conduct import scale
from linbao.conduct.cases import decisions
from linbao.conduct.cases import services as cases
from linbao.conduct.cases.inputs import Appeal, DecideAppeal, DecideCase, OpenCase, StateDefence
from linbao.conduct.models import Award, Breach, Case, Kind, Measure, Nomination, Severity
from linbao.conduct.rewards import certificates
from linbao.conduct.rewards import contributions as contributions_
from linbao.conduct.rewards import services as rewards
from linbao.conduct.rewards.inputs import DecideNomination, Nominate, RecordContribution, SetBudget
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.documents.seals import services as seals
from linbao.items.models import Item
from linbao.organisation.models import RoleGrant, Unit, User

Moves = Iterator[tuple[datetime, Callable[[], Any]]]
# What the best items led to: worth and note, in turn.
LED_TO = [
    ("averted", "消防人员确认：如未及时断电疏散，火势将蔓延至整个充电区。"),
    ("decision", "街道办公会采纳，纳入下一年度老旧小区改造计划。"),
    ("dispute", "两户持续两年的漏水纠纷达成调解协议。"),
    ("hazard", "现场整改完成，隐患销号。"),
]
PRAISED = "及时发现并报告多处安全隐患，促成整改，避免了损失。"
ABOVE = [("曹明远", "manager3", "city")]  # who decides the appeal; manager2 of the subdistrict decides before


def moves(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Moves:
    """(moment, step) of the last weeks."""
    now = clock.local(now).replace(hour=10, minute=20) - timedelta(days=1)  # in office hours
    story = Story(people, next(u for u in units.values() if u.kind == "community"))
    day = timedelta(days=1)
    yield now - 60 * day, lambda: story.managers(units)
    yield now - 59 * day, story.budget
    yield now - 14 * day, contributions_.gather
    yield now - 13 * day, lambda: story.contributions("reporter1")
    yield now - 13 * day + timedelta(hours=1), lambda: story.contributions("reporter4", bonus=False)
    yield now - 12 * day, lambda: story.nominate("reporter1", "reviewer1")
    yield now - 11 * day, lambda: story.grant("reporter1", "manager1", ["praise", "certificate", "bonus"], bonus="800")
    yield now - 10 * day, story.consent
    yield now - 10 * day + timedelta(hours=1), lambda: story.nominate("reporter4", "reporter5")
    yield now - 9 * day, lambda: story.grant("reporter4", "manager1", ["certificate"])
    yield now - 2 * day, lambda: story.nominate("reporter9", "manager1")
    yield now - 40 * day, story.open_delay
    yield (
        now - 37 * day,
        lambda: cases.state_defence(
            people["reporter8"],
            story.case.pk,
            StateDefence(statement="当天家中有急事，忘记请组长代报，以后会提前安排。"),
        ),
    )
    yield now - 35 * day, story.decide_delay
    yield (
        now - 30 * day,
        lambda: cases.appeal(people["reporter8"], story.case.pk, Appeal(appeal="当天已电话告知组长，请核实通话记录。")),
    )
    yield now - 26 * day, story.answer_appeal
    yield now - 3 * day, story.open_false


class Story:
    """What the moves share."""

    case: Case

    def __init__(self, people: dict[str, User], home: Unit) -> None:
        self.people, self.home = people, home

    def managers(self, units: dict[str, Unit]) -> None:
        for name, username, unit in ABOVE:
            user = User.objects.create(username=username, name=name, password=self.people["manager1"].password)
            RoleGrant.objects.create(user=user, role="manager", unit=units[unit], starts=clock.today())
            self.people[username] = user

    def budget(self) -> None:
        year = clock.local(clock.now()).year
        rewards.set_budget(self.people["manager1"], SetBudget(unit=self.home.pk, year=year, amount=Decimal(6000)))

    def _items(self, reporter: str) -> list[Item]:
        rows = Item.objects.filter(reporter=self.people[reporter], number__isnull=False)
        return list(
            rows.exclude(status__in=("draft", "submitted", "returned", "withdrawn", "merged")).order_by("reported_at")
        )

    def contributions(self, reporter: str, *, bonus: bool = True) -> None:
        items = self._items(reporter)
        for n, (worth, note) in enumerate(LED_TO if bonus else LED_TO[:2]):
            data = RecordContribution(number=items[n % len(items)].number or "", worth=worth, note=note)
            contributions_.record(self.people["manager1"], data)

    def nominate(self, reporter: str, by: str) -> None:
        numbers = [i.number or "" for i in self._items(reporter)[:1]]
        rewards.nominate(
            self.people[by],
            Nominate(
                nominee=self.people[reporter].pk,
                items=numbers,
                reasons="工作扎实，报告的隐患都写得清楚、有照片，办理单位能直接据此处置，居民评价好。",
            ),
        )

    def grant(self, reporter: str, by: str, kinds: list[str], **more: str) -> None:
        manager, half = self.people[by], scale.half_name(scale.this_half())

        row = Nomination.objects.get(nominee=self.people[reporter], state="open")
        data = {"kinds": kinds, "title": f"{half}优秀信息报告员", "citation": PRAISED} | more
        rewards.decide(manager, row.pk, checked(DecideNomination, data))
        award = Award.objects.get(nomination=row, kind=Kind.CERTIFICATE)
        seal = next(s for s in seals.usable_by(manager) if s.unit_id == self.home.pk)
        certificates.make(award.pk, seal.pk, manager.pk)
        for bonus in Award.objects.filter(nomination=row, kind=Kind.BONUS):
            rewards.hand_over(manager, bonus.pk)

    def consent(self) -> None:
        person = self.people["reporter1"]
        rewards.consent(person, Award.objects.get(person=person, kind=Kind.CERTIFICATE).pk, agrees=True)

    def open_delay(self) -> None:
        self.case = cases.open_(
            self.people["manager1"],
            OpenCase(
                kind=Breach.DELAY,
                suspected=Severity.MIDDLE,
                person=self.people["reporter8"].pk,
                allegation="连续两周未按时提交周报，经组长催办后仍迟交，影响街道汇总。",
            ),
        )

    def decide_delay(self) -> None:
        cases.decide(
            self.people["manager2"],
            self.case.pk,
            DecideCase(
                founded=True,
                severity=Severity.MIDDLE,
                measure=Measure.CRITICISM,
                reasons="义务记录显示两次周报迟交，当事人承认。鉴于未造成损失，给予批评教育。",
            ),
        )
        decisions.make(self.case.pk, decisions.FIRST)

    def answer_appeal(self) -> None:
        cases.decide_appeal(
            self.people["manager3"],
            self.case.pk,
            DecideAppeal(
                measure=Measure.TALK,
                answer="经核实，当事人当天曾电话告知组长，属实。维持延误的认定，处理改为谈话提醒。",
            ),
        )
        decisions.make(self.case.pk, decisions.APPEAL)

    def open_false(self) -> None:
        items = [i.number or "" for i in self._items("reporter12")[:1]]
        cases.open_(
            self.people["manager1"],
            OpenCase(
                kind=Breach.FALSE,
                suspected=Severity.LIGHT,
                person=self.people["reporter12"].pk,
                items=items,
                allegation="所附照片与三个月前一次走访的照片相同，需要核实现场情况。",
            ),
        )
