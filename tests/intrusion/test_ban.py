"""A brute-force attempt against a running Linbao, behind the real nginx, nftables and fail2ban, in network namespaces
made here: the real tool bans the attacker, and nobody else (6.1.3). Needs root; without it the filter is tested
(test_deploy.py), and here that the pieces fit together by name."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time as clockwork
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from linbao.platform.server import postgres
from tests.intrusion.guards import DEPLOY, find, harden, run

pytestmark = pytest.mark.clause("6.1.3")
NEEDED = ("ip", "nft", "nginx", "fail2ban-server", "fail2ban-client", "openssl")
CAN = os.geteuid() == 0 and all(find(name) for name in NEEDED)
SERVER, ATTACKER, OFFICE = "10.77.0.1", "10.77.0.2", "10.77.0.3"

# Guesses passwords as a browser would send them; ends when nobody answers any more. Bounded in number and time.
GUESS = """
import http.client, re, ssl, sys
source, tries = sys.argv[1], int(sys.argv[2])
loose = ssl._create_unverified_context()
def ask(method, body=None, headers=None):
    c = http.client.HTTPSConnection("10.77.0.1", timeout=3, context=loose, source_address=(source, 0))
    sent = {"Host": "linbao.test", "Referer": "https://linbao.test/", **(headers or {})}
    c.request(method, "/accounts/login/", body, sent)
    a = c.getresponse()
    return a, a.read().decode()
for n in range(tries):
    try:
        a, page = ask("GET")
        cookie = re.search("csrftoken=([^;]+)", a.getheader("Set-Cookie") or "")
        token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if cookie and token and sys.argv[3:] != ["look"]:
            a, page = ask("POST", "csrfmiddlewaretoken=%s&login=zhang%d&password=guess%d" % (token[1], n, n),
                          {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "csrftoken=" + cookie[1]})
        print(a.status, flush=True)
    except OSError as e:
        print("away", type(e).__name__, flush=True)
        break
"""


@dataclass
class House:
    """A host with its guards, and a street from which people come."""

    folder: Path
    inside: str = f"lb-in-{os.getpid()}"
    outside: str = f"lb-out-{os.getpid()}"
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def build(self) -> None:
        ip = find("ip")
        a, b = f"lba{os.getpid()}"[:15], f"lbb{os.getpid()}"[:15]
        for command in (
            f"netns add {self.inside}",
            f"netns add {self.outside}",
            f"link add {a} netns {self.inside} type veth peer name {b} netns {self.outside}",
            f"-n {self.inside} addr add {SERVER}/24 dev {a}",
            f"-n {self.outside} addr add {ATTACKER}/24 dev {b}",
            f"-n {self.outside} addr add {OFFICE}/24 dev {b}",
            f"-n {self.inside} link set lo up",
            f"-n {self.outside} link set lo up",
            f"-n {self.inside} link set {a} up",
            f"-n {self.outside} link set {b} up",
        ):
            done = run(ip, *command.split())
            assert done.returncode == 0, f"ip {command}: {done.stderr}"

    def in_it(self, *command: Any) -> subprocess.CompletedProcess[str]:
        return run(find("ip"), "netns", "exec", self.inside, *command)

    def start(self, *command: Any, **environment: str) -> None:
        with open(self.folder / f"{Path(str(command[0])).name}.out", "ab") as out:
            self.running.append(
                subprocess.Popen(
                    [find("ip"), "netns", "exec", self.inside, *map(str, command)],
                    env={**os.environ, **environment},
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            )

    def guess(self, source: str, tries: int, *more: str) -> list[str]:
        script = self.folder / "guess.py"
        script.write_text(GUESS)
        return run(
            find("ip"), "netns", "exec", self.outside, sys.executable, script, source, str(tries), *more
        ).stdout.split("\n")[:-1]

    def tear_down(self) -> None:
        for process in reversed(self.running):
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(10)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                process.kill()
        for name in (self.inside, self.outside):
            run(find("ip"), "netns", "del", name)


def until(what: str, ask: Any, seconds: float = 25) -> None:
    end = clockwork.monotonic() + seconds
    while not ask():
        assert clockwork.monotonic() < end, what
        clockwork.sleep(0.1)


def database_url() -> str:
    """The test's own database, by its socket: a namespace has no way to a server on a port of this machine."""
    now = connection.settings_dict
    if not str(now["HOST"]).startswith("/"):
        pytest.fail("this test needs the database by a socket: run it without LINBAO_TEST_DATABASE_URL")
    return postgres.url(Path(now["HOST"])).replace("/linbao?", f"/{now['NAME']}?")


