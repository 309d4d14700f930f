"""What people do, each act through a page or the API, and told to the ledger when the product took it.

An act that the product refuses, although it must be possible, is a difference of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.year import matters
from tests.year.differences import Differences
from tests.year.hands import Hand, Refused
from tests.year.ledger.book import Ledger
from tests.year.ledger.facts import Absence, Activity, Emergency, Item, Report
from tests.year.ledger.working_time import ZONE
from tests.year.passing import Passing
from tests.year.world import Community, World

CHECKS = ("truth", "completeness", "accuracy", "format")
HANDLED = {"method": "phone", "words": "已当面说明办理情况"}


class Acts:
    def __init__(self, world: World, ledger: Ledger, passing: Passing, rng: random.Random, found: Differences) -> None:
        self.world, self.ledger, self.passing, self.rng, self.found = world, ledger, passing, rng, found
        self.numbers: dict[str, str] = {}  # item → the number that the product gave it
        self.bodies: dict[str, dict[str, Any]] = {}
        self.refused = 0

    @property
    def now(self) -> datetime:
        return self.passing.now

    def hand(self, username: str) -> Hand:
        return self.world.hand(username)

    def attempt(self, clause: str, subject: str, act: Callable[[], Any]) -> Any:
        """Do it; a refusal is kept as a difference, and None returned."""
        try:
            made = act()
        except Refused as e:
            self.refused += 1
            self.found.add(clause, subject, "it is taken", str(e))
            return None
        self.passing.jobs()
        return True if made is None else made

    def by_page(self) -> bool:
        """Some do it on the page, some through a program."""
        return self.rng.random() < 0.3

    # --- collecting and submitting ------------------------------------------------------------------------

    def submit(
        self, who: str, given: dict[str, Any], *, offline_since: datetime | None = None, form: bool = False
    ) -> str:
        """File one item. `offline_since`: sent off on the phone then, without a network. Returns its id, "" if
        refused."""
        id = matters.new_id(self.rng, self.now)
        if form:
            done = self.attempt("2.3.1", f"item {id} by form", lambda: self._by_form(who, id, given))
        elif offline_since is not None:
            done = self.attempt("1.3.2", f"item {id} offline", lambda: self._from_queue(who, id, given, offline_since))
        else:
            body = {"id": id, "status": "submitted", **given}
            done = self.attempt("2.3.1", f"item {id}", lambda: self._file(who, body))
        if done:
            self._submitted(who, id, given, offline_since or self.now)
        return id if done else ""

    def submit_batch(self, who: str, bodies: list[dict[str, Any]]) -> list[str]:
        """File several at once; returns the ids of those that were taken."""
        rows = [{"id": matters.new_id(self.rng, self.now), "status": "submitted", **b} for b in bodies]
        answer = self.attempt("2.3.1", "batch", lambda: self.hand(who).api("post", "/items/batch", {"items": rows}))
        taken = []
        for row, data, result in zip(rows, bodies, answer["results"] if answer else (), strict=False):
            if result["status"] != 201:
                self.found.add("2.3.1", f"item {row['id']} in a batch", "it is taken", str(result))
                continue
            self.numbers[row["id"]] = result["number"]
            self._submitted(who, row["id"], data, self.now)
            taken.append(row["id"])
        return taken

    def _file(self, who: str, body: dict[str, Any]) -> None:
        self.numbers[body["id"]] = self.hand(who).api("post", "/items", body)["number"]

    def _by_form(self, who: str, id: str, given: dict[str, Any]) -> None:
        self.hand(who).post(f"/items/{id}/edit", matters.as_form(given))
        answer = self.hand(who).api("get", f"/items/{id}")
        if answer["status"] != "submitted":
            raise Refused(f"{who}: the posted form left the item as {answer['status']}")
        self.numbers[id] = answer["number"]

    def _from_queue(self, who: str, id: str, given: dict[str, Any], since: datetime) -> None:
        """As the phone's queue does: the draft first, then its submission with the phone's own time."""
        self.hand(who).api("post", "/items", {"id": id, "status": "draft", **given})
        answer = self.hand(who).api("post", f"/items/{id}/submit", {"reported_at": since.isoformat()})
        self.numbers[id] = answer["number"]

    def _submitted(self, who: str, id: str, given: dict[str, Any], reported_at: datetime) -> None:
        person = self.ledger.people[who]
        self.bodies[id] = given
        sub = f"{given['category']}.{given['subcategory']}"
        item = Item(
            id,
            who,
            person.community,
            person.group,
            given["grid"],
            given["category"],
            sub,
            self.world.handle_days[sub],
            given["source"]["method"],
            given["place"]["text"],
            bool(given["parties"]),
            bool(given.get("urgent")),
            reported_at,
            self.now,
        )
        self.ledger.submitted(self.now, item)

    def record_activity(self, who: str, starts_at: datetime, place: str) -> None:
        id = matters.new_id(self.rng, self.now)
        person = self.ledger.people[who]
        body = {"kind": "visit", "starts_at": starts_at.isoformat(), "minutes": 60, "place": place, "people": 5}
        if self.by_page():
            form = {
                **body,
                "id": id,
                "starts_at": f"{starts_at.astimezone(ZONE):%Y-%m-%dT%H:%M}",
                "notes": "",
                "grid": "",
            }
            starts_at = starts_at.replace(second=0, microsecond=0)
            done = self.attempt("2.1.1", f"activity {id}", lambda: self.hand(who).post("/activities/new", form))
        else:
            done = self.attempt(
                "2.1.1", f"activity {id}", lambda: self.hand(who).api("post", "/activities", {"id": id, **body})
            )
        if done:
            row = Activity(id, who, person.community, person.group, starts_at, self.now)
            self.ledger.active(self.now, row)

    def withdraw(self, id: str) -> None:
        item = self.ledger.items[id]
        if self._item(item, item.reporter, "withdraw", {"reason": "重复上报"}, "2.3.1"):
            self.ledger.withdrawn(self.now, id)

    # --- review -------------------------------------------------------------------------------------------

    def approve(self, who: str, id: str) -> None:
        marks = (self.rng.randint(3, 5), self.rng.randint(3, 5)) if self.rng.random() < 0.5 else ()
        item = self.ledger.items[id]
        if self.by_page():
            form = {"decision": "approve", "remark": ""}
            form |= {f"check-{c}": "pass" for c in CHECKS} | {f"overruled-{c}": "已核实" for c in CHECKS}
            form |= dict(zip(("completeness_mark", "analysis_mark"), map(str, marks), strict=False))
            done = self.attempt(
                "4.3.1", f"item {id} approved", lambda: self.hand(who).post(f"/review/{id}/decide", form)
            )
        else:
            body: dict[str, Any] = {
                "decision": "approve",
                "checks": {c: {"pass": True, "overruled": "已核实"} for c in CHECKS},
            }
            body |= dict(zip(("completeness_mark", "analysis_mark"), marks, strict=False))
            done = self._item(item, who, "review", body, "4.3.1")
        if done:
            self.ledger.approved(self.now, id, *marks)

    def return_(self, who: str, id: str, check: str) -> None:
        if self.by_page():
            form = {
                "decision": "return",
                "finding-field": "narrative",
                "finding-check": check,
                "finding-reason": "",
                "finding-note": "请核实后写清楚",
                "remark": "",
            }
            done = self.attempt(
                "4.3.2", f"item {id} returned", lambda: self.hand(who).post(f"/review/{id}/decide", form)
            )
        else:
            body = {
                "decision": "return",
                "findings": [{"field": "narrative", "check": check, "words": "请核实后写清楚"}],
            }
            done = self._item(self.ledger.items[id], who, "review", body, "4.3.2")
        if done:
            self.ledger.returned(self.now, id, check)

    def resubmit(self, who: str, id: str) -> None:
        message = f"{self.bodies[id]['narrative']}已再次核实，情况属实，第{self.ledger.items[id].returns}次补充。"

        def act() -> None:
            self.hand(who).api("patch", f"/items/{id}", {"narrative": message})
            self.hand(who).api("post", f"/items/{id}/submit", {})

        if self.attempt("4.3.2", f"item {id} resubmitted", act):
            self.ledger.resubmitted(self.now, id)

    def merge(self, who: str, id: str, into: str) -> None:
        if self._item(self.ledger.items[id], who, "merge", {"into": into, "reason": "同一件事"}, "2.2.1"):
            self.ledger.merged(self.now, id, into)

    # --- handling and the loop ------------------------------------------------------------------------------

    def assign(self, who: str, id: str, handler: str) -> None:
        """`handler`: a person, or "" for the department's pool."""
        item = self.ledger.items[id]
        body = {"unit": self.world.of(item.community).department, "instruction": "请按期办理"}
        if handler:
            body["handler"] = handler
        if self._item(item, who, "assign", body, "4.3.2"):
            self.ledger.assigned(self.now, id, handler)

    def progress(self, who: str, id: str) -> None:
        body = {"text": f"已到现场查看，正在安排人员处理（{self.now:%m%d%H%M}）。"}
        self._item(self.ledger.items[id], who, "progress", body, "4.3.2")

    def tell_progress(self, who: str, id: str) -> None:
        if self._item(self.ledger.items[id], who, "inform", {"outcome": "reached", **HANDLED}, "2.4.1"):
            self.ledger.told_progress(self.now, id)

    def resolve(self, who: str, id: str) -> None:
        body = {"result": f"已经处理完毕，现场恢复正常（{self.now:%m%d%H%M}）。"}
        if self._item(self.ledger.items[id], who, "resolve", body, "4.3.2"):
            self.ledger.resolved(self.now, id)

    def inform(self, who: str, id: str) -> None:
        item = self.ledger.items[id]
        if not item.has_resident:
            if self._item(item, who, "inform", {"outcome": "no_resident", "reason": "巡查发现，没有提出人"}, "2.4.1"):
                self.ledger.nobody_to_inform(self.now, id)
        elif self._inform(who, id, {"outcome": "reached", **HANDLED}):
            self.ledger.informed(self.now, id)

    def _inform(self, who: str, id: str, body: dict[str, str]) -> Any:
        if not self.by_page():
            return self._item(self.ledger.items[id], who, "inform", body, "2.4.1")
        return self.attempt(
            "2.4.1", f"item {id} informed", lambda: self.hand(who).post(f"/handling/{id}/inform/record", body)
        )

    def evaluate(self, who: str, id: str, verdict: str) -> None:
        body = {"verdict": verdict, "remark": "", "reason": ""}
        if self.by_page():
            path = f"/handling/{id}/inform/evaluate"
            done = self.attempt("2.4.2", f"item {id} evaluated", lambda: self.hand(who).post(path, body))
        else:
            done = self._item(self.ledger.items[id], who, "evaluate", body, "2.4.2")
        if done:
            self.ledger.evaluated(self.now, id, verdict)

    def close(self, who: str, id: str, reason: str = "") -> None:
        if self._item(self.ledger.items[id], who, "close", {"reason": reason}, "2.4.2"):
            self.ledger.closed(self.now, id)

    def reopen(self, who: str, id: str, handler: str) -> None:
        body = {"reason": "居民不满意，重新办理", "handler": handler}
        if self._item(self.ledger.items[id], who, "reopen", body, "2.4.2"):
            self.ledger.reopened(self.now, id, handler)

    def _item(self, item: Item, who: str, verb: str, body: dict[str, Any], clause: str) -> Any:
        path = f"/items/{item.id}/{verb}"
        return self.attempt(clause, f"{verb} of item {item.id}", lambda: self.hand(who).api("post", path, body))

    # --- the weekly report --------------------------------------------------------------------------------------

    def confirm(self, who: str, week: date, *, of: str = "", reason: str = "") -> str:
        """Confirm a week's report: one's own, or that of `of` whom one stands in for. Returns its id, "" if refused."""
        owner = self.ledger.people[of or who]
        id = self.attempt("4.1.1", f"report of {of or who}, week {week}", lambda: self._report_of(who, week, of))
        if not id:
            return ""
        body = {"words": {"analysis": "", "suggestion": ""}, "nil_reason": "本周没有新情况", "reason": reason}
        if self.by_page():
            form = {"do": "confirm", "nil_reason": body["nil_reason"], "reason": reason}
            done = self.attempt("4.1.1", f"report {id}", lambda: self.hand(who).post(f"/weekly/{id}/", form))
        else:
            path = f"/weekly-reports/{id}/confirm"
            done = self.attempt("4.1.1", f"report {id}", lambda: self.hand(who).api("post", path, body))
        if done:
            whose = owner.group or owner.username
            row = Report(id, whose, bool(owner.group), owner.community, week, who if owner.group else owner.username)
            self.ledger.weekly.confirmed(self.now, row)
        return id if done else ""

    def _report_of(self, who: str, week: date, of: str) -> str:
        body = {"week": str(week)} | ({"reporter": of} if of else {})
        return str(self.hand(who).api("post", "/weekly-reports", body)["id"])

    def take_back(self, who: str, id: str) -> None:
        path = f"/weekly-reports/{id}/take-back"
        if self.attempt("4.1.1", f"report {id} taken back", lambda: self.hand(who).api("post", path)):
            self.ledger.weekly.taken_back(self.now, id)

    def review_report(self, who: str, id: str, accept: bool) -> None:
        findings = [] if accept else [{"section": "analysis", "words": "分析过于简单，请补充"}]
        path = f"/weekly-reports/{id}/review"
        body = {"accept": accept, "findings": findings}
        if self.attempt("4.3.1", f"report {id} reviewed", lambda: self.hand(who).api("post", path, body)):
            (self.ledger.weekly.accepted if accept else self.ledger.weekly.returned)(self.now, id)

    # --- emergencies ----------------------------------------------------------------------------------------------

    def open_by_call(self, who: str, given: dict[str, Any], seen_at: datetime) -> str:
        """`POST /emergencies`: the record of the call itself, before anything is written."""
        id = matters.new_id(self.rng, self.now)
        body = {
            "id": id,
            "kind": matters.KINDS[given["subcategory"]],
            "place": given["place"],
            "grid": given["grid"],
            "seen_at": seen_at.isoformat(),
        }
        done = self.attempt(
            "4.2.1", f"emergency {id} by call", lambda: self.hand(who).api("post", "/emergencies", body)
        )
        if not done:
            return ""
        self.bodies[id] = given
        self.heard_of(id, who, seen_at, "call")
        return id

    def heard_of(self, id: str, who: str, seen_at: datetime, path: str) -> None:
        person = self.ledger.people[who]
        self.ledger.emergencies.opened(self.now, Emergency(id, who, person.community, seen_at, self.now, path))

    def call(self, who: str, id: str) -> None:
        body = {"called_at": self.now.isoformat(), "answered_by": "值班员", "words": "已报告基本情况"}
        path = f"/emergencies/{id}/call"
        if self.attempt("4.2.1", f"call of {id}", lambda: self.hand(who).api("post", path, body)):
            self.ledger.emergencies.called(id, self.now)

    def mark_urgent(self, who: str, id: str) -> None:
        path = f"/items/{id}/urgent"
        if self.attempt(
            "2.3.2",
            f"item {id} marked urgent",
            lambda: self.hand(who).api("post", path, {"urgent": True, "reason": "情况加重"}),
        ):
            item = self.ledger.items[id]
            self.ledger.marked_urgent(self.now, id)
            self.heard_of(id, item.reporter, self.now, "later")

    def write(self, who: str, id: str, stage: str, level: str) -> None:
        """First written report, follow-up or final."""
        verb = {"first": "written", "follow_up": "follow-up", "final": "final"}[stage]
        body = matters.written(self.bodies[id], level)
        if stage != "first":
            body = {"level": level, "present": "现场已恢复，人员已撤离。", "changed": "现场已恢复，人员已撤离"}
        elif self.ledger.emergencies.rows[id].path == "call":
            body |= matters.not_told_by_call(self.bodies[id])
        if self.attempt(
            "4.2.1", f"{verb} of {id}", lambda: self.hand(who).api("post", f"/emergencies/{id}/{verb}", body)
        ):
            self.ledger.emergencies.written(self.now, id, level, final=stage == "final")

    def filed_by_writing(self, who: str, id: str) -> None:
        """The first written report submits the item of an emergency that began with a call; nothing is typed twice."""
        answer = self.attempt("2.3.2", f"item of emergency {id}", lambda: self._item_of(who, id))
        if not answer:
            return
        self.numbers[id] = answer["number"]
        data = {**self.bodies[id], "urgent": True, "source": {"method": answer["source"]["method"]}}
        self._submitted(who, id, data, self.now)

    def _item_of(self, who: str, id: str) -> Any:
        answer = self.hand(who).api("get", f"/items/{id}")
        if answer["status"] != "submitted":
            raise Refused(f"the item of emergency {id} is {answer['status']} after its written report")
        return answer

    def sign(self, who: str, id: str) -> None:
        path = f"/emergencies/{id}/acknowledge"
        if self.attempt("2.3.2", f"alarm of {id} signed", lambda: self.hand(who).api("post", path)):
            self.ledger.emergencies.signed(self.now, id, who)

    # --- people ----------------------------------------------------------------------------------------------------

    def take_leave(self, c: Community, who: str, first: date, last: date, stand_in: str) -> None:
        """Asked by the person, approved by whoever leads them; both on pages."""
        form = {
            "kind": "personal",
            "starts": str(first),
            "ends": str(last),
            "note": "家中有事",
            "stand_in": self.world.ids[stand_in] if stand_in else "",
        }

        def act() -> None:
            answer = self.hand(who).post("/leave/new", form)
            self.hand(c.manager).post(f"{answer.url}approve", {"remark": ""})

        if self.attempt("5.3.1", f"leave of {who}", act):
            self.ledger.leave(self.now, Absence(who, first, last, stand_in))

    def set_roster(self, c: Community, starts: datetime, ends: datetime) -> None:
        """The week's duty officer, on the manager's roster."""
        form = {
            "person": self.world.ids[c.reviewers[0]],
            "stand_in": "",
            "phone": "",
            "starts": f"{starts:%Y-%m-%dT%H:%M}",
            "ends": f"{ends:%Y-%m-%dT%H:%M}",
        }
        self.attempt("2.3.2", f"roster of {c.name}", lambda: self.hand(c.manager).post("/duty/roster", form))
