"""A town whose people carry items through the closed loop, for the tests of review and handling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from linbao.accounts.models import ApiToken
from linbao.core import clock
from linbao.handling import assigning, loop, work
from linbao.handling.inputs import AssignItem, CloseItem, EvaluateItem, InformResident, ResolveItem
from linbao.items import services as item_services
from linbao.items.models import Item
from linbao.organisation.models import RoleGrant, Unit, User
from linbao.platform.reference import Reference
from linbao.review import services as review
from linbao.review.inputs import Approve

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSED = {c: {"pass": True} for c in ("truth", "completeness", "accuracy", "format")}
OVERRULED = {c: {"pass": True, "overruled": "已核实"} for c in PASSED}
STREETS = ["桂花巷", "梧桐路", "荷塘里", "书院街", "望江台", "银杏道", "竹林坊", "锦绣苑", "石桥头", "柳荫街"]
MATTERS = ["垃圾桶满溢", "路灯不亮", "井盖松动", "污水外溢", "树枝压线", "楼道堆物", "健身器材断裂", "围墙开裂"]


@dataclass
class Town:
    """One community with a department, two grids and its people; and a community next door."""

    community: Unit
    grid: Unit
    department: Unit
    group: Unit
    elsewhere: Unit
    people: dict[str, User] = field(default_factory=dict)
    _n: Any = field(default_factory=count)

    def person(self, name: str, role: str, unit: Unit) -> User:
        user = User.objects.create(username=name, name=name)
        RoleGrant.objects.create(user=user, role=role, unit=unit, starts=datetime(2026, 1, 1))
        self.people[name] = user
        return user

    @property
    def parent_unit(self) -> Unit:
        """The district above the community."""
        assert self.community.parent is not None
        return self.community.parent

    def __getattr__(self, name: str) -> User:
        if name in self.__dict__.get("people", {}):
            # A fresh object, as each request has: rights are asked anew.
            return User.objects.get(pk=self.people[name].pk)
        raise AttributeError(name)

    def body(self, **changes: Any) -> dict[str, Any]:
        """What a reporter tells; each call another matter at another place."""
        n = next(self._n)
        place = f"{STREETS[n % 10]}{n + 1}号"
        matter = MATTERS[n // 10 % 8]
        now = clock.now()
        return {
            "category": "sanitation",
            "subcategory": "waste",
            "title": f"{place}{matter}",
            "narrative": f"{place}旁边{matter}，从{n + 1}日起已有{n + 2}天，附近{n + 3}户居民反映，现场气味明显。",
            "occurred_at": now - timedelta(hours=5),
            "seen_at": now - timedelta(hours=2),
            "place": {"text": place},
            "grid": self.grid.code,
            "source": {"method": "visit"},
            "key_points": [f"{place}待处理"],
            "analysis": "清运频次不足。",
            "suggestion": "增加清运班次。",
            "details": {"area": place, "factor": "frequency", "factor_words": "每周只清运两次", "severity": "middle"},
            "parties": [{"role": "proposer", "name": "张桂兰", "phone": f"1381234{n:04d}"}],
            **changes,
        }

    def submitted(self, by: str = "reporter", **changes: Any) -> Item:
        return item_services.create(getattr(self, by), self.body(**changes), submit=True)

    def approved(self, **changes: Any) -> Item:
        return review.approve(self.reviewer, self.submitted(**changes).pk, Approve(checks=OVERRULED))

    def assigned(self, **changes: Any) -> Item:
        return assigning.assign(
            self.manager,
            self.approved(**changes).pk,
            AssignItem(unit=self.department.id, handler=self.handler.pk, instruction="请尽快清运"),
        )

    def resolved(self, **changes: Any) -> Item:
        return work.resolve(
            self.handler, self.assigned(**changes).pk, ResolveItem(result="已经清运干净，并加装一只垃圾桶。")
        )

    def informed(self, **changes: Any) -> Item:
        return loop.inform(
            self.reporter, self.resolved(**changes).pk, InformResident(outcome="reached", method="phone")
        )

    def evaluated(self, verdict: str = "satisfied", **changes: Any) -> Item:
        return loop.evaluate(self.reporter, self.informed(**changes).pk, EvaluateItem(verdict=verdict))

    def closed(self, **changes: Any) -> Item:
        return loop.close(self.manager, self.evaluated(**changes).pk, CloseItem())

    def browser(self, name: str) -> Client:
        client = Client()
        client.force_login(self.people[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        return proven(client)

    def token(self, name: str) -> dict[str, Any]:
        """Headers of a program that acts for this person."""
        return {"HTTP_AUTHORIZATION": f"Bearer {ApiToken.make(self.people[name], 'test', ['*'])[1]}"}


def proven(client: Client) -> Client:
    """The browser, as if its person had just typed the password (see `platform.protection.reauthentication`)."""
    session = client.session
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session["account_authentication_methods"] = [{"method": "password", "at": clock.now().timestamp()}]
    session.save()
    return client


def build() -> Town:
    """The town in an empty database."""
    for reference in Reference.all.values():
        reference.drop()
    district = Unit.objects.create(kind="district", code="510104000000", name="锦江区")
    community = Unit.objects.create(
        kind="community", code="510104017003", name="桂花园社区", short_name="桂花园", parent=district
    )
    grid = Unit.objects.create(kind="grid", code="510104017003001", name="第一网格", parent=community)
    department = Unit.objects.create(kind="department", code="D1", name="环境办公室", parent=community)
    group = Unit.objects.create(kind="work_group", code="G1", name="第一小组", parent=community)
    elsewhere = Unit.objects.create(kind="community", code="510104017004", name="银杏社区", parent=district)
    Unit.objects.create(kind="department", code="D2", name="银杏办公室", parent=elsewhere)
    for reference in Reference.all.values():
        reference.drop()
    town = Town(community, grid, department, group, elsewhere)
    for name, role, unit in (
        ("reporter", "reporter", grid),
        ("reporter2", "reporter", grid),
        ("leader", "group_leader", group),
        ("reviewer", "reviewer", community),
        ("reviewer2", "reviewer", community),
        ("manager", "manager", community),
        ("manager2", "manager", community),
        ("handler", "handler", department),
        ("handler2", "handler", department),
        ("administrator", "administrator", district),
        ("stranger", "reviewer", elsewhere),
        ("trainer", "trainer", community),
    ):
        town.person(name, role, unit)
    RoleGrant.objects.create(user=town.people["reporter"], role="reporter", unit=group, starts=datetime(2026, 1, 1))
    return town


@pytest.fixture(autouse=True)
def _tuesday() -> Iterator[time_machine.Traveller]:
    """Tuesday 10:00 in Shanghai, the clock running; tests move it with `time.shift`."""
    with time_machine.travel(TUESDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def time(_tuesday: time_machine.Traveller) -> time_machine.Traveller:
    return _tuesday


@pytest.fixture
def town(db: Any) -> Town:
    return build()
