#!/usr/bin/env python3
"""Reports the host's guards to Linbao (6.1.3): firewall, bans, intrusion detection, time, disk encryption.

Runs as root on the host, once a minute (linbao-host.timer), with nothing but the standard library; knows Linbao only
by the file that it writes. The report holds the state of each guard and what Suricata and fail2ban noticed in the last
day, each event with an id of its own, so that a reader that was away counts none twice and misses none.

    host_report.py --to /var/lib/linbao/host/report.json --data /var/lib/linbao --group linbao

The folder of the report must belong to whoever runs this and be writable by nobody else: else Linbao's user could
lead a file of root's to another place, or write the report itself.
"""

from __future__ import annotations

import argparse
import ctypes
import grp
import hashlib
import ipaddress
import json
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

VERSION = 1
TIMEOUT = 15  # seconds for a tool to answer
KEPT = timedelta(hours=24)  # events stay in the report for so long
MOST_EVENTS = 400  # in one report; the newest
MOST_READ = 256 * 1024 * 1024  # bytes of eve.json in one run; what lies before is skipped and counted
LONGEST_LINE = 1024 * 1024
LONGEST = 160  # characters of a signature
SAFE_NAME = re.compile(r"[^\w.@:-]", re.ASCII)
# 203.0.113.9 <tab> 2026-11-30 14:15:44 + 600 = 2026-11-30 14:25:44
BAN = re.compile(r"^(\S+)\s+(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) \+ ")


def main() -> int:
    parser = argparse.ArgumentParser(description="Reports the host's guards to Linbao.")
    parser.add_argument("--to", type=Path, default=Path("/var/lib/linbao/host/report.json"))
    parser.add_argument("--state", type=Path, default=Path("/var/lib/linbao-host/state.json"))
    parser.add_argument("--data", type=Path, default=Path("/var/lib/linbao"), help="whose disk is to be encrypted")
    parser.add_argument("--group", default="linbao", help="that may read the report; empty: nobody but the owner")
    parser.add_argument("--eve", type=Path, default=Path("/var/log/suricata/eve.json"))
    parser.add_argument(
        "--rules", type=Path, nargs="*", default=[Path("/var/lib/suricata/rules"), Path("/etc/suricata/rules")]
    )
    parser.add_argument("--fail2ban-socket", default="")
    given = parser.parse_args()
    now = datetime.now(UTC)
    client = ["fail2ban-client", *(["-s", given.fail2ban_socket] if given.fail2ban_socket else [])]
    state = read_state(given.state)
    found, skipped = suricata_events(given.eve, state)
    bans, banned = bans_of(client)
    events = merged(state.get("events", []), [*found, *banned], now)
    # Kept before they are reported: after a stop between the two the next report has them too, under the same ids.
    write(given.state, {"eve": state.get("eve"), "events": events}, None)
    report = {
        "version": VERSION,
        "at": written(now),
        "host": SAFE_NAME.sub("_", socket.gethostname())[:60] or "host",
        "guards": {
            "firewall": firewall(),
            "bans": bans,
            "intrusion": intrusion(given.rules) | {"skipped": skipped},
            "time": time_in_sync(),
            "encryption": encryption(given.data),
        },
        "events": events,
    }
    write(given.to, report, given.group)
    return 0


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ask(*command: str) -> str | None:
    """What a tool answers; None when it is not there, does not answer or answers with an error."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
    if os.environ.get("TZ"):
        environment["TZ"] = os.environ["TZ"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT, check=False, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


# --- firewall -------------------------------------------------------------------------------------


def firewall() -> dict[str, Any]:
    """On when a chain on the way in drops or rejects what no rule lets in; fail2ban's own chains do not count."""
    answer = ask("nft", "-j", "list", "ruleset")
    if answer is None:
        return {"state": "unknown"}
    try:
        parts = json.loads(answer)["nftables"]
        chains = [p["chain"] for p in parts if "chain" in p]
        rules = [p["rule"] for p in parts if "rule" in p]
    except (ValueError, KeyError, TypeError):
        return {"state": "unknown"}
    tables = set()
    for chain in chains:
        table = str(chain.get("table", ""))
        if chain.get("hook") != "input" or chain.get("type") != "filter" or table.startswith("f2b"):
            continue
        own = [
            r
            for r in rules
            if all(r.get(k) == chain.get(v) for k, v in (("family", "family"), ("table", "table"), ("chain", "name")))
        ]
        if own and (chain.get("policy") == "drop" or refuses_all(own[-1])):
            tables.add(SAFE_NAME.sub("_", table)[:60] or "_")
    return {"state": "on" if tables else "off", "tables": sorted(tables)[:20], "rules": len(rules)}


def refuses_all(rule: dict[str, Any]) -> bool:
    """Whether a rule drops or rejects whatever comes to it."""
    verbs = {key for part in rule.get("expr", []) for key in part}
    return bool(verbs & {"drop", "reject"}) and verbs <= {"drop", "reject", "counter", "log"}


# --- fail2ban -------------------------------------------------------------------------------------


