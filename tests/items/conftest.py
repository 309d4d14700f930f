"""A community with its people for the tests of the collection room, and signed-in browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from linbao.core import ids
from linbao.items import hints, services
from linbao.items.models import Item
from linbao.organisation.models import RoleGrant, Unit, User
from linbao.platform.reference import Reference
from tests.loop import proven

# A Tuesday at 10:00 in Shanghai.
NOON = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def square(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


@dataclass
class Town:
    """Two communities; the first with three grids and one person of each role that the room knows."""

    community: Unit
    grids: list[Unit]
    elsewhere: Unit
    department: Unit
    people: dict[str, User] = field(default_factory=dict)

    def person(self, name: str, role: str, unit: Unit) -> User:
        user = User.objects.create(username=name, name=name)
        RoleGrant.objects.create(user=user, role=role, unit=unit, starts=datetime(2026, 1, 1))
        self.people[name] = user
        return user

    def __getattr__(self, name: str) -> User:
        try:
            person: User = self.__dict__["people"][name]
            return person
        except KeyError as e:
            raise AttributeError(name) from e


@pytest.fixture(autouse=True)
def _morning() -> Any:
    with time_machine.travel(NOON, tick=True):
        yield


@pytest.fixture
def town(db: Any) -> Iterator[Town]:
    district = Unit.objects.create(kind="district", code="510104000000", name="锦江区")
    community = Unit.objects.create(
        kind="community",
        code="510104017003",
        name="桂花园社区",
        parent=district,
        outline=square(104.060, 30.650, 104.072, 30.658),
    )
    grids = [
        Unit.objects.create(
            kind="grid",
            code=f"510104017003{n:03d}",
            name=f"第{n}网格",
            parent=community,
            outline=square(104.056 + 0.004 * n, 30.650, 104.060 + 0.004 * n, 30.658),
        )
        for n in (1, 2, 3)
    ]
    elsewhere = Unit.objects.create(kind="community", code="510104017004", name="梧桐里社区", parent=district)
    department = Unit.objects.create(kind="department", code="D1", name="社区办公室", parent=community)
    made = Town(community, grids, elsewhere, department)
    made.person("reporter", "reporter", grids[0])
    made.person("colleague", "reporter", grids[1])
    made.person("reviewer", "reviewer", community)
    made.person("manager", "manager", community)
    made.person("handler", "handler", department)
    made.person("stranger", "reviewer", elsewhere)
    made.person("admin", "administrator", district)
    made.person("auditor", "auditor", district)
    for reference in Reference.all.values():
        reference.drop()
    yield made
    for reference in Reference.all.values():
        reference.drop()


@pytest.fixture
def browser() -> Callable[[User], Client]:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return proven(client)

    return signed_in


def told(**changes: Any) -> dict[str, Any]:
    """A complete sanitation report, as the contract has it."""
    return {
        "category": "sanitation",
        "subcategory": "occupying",
        "title": "三栋楼道堆放旧家具",
        "narrative": "三栋二单元一楼楼道堆放旧沙发和床板，居民出入不便，已有两周。",
        "occurred_at": "2026-11-22T09:30",
        "seen_at": "2026-11-22T10:00",
        "place": {"text": "3栋2单元"},
        "grid": "510104017003001",
        "source": {"method": "patrol"},
        "key_points": ["楼道堆物"],
        "analysis": "住户搬家未清理",
        "details": {"area": "3栋2单元一楼", "factor": "people", "factor_words": "搬家后没有清走", "severity": "middle"},
        **changes,
    }


def event(**changes: Any) -> dict[str, Any]:
    """A complete event report."""
    details = {
        "course": "早上八点电动车充电冒烟，物业用灭火器扑灭，无人员伤亡。",
        "casualties": {"dead": 0, "injured": 0, "missing": 0},
        "present_state": "subsided",
        "measures_taken": "物业已断电",
        **changes.pop("details", {}),
    }
    return told(
        category="event",
        subcategory="fire",
        title="五栋车棚电动车充电冒烟",
        narrative="五栋车棚一辆电动车充电时冒烟，物业扑灭，无人员伤亡。",
        place={"text": "5栋车棚"},
        details=details,
        parties=changes.pop("parties", [{"role": "involved", "name": "张建国", "phone": "13812345678"}]),
        **changes,
    )


def posted(**changes: str) -> dict[str, str]:
    """The same as a browser posts it."""
    return {
        "version": "0",
        "category": "sanitation",
        "subcategory": "sanitation.occupying",
        "title": "三栋楼道堆放旧家具",
        "narrative": "三栋二单元一楼楼道堆放旧沙发和床板，居民出入不便，已有两周。",
        "occurred_at": "2026-11-22T09:30",
        "seen_at": "2026-11-22T10:00",
        "place.text": "3栋2单元",
        "place.lat": "",
        "place.lon": "",
        "grid": "510104017003001",
        "source.method": "patrol",
        "key_points.asked": "1",
        "key_points": "楼道堆物",
        "analysis": "住户搬家未清理",
        "details.area": "3栋2单元一楼",
        "details.factor": "people",
        "details.factor_words": "搬家后没有清走",
        "details.severity": "middle",
        "sensitivity": "internal",
        "urgent.asked": "1",
        **changes,
    }


def submitted(user: User, checked: bool = False, **changes: Any) -> Item:
    item = services.create(user, told(**changes), item_id=ids.new(), submit=True)
    if checked:
        hints.refresh([item])
    return item
