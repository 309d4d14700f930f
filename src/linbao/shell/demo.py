"""`linbao demo`: the demo community, carried through the real actions under a clock set in the past.

With `--scale N` generated communities instead (see `demo_scale`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from linbao.core import clock, ids
from linbao.core.problems import Conflict
from linbao.documents.inputs import MakeSeal
from linbao.documents.seals import services as seals
from linbao.duties import roster
from linbao.duties.inputs import AddShift
from linbao.duties.models import Obligation
from linbao.emergencies import alarms
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import FileVersion, RecordCall, StartEmergency
from linbao.emergencies.models import Alarm, UrgentReport
from linbao.handling import assigning, loop, oversight, work
from linbao.handling.call_backs import services as call_backs
from linbao.handling.call_backs.inputs import RecordCallBack
from linbao.handling.informing import residents
from linbao.handling.inputs import (
    AdoptItem,
    AssignItem,
    CloseItem,
    EvaluateItem,
    InformResident,
    RecordProgress,
    ReopenItem,
    ResolveItem,
)
from linbao.handling.loop import RATED
from linbao.handling.models import CallBack
from linbao.items import services as item_services
from linbao.items.activities import services as activities
from linbao.items.activities.inputs import RecordActivity
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.inputs import WithdrawItem
from linbao.items.models import Item
from linbao.organisation.models import RoleGrant, Unit, User
from linbao.organisation.tree import reference
from linbao.review import services as review
from linbao.review.inputs import Approve, ReturnItem
from linbao.review.models import Check
from linbao.shell import demo_scale
from linbao.shell.demo_content import (
    appraisal,
    conduct,
    confidentiality,
    events,
    history,
    management,
    neighbourhood,
    opinions,
    photos,
    security,
    training,
    works,
)
from linbao.shell.demo_content.activities import VISITS
from linbao.shell.demo_content.people import LEADERS, PASSWORD, PEOPLE
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports import weeks
from linbao.weekly_reports.inputs import ConfirmReport, ReviewReport

# What the rooms of people and security tell: each module's `moves(people, units, now)` yields (moment, deed).
ROOMS: tuple[Any, ...] = (history, security, confidentiality, training, appraisal, management, conduct)
# How far an item is carried, in order; each end stops where it stands.
WALK = ["draft", "submitted", "approved", "handling", "resolved", "informed", "evaluated", "closed"]
PASSED = {check.value: {"pass": True, "remark": "已核对"} for check in Check}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--if-empty`: do nothing where there are people already."""
    parser.add_argument("--if-empty", action="store_true", help="已有人员时不做任何事")
    demo_scale.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """The command."""
    if getattr(args, "scale", 0):
        return int(demo_scale.run(args) or 0)
    if User.objects.exists():
        if args.if_empty:
            return 0
        raise SystemExit(_("数据库里已有人员，演示社区只能填入空库。"))
    print(_("正在填入演示社区…"), flush=True)
    print(_("已填入 %(count)d 条信息。") % {"count": load()})
    return 0


def load() -> int:
    """Fill an empty database; returns how many items there are."""
    if User.objects.exists():
        raise Conflict(_("数据库里已有人员。"))
    units = _units()
    people = _people(units)
    now = clock.now()
    moves: list[tuple[datetime, int, Any]] = []
    stories = [*opinions.ITEMS, *events.ITEMS, *works.ITEMS]
    for number, story in enumerate(stories):
        walk = Walk(story, number, people, units, now)
        walk.schedule(moves)
    for moment, act in _visits(people, units, now):
        moves.append((moment, -1, act))
    for moment, act in _emergency(people, units, now):
        moves.append((moment, -3, act))
    for moment, act in _reports(people, now):
        moves.append((moment, -2, act))
    for moment, act in _call_backs(people, now):
        moves.append((moment, 1000, act))
    for room in ROOMS:
        for moment, act in room.moves(people, units, now):
            moves.append((moment, -2, act))
    moves.sort(key=lambda m: m[0])
    for moment, _number, act in moves:
        with clock.at(moment):
            act()
    # Duties of the past that the story left open are not counted against invented people.
    Obligation.objects.open().filter(due_at__lt=now - timedelta(days=3)).update(
        waived_at=now, waived_reason="演示数据", next_at=None
    )
    return Item.objects.count()


