"""The script that reports the host's guards (deploy/host_report.py): on the real tools where they are, what it
writes is what Linbao reads (6.1.3)."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time as clockwork
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linbao.security.hosts import services as hosts
from tests.intrusion.guards import DEPLOY, find, harden, run

pytestmark = pytest.mark.clause("6.1.3")
SCRIPT = DEPLOY / "host_report.py"
_spec = importlib.util.spec_from_file_location("host_report", SCRIPT)
assert _spec and _spec.loader
script: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)
# A line of Suricata 7.0.10 on our rules, as it wrote it.
EVE = (
    '{"timestamp":"%s","flow_id":520268591,"pcap_cnt":6,"event_type":"alert","src_ip":"%s","src_port":40000,'
    '"dest_ip":"192.0.2.1","dest_port":8000,"proto":"TCP","pkt_src":"wire/pcap","tx_id":0,'
    '"alert":{"action":"allowed","gid":1,"signature_id":%d,"rev":1,'
    '"signature":"LINBAO probe for other software","category":"Attempted Information Leak","severity":2},'
    '"http":{"hostname":"a","url":"/.env","http_method":"GET","protocol":"HTTP/1.1","status":404,"length":0},'
    '"app_proto":"http","direction":"to_server"}\n'
)
NOISE = '{"timestamp":"2026-11-24T06:00:00.011000+0000","event_type":"flow","src_ip":"203.0.113.9","alerted":true}\n'


def line(n: int = 1, address: str = "203.0.113.9", rule: int = 9100005) -> str:
    at = datetime.now(UTC) - timedelta(minutes=30) + timedelta(seconds=n)
    return EVE % (at.strftime("%Y-%m-%dT%H:%M:%S.%f+0000"), address, rule)


@pytest.fixture(autouse=True)
def _tuesday() -> None:
    """The real clock, in place of the room's: the tools have no other."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("host", "state", "log", "rules"):
        (tmp_path / name).mkdir(mode=0o750)
    (tmp_path / "log/eve.json").write_text(line(0, rule=1))  # before Linbao's time
    return tmp_path


def reported(place: Path, *more: str) -> dict[str, Any]:
    """What one run of the script wrote; read by Linbao too."""
    done = run(
        sys.executable,
        "-I",
        SCRIPT,
        "--to",
        place / "host/report.json",
        "--state",
        place / "state/state.json",
        "--data",
        place,
        "--group",
        "",
        "--eve",
        place / "log/eve.json",
        "--rules",
        place / "rules",
        *more,
    )
    assert done.returncode == 0, done.stderr
    hosts.load(str(place / "host/report.json"), datetime.now(UTC))
    result: dict[str, Any] = json.loads((place / "host/report.json").read_text())
    return result


def add(place: Path, *lines: str) -> None:
    with (place / "log/eve.json").open("a") as file:
        file.writelines(lines)


# --- events ---------------------------------------------------------------------------------------


def test_each_alert_is_reported_once_under_an_id_that_stays(place: Path) -> None:
    assert reported(place)["events"] == []
    add(place, line(1), NOISE, line(2), line(3, "198.51.100.7"), line(4)[:90])
    first = reported(place)["events"]
    assert [(e["address"], e["times"]) for e in first] == [("203.0.113.9", 2), ("198.51.100.7", 1)]
    add(place, line(4)[90:])  # the line that was being written
    second = reported(place)["events"]
    assert second[:2] == first and [e["times"] for e in second] == [2, 1, 1]
    assert len({e["id"] for e in second}) == 3
    assert reported(place)["events"] == second


def test_what_stood_in_a_log_that_was_turned_away_is_not_lost(place: Path) -> None:
    reported(place)
    add(place, line(1))
    (place / "log/eve.json").rename(place / "log/eve.json.1")
    (place / "log/eve.json").write_text(line(2, "198.51.100.7"))
    assert {e["address"] for e in reported(place)["events"]} == {"203.0.113.9", "198.51.100.7"}
    (place / "log/eve.json").write_text("")  # emptied in its place
    assert len(reported(place)["events"]) == 2
    add(place, line(3, "198.51.100.8"))
    assert len(reported(place)["events"]) == 3


