"""The host's guards are seen: state, since when, silence, what stands in their place, what they noticed (6.1.3)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from linbao.audit.models import Record
from linbao.compliance import inspection
from linbao.compliance import services as compliance
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import NotAllowed
from linbao.outbox.models import Notice
from linbao.platform import queue
from linbao.platform.observability import doctor, health
from linbao.security import tasks
from linbao.security.alerts import services as alerts
from linbao.security.alerts.inputs import CloseAlert
from linbao.security.hosts import services as hosts
from linbao.security.hosts.inputs import RegisterSubstitute
from linbao.security.models import Alert, Guard, HostEvent, Substitute
from linbao.shell import jobs_views
from tests.items import samples
from tests.loop import Town

pytestmark = pytest.mark.clause("6.1.3")
Put = Callable[..., None]
PROOF = "政务云工单 2026-118，由网信办统一管理"


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, town: Town) -> Put:
    """Writes a report as the host would, a minute old at most, and has the job read it."""
    path = tmp_path / "report.json"
    monkeypatch.setattr(settings, "HOST_REPORT", str(path))

    def write(text: bytes | None = None, *, at: Any = None, events: Any = (), **guards: Any) -> None:
        now = clock.now()
        sound = {
            "firewall": {"state": "on", "tables": ["linbao"], "rules": 18},
            "bans": {"state": "on", "jails": ["linbao", "sshd"], "banned": 1},
            "intrusion": {"state": "on", "rules": 12, "rules_at": (now - timedelta(days=3)).isoformat(), "skipped": 0},
            "time": {"state": "on"},
            "encryption": {"state": "on"},
        }
        report = {
            "version": 1,
            "at": (at or now).isoformat(),
            "host": "guard-1",
            "guards": sound | guards,
            "events": list(events),
        }
        path.write_bytes(text if text is not None else json.dumps(report).encode())
        tasks.read_host(0)

    return write


def states() -> dict[str, str]:
    return {s.guard.value: s.state.value for s in hosts.standings()}


def kinds() -> list[str]:
    """The troubles of the host that /readyz, /metrics and the administrator's Today tell."""
    return [t.kind for t in health.troubles() if t.kind.startswith(("host", "guards"))]


def lines() -> list[doctor.Finding]:
    return [f for f in doctor.look() if f.part == "主机防护"]


def event(n: int, at: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "id": hashlib.sha256(str(n).encode()).hexdigest()[:32],
        "at": (at or clock.now()).isoformat(),
        "source": "suricata",
        "times": 1,
        "signature_id": 9100005,
        "signature": "LINBAO probe for other software",
        "severity": 2,
        "address": "203.0.113.9",
    } | more


# --- state and since when -------------------------------------------------------------------------


def test_a_host_that_never_reported_is_told_everywhere(town: Town) -> None:
    assert set(states().values()) == {"silent"} and kinds() == ["host_silent"]
    assert [f.state for f in lines()] == ["warn"] * 5 and all(f.advice for f in lines())
    assert "从未收到报告" in lines()[0].message
    assert _clause(town).state == inspection.OWED


def test_each_guard_is_shown_with_its_state_and_since_when(town: Town, put: Put, time: Any) -> None:
    put()
    time.shift(timedelta(minutes=10))
    put(intrusion={"state": "off"})
    assert states() == {"firewall": "on", "bans": "on", "intrusion": "off", "time": "on", "encryption": "on"}
    since = {s.guard: s.since for s in hosts.standings()}
    first, last = since[Guard.FIREWALL], since[Guard.INTRUSION]
    assert first is not None and last is not None and last - first > timedelta(minutes=9)
    time.shift(timedelta(minutes=10))
    put(intrusion={"state": "off"})
    assert {s.guard: s.since for s in hosts.standings()} == since  # the same state, the same beginning
    assert kinds() == ["guards_off"]
    details = {f.message: f.state for f in lines()}
    assert details["防火墙：运行正常，自 2026-11-24 10:00"] == "ok"
    assert details["入侵检测：异常（Suricata 没有运行），自 2026-11-24 10:10"] == "fail"
    assert _clause(town).state == inspection.OVERDUE
    page = town.browser("officer").get("/security/hosts/").content.decode()
    assert "自 2026-11-24 10:10" in page and "Suricata 没有运行" in page and "guard-1" in page
    assert "18 条规则" in page and "linbao、sshd" in page
    put()
    assert kinds() == [] and _clause(town).state == inspection.MET