class Walk:
    """One item on its way: each step is scheduled at its moment and calls the action that it names."""

    def __init__(
        self, story: dict[str, Any], number: int, people: dict[str, User], units: dict[str, Unit], now: datetime
    ) -> None:
        self.story, self.number, self.people, self.units, self.now = story, number, people, units, now
        grid = f"g{story['grid']}"
        homes = [p[0] for p in PEOPLE if p[3] == grid]
        self.reporter = people[homes[number % len(homes)]]
        self.reviewer = people[f"reviewer{number % 2 + 1}"]
        self.handler = people[story["by"]]
        self.start = _morning(now, story["days"], story["hour"], number)
        self.item: Item | None = None
        self.lat, self.lon = neighbourhood.point(story["grid"], number)

    def schedule(self, moves: list[tuple[datetime, int, Any]]) -> None:
        """Put the steps on the table, none in the future."""
        story, end = self.story, self.story["end"]
        steps: list[tuple[float, Any]] = [(0, self.file)]
        last = "closed" if end == "reopened" else end
        if story["back"]:
            steps.append((0.16, self.return_))
            if end != "returned":
                steps.append((0.9, self.amend))
        if last in WALK:
            plan = [
                (0.2, self.approve),
                (0.35, self.assign),
                (1.2, self.progress),
                (2.4, self.resolve),
                (2.6, self.inform),
                (3.1, self.evaluate),
                (3.3, self.close),
            ]
            verbs = {"approved": 1, "handling": 3, "resolved": 4, "informed": 5, "evaluated": 6, "closed": 7}
            steps += [(d + (1.0 if story["back"] else 0), s) for d, s in plan[: verbs.get(last, 0)]]
        if story["urgent"] and end != "draft":
            steps += [(0.002, self.call), (0.004, self.sign), (0.025, self.write)]
            if end != "submitted":
                steps.append((0.9, self.finish))
            steps.sort(key=lambda s: s[0])
        if end == "withdrawn":
            steps.append((0.1, self.withdraw))
        if end == "reopened":
            steps.append((4.1, self.reopen))
        if story["adopted"]:
            steps.append((6.0, self.adopt))
        latest = steps[-1][0]
        room = (self.now - self.start).total_seconds() / 86400 - 0.02
        pace = min(1.0, room / latest) if latest else 1.0
        for offset, step in steps:
            moves.append((self.start + timedelta(days=offset * pace), self.number, step))

    @property
    def id(self) -> Any:
        assert self.item is not None
        return self.item.pk

    def file(self) -> None:
        story = self.story
        body = {
            "category": story["category"],
            "subcategory": story["subcategory"],
            "title": story["title"],
            "narrative": story["narrative"],
            "occurred_at": clock.now() - timedelta(hours=2),
            "seen_at": clock.now() - timedelta(minutes=8 if story["urgent"] else 40),
            "place": {"text": story["place"], "lat": self.lat, "lon": self.lon},
            "grid": self.units[f"g{story['grid']}"].code,
            "source": {"method": story["source"]},
            "parties": story["parties"],
            "details": story["details"],
            "key_points": story["key_points"],
            "analysis": story["analysis"] or "情况属实，影响范围限于周边住户，建议尽快安排。",
            "suggestion": story["suggestion"] or "请责任单位现场查看后处理，并答复居民。",
            "sensitivity": story["sensitivity"],
            "urgent": story["urgent"],
        }
        self.item = item_services.create(self.reporter, body, submit=False)
        if story["photo"]:
            data = photos.draw(story["photo"], self.number, clock.local(clock.now()), self.lat, self.lon)
            attachments.attach(
                self.reporter, AttachFile(item=self.id), file=data, name=f"现场照片{self.number + 1}.jpg"
            )
        if story["end"] != "draft":
            item_services.submit(self.reporter, self.id)

    def call(self) -> None:
        emergencies.record_call(
            self.reporter,
            self.id,
            RecordCall(answered_by="值班员小周", called_number="0571-88860017", message=self.story["title"]),
        )

    def sign(self) -> None:
        for alarm in Alarm.objects.filter(report_id=self.id, acknowledged_at=None):
            alarms.acknowledge(self.people["manager1"], alarm.pk)

    def write(self) -> None:
        emergencies.write(self.reporter, self.id, FileVersion(content=self._written()))

    def finish(self) -> None:
        more = {"present_state": "controlled", "present": "险情已解除，后续按办理流程整改。", "help": "无"}
        emergencies.write(
            self.reporter,
            self.id,
            FileVersion(content=self._written() | more, stage="final", changed="险情已解除，转入日常办理。"),
        )

    def _written(self) -> dict[str, Any]:
        story, details = self.story, self.story["details"]
        hurt, scope = details.get("casualties") or {}, details.get("scope") or {}
        occurred_at = emergencies.get(self.reporter, self.id).item.occurred_at
        return {
            "place": story["place"],
            "course": details.get("course") or story["narrative"],
            "impact": "，".join(story["key_points"]),
            "measures": details.get("measures_taken") or "已拉警戒线，提醒行人绕行。",
            "present": "现场有人值守。",
            "present_state": details.get("present_state") or "in_progress",
            "help": "请责任单位尽快到场。",
            "level": "general",
            "occurred_at": occurred_at.isoformat() if occurred_at else "",
            "none_involved": not story["parties"],
            **{name: hurt.get(name, 0) for name in ("dead", "injured", "missing")},
            **scope,
        }

    def return_(self) -> None:
        review.return_(
            self.reviewer,
            self.id,
            ReturnItem(findings=[{"field": "narrative", "check": "completeness", "words": self.story["back"]}]),
        )

    def amend(self) -> None:
        item_services.change(self.reporter, self.id, {"narrative": self.story["narrative"] + "补充：已到现场核实。"})
        item_services.submit(self.reporter, self.id)

    def approve(self) -> None:
        review.approve(
            self.reviewer,
            self.id,
            Approve(checks=PASSED, completeness_mark=4 + self.number % 2, analysis_mark=3 + self.number % 3),
        )

    def assign(self) -> None:
        assigning.assign(
            self.people["manager1"],
            self.id,
            AssignItem(
                unit=_unit_of(self.handler), handler=self.handler.pk, instruction="请到现场查看，按时限办理并答复。"
            ),
        )

    def progress(self) -> None:
        work.progress(
            self.handler, self.id, RecordProgress(text=self.story["handling_note"] or "已到现场查看，正在安排。")
        )

    def resolve(self) -> None:
        work.resolve(self.handler, self.id, ResolveItem(result=self.story["did"]))

    def inform(self) -> None:
        if any(p["role"] == "proposer" for p in self.story["parties"]) or self.story["parties"]:
            loop.inform(
                self.reporter, self.id, InformResident(outcome="reached", method="phone", message=self.story["did"])
            )
        elif self.story["details"].get("anonymous"):
            loop.inform(
                self.reporter, self.id, InformResident(outcome="anonymous", reason="居民要求匿名，未留联系方式")
            )
        else:
            loop.inform(self.reporter, self.id, InformResident(outcome="no_resident", reason="巡查发现，无提出人"))

    def evaluate(self) -> None:
        if item_services.get(self.reporter, self.id).status == "informed":
            loop.evaluate(
                self.reporter, self.id, EvaluateItem(verdict=self.story["verdict"], remark=self.story["remark"])
            )

    def close(self) -> None:
        if item_services.get(self.people["manager1"], self.id).status == "evaluated":
            loop.close(
                self.people["manager1"],
                self.id,
                CloseItem(reason="已向居民说明情况" if self.story["verdict"] == "unsatisfied" else ""),
            )

    def reopen(self) -> None:
        loop.reopen(
            self.people["manager1"],
            self.id,
            ReopenItem(reason="居民反映问题又出现，重新办理", unit=_unit_of(self.handler), handler=self.handler.pk),
        )

    def withdraw(self) -> None:
        item_services.withdraw(self.reporter, self.id, WithdrawItem(reason="与邻居说的是同一件事，已由组里另报"))

    def adopt(self) -> None:
        row = oversight.adopt(self.reviewer, self.id, AdoptItem(kind="measure", note=self.story["adopted"]))
        oversight.confirm_adoption(self.people["manager1"], row.pk)