def test_a_log_that_begins_later_is_read_from_its_beginning(place: Path) -> None:
    (place / "log/eve.json").unlink()
    reported(place)
    (place / "log/eve.json").write_text(line(1))
    assert len(reported(place)["events"]) == 1


def test_a_flood_of_alerts_is_bounded_and_lines_that_are_none_do_no_harm(place: Path) -> None:
    reported(place)
    hostile = [
        '{"event_type":"alert","alert":7}\n',
        '"alert"' + "[" * 50_000 + "\n",
        '{"alert"\xff\n',
        '"alert"' * 200_000 + "\n",
    ]
    flood = [line(n % 60, f"10.{n // 250 % 250}.{n % 250}.7", 9100000 + n % 3) for n in range(2000)]
    add(place, *hostile, *flood, line(61))
    events = reported(place)["events"]
    assert len(events) == script.MOST_EVENTS and (place / "host/report.json").stat().st_size < hosts.LARGEST_REPORT


def test_events_older_than_a_day_leave_the_report(place: Path) -> None:
    now = datetime.now(UTC)
    at = [script.written(now - timedelta(hours=h)) for h in (25, 23)]
    assert [e["id"] for e in script.merged([{"id": "a", "at": at[0]}, {"id": "b", "at": at[1]}], [], now)] == ["b"]


# --- the guards, on the real tools ----------------------------------------------------------------


@pytest.mark.skipif(not (os.geteuid() == 0 and find("nft") and find("unshare")), reason="needs root and nft")
@pytest.mark.parametrize(
    ("rules", "state"),
    [
        ("", "off"),
        ("linbao.nft", "on"),
        ("table inet x { chain i { type filter hook input priority 0; policy accept; tcp dport 22 accept; }; }", "off"),
        (
            (
                "table inet x { chain i { type filter hook input priority 0;"
                " policy accept; iif lo accept; counter drop; }; }"
            ),
            "on",
        ),
        ("table inet x { chain o { type filter hook output priority 0; policy drop; ct state new drop; }; }", "off"),
        (
            "table inet x { chain i { type filter hook input priority 0; policy drop; }; }",
            "off",
        ),  # nobody gets in: no rules
        ("table inet f2b-table { chain c { type filter hook input priority -1; policy accept; reject; }; }", "off"),
    ],
)
def test_the_firewall_counts_when_it_keeps_out_what_no_rule_lets_in(place: Path, rules: str, state: str) -> None:
    file = place / "a.nft"
    file.write_text((DEPLOY / "nftables.nft").read_text().replace("@SSH@", "22") if rules == "linbao.nft" else rules)
    message = run(
        find("unshare"),
        "-n",
        "sh",
        "-c",
        'nft -f "$1" && shift && exec "$@"',
        "sh",
        file,
        sys.executable,
        "-I",
        "-c",
        f"import runpy,json; print(json.dumps(runpy.run_path({str(SCRIPT)!r})['firewall']()))",
    )
    assert json.loads(message.stdout)["state"] == state, message.stderr