@pytest.mark.parametrize(
    ("guards", "guard"),
    [
        ({"firewall": {"state": "off"}}, "firewall"),
        ({"bans": {"state": "on", "jails": ["sshd"]}}, "bans"),  # none of Linbao's own log
        ({"intrusion": {"state": "on", "rules": 0}}, "intrusion"),  # it runs, and looks for nothing
        ({"intrusion": {"state": "on", "rules": 9, "rules_at": "2026-10-20T00:00:00Z"}}, "intrusion"),  # 35 days old
        ({"time": {"state": "off"}}, "time"),
        ({"encryption": {"state": "off"}}, "encryption"),
    ],
)
def test_what_is_no_protection_is_a_fault_and_alerts_once(town: Town, put: Put, guards: Any, guard: str) -> None:
    put()
    assert not Alert.objects.exists()
    for _n in range(3):
        put(**guards)
    assert states()[guard] == "off" and list(states().values()).count("off") == 1
    row = Alert.objects.get()
    assert row.kind == "host.guard" and row.times == 1 and row.unit_id == town.community.pk
    assert row.severity == ("high" if guard in ("firewall", "bans", "intrusion") else "medium")
    assert Notice.objects.filter(user_id=town.officer.pk).count() == 1
    put()
    alerts.close(town.officer, row.pk, CloseAlert(outcome="已经恢复运行"))
    put(**guards)
    assert Alert.objects.count() == 2  # a new fault


def test_rules_just_under_a_month_old_are_no_fault(put: Put) -> None:
    put(intrusion={"state": "on", "rules": 9, "rules_at": (clock.now() - timedelta(days=29, hours=23)).isoformat()})
    assert states()["intrusion"] == "on"


def test_a_guard_that_the_report_leaves_out_is_unknown_and_no_protection(town: Town, put: Put) -> None:
    put(encryption={})
    assert states()["encryption"] == "unknown" and kinds() == ["guards_off"]
    assert "主机不能判断磁盘是否加密" in town.browser("officer").get("/security/hosts/").content.decode()


def test_a_quarter_of_an_hour_of_silence_is_a_fault_that_ends_by_itself(town: Town, put: Put, time: Any) -> None:
    put()
    time.shift(timedelta(minutes=14))
    tasks.read_host(0)
    assert kinds() == [] and not Alert.objects.exists()
    time.shift(timedelta(minutes=1, seconds=30))
    for _n in range(3):
        tasks.read_host(0)
    assert set(states().values()) == {"silent"} and kinds() == ["host_silent"]
    trouble = next(t for t in health.troubles() if t.kind == "host_silent")
    assert trouble.count == 5 and not trouble.stops_work and trouble.oldest is not None
    assert clock.now() - trouble.oldest < timedelta(minutes=17)
    assert "5 项主机防护没有报告" in health.label(trouble)
    assert [f.state for f in lines()] == ["fail"] * 5 and _clause(town).state == inspection.OVERDUE
    assert Alert.objects.get().kind == "host.silent"
    page = town.browser("officer").get("/security/hosts/").content.decode()
    assert page.count("15 分钟以上没有收到报告") >= 5
    put()
    assert kinds() == [] and set(states().values()) == {"on"}


def test_the_administrator_and_the_machines_are_told(town: Town, put: Put) -> None:
    put(firewall={"state": "off"})
    assert "1 项主机防护没有运行" in town.browser("administrator").get("/").content.decode()
    assert "guards_off" in Client().get("/metrics").content.decode()
    assert "guards_off" not in Client().get("/readyz").json()["troubles"]  # work goes on
    assert str(jobs_views.NAMES["security.read_host"]) == "安全：读取主机报告"


