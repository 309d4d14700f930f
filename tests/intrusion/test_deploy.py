"""The configuration in deploy/ is read by the real tools, and does what it says (6.1.3)."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linbao.platform.observability import security_log as watch
from tests.intrusion.conftest import Lines
from tests.intrusion.guards import DEPLOY, find, harden, has, run

pytestmark = pytest.mark.clause("6.1.3")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hardened")
    harden(folder, "--ship", "log.example.cn")
    return folder


def test_it_can_be_run_again_and_says_beforehand_what_it_would_do(files: Path) -> None:
    again = harden(files, "--ship", "log.example.cn")
    assert (
        "written:" not in again
        and "changed: /" not in again.replace("unchanged: /", "")
        and again.count("unchanged:") >= 8
    )
    before = {p: p.stat().st_mtime_ns for p in files.rglob("*") if p.is_file()}
    message = run(DEPLOY / "harden.sh", "--dry-run", "--root", files, "--name", "other.example.cn")
    assert message.returncode == 0 and "would write: /etc/nginx/conf.d/linbao.conf" in message.stdout
    assert before == {p: p.stat().st_mtime_ns for p in files.rglob("*") if p.is_file()}
    whole = run(DEPLOY / "harden.sh", "--dry-run", "--clamav").stdout
    assert (
        "fail2ban python3-systemd" in whole
        and "fail2ban suricata" in whole
        and "clamav-daemon" in whole
        and "would run: nft -f" in whole
    )
    for errors in (["--name", "a b"], ["--data", "/x|e"], ["--nonsense"]):
        assert run(DEPLOY / "harden.sh", "--dry-run", *errors).returncode == 2


def test_nothing_is_left_to_fill_in(files: Path) -> None:
    for path in files.rglob("*linbao*"):
        if path.is_file() and path.suffix in (".conf", ".nft", ".rules", ""):
            assert not re.search(r"@[A-Z]+@", path.read_text()), path


def test_nginx_reads_it(files: Path, tmp_path: Path) -> None:
    conf = (files / "etc/nginx/conf.d/linbao.conf").read_text().replace("/etc/ssl/", f"{files}/etc/ssl/")
    for wanted in (
        "limit_req_status 429",
        "Strict-Transport-Security",
        "TLSv1.3",
        "X-Forwarded-For $remote_addr",
        "server_tokens off",
    ):
        assert wanted in conf
    if not find("nginx"):
        assert conf.count("{") == conf.count("}")
        return
    (tmp_path / "linbao.conf").write_text(conf)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {tmp_path}/linbao.conf; }}"
    )
    message = run(find("nginx"), "-t", "-c", tmp_path / "nginx.conf")
    assert message.returncode == 0, message.stderr


def test_rsyslog_reads_it(files: Path, tmp_path: Path) -> None:
    place = files / "etc/rsyslog.d/60-linbao.conf"
    assert "log.example.cn" in place.read_text()
    if find("rsyslogd"):
        whole = tmp_path / "rsyslog.conf"  # as Debian's own takes it in
        whole.write_text(f'global(workDirectory="{tmp_path}")\ninclude(file="{place}")\n')
        message = run(find("rsyslogd"), "-N1", "-f", whole)
        assert message.returncode == 0 and "error" not in message.stderr.lower(), message.stderr


# --- systemd ------------------------------------------------------------------------------------------------


def test_systemd_takes_the_units_and_finds_them_shut_in(tmp_path: Path) -> None:
    units = sorted(u for u in DEPLOY.glob("*.service") if u.name != "linbao-host.service")
    shared = [set(u.read_text().splitlines()) for u in units]
    assert len(units) == 3 and {"NoNewPrivileges=true", "ProtectSystem=strict"} <= set.intersection(*shared)
    # Each unit stands alone, so that none runs without its walls where a file was forgotten; the walls are the same.
    assert len({u.read_text().partition("Restart=always")[2] for u in units}) == 1
    if not find("systemd-analyze"):
        return
    for unit in units:
        (tmp_path / unit.name).write_text(unit.read_text().replace("/opt/linbao/.venv/bin/linbao", "/bin/true"))
    copies = sorted(tmp_path.glob("*.service"))
    message = run(find("systemd-analyze"), "verify", "--man=no", *copies)
    assert message.returncode == 0 and not message.stderr.strip(), message.stderr
    # Exposure 0 to 10, here in tenths: 8.5 is what a bare service has.
    message = run(find("systemd-analyze"), "security", "--offline=true", "--threshold=20", "--no-pager", *copies)
    assert message.returncode == 0, message.stdout[-500:]


# --- fail2ban's filter on lines that Linbao really writes ------------------------------------------------


@pytest.fixture
def lines(security_log: Lines, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(watch, "SINKS", [])
    for action, severity in (
        ("sign_in.fail", watch.LOW),
        ("sign_in.lock", watch.MIDDLE),
        ("sign_in.second_fail", watch.LOW),
        ("token.refused", watch.LOW),
        ("access.guess", watch.LOW),
        ("rate.limited", watch.LOW),
        ("upload.infected", watch.LOW),
        ("access.unreadable", watch.LOW),
        ("access.refused", watch.LOW),
        ("csp.violation", watch.LOW),
        ("upload.refused", watch.LOW),
    ):
        watch.event(action, severity=severity, address="203.0.113.9", path="/x")
    watch.event("sign_in", outcome=watch.SUCCESS, address="203.0.113.9")
    watch.event("token.refused", address="2001:db8::7", path="/api/v1/me")
    # Somebody who would have another banned.
    forged = (
        '", "event.action": "token.refused", "event.outcome": "failure",'
        ' "event.severity": 3, "source.ip": "198.51.100.1"'
    )
    watch.event("csp.violation", address="203.0.113.9", path=f"/x{forged}", blocked=forged)
    return [json.dumps(line) for line in security_log.told]


def expected(mode: str) -> re.Pattern[str]:
    """The filter's expression with fail2ban's tags filled in, for a machine without fail2ban."""
    text = (DEPLOY / "fail2ban/filter.conf").read_text()
    actions = re.search(rf"^_{mode} = (.+)$", text, re.M)
    fail = re.search(r"^failregex = \^(.+)$", text, re.M)
    assert actions and fail
    body = fail[1].replace("%(_actions)s", actions[1]).replace("<ADDR>", r"(?P<ip>[0-9a-f.:]+)")
    return re.compile(r'^\{"@timestamp": "[^"]+"' + body)


@pytest.mark.parametrize(("mode", "count"), [("guess", 6), ("attack", 3)])
def test_the_filter_finds_what_it_should_and_nothing_that_a_sender_wrote(
    lines: list[str], tmp_path: Path, mode: str, count: int
) -> None:
    rows = [m["ip"] for line in lines if (m := expected(mode).match(line))]
    assert len(rows) == count and set(rows) <= {"203.0.113.9", "2001:db8::7"}
    if not find("fail2ban-regex"):
        return
    log = tmp_path / "security.log"
    log.write_text("\n".join(lines) + "\n")
    message = run(find("fail2ban-regex"), log, f"{DEPLOY}/fail2ban/filter.conf[mode={mode}]", "--print-all-matched")
    assert f"{len(lines)} lines, 0 ignored, {count} matched" in message.stdout, message.stdout
    assert f"[{len(lines)}] " in message.stdout or "Date template hits" in message.stdout


def test_fail2ban_starts_beside_debians_own_jail(tmp_path: Path) -> None:
    """Debian watches sshd in a file that is not there where only the journal is kept."""
    harden(tmp_path, "--data", str(tmp_path))
    (tmp_path / "log").mkdir()
    (tmp_path / "log/security.log").touch()
    jails = (tmp_path / "etc/fail2ban/jail.d/linbao.conf").read_text()
    assert "[sshd]\nbackend = systemd\nport = 22" in jails
    if find("fail2ban-client") and has("python3-systemd"):
        message = run(find("fail2ban-client"), "-c", tmp_path / "etc/fail2ban", "-t")
        assert message.returncode == 0, message.stderr


# --- Suricata -----------------------------------------------------------------------------------------------


def test_suricata_reads_the_rules(files: Path, tmp_path: Path) -> None:
    rules = (files / "etc/suricata/rules/linbao.rules").read_text()
    sids = re.findall(r"sid:(\d+)", rules)
    assert len(sids) == len(set(sids)) == sum(line.startswith("alert") for line in rules.splitlines())
    if find("suricata"):
        yaml = files / "etc/suricata/suricata.yaml"
        assert "rules/linbao.rules" in yaml.read_text() and "interface: lo" in yaml.read_text()
        message = run(
            find("suricata"), "-T", "-c", yaml, "-S", files / "etc/suricata/rules/linbao.rules", "-l", tmp_path
        )
        assert message.returncode == 0 and "E: " not in message.stdout + message.stderr, message.stdout + message.stderr
    # Others' rules come with suricata-update; without their file, Debian's configuration does not pass its own test.
    assert (files / "var/lib/suricata/rules/suricata.rules").is_file()


def test_suricata_listens_where_the_way_out_is(tmp_path: Path) -> None:
    yaml = tmp_path / "etc/suricata/suricata.yaml"
    yaml.parent.mkdir(parents=True)
    debian = (
        "af-packet:\n  - interface: eth0\n    cluster-id: 99\n  - interface: default\n\naf-xdp:\n  -"
        " interface: default\npcap:\n  - interface: eth0\nrule-files:\n  - suricata.rules\n"
    )
    yaml.write_text(debian)
    message = harden(tmp_path, "--interface", "enp1s0")
    assert "listens at enp1s0" in message
    packet, _, other = yaml.read_text().partition("af-xdp:")
    assert "- interface: enp1s0" in packet and "- interface: lo" in packet and "eth0" not in packet and "eth0" in other
    again = yaml.read_text()
    harden(tmp_path, "--interface", "enp1s0")
    assert yaml.read_text() == again


def packets(requests: list[bytes]) -> Iterator[bytes]:
    """Ethernet frames of one HTTP connection for each request: handshake, request, answer, end."""
    for n, request in enumerate(requests):
        port, mine, theirs = 40_000 + n, 1_000, 9_000
        answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        yield frame(port, 8000, mine, 0, 0x02)
        yield frame(8000, port, theirs, mine + 1, 0x12)
        yield frame(port, 8000, mine + 1, theirs + 1, 0x10)
        yield frame(port, 8000, mine + 1, theirs + 1, 0x18, request)
        yield frame(8000, port, theirs + 1, mine + 1 + len(request), 0x18, answer)
        yield frame(port, 8000, mine + 1 + len(request), theirs + 1 + len(answer), 0x11)


def frame(source: int, target: int, number: int, seen: int, flags: int, data: bytes = b"") -> bytes:
    inside = target == 8000
    ends = [socket.inet_aton("203.0.113.9"), socket.inet_aton("192.0.2.1")]
    tcp = struct.pack(">HHIIBBHHH", source, target, number, seen, 0x50, flags, 65535, 0, 0)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), number & 0xFFFF, 0x4000, 64, 6, 0) + b"".join(
        ends if inside else ends[::-1]
    )
    return bytes(12) + b"\x08\x00" + ip + tcp + data


ATTACKS = {
    9100004: b"GET /static/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    9100005: b"GET /.env HTTP/1.1\r\nHost: a\r\n\r\n",
    9100006: b"GET /archive/?q=1%20union%20all%20select%20name HTTP/1.1\r\nHost: a\r\n\r\n",
    9100007: b"GET /archive/?q=<script>x</script> HTTP/1.1\r\nHost: a\r\n\r\n",
    9100008: b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: sqlmap/1.7\r\n\r\n",
    9100009: b"GET /?x=${jndi:ldap://a} HTTP/1.1\r\nHost: a\r\n\r\n",
}
ORDINARY = [
    b"GET /archive/?q=%E5%9E%83%E5%9C%BE&since=2026-11-01 HTTP/1.1\r\nHost: a\r\nUser-Agent: Mozilla/5.0\r\n\r\n",
    b"GET /r/2345ABCD HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /static/dist/app-0123456789.js HTTP/1.1\r\nHost: a\r\n\r\n",
]


def test_suricata_sees_attacks_and_not_the_days_work(files: Path, tmp_path: Path) -> None:
    """By a capture written here: no network is touched."""
    made = [*ATTACKS.values(), *ORDINARY]
    capture = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    at = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())
    for n, packet in enumerate(packets(made)):
        capture += struct.pack("<IIII", at + n // 100, n % 100 * 1000, len(packet), len(packet)) + packet
    (tmp_path / "a.pcap").write_bytes(capture)
    assert len(made) == len(ATTACKS) + len(ORDINARY)
    if not find("suricata"):
        return
    message = run(
        find("suricata"),
        "-c",
        files / "etc/suricata/suricata.yaml",
        "-S",
        files / "etc/suricata/rules/linbao.rules",
        "-r",
        tmp_path / "a.pcap",
        "-l",
        tmp_path,
        "-k",
        "none",
    )
    assert message.returncode == 0, message.stderr
    alerts = [json.loads(line) for line in (tmp_path / "eve.json").read_text().splitlines() if '"alert"' in line]
    seen = {(a["alert"]["signature_id"], a["src_port"]) for a in alerts if a["event_type"] == "alert"}
    assert seen == {(sid, 40_000 + n) for n, sid in enumerate(ATTACKS)}