def _unit_of(person: User) -> Any:
    return next(iter(person.rights.granted["handler"]))


def _units() -> dict[str, Unit]:
    made: dict[str, Unit] = {}
    for order, (key, parent, kind, code, name, short) in enumerate(neighbourhood.UNITS):
        outline = (
            neighbourhood.outline(int(key[1:]))
            if kind == "grid"
            else neighbourhood.community_outline()
            if kind == "community"
            else None
        )
        extra = neighbourhood.SETTINGS if kind == "community" else {}
        made[key] = Unit.objects.create(
            parent=made.get(parent or ""),
            kind=kind,
            code=code,
            name=name,
            short_name=short,
            order=order,
            outline=outline,
            **extra,
        )
    reference.changed()
    return made


def _people(units: dict[str, Unit]) -> dict[str, User]:
    password = make_password(PASSWORD)  # one digest for all: the demo's password is on the sign-in page
    since = clock.today() - timedelta(days=600)  # before the first half-year that is told of
    joined = history.joined(clock.today())
    people: dict[str, User] = {}
    for username, name, role, unit, group in PEOPLE:
        user = people[username] = User.objects.create(username=username, name=name, password=password)
        grants = (
            [(role, unit)]
            + ([(role, group)] if group else [])
            + ([("group_leader", LEADERS[username])] if username in LEADERS else [])
        )
        starts = joined.get(username, since)
        RoleGrant.objects.bulk_create(RoleGrant(user=user, role=r, unit=units[u], starts=starts) for r, u in grants)
    return {u.username: u for u in User.objects.all()}