# --- what cannot be read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "broken"),
        (b"{", "broken"),
        (b"null", "broken"),
        (b"[" * 100_000, "broken"),
        (b"\xff\xfe{}", "broken"),
        (b'{"version": 2}', "broken"),
        (b'{"version": 1, "at": "2026-11-24T02:00:00Z", "host": "a b", "guards": {}}', "broken"),
        (b'{"version": 1, "at": "2026-11-24T02:00:00", "host": "a", "guards": {}}', "broken"),  # of which zone?
        (b'{"version": 1, "at": "0001-01-01T00:00:00+14:00", "host": "a", "guards": {}}', "broken"),
        (b'{"version": 1, "at": "9999-12-31T23:59:59-14:00", "host": "a", "guards": {}}', "broken"),
        (b'{"version": 1, "at": "2026-11-24T02:00:00Z", "host": "a", "guards": {"time": {"state": "fine"}}}', "broken"),
        (
            b'{"version": 1, "at": "2026-11-24T02:00:00Z", "host": "a", "guards": {}, "events": [{"id": "\\u0000"}]}',
            "broken",
        ),
        (b'{"version": 1, "at": "2026-11-24T02:06:00Z", "host": "a", "guards": {}}', "future"),
        (b" " * (512 * 1024 + 1), "too_large"),
    ],
)
def test_a_broken_report_is_told_as_such_and_changes_nothing(
    town: Town, put: Put, content: bytes, problem: str
) -> None:
    put()
    put(content)
    report = hosts.newest()
    assert report is not None and report.problem == problem and set(states().values()) == {"on"}
    assert kinds() == ["host_report_broken"]
    assert str(hosts.PROBLEMS[problem]) in lines()[0].message and lines()[0].state == "fail"
    answer = town.browser("officer").get("/security/hosts/")
    assert answer.status_code == 200 and str(hosts.PROBLEMS[problem]) in answer.content.decode()
    put()
    assert kinds() == []