@pytest.fixture
def house(tmp_path: Path, transactional_db: None) -> Iterator[House]:
    made = House(tmp_path)
    try:
        made.build()
        yield made
    finally:
        made.tear_down()


def furnish(house: House) -> Path:
    """Everything as `harden.sh` writes it, started in the house; the security log."""
    root, data = house.folder / "root", house.folder / "data"
    root.mkdir()
    harden(root, "--data", str(data))
    (data / "log").mkdir(parents=True)
    log = data / "log/security.log"
    log.touch()
    assert house.in_it(find("nft"), "-f", root / "etc/nftables.d/linbao.nft").returncode == 0
    # fail2ban: Debian's own files with our filter and jails; nothing else of this machine is watched.
    f2b = root / "etc/fail2ban"
    for other in (f2b / "jail.d").glob("*"):
        if other.name != "linbao.conf":
            other.unlink()
    (f2b / "fail2ban.local").write_text(
        f"[Definition]\nlogtarget = {house.folder}/f2b.log\ndbfile = None\nallowipv6 = auto\n"
    )
    assert run(find("fail2ban-client"), "-c", f2b, "-t").returncode == 0
    sock = house.folder / "f2b.sock"
    house.start(find("fail2ban-server"), "-f", "-c", f2b, "-s", sock, "-p", house.folder / "f2b.pid", "start")
    conf = root / "etc/nginx/conf.d/linbao.conf"
    conf.write_text(conf.read_text().replace("/etc/ssl/", f"{root}/etc/ssl/"))
    temporary = " ".join(
        f"{kind}_temp_path {house.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = house.folder / "nginx.conf"
    main.write_text(
        f"user root; daemon off; worker_processes 1; pid {house.folder}/nginx.pid; error_log"
        f" {house.folder}/nginx.err; events {{}} http {{ access_log off; {temporary} include {conf}; }}"
    )
    house.start(find("nginx"), "-c", main, "-e", house.folder / "nginx.err")
    house.start(
        sys.executable,
        "-m",
        "linbao",
        "web",
        "--host",
        "127.0.0.1",
        "--port",
        "8000",
        LINBAO_DATABASE_URL=database_url(),
        LINBAO_DATA_DIR=str(data),
        LINBAO_BASE_URL="https://linbao.test",
        LINBAO_TRUSTED_PROXIES="127.0.0.1",
        LINBAO_LOG_FORMAT="json",
        LINBAO_SECRET_KEY=settings.SECRET_KEY,
        LINBAO_KEYS=(Path(settings.DATA_DIR) / "secrets/keys").read_text().strip(),
    )
    until("fail2ban answers", lambda: run(find("fail2ban-client"), "-s", sock, "status", "linbao").returncode == 0)
    until("Linbao answers", lambda: house.guess(OFFICE, 1, "look") == ["200"])
    return log


def banned(house: House) -> str:
    return run(find("fail2ban-client"), "-s", house.folder / "f2b.sock", "get", "linbao", "banned").stdout


@pytest.mark.skipif(not CAN, reason="needs root and the real tools; the filter itself is tested without")
def test_who_guesses_passwords_is_banned_by_the_real_tool_and_the_office_beside_is_not(house: House) -> None:
    log = furnish(house)
    assert house.guess(OFFICE, 2) == ["200", "200"]  # two slips of the pen
    tried = house.guess(ATTACKER, 40)
    # fail2ban reads the log once a second: the attacker may get a few more in before the door shuts.
    until("the attacker is banned", lambda: ATTACKER in banned(house))
    assert '"event.action": "sign_in.fail"' in log.read_text() and f'"source.ip": "{ATTACKER}"' in log.read_text()
    assert len(tried) >= 20
    assert house.guess(ATTACKER, 1, "look")[0].startswith("away")
    rules = house.in_it(find("nft"), "list", "ruleset").stdout
    assert ATTACKER in rules and "f2b" in rules
    assert house.guess(OFFICE, 1, "look") == ["200"] and OFFICE not in banned(house)
    # The host's firewall lets nothing else in.
    probe = "import socket,sys\ns=socket.socket();s.settimeout(1)\nprint(s.connect_ex(('10.77.0.1',8000)))"
    shut = run(find("ip"), "netns", "exec", house.outside, sys.executable, "-c", probe).stdout.strip()
    assert shut != "0"


def test_the_pieces_fit_together_by_name() -> None:
    jails = (DEPLOY / "fail2ban/jail.conf").read_text()
    assert jails.count("filter = linbao[") == 2 and "@DATA@/log/security.log" in jails and "nftables" in jails
    assert settings.ENV["SECURITY_LOG"][0] == "" and settings.SECURITY_LOG.endswith("log/security.log")
    assert shutil.which("sh")
