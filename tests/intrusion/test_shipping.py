"""The real rsyslog carries the security log to another machine, by TLS, and to no other (6.1.3)."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from linbao.platform.observability import security_log as watch
from tests.intrusion.conftest import Lines
from tests.intrusion.guards import find, harden, has, run

pytestmark = [pytest.mark.clause("6.1.3"), pytest.mark.host]

needs_rsyslog = pytest.mark.skipif(
    not (has("rsyslog-gnutls") and find("rsyslogd") and find("openssl")),
    reason="rsyslog with TLS is not installed (needs root)",
)


class Host:
    """A machine that takes logs: listens by TLS with a certificate of its own, and keeps each line."""

    def __init__(self, certificate: Path, port: int = 0) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        self.context, self.taken, self.refused = context, bytearray(), 0
        self.open: list[socket.socket] = []
        self.listening = socket.create_server(("127.0.0.1", port))
        self.port: int = self.listening.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                plain, _ = self.listening.accept()
            except OSError:
                return
            plain.settimeout(20)
            try:
                with self.context.wrap_socket(plain, server_side=True) as connection:
                    self.open.append(connection)
                    while part := connection.recv(65536):
                        self.taken += part
                self.refused += 1
            except OSError:
                self.refused += 1

    def close(self) -> None:
        """As a machine that goes down in good order: what is open ends, and nothing listens."""
        for connection in self.open:
            with suppress(OSError):  # ended by the other side
                connection.shutdown(socket.SHUT_RDWR)
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()


def certificate(folder: Path, name: str) -> Path:
    """A certificate for `name`, by the authority in `folder`."""
    authority, made = folder / "authority.pem", folder / f"{name}.pem"
    if not authority.exists():
        done = run(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "9",
            "-subj",
            "/CN=authority",
            "-keyout",
            authority.with_suffix(".key"),
            "-out",
            authority,
        )
        assert done.returncode == 0, done.stderr
    done = run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "9",
        "-subj",
        f"/CN={name}",
        "-addext",
        f"subjectAltName=DNS:{name}",
        "-CA",
        authority,
        "-CAkey",
        authority.with_suffix(".key"),
        "-keyout",
        made.with_suffix(".key"),
        "-out",
        made,
    )
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def log(security_log: Lines, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(watch, "SINKS", [])
    watch.event("sign_in.fail", severity=watch.LOW, address="203.0.113.9", path="/sign-in")
    watch.event("audit.tampered", severity=watch.HIGH, address="", path="")
    return [json.dumps(line) for line in security_log.told]


class Shipping:
    """rsyslog with what `harden.sh --ship localhost` writes; only port and authority are the test's."""

    def __init__(self, folder: Path, port: int) -> None:
        root = folder / "root"
        root.mkdir()
        harden(root, "--ship", "localhost", "--data", str(folder))
        (folder / "log").mkdir(exist_ok=True)
        (folder / "work").mkdir()
        conf = (root / "etc/rsyslog.d/60-linbao.conf").read_text()
        authority = "/etc/ssl/certs/ca-certificates.crt"
        assert authority in conf and 'port="6514"' in conf
        conf = conf.replace(authority, str(folder / "authority.pem")).replace('port="6514"', f'port="{port}"')
        (folder / "whole.conf").write_text(f'global(workDirectory="{folder}/work")\n{conf}')
        self.running = subprocess.Popen(
            [find("rsyslogd"), "-n", "-f", str(folder / "whole.conf"), "-i", str(folder / "rsyslogd.pid")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        self.running.terminate()
        try:
            self.running.wait(10)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)  # keys


def until(told: Callable[[], object], seconds: float = 30) -> bool:
    """Whether `told()` came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if told():
            return True
        time.sleep(0.05)
    return False


@needs_rsyslog
def test_what_is_logged_arrives_and_waits_while_the_other_side_is_away(folder: Path, log: list[str]) -> None:
    host = Host(certificate(folder, "localhost"))
    shipping = Shipping(folder, host.port)
    place = folder / "log/security.log"
    try:
        with place.open("a") as f:
            f.write(log[0] + "\n")
        assert until(lambda: log[0].encode() in host.taken), bytes(host.taken)
        assert b"linbao-security:" in host.taken
        host.close()
        with place.open("a") as f:
            f.write(log[1] + "\n")
        time.sleep(1)
        again = Host(folder / "localhost.pem", host.port)
        assert until(lambda: log[1].encode() in again.taken, 60), bytes(again.taken)
        again.close()
    finally:
        shipping.close()


@needs_rsyslog
def test_a_machine_of_another_name_gets_nothing(folder: Path, log: list[str]) -> None:
    host = Host(certificate(folder, "other.example"))
    shipping = Shipping(folder, host.port)
    try:
        (folder / "log/security.log").write_text(log[0] + "\n")
        assert until(lambda: host.refused), "it was never called"
        time.sleep(1)
        assert not host.taken
    finally:
        shipping.close()
        host.close()