def test_a_pipe_or_folder_in_the_reports_place_holds_nobody_up(put: Put, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    for make in (os.mkfifo, os.mkdir):
        make(path)
        tasks.read_host(0)
        report = hosts.newest()
        assert report is not None and report.problem == "unreadable"
        (path.unlink if make is os.mkfifo else path.rmdir)()


def test_an_older_report_does_not_take_the_place_of_a_newer(put: Put, time: Any) -> None:
    put(firewall={"state": "off"})
    put(at=clock.now() - timedelta(minutes=3))
    assert states()["firewall"] == "off"


# --- what the guards noticed ----------------------------------------------------------------------


def test_events_become_alerts_and_none_is_counted_twice(town: Town, put: Put) -> None:
    ban = event(3, source="fail2ban", jail="linbao", address="198.51.100.7", severity=3)
    first = [event(1, times=4), event(2, signature_id=9100004, signature="LINBAO path traversal", severity=1), ban]
    for _n in range(3):
        put(events=first)
    result = {a.key.split(":")[1]: a for a in Alert.objects.all()}
    assert result.keys() == {"9100005", "9100004", "linbao"}
    assert result["9100005"].times == 4 and result["9100005"].kind == "host.intrusion"
    assert result["9100005"].severity == "medium" and result["linbao"].severity == "low"
    put(events=[*first, event(4, times=2, address="203.0.113.77")])
    row = Alert.objects.get(key__contains="9100005")
    assert row.times == 6 and row.data["address"] == "203.0.113.77"
    assert Alert.objects.count() == 3
    assert Notice.objects.filter(user_id=town.officer.pk).count() == 3
    page = town.browser("officer").get(f"/security/alerts/{row.pk}/").content.decode()
    assert "LINBAO probe for other software" in page and "203.0.113.77" in page and "入侵检测告警" in page
    assert (
        "198.51.100.7 多次违规，已被主机自动封禁" in town.browser("officer").get("/security/alerts/").content.decode()
    )


def test_an_event_that_comes_back_after_its_id_was_forgotten_is_no_news(town: Town, put: Put, time: Any) -> None:
    old = event(1)
    put(events=[old])
    time.shift(timedelta(days=8))
    put(events=[old])
    assert not HostEvent.objects.filter(at__lt=clock.now() - timedelta(days=7)).exists()
    assert Alert.objects.get(kind="host.intrusion").times == 1


def test_percent_signs_and_markup_in_a_rules_name_do_no_harm(town: Town, put: Put) -> None:
    put(events=[event(1, signature="100%(x)s <b>scan</b> %")])
    page = town.browser("officer").get("/security/alerts/").content.decode()
    assert "100%(x)s &lt;b&gt;scan&lt;/b&gt; %" in page


def test_the_officer_at_the_top_is_alerted_and_not_every_community(town: Town, put: Put) -> None:
    root = town.parent_unit
    assert root is not None
    town.person("chief", "security_officer", root)
    put(firewall={"state": "off"})
    assert Alert.objects.get().unit_id == root.pk
    assert Notice.objects.filter(user_id=town.chief.pk).exists()
    assert not Notice.objects.filter(user_id=town.officer.pk).exists()
    assert hosts.cover(town.chief, substitute("firewall", "云防火墙", 30)).unit == root
    with pytest.raises(NotAllowed):
        hosts.cover(town.officer, substitute("time", "云平台对时", 30))


# --- what stands in a guard's place ---------------------------------------------------------------


def _day(days: int) -> date:
    return clock.today() + timedelta(days=days)


def _post(town: Town, **changes: Any) -> Any:
    body = {"guard": "firewall", "measure": "云平台安全组", "proof": PROOF, "expires_on": str(_day(365))} | changes
    return town.browser("officer").post(
        "/security/hosts/substitutes/new", {k: v for k, v in body.items() if v is not None}
    )


def _clause(town: Town) -> Any:
    chapters = compliance.inspect(town.manager, town.community.pk, inspection.period_of("", "", ""))
    clauses = {c["number"]: c for part in chapters for c in part["clauses"]}
    duty = next(d for d in clauses["6.1.3"]["duties"] if "主机防护" in str(d["what"]))
    assert len(duty["proofs"]) == 5 and all(p["url"] == "/security/hosts/" for p in duty["proofs"])
    return inspection.Finding(duty["state"], duty["proofs"])


def test_a_substitute_covers_a_guard_until_its_day_and_ends_by_itself(town: Town, put: Put, time: Any) -> None:
    put()
    put(encryption={"state": "off"})
    assert _clause(town).state == inspection.OVERDUE
    assert _post(town, guard="encryption", expires_on=str(_day(30))).status_code == 302
    row = Substitute.objects.get()
    assert kinds() == [] and _clause(town).state == inspection.MET
    assert "磁盘加密：由替代措施覆盖，至 2026-12-24" in [f.message for f in lines() if f.state == "ok"]
    page = town.browser("officer").get("/security/hosts/").content.decode()
    assert "有替代措施" in page and "2026-12-24" in page
    record = Record.objects.get(action="host.cover")
    assert record.actor_id == town.officer.pk and record.data == {"guard": "encryption", "until": "2026-12-24"}
    Notice.objects.all().delete()
    time.shift(timedelta(days=15))
    put(encryption={"state": "off"})
    assert not Notice.objects.exists()
    time.shift(timedelta(days=1))  # two weeks before
    for _n in range(2):
        put(encryption={"state": "off"})
    entry = Notice.objects.get()
    assert entry.user_id == town.officer.pk and "2026-12-24" in entry.text and "磁盘加密" in entry.text
    assert town.browser("officer").get(f"/security/hosts/substitutes/{row.pk}/").status_code == 200
    time.shift(timedelta(days=14))  # its last day
    put(encryption={"state": "off"})
    assert kinds() == []
    before = Alert.objects.filter(kind="host.guard").count()
    alerts.close(town.officer, Alert.objects.get(kind="host.guard").pk, CloseAlert(outcome="已登记替代措施"))
    time.shift(timedelta(days=1))
    assert kinds() == ["host_silent"]  # ended already, whether the job ran or not
    put(encryption={"state": "off"})
    row.refresh_from_db()
    assert row.ended_at is not None and row.ended_by is None and kinds() == ["guards_off"]
    assert Record.objects.get(action="host.cover_expire").actor_id is None
    assert Alert.objects.filter(kind="host.guard").count() == before + 1


def test_where_no_host_reports_five_substitutes_leave_no_fault(town: Town) -> None:
    for guard in Guard.values:
        assert kinds() == ["host_silent"]
        hosts.cover(town.officer, substitute(guard, "云平台统一提供", 90))
    assert kinds() == [] and _clause(town).state == inspection.MET
    assert {f.state for f in lines()} == {"ok"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expires_on": "2027-11-25"}, "expires_on"),  # a year and a day
        ({"expires_on": "2026-11-24"}, "expires_on"),  # today
        ({"expires_on": "0001-01-01"}, "expires_on"),
        ({"expires_on": ""}, "expires_on"),
        ({"proof": ""}, "proof"),
        ({"proof": "九个字的证明不够数"}, "proof"),
        ({"proof": "长" * 301}, "proof"),
        ({"guard": "moat"}, "guard"),
        ({"measure": "云"}, "measure"),
    ],
)
def test_what_proves_nothing_is_refused_beside_its_field(town: Town, changes: dict[str, Any], field: str) -> None:
    answer = _post(town, **changes)
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [field]
    assert not Substitute.objects.exists()