def bans_of(client: list[str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """fail2ban's jails, and who is banned in them since when."""
    answer = ask(*client, "status")
    if answer is None:
        return {"state": "off", "jails": [], "banned": 0}, []
    listed = re.search(r"Jail list:(.*)", answer)
    jails = [j.strip() for j in (listed[1] if listed else "").split(",") if j.strip()][:40]
    events = []
    for jail in jails:
        for line in (ask(*client, "get", jail, "banip", "--with-time") or "").splitlines():
            if event := ban_of(jail, line):
                events.append(event)
    names = [SAFE_NAME.sub("_", j)[:60] for j in jails]
    return {"state": "on" if jails else "off", "jails": names, "banned": len(events)}, events


def ban_of(jail: str, line: str) -> dict[str, Any] | None:
    """A line of `get JAIL banip --with-time` as an event; the time is the host's own."""
    found = BAN.match(line.strip())
    if not found or not (address := plain_address(found[1])):
        return None
    at = datetime.strptime(found[2], "%Y-%m-%d %H:%M:%S").astimezone(UTC)
    return {
        "id": digest("fail2ban", jail, address, written(at)),
        "at": written(at),
        "source": "fail2ban",
        "times": 1,
        "jail": SAFE_NAME.sub("_", jail)[:60],
        "address": address,
    }


# --- Suricata -------------------------------------------------------------------------------------


def intrusion(folders: list[Path], processes: Path = Path("/proc")) -> dict[str, Any]:
    """Whether Suricata runs, how many rules there are, and when the newest of their files was written."""
    names = set()
    for comm in processes.glob("[0-9]*/comm"):
        try:
            names.add(comm.read_text().strip())
        except OSError:
            continue
    rules, newest = 0, 0.0
    for file in (f for folder in folders for f in sorted(folder.glob("*.rules"))):
        try:
            with file.open("rb") as lines:
                count = sum(line.lstrip()[:1] not in (b"", b"#") for line in lines)
            if count:
                rules, newest = rules + count, max(newest, file.stat().st_mtime)
        except OSError:
            continue
    return {
        "state": "on" if any(n.lower().startswith("suricata") for n in names) else "off",
        "rules": rules,
        "rules_at": written(datetime.fromtimestamp(newest, UTC)) if rules else None,
    }


def suricata_events(path: Path, state: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The alerts since the last run, those of one rule from one address in one; and how many bytes were skipped.

    `state["eve"]` (inode and offset) moves on. The first run begins at the file's end: what was before Linbao's time
    is not news.
    """
    grouped: dict[tuple[Any, str], dict[str, Any]] = {}
    skipped = 0
    for inode, data, passed in new_lines(path, state):
        skipped += passed
        for offset, line in data:
            event = alert_of(line)
            if event is None:
                continue
            same = grouped.get((event["signature_id"], event["address"] or ""))
            if same is not None:
                same["times"] += 1
                same["at"] = max(same["at"], event["at"])
            else:
                event["id"] = digest("suricata", str(inode), str(offset), line.decode(errors="replace"))
                grouped[event["signature_id"], event["address"] or ""] = event
    events = sorted(grouped.values(), key=lambda e: (e["severity"], -e["times"]))
    return events[:MOST_EVENTS], skipped


def new_lines(path: Path, state: dict[str, Any]) -> Iterator[tuple[int, Iterator[tuple[int, bytes]], int]]:
    """Files with what is new in them: of the file that was turned away since (`eve.json.1`) the rest, then the present
    one. Whole lines only; one that is being written waits for the next run."""
    before = state.get("eve") or {}
    try:
        now = path.stat()
    except OSError:
        state["eve"] = before or {"inode": 0, "offset": 0}  # Suricata has written nothing yet
        return
    if not before:
        state["eve"] = {"inode": now.st_ino, "offset": now.st_size}
        return
    if before.get("inode") != now.st_ino:
        for turned in sorted(path.parent.glob(path.name + ".1*"))[:3] + sorted(path.parent.glob(path.name + "-*"))[-3:]:
            if turned.stat().st_ino == before.get("inode"):
                yield read_on(turned, int(before.get("offset", 0)), {})
        start = 0
    else:
        start = int(before.get("offset", 0))
        start = 0 if start > now.st_size else start  # it was emptied
    after: dict[str, int] = {}
    yield read_on(path, start, after)
    state["eve"] = {"inode": now.st_ino, "offset": after.get("offset", start)}


def read_on(path: Path, start: int, after: dict[str, int]) -> tuple[int, Iterator[tuple[int, bytes]], int]:
    """The whole lines behind `start`, each with its offset; where the last ends goes to `after` as it is read."""
    size = path.stat().st_size
    passed = max(0, size - start - MOST_READ)
    begin = start + passed
    after["offset"] = begin

    def lines() -> Iterator[tuple[int, bytes]]:
        with path.open("rb") as file:
            file.seek(begin)
            if passed:  # in the middle of a line
                file.readline(LONGEST_LINE)
            while file.tell() < size:
                at = file.tell()
                line = file.readline(LONGEST_LINE)
                if not line.endswith(b"\n") and len(line) < LONGEST_LINE:
                    break
                after["offset"] = file.tell()
                yield at, line

    return path.stat().st_ino, lines(), passed


def alert_of(line: bytes) -> dict[str, Any] | None:
    """A line of eve.json as an event, without its id; None for what is no alert."""
    if b'"alert"' not in line:
        return None
    try:
        row = json.loads(line)
        if row["event_type"] != "alert":
            return None
        alert = row["alert"]
        at = datetime.fromisoformat(str(row["timestamp"]))
        return {
            "at": written(at),
            "source": "suricata",
            "times": 1,
            "signature_id": int(alert["signature_id"]),
            "signature": "".join(c if c.isprintable() else " " for c in str(alert["signature"]))[:LONGEST],
            "severity": min(max(int(alert.get("severity", 3)), 1), 4),
            "address": plain_address(str(row.get("xff") or row.get("src_ip", ""))),
        }
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None


# --- time and disk --------------------------------------------------------------------------------


class Timex(ctypes.Structure):
    """The beginning of the kernel's `struct timex`, and room for its end."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


TIME_ERROR, STA_UNSYNC = 5, 0x40


def time_in_sync() -> dict[str, Any]:
    """What the kernel says of its clock: chrony, systemd-timesyncd and ntpd all tell it."""
    told = Timex()
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
    except (OSError, AttributeError):
        return {"state": "unknown"}
    if answer < 0:
        return {"state": "unknown"}
    sound = answer != TIME_ERROR and not told.status & STA_UNSYNC
    return {"state": "on" if sound else "off"}


def encryption(folder: Path, system: Path = Path("/sys")) -> dict[str, Any]:
    """Whether every disk below the folder's file system is opened by dm-crypt (LUKS). What a cloud's disks or a drive
    do by themselves cannot be seen from here."""
    try:
        number = os.stat(folder).st_dev
        if os.major(number) == 0:  # btrfs and the like: the mount names the device
            number = os.stat(mounted_from(folder)).st_rdev
        device = system / "dev/block" / f"{os.major(number)}:{os.minor(number)}"
        if not device.exists():
            return {"state": "unknown"}
        return {"state": "on" if encrypted(device.resolve()) else "off"}
    except (OSError, ValueError):
        return {"state": "unknown"}


def mounted_from(folder: Path) -> str:
    """The device in /proc/self/mountinfo of the mount that holds `folder`; `ValueError` when it is no device."""
    best, source = "", ""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _dash, after = line.partition(" - ")
        point = before.split()[4].encode().decode("unicode_escape")
        inside = str(folder.resolve()) == point or str(folder.resolve()).startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, source = point, after.split()[1]
    if not source.startswith("/dev/"):
        raise ValueError(source)
    return source


def encrypted(device: Path) -> bool:
    """Whether a block device, or all that it is made of, is opened by dm-crypt."""
    try:
        if (device / "dm/uuid").read_text().startswith("CRYPT-"):
            return True
    except OSError:
        pass
    below = sorted((device / "slaves").glob("*")) if (device / "slaves").is_dir() else []
    return bool(below) and all(encrypted(d.resolve()) for d in below)


# --- events and files -----------------------------------------------------------------------------


def plain_address(given: str) -> str | None:
    """An IP address as it is written, without a network; None for anything else."""
    try:
        return str(ipaddress.ip_address(given.partition("/")[0].partition("%")[0]))
    except ValueError:
        return None


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:32]


def merged(kept: list[dict[str, Any]], new: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The events of the last day, each once, the newest `MOST_EVENTS`, the oldest first."""
    since = written(now - KEPT)
    by_id = {e["id"]: e for e in [*new, *kept]}  # one that was reported stays as it was
    recent = sorted((e for e in by_id.values() if e["at"] >= since), key=lambda e: (e["at"], e["id"]))
    return recent[-MOST_EVENTS:]


def read_state(path: Path) -> dict[str, Any]:
    """What the last run kept; nothing when there was none or it is not as it was written."""
    try:
        found = json.loads(path.read_text())
        eve, events = found["eve"], found["events"]
        sound = isinstance(eve["inode"], int) and isinstance(eve["offset"], int)
        sound = sound and all(isinstance(e["id"], str) and isinstance(e["at"], str) for e in events)
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {"eve": eve, "events": events} if sound else {}


def write(path: Path, content: dict[str, Any], group: str | None) -> None:
    """Put a file in its place at once: readers see the one before or the new one. Raises `OSError` where the folder
    is a link, belongs to somebody else, or others may write in it."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        about = os.fstat(folder)
        if about.st_uid != os.geteuid() or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError(f"{path.parent} must belong to user {os.geteuid()} and be writable by nobody else")
        name = f".{path.name}.new"
        try:
            os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            pass
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(name, flags, 0o600, dir_fd=folder), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=True, separators=(",", ":"))
            file.flush()
            if group:
                os.fchown(file.fileno(), -1, grp.getgrnam(group).gr_gid)
                os.fchmod(file.fileno(), 0o640)
            os.fsync(file.fileno())
        os.replace(name, path.name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.close(folder)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, KeyError) as e:
        print(f"host report: {e}", file=sys.stderr)
        sys.exit(1)
