"""Half a year of keeping things safe in the demo community: devices inspected and due, a phone lost, a
meeting room with its door, rules confirmed, an incident closed, a drill, a review of rights (6.1, 6.2.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.organisation.models import Unit, User
from linbao.security import rights_reviews
from linbao.security.checks import services as checks
from linbao.security.checks.inputs import FinishReview, GrantVerdict, PlanCheck, RecordResult
from linbao.security.devices import services as devices
from linbao.security.devices.inputs import RegisterDevice, ReportLoss
from linbao.security.incidents import services as incidents
from linbao.security.incidents.inputs import AddNote, ClassifyIncident
from linbao.security.inspections import services as inspections
from linbao.security.inspections.inputs import FixFinding, Inspect
from linbao.security.models import IncidentKind, Severity
from linbao.security.premises import services as places
from linbao.security.premises.inputs import Admit, Enter, PermitEntry, RegisterPlace
from linbao.security.rules import services as rulebook
from linbao.security.rules.inputs import IssueRule

DEVICES = [
    ("phone", "一网格工作手机", "SJ-2026-01", "reporter1"),
    ("phone", "三网格工作手机", "SJ-2026-03", "reporter4"),
    ("phone", "七网格工作手机", "SJ-2026-07", "reporter10"),
    ("computer", "审核一号电脑", "DN-2024-11", "reviewer1"),
    ("computer", "负责人电脑", "DN-2024-12", "manager1"),
    ("printer", "社区办公室打印机", "DY-2023-02", ""),
    ("usb", "报送专用 U 盘", "UP-2026-01", "reviewer2"),
    ("disk", "备份移动硬盘", "YP-2025-01", "security1"),
]
RULES = [
    (
        "工作手机和电脑使用规定",
        "一、工作手机、电脑设锁屏口令，离开时锁屏。\n二、不安装与工作无关的软件，不借给他人使用。\n三、居民信息只在邻报内处理，不截图、不转发到聊天群。\n四、设备丢失，立即在“信息安全”中报失，不等找到再说。",
    ),
    (
        "居民资料保管和销毁规定",
        (
            "一、纸质资料当日收进档案柜，档案室无人时上锁。\n二、外来人员进入档案室须登记并由工作人员全程陪同。\n三、"
            "不再需要的资料用碎纸机销毁，不当废纸卖。\n四、U 盘只用登记过的，用后清除，每月检查一次。"
        ),
    ),
]
ROOM = {
    "kind": "room",
    "name": "二楼会议室（档案室）",
    "where": "社区服务中心二楼东侧",
    "active": True,
    "contents": "居民来信来访原件、纠纷调解档案",
}
GOOD = {"ok": True, "remark": ""}


def moves(
    people: dict[str, User], units: dict[str, Unit], now: datetime
) -> Iterator[tuple[datetime, Callable[[], Any]]]:
    """What happened when; each step calls the real verb."""
    story = Story(people, units["c"])
    plan: list[tuple[int, float, Callable[[], Any]]] = [
        (170, 9, story.register),
        (168, 9, story.rules),
        (165, 10, story.room),
        (150, 14, story.first_inspection),
        (140, 9, story.plan),
        (147, 16, story.fix),
        (146, 9, story.close),
        (72, 9, story.lost),
        (72, 11, story.classify),
        (72, 15, story.contain),
        (69, 10, story.lesson),
        (60, 15, story.drill),
        (40, 10, story.confirm),
        (38, 9, story.review),
        (21, 14, story.second_inspection),
        (9, 9, story.visit),
        (3, 10, story.enter),
        (2, 15, story.refused),
        (1, 9, story.duties),
    ]
    for days, hour, act in plan:
        day = clock.local(now - timedelta(days=days))
        yield day.replace(hour=int(hour), minute=30, second=0), act


class Story:
    """The community's officer and what they keep."""

    def __init__(self, people: dict[str, User], community: Unit) -> None:
        self.people, self.community = people, community
        self.officer = people["security1"]
        self.things: dict[str, Any] = {}
        self.incident: Any = None

    def _fresh(self, name: str) -> User:
        return User.objects.get(pk=self.people[name].pk)

    def _username(self, name: str) -> str:
        return self.people[name].username if name else ""

    def register(self) -> None:
        for kind, name, number, holder in DEVICES:
            data = RegisterDevice(
                unit=self.community.pk, kind=kind, name=name, number=number, holder=self._username(holder)
            )
            self.things[number] = devices.register(self.officer, data)

    def rules(self) -> None:
        for title, body in RULES:
            data = IssueRule(unit=self.community.pk, title=title, body=body)
            self.things[title] = rulebook.issue(self.officer, data)

    def room(self) -> None:
        data = checked(RegisterPlace, ROOM | {"unit": self.community.pk, "keeper": self._username("reviewer1")})
        self.things["room"] = places.register(self.officer, data)
        for name in ("reviewer2", "manager1"):
            places.permit(self.officer, self.things["room"].pk, PermitEntry(person=self._username(name)))

    def first_inspection(self) -> None:
        for number in ("DN-2024-11", "DN-2024-12", "SJ-2026-01", "SJ-2026-07", "DY-2023-02", "YP-2025-01"):
            self._inspect(self.things[number])
        self.inspection = self._inspect(self.things["SJ-2026-03"], {2: "装有两个短视频软件，已告知卸载"})
        self._inspect(self.things["room"])

    def second_inspection(self) -> None:
        for number in ("DN-2024-11", "DN-2024-12", "SJ-2026-01", "YP-2025-01"):
            self._inspect(self.things[number])
        self._inspect(self.things["UP-2026-01"], {3: "上月报送的表格还留在盘内"})

    def _inspect(self, thing: Any, bad: dict[int, str] | None = None) -> Any:
        asked = inspections.points(self.community.pk, inspections.about_of(thing))
        answers = [{"ok": False, "remark": bad[n]} if bad and n in bad else GOOD for n in range(len(asked))]
        return inspections.inspect(self.officer, thing, Inspect(answers=answers))

    def plan(self) -> None:
        day = clock.today()
        for kind, title, days, every in (
            ("restore", "备份恢复演练", 80, 6),
            ("check", "季度安全检查", 160, 3),
            ("drill", "信息泄露应急演练", 170, 12),
        ):
            self.things[title] = checks.plan(
                self.officer,
                PlanCheck(
                    unit=self.community.pk, kind=kind, title=title, due_on=day + timedelta(days=days), every=every
                ),
            )

    def fix(self) -> None:
        inspections.fix(
            self.people["reporter4"],
            self.inspection.findings.get().pk,
            FixFinding(correction="两个软件都已卸载，并重新设置了锁屏口令。"),
        )

    def close(self) -> None:
        inspections.close(self.officer, self.inspection.findings.get().pk, right=True)

    def lost(self) -> None:
        made = devices.report_lost(
            self.people["reporter10"],
            ReportLoss(
                device=self.things["SJ-2026-07"].pk,
                description="早上入户走访后发现工作手机不见了，可能落在公交车上；手机有锁屏口令。",
            ),
        )
        self.incident = made.incident

    def classify(self) -> None:
        incidents.classify(
            self.officer,
            self.incident.pk,
            ClassifyIncident(
                kind=IncidentKind.LOSS,
                severity=Severity.MEDIUM,
                personal=False,
                note="手机有锁屏口令，未同步条目两条已加密；登录已全部退出，未发现冒用。",
            ),
        )

    def contain(self) -> None:
        incidents.contain(
            self.officer,
            self.incident.pk,
            AddNote(note="已补办手机卡，原卡停用；设备下次联网自动清除，审计日志未见异常登录。"),
        )

    def lesson(self) -> None:
        note = "原因：走访途中手机放在外衣口袋。后果：未造成信息泄露。改进：配发手机挂绳，例会上重申丢失先报失。"
        incidents.close(self.officer, self.incident.pk, AddNote(note=note))

    def drill(self) -> None:
        checks.record(
            self.officer,
            self.things["备份恢复演练"].pk,
            RecordResult(
                passed=True,
                result="在备用电脑的空目录中恢复昨夜备份，登录后核对条目、附件和审计链，均与原库一致。",
                backup_on=clock.today() - timedelta(days=1),
                minutes=18,
                lost=0,
            ),
        )

    def confirm(self) -> None:
        for n, name in enumerate(self.people):
            if name == "admin":
                continue
            for title, _text in RULES if n % 6 else RULES[:1]:
                rulebook.confirm(self._fresh(name), self.things[title].pk, 1)

    def review(self) -> None:
        verdicts = {g.pk: GrantVerdict(keep=True) for g in rights_reviews.standing(self.community.pk)}
        rights_reviews.finish(self.officer, self.community.pk, FinishReview(verdicts=verdicts))

    def visit(self) -> None:
        made = places.admit(
            self.people["reviewer1"],
            self.things["room"].pk,
            Admit(visitor="街道档案科 林老师", escort=self._username("reviewer2"), purpose="指导档案整理"),
        )
        with clock.at(clock.now() + timedelta(hours=2)):
            places.let_out(self.people["reviewer1"], self.things["room"].pk, made.pk)

    def enter(self) -> None:
        code = self.things["room"].code
        places.enter(self._fresh("reviewer2"), code, Enter(purpose="调阅调解档案"))
        with clock.at(clock.now() + timedelta(minutes=35)):
            places.leave(self._fresh("reviewer2"), code)

    def refused(self) -> None:
        places.enter(self._fresh("reporter6"), self.things["room"].code, Enter(purpose="找上周的会议材料"))

    def duties(self) -> None:
        inspections.open_duties()
        rights_reviews.open_duties()
