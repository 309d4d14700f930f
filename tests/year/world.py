"""An empty installation is set up as a real one: by the command line and the administrator's pages.

Two communities, thirty people: 桂花园 reports by work group, 银杏 each reporter for themselves. Accounts are made by
`linbao user create` (an administrator's grants on a page wait for the security officer, which is tested elsewhere).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from tests.year.hands import PASSWORD, Hand, Refused, command
from tests.year.ledger import working_time
from tests.year.ledger.book import Ledger

DISTRICT = "510104000000"


@dataclass
class Community:
    code: str
    name: str
    mailbox: str
    by_group: bool
    grids: list[str]
    groups: list[str]
    department: str
    reporters: list[str]
    reviewers: list[str]
    manager: str
    handlers: list[str]
    leaders: dict[str, str] = field(default_factory=dict)  # group → leader
    id: str = ""


def communities() -> list[Community]:
    return [
        Community(
            "510104017003",
            "桂花园",
            "guihuayuan@example.cn",
            True,
            ["510104017003001", "510104017003002"],
            ["GA1", "GA2"],
            "DA",
            [f"a{n}" for n in range(1, 10)],
            ["ra1", "ra2"],
            "ma",
            ["ha1", "ha2"],
            {"GA1": "la1", "GA2": "la2"},
        ),
        Community(
            "510104017004",
            "银杏",
            "yinxing@example.cn",
            False,
            ["510104017004001", "510104017004002"],
            [],
            "DB",
            [f"b{n}" for n in range(1, 9)],
            ["rb1", "rb2"],
            "mb",
            ["hb1", "hb2"],
        ),
    ]


class World:
    """The installation and its people; every appointment is told to the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.communities = communities()
        self.hands: dict[str, Hand] = {}
        self.ids: dict[str, str] = {}  # user name → id
        self.handle_days: dict[str, int] = {}

    def hand(self, username: str) -> Hand:
        return self.hands.setdefault(username, Hand(username))

    def of(self, code: str) -> Community:
        return next(c for c in self.communities if c.code == code)

    # --- setting up -------------------------------------------------------------------------------------

    def set_up(self, now: datetime) -> None:
        command("user", "create", "root", "--name", "李明", "--admin", "--password-stdin", stdin=PASSWORD + "\n")
        self._unit("root", "district", DISTRICT, "锦江区")
        for c in self.communities:
            self._community(c)
        command(
            "user",
            "create",
            "safe",
            "--name",
            "安全员",
            "--role",
            "security_officer",
            "--unit",
            "root",
            "--password-stdin",
            stdin=PASSWORD + "\n",
        )
        command(
            "user",
            "create",
            "audit",
            "--name",
            "审计员",
            "--role",
            "auditor",
            "--unit",
            "root",
            "--password-stdin",
            stdin=PASSWORD + "\n",
        )
        for c in self.communities:
            self._staff(now, c)
        self._read_catalogue()

    def _community(self, c: Community) -> None:
        settings = {"short_name": c.name, "mailbox": c.mailbox, "weekly_by": "work_group" if c.by_group else "reporter"}
        self._unit(DISTRICT, "community", c.code, f"{c.name}社区", **settings)
        for n, grid in enumerate(c.grids, 1):
            self._unit(c.code, "grid", grid, f"第{n}网格")
        for n, group in enumerate(c.groups, 1):
            self._unit(c.code, "work_group", group, f"第{n}小组")
        self._unit(c.code, "department", c.department, f"{c.name}办公室")

    def _staff(self, now: datetime, c: Community) -> None:
        self.appoint(now, c.manager, "manager", c, c.code)
        for reviewer in c.reviewers:
            self.appoint(now, reviewer, "reviewer", c, c.code)
        for handler in c.handlers:
            self.appoint(now, handler, "handler", c, c.department)
        for group, leader in c.leaders.items():
            self.appoint(now, leader, "group_leader", c, group)
        for n, reporter in enumerate(c.reporters):
            self.appoint(now, reporter, "reporter", c, self.place_of(c, n))
        self.ledger.emergencies.chains[c.code] = [c.reviewers[0], c.manager, c.reviewers[1]]

    def place_of(self, c: Community, n: int) -> str:
        """The unit that the nth reporter works for: a group in turn, else a grid in turn."""
        places = c.groups or c.grids
        return places[n % len(places)]

    def appoint(self, now: datetime, username: str, role: str, c: Community, unit: str) -> None:
        """An account with its role, from today on."""
        command(
            "user",
            "create",
            username,
            "--name",
            f"人员{username}",
            "--role",
            role,
            "--unit",
            unit,
            "--password-stdin",
            stdin=PASSWORD + "\n",
        )
        self.ids[username] = self.hand(username).api("get", "/me")["id"]
        group = unit if unit in c.groups else ""
        self.ledger.appointed(now, username, role, c.code, group)

    def dismiss(self, now: datetime, username: str) -> None:
        """The administrator ends the role after today, on the person's page."""
        root, person = self.hand("root"), f"/people/{self.ids[username]}/"
        page = root.get(person).content.decode()
        grants = set(re.findall(rf"{person}grants/([0-9a-f-]+)/end", page))
        if not grants:
            raise Refused(f"no role of {username} can be ended on {person}")
        today = working_time.day_of(now)
        for grant in grants:
            root.post(f"{person}grants/{grant}/end", {"last_day": f"{today:%Y-%m-%d}"})
        self.ledger.left(now, username, today)

    # --- units --------------------------------------------------------------------------------------------

    def _unit(self, parent: str, kind: str, code: str, name: str, **settings: str) -> str:
        root = self.hand("root")
        form = {"kind": kind, "code": code, "name": name, "short_name": "", "order": "0", **settings}
        answer = root.post(f"/admin/units/new?parent={self.unit_id(parent)}", form)
        result = self.unit_id(code)
        if not result:
            raise Refused(f"unit {code} was not made: {answer.status_code}")
        for c in self.communities:
            if c.code == code:
                c.id = result
        return result

    def unit_id(self, code: str) -> str:
        """As the administrator's list of units links it."""
        page = self.hand("root").get(f"/admin/units/?q={code}").content.decode()
        rows = re.findall(r'href="/admin/units/([0-9a-f-]{36})/">(.*?)</a>', page, flags=re.S)
        return next((id for id, row in rows if f"<span>{code}</span>" in row), "")

    def correct_calendar(self, now: datetime, day: str, *, works: bool) -> None:
        """In the district, for all its communities."""
        form = {"first": day, "last": "", "working": "yes" if works else "no", "name": "区里统一安排"}
        self.hand("root").post(f"/admin/units/{self.unit_id(DISTRICT)}/calendar/", form)

    def _read_catalogue(self) -> None:
        """Each subcategory's working days for handling, as the installation's catalogue says."""
        details = self.hand(self.communities[0].reporters[0]).api("get", "/catalogue")
        for category in details["categories"]:
            for sub in category["subcategories"]:
                self.handle_days[f"{category['code']}.{sub['code']}"] = sub["handle_days"]