@pytest.fixture
def fail2ban(tmp_path: Path) -> Iterator[Path]:
    """A real fail2ban with one jail that does nothing outside."""
    folder = tmp_path / "f2b"
    shutil.copytree("/etc/fail2ban", folder, symlinks=True)
    for other in (folder / "jail.d").glob("*"):
        other.unlink()
    (folder / "x.log").touch()
    (folder / "jail.d/t.conf").write_text(
        f"[linbao]\nenabled = true\nfilter = sshd\nlogpath = {folder}/x.log\nbackend = polling\nbanaction =\naction =\n"
    )
    (folder / "fail2ban.local").write_text(
        f"[Definition]\nlogtarget = {folder}/f.log\ndbfile = None\nallowipv6 = auto\n"
    )
    sock = folder / "sock"
    process = subprocess.Popen(
        [find("fail2ban-server"), "-f", "-c", folder, "-s", sock, "-p", folder / "pid", "start"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = clockwork.monotonic() + 30
        while run(find("fail2ban-client"), "-s", sock, "status", "linbao").returncode != 0:
            assert clockwork.monotonic() < end
            clockwork.sleep(0.2)
        yield sock
    finally:
        process.terminate()
        process.wait(15)


@pytest.mark.skipif(not (os.geteuid() == 0 and find("fail2ban-server")), reason="needs root and fail2ban")
def test_fail2bans_jails_and_each_ban_once(place: Path, fail2ban: Path) -> None:
    assert reported(place, "--fail2ban-socket", str(fail2ban))["guards"]["bans"] == {
        "state": "on",
        "jails": ["linbao"],
        "banned": 0,
    }
    client = [find("fail2ban-client"), "-s", fail2ban]
    run(*client, "set", "linbao", "banip", "203.0.113.9", "2001:db8::7")
    first = reported(place, "--fail2ban-socket", str(fail2ban))
    assert first["guards"]["bans"]["banned"] == 2
    assert {(e["source"], e["jail"], e["address"]) for e in first["events"]} == {
        ("fail2ban", "linbao", "203.0.113.9"),
        ("fail2ban", "linbao", "2001:db8::7"),
    }
    at = datetime.fromisoformat(first["events"][0]["at"])
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60
    run(*client, "set", "linbao", "unbanip", "203.0.113.9")
    later = reported(place, "--fail2ban-socket", str(fail2ban))
    assert later["events"] == first["events"] and later["guards"]["bans"]["banned"] == 1


def test_without_fail2ban_nobody_is_banned(place: Path) -> None:
    bans = reported(place, "--fail2ban-socket", str(place / "nobody"))["guards"]["bans"]
    assert bans == {"state": "off", "jails": [], "banned": 0}


def test_suricata_counts_when_it_runs_and_the_age_is_that_of_its_newest_rules(place: Path) -> None:
    (place / "proc/1").mkdir(parents=True)
    (place / "proc/1/comm").write_text("systemd\n")
    (place / "rules/linbao.rules").write_text("# none\nalert ip any any -> any any (sid:1;)\n")
    (place / "rules/empty.rules").write_text("# only words\n")
    old = datetime(2026, 10, 1, tzinfo=UTC).timestamp()
    os.utime(place / "rules/linbao.rules", (old, old))
    details = script.intrusion([place / "rules", place / "nowhere"], place / "proc")
    assert details == {"state": "off", "rules": 1, "rules_at": "2026-10-01T00:00:00Z"}
    (place / "proc/77").mkdir()
    (place / "proc/77/comm").write_text("Suricata-Main\n")
    assert script.intrusion([place / "rules"], place / "proc")["state"] == "on"
    assert script.intrusion([place / "nowhere"], place / "proc")["rules_at"] is None


def disk(system: Path, name: str, *below: str, crypt: bool = False) -> Path:
    device = system / "devices" / name
    (device / "slaves").mkdir(parents=True)
    for other in below:
        (device / "slaves" / other).symlink_to(system / "devices" / other)
    if crypt:
        (device / "dm").mkdir()
        (device / "dm/uuid").write_text("CRYPT-LUKS2-0123-data\n")
    return device


def test_a_disk_counts_as_encrypted_when_all_that_it_is_made_of_is(place: Path) -> None:
    system = place / "sys"
    disk(system, "sda1")
    disk(system, "sdb1")
    disk(system, "dm-0", "sda1", crypt=True)
    disk(system, "dm-1", "dm-0")  # a volume on the encrypted disk
    disk(system, "md0", "dm-0", "sdb1")  # a mirror, half of it plain
    number = os.stat(place).st_dev
    (system / "dev/block").mkdir(parents=True)
    link = system / "dev/block" / f"{os.major(number)}:{os.minor(number)}"
    details = {}
    for name in ("sda1", "dm-0", "dm-1", "md0"):
        link.unlink(missing_ok=True)
        link.symlink_to(system / "devices" / name)
        details[name] = script.encryption(place, system)["state"]
    assert details == {"sda1": "off", "dm-0": "on", "dm-1": "on", "md0": "off"}
    link.unlink()
    assert script.encryption(place, system) == {"state": "unknown"}


def test_the_kernel_is_asked_whether_its_clock_is_right() -> None:
    assert script.time_in_sync()["state"] in ("on", "off")
    # The kernel's own layout: a wrong one would read the status from another field.
    assert (script.Timex.maxerror.offset, script.Timex.status.offset) == (
        struct.calcsize("@I0l2l"),
        struct.calcsize("@I0l4l"),
    )


# --- the file -------------------------------------------------------------------------------------


def test_the_report_is_roots_own_and_cannot_be_led_elsewhere(place: Path) -> None:
    report = reported(place)
    assert report["version"] == 1 and socket.gethostname()[:5] in report["host"]
    file = place / "host/report.json"
    assert file.stat().st_mode & 0o777 == 0o600 and [p.name for p in (place / "host").iterdir()] == ["report.json"]
    target = place / "elsewhere"
    target.write_text("mine")
    file.unlink()
    file.symlink_to(target)
    reported(place)
    assert target.read_text() == "mine" and not file.is_symlink()
    (place / "host").chmod(0o770)  # another may write there
    assert _refused(place)
    (place / "host").chmod(0o750)
    (place / "host").rename(place / "moved")
    (place / "host").symlink_to(place / "moved")
    assert _refused(place)
    if os.geteuid() == 0:
        (place / "host").unlink()
        (place / "host").mkdir()
        os.chown(place / "host", 65534, -1)
        assert _refused(place)


def _refused(place: Path) -> bool:
    done = run(
        sys.executable,
        "-I",
        SCRIPT,
        "--to",
        place / "host/report.json",
        "--state",
        place / "state/state.json",
        "--data",
        place,
        "--group",
        "",
        "--eve",
        place / "log/eve.json",
    )
    return done.returncode == 1 and "Traceback" not in done.stderr


def test_a_state_that_was_torn_does_not_end_the_reports(place: Path) -> None:
    reported(place)
    eve = '"eve": {"inode": 1, "offset": 0}'
    for torn in ("", "{", "[]", '{"eve": 7, "events": []}', f'{{{eve}, "events": [{{}}]}}', f'{{{eve}, "events": 7}}'):
        (place / "state/state.json").write_text(torn)
        reported(place)


def test_the_unit_is_taken_by_systemd_and_shut_in(tmp_path: Path) -> None:
    harden(tmp_path, "--data", "/srv/linbao", "--user", "lb")
    unit = tmp_path / "etc/systemd/system/linbao-host.service"
    assert "--to /srv/linbao/host/report.json --data /srv/linbao --group lb" in unit.read_text()
    assert "ReadWritePaths=/srv/linbao/host" in unit.read_text() and "@" not in unit.read_text().replace("@system", "")
    assert (tmp_path / "usr/local/lib/linbao/host_report.py").read_text() == SCRIPT.read_text()
    assert (tmp_path / "srv/linbao/host").stat().st_mode & 0o777 == 0o750
    message = run(DEPLOY / "harden.sh", "--dry-run").stdout
    assert "systemctl enable -q --now linbao-host.timer" in message
    if not find("systemd-analyze"):
        return
    for name in ("linbao-host.service", "linbao-host.timer"):
        copy = tmp_path / name
        copy.write_text((unit.parent / name).read_text().replace("/usr/bin/python3", "/bin/true"))
    checked = run(
        find("systemd-analyze"), "verify", "--man=no", tmp_path / "linbao-host.service", tmp_path / "linbao-host.timer"
    )
    assert checked.returncode == 0 and not checked.stderr.strip(), checked.stderr
    walls = run(
        find("systemd-analyze"),
        "security",
        "--offline=true",
        "--threshold=45",
        "--no-pager",
        tmp_path / "linbao-host.service",
    )
    assert walls.returncode == 0, walls.stdout[-400:]