def _morning(now: datetime, days: float, hour: int, number: int) -> datetime:
    """`days` ago, at about `hour` in the community's zone; what is told of today lies in the past hours."""
    if days < 1:
        return now - timedelta(days=days)
    day = clock.local(now - timedelta(days=days))
    return day.replace(hour=hour, minute=number * 7 % 60, second=0, microsecond=0)


def _week(now: datetime, back: int) -> tuple[date, datetime]:
    """The Monday so many weeks ago, and its midnight here."""
    monday = clock.monday(clock.local(now).date()) - timedelta(days=7 * back)
    return monday, datetime.combine(monday, datetime.min.time(), clock.zone())


def _visits(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Iterator[tuple[datetime, Any]]:
    """One activity a week and reporter for eight weeks; a few in the present week. Each week owes one (4.1.1)."""
    for week in range(8):
        monday, begun = _week(now, week)
        yield begun + timedelta(minutes=30), lambda m=monday: activities.open_week(m)
    reporters = [(p[0], p[3]) for p in PEOPLE if p[2] == "reporter"]
    for week in range(8):
        for n, (username, grid) in enumerate(reporters):
            kind, message, minutes, crowd, notes = VISITS[(n + week) % len(VISITS)]
            moment = _morning(now, week * 7 + 1 + n % 3 + 0.5, 9 + n % 8, n + week)
            if week == 0 and n % 4 == 3:
                continue
            data = RecordActivity(
                kind=kind,
                starts_at=moment,
                minutes=minutes,
                people=crowd,
                notes=f"{message}：{notes}",
                place=f"{units[grid].name}{message[:2]}",
                grid=units[grid].code,
            )
            yield moment + timedelta(hours=2), lambda u=username, d=data: activities.create(people[u], d)


def _reports(people: dict[str, User], now: datetime) -> Iterator[tuple[datetime, Any]]:
    """The weekly reports of the last three weeks, sent on Friday afternoon, one a little late; reviewed on Monday, one
    returned, and two of last week still waiting."""
    for back in (1, 2, 3):
        monday, begun = _week(now, back)
        yield begun + timedelta(hours=1), lambda m=monday: weeks.open_week(m)
        for n, (username, *_rest) in enumerate(p for p in PEOPLE if p[2] == "reporter"):
            home = next(iter(people[username].rights.communities("reporter")))
            at = weeks.due(home, monday) + timedelta(minutes=25 if (n, back) == (5, 1) else -20 * (n + 2))
            if at >= now:
                continue
            yield (
                at,
                lambda u=username, m=monday: weekly_reports.confirm(
                    people[u],
                    weekly_reports.assemble_week(people[u], m).pk,
                    ConfirmReport(
                        nil_reason="本周参加街道培训，巡查由同组代为完成", reason="周五下午随队处置积水，回来后补报"
                    ),
                ),
            )
            yield at + timedelta(minutes=6), weekly_reports.send_due
            reviewed = begun + timedelta(days=7, hours=9, minutes=10 * n)
            if reviewed < now and (back > 1 or n > 1):
                returned = (n, back) == (4, 1)
                yield (
                    reviewed,
                    lambda u=username, m=monday, bad=returned: weekly_reports.review(
                        people["reviewer1"],
                        weekly_reports.assemble_week(people[u], m).pk,
                        ReviewReport(
                            accept=not bad,
                            findings=[{"section": "analysis", "words": "分析结论请写明垃圾清运问题集中在哪几栋"}]
                            if bad
                            else (),
                        ),
                    ),
                )


def _call_backs(people: dict[str, User], now: datetime) -> Iterator[tuple[datetime, Any]]:
    """The sample of each of the last eight weeks, drawn on Monday; made on Wednesday by a reviewer, but the last one's,
    which waits. One visit finds what the record does not say."""
    for back in range(8, 0, -1):
        monday, begun = _week(now, back)
        drawn = begun + timedelta(days=7, hours=7, minutes=20)
        if drawn < now:
            yield drawn, lambda m=monday: call_backs.draw_call_backs(m)
        made = begun + timedelta(days=9, hours=10, minutes=15)
        if back > 1 and made < now:
            yield made, lambda n=back: _call_back_week(people["reviewer1"], n)


def _call_back_week(caller: User, nth: int) -> None:
    for place, row in enumerate(CallBack.objects.filter(done_at__isnull=True).order_by("drawn_at", "pk")):
        if residents(row.item):
            known = row.item.verdict if row.item.verdict in RATED else "satisfied"
            call_backs.record_call_back(caller, row.pk, RecordCallBack(outcome="reached", matches=True, verdict=known))
        else:
            result = (nth, place) != (3, 0)
            remark = "到现场看过，与记录一致。" if result else "到现场看过，只清了一半，与记录不符，已告诉负责人。"
            call_backs.record_call_back(
                caller, row.pk, RecordCallBack(outcome="on_site", matches=result, remark=remark)
            )


def _emergency(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Iterator[tuple[datetime, Any]]:
    """The groups' seals, the roster around today, and a fire of twelve days ago from the call to the final report."""
    home = next(u for u in units.values() if u.kind == "community")

    def prepare() -> None:
        for username, group in LEADERS.items():
            unit = units[group]
            seals.make(
                None,
                MakeSeal(
                    kind="work_group", name=f"{home.name}{unit.name}", unit=unit.pk, custodian=people[username].pk
                ),
            )
        seals.make(None, MakeSeal(kind="unit", name=home.name, unit=home.pk, custodian=people["manager1"].pk))
        reporter = people["reporter1"]
        seals.make(
            None, MakeSeal(kind="person", name=reporter.name, unit=home.pk, custodian=reporter.pk, person=reporter.pk)
        )
        day = clock.local(now).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=13)
        shift = ["manager1", "reviewer1", "reviewer2"]
        for n in range(21):
            roster.add_shift(
                None,
                home.pk,
                AddShift(
                    person=people[shift[n % 3]].pk,
                    stand_in=people[shift[(n + 1) % 3]].pk,
                    starts=day + timedelta(days=n),
                    ends=day + timedelta(days=n + 1),
                    phone="0571-88860017",
                ),
            )

    start = _morning(now, 12, 19, 3)
    reporter, stored = people["reporter1"], ids.new()
    details = {
        "place": "7幢地下车库充电区",
        "course": "19时许充电区一辆电动自行车冒烟起火，保安用灭火器扑救并断电，烟气进入1单元楼道。",
        "impact": "1单元楼道有烟，住户疏散到小广场，秩序正常。",
        "dead": 0,
        "injured": 1,
        "missing": 0,
        "households": 24,
        "loss": 3000,
        "measures": "已拨打119、120；切断充电区电源；逐户敲门疏散，老人由网格员陪同。",
        "present": "明火已扑灭，消防人员正在排烟检查。",
        "present_state": "in_progress",
        "help": "请派电工检查其余充电桩，并安排两户老人临时住处。",
        "level": "general",
        "occurred_at": start.isoformat(),
        "grid": units["g7"].code,
        "source": "patrol",
        "reported_to": ["fire", "medical"],
        "parties": [{"role": "victim", "name": "汤师傅", "phone": ""}],
    }

    def tell(stage: str = "first", changed: str = "", **more: Any) -> None:
        seal = seals.usable_by(reporter)[0]
        emergencies.write(
            reporter, stored, FileVersion(content=details | more, stage=stage, changed=changed, seal=seal.pk)
        )

    def sign() -> None:
        for alarm in Alarm.objects.filter(report_id=stored):
            alarms.acknowledge(people["manager1"], alarm.pk)

    minute = timedelta(minutes=1)
    yield start - timedelta(days=1), prepare
    yield start, lambda: emergencies.start(reporter, StartEmergency(kind="fire", place="7幢地下车库充电区", id=stored))
    yield (
        start + 3 * minute,
        lambda: emergencies.record_call(
            reporter,
            stored,
            RecordCall(
                answered_by="值班员小周", called_number="0571-88860017", message="7幢车库起火，已报119，正在疏散。"
            ),
        ),
    )
    yield start + 5 * minute, sign
    yield start + 41 * minute, lambda: tell()
    yield (
        start + 180 * minute,
        lambda: tell("follow_up", "伤者为轻微灼伤，已送医；楼道排烟完毕。", present="火已熄灭，住户陆续返回。"),
    )
    yield (
        start + 900 * minute,
        lambda: tell(
            "final",
            "充电桩全部检查完毕，停用两处，伤者已回家。",
            present="处置完毕，秩序正常。",
            present_state="subsided",
            help="无",
        ),
    )
    handler, manager = people["handler1"], people["manager1"]

    def item() -> Any:
        return UrgentReport.objects.values_list("item_id", flat=True).get(pk=stored)

    for minutes, step in (
        (
            55,
            lambda: review.approve(
                people["reviewer1"], item(), Approve(checks=PASSED, completeness_mark=5, analysis_mark=4)
            ),
        ),
        (
            62,
            lambda: assigning.assign(
                manager,
                item(),
                AssignItem(
                    unit=_unit_of(handler),
                    handler=handler.pk,
                    instruction="请到场配合消防，查清起火原因，停用有隐患的充电桩。",
                ),
            ),
        ),
        (
            150,
            lambda: work.progress(
                handler, item(), RecordProgress(text="已到场，配合消防排烟；充电区已断电并拉起警戒线。")
            ),
        ),
        (
            960,
            lambda: work.resolve(
                handler,
                item(),
                ResolveItem(result="起火原因为电池老化；停用两处充电桩，增设灭火器和烟感，张贴充电提示。"),
            ),
        ),
        (
            990,
            lambda: loop.inform(
                reporter,
                item(),
                InformResident(outcome="reached", method="visit", message="到汤师傅家告知起火原因和整改结果"),
            ),
        ),
        (1000, lambda: loop.evaluate(reporter, item(), EvaluateItem(verdict="satisfied", remark="来得快，处理得细"))),
        (1010, lambda: loop.close(manager, item(), CloseItem(reason=""))),
    ):
        yield start + minutes * minute, step


def check() -> list[str]:
    """Subcategories that no story tells of."""
    lines = {
        catalogue().resolve(s["category"], s["subcategory"]) for s in [*opinions.ITEMS, *events.ITEMS, *works.ITEMS]
    }
    return sorted(set(catalogue().subcategories) - lines)