@pytest.mark.parametrize("proof", ["十个字的证明正好够数", "长" * 300])
def test_the_shortest_and_the_longest_proof_and_a_whole_year(town: Town, proof: str) -> None:
    assert _post(town, proof=proof, expires_on="2027-11-24").status_code == 302


def test_a_file_proves_it_too_and_is_kept_for_who_may_see_it(town: Town) -> None:
    scan = samples.jpeg(64, 48)
    assert _post(town, proof="", file=SimpleUploadedFile("合同.jpg", scan)).status_code == 302
    row = Substitute.objects.get()
    url = f"/security/hosts/substitutes/{row.pk}/proof"
    answer = town.browser("manager").get(url)
    assert answer.content == scan and answer["Content-Disposition"].startswith("attachment")
    assert Record.objects.filter(action="host.cover_look", actor_id=town.manager.pk).count() == 1
    assert town.browser("reviewer").get(url).status_code == 403
    errors = _post(town, proof="", file=SimpleUploadedFile("a.pdf", b"MZ no document"))
    assert errors.status_code == 422 and list(errors.context["form"].errors) == ["file"]


def test_a_new_one_takes_the_place_of_the_old_and_either_can_be_ended_by_hand(town: Town) -> None:
    _post(town)
    _post(town, measure="机房硬件防火墙")
    first, second = Substitute.objects.order_by("at")
    assert first.ended_by == town.officer and second.ended_at is None
    assert town.browser("manager").post(f"/security/hosts/substitutes/{second.pk}/end").status_code == 403
    for _n in range(2):
        assert town.browser("officer").post(f"/security/hosts/substitutes/{second.pk}/end").status_code == 302
    assert Record.objects.filter(action="host.cover_end").count() == 2
    assert not any(s.substitute for s in hosts.standings())


def test_rules_from_the_future_are_not_new_for_ever(put: Put) -> None:
    put(intrusion={"state": "on", "rules": 12, "rules_at": (clock.now() + timedelta(days=900)).isoformat()})
    assert states()["intrusion"] == "off"


def test_one_substitute_that_cannot_be_ended_leaves_the_others_announced(
    town: Town, monkeypatch: pytest.MonkeyPatch, time: Any
) -> None:
    over, soon = covered(town, guard="firewall", days=1), covered(town, guard="time", days=10)

    def refuse(row: Substitute, actor: Any) -> None:
        raise ValueError

    monkeypatch.setattr(hosts, "_end", refuse)
    time.shift(timedelta(days=3))
    with pytest.raises(queue.Faults):
        hosts.end_substitutes()
    assert Substitute.objects.get(pk=over.pk).ended_at is None
    assert Substitute.objects.get(pk=soon.pk).warned_at is not None


def covered(town: Town, guard: str, days: int) -> Substitute:
    """A substitute that the officer has recorded until so many days from now."""
    return hosts.cover(town.officer, substitute(guard, "由政务云统一管理", days))


def substitute(guard: str, measure: str, days: int) -> RegisterSubstitute:
    return checked(
        RegisterSubstitute,
        {"guard": guard, "measure": measure, "proof": PROOF, "expires_on": clock.today() + timedelta(days=days)},
    )
