"""Uploads by way of ClamAV: a real clamd with one signature of its own where the machine has it, a socket server that
speaks its protocol everywhere; what is infected never reaches the product (6.1.3)."""

from __future__ import annotations

import os
import shutil
import socket
import socketserver
import struct
import subprocess
import tempfile
import threading
import time as clockwork
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from linbao.items.models import Attachment
from linbao.platform.protection import antivirus
from tests.intrusion.conftest import Lines
from tests.items import samples
from tests.loop import Town

pytestmark = pytest.mark.clause("6.1.3")
# The test file of the European Institute for Computer Antivirus Research, in two halves, so that no scanner minds ours.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Test-Signature\n"


class Speaker(socketserver.ThreadingUnixStreamServer):
    """The part of clamd's protocol that is used: zINSTREAM, pieces with their length, an empty one, the verdict."""

    daemon_threads = True
    answer: bytes = b""  # instead of a verdict

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            data = b""
            while length := struct.unpack(">I", self.rfile.read(4))[0]:
                data += self.rfile.read(length)
            server: Any = self.server
            result = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
            self.wfile.write(server.answer or result)

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), self.Talk)
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short enough for a socket's name."""
    made = Path(tempfile.mkdtemp(prefix="lb-clam-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def speaker(folder: Path, monkeypatch: Any) -> Iterator[Speaker]:
    server = Speaker(folder / "clamd.ctl")
    monkeypatch.setattr(settings, "CLAMD", f"unix:{folder / 'clamd.ctl'}")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def clamd(folder: Path, monkeypatch: Any) -> Iterator[None]:
    """The real one, where it is installed; else its protocol."""
    program = shutil.which("clamd") or ("/usr/sbin/clamd" if os.path.exists("/usr/sbin/clamd") else "")
    if not program:
        server = Speaker(folder / "clamd.ctl")
        monkeypatch.setattr(settings, "CLAMD", f"unix:{folder / 'clamd.ctl'}")
        yield
        server.shutdown()
        return
    (folder / "db").mkdir()
    (folder / "db" / "own.hdb").write_text(SIGNATURE)
    lines = (
        f"LocalSocket {folder}/clamd.ctl",
        f"DatabaseDirectory {folder}/db",
        "Foreground yes",
        f"LogFile {folder}/log",
    )
    (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen(
        [program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = clockwork.monotonic() + 30
        while not (folder / "clamd.ctl").exists() and clockwork.monotonic() < until:
            clockwork.sleep(0.05)
        monkeypatch.setattr(settings, "CLAMD", f"unix:{folder / 'clamd.ctl'}")
        yield
    finally:
        process.terminate()
        process.wait(20)


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jpg", samples.jpeg(64, 48), "image/jpeg")


def send(town: Town, file: SimpleUploadedFile) -> Any:
    item = town.submitted()
    return town.browser("reporter").post(
        "/api/v1/attachments", {"item": str(item.pk), "file": file}, **town.token("reporter")
    )


@pytest.mark.host
def test_the_real_scanner_lets_a_photo_by_and_stops_what_is_infected(
    town: Town, clamd: None, security_log: Lines
) -> None:
    assert send(town, photo()).status_code == 201
    answer = send(town, SimpleUploadedFile("photo.jpg", EICAR, "image/jpeg"))
    assert answer.status_code == 422 and answer.json()["type"] == "/problems/infected"
    assert answer["Content-Type"] == "application/problem+json" and "Eicar-Test-Signature" in answer.json()["detail"]
    assert Attachment.objects.count() == 1
    entry = security_log.of("upload.infected")[0]
    assert entry["event.category"] == ["malware"] and entry["linbao.signature"].startswith("Eicar-Test-Signature")


def test_a_large_file_goes_by_in_pieces(town: Town, speaker: Speaker) -> None:
    inside = SimpleUploadedFile("b.csv", b"a,b\n" * 50_000 + EICAR + b"\n" * 100_000, "text/csv")
    assert send(town, inside).status_code == 422
    assert send(town, photo()).status_code == 201


def test_every_form_is_covered_and_people_get_a_page(town: Town, speaker: Speaker) -> None:
    browser = town.browser("manager")
    answer = browser.post("/import/", {"file": SimpleUploadedFile("x.csv", EICAR)}, HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert answer.status_code == 422 and "恶意代码" in answer.content.decode()


@pytest.mark.parametrize("said", [b"INSTREAM size limit exceeded. ERROR\0", b"\0"])
def test_what_gets_no_verdict_is_refused_or_taken_as_the_setting_says(
    town: Town, speaker: Speaker, said: bytes, monkeypatch: Any, security_log: Lines
) -> None:
    speaker.answer = said
    assert send(town, photo()).json()["type"] == "/problems/not_scanned"
    monkeypatch.setattr(settings, "CLAMD_DOWN", "accept")
    assert send(town, photo()).status_code == 201
    assert [t["linbao.taken"] for t in security_log.of("upload.unscanned")] == [False, True]


@pytest.mark.parametrize("where", ["unix:/nowhere/clamd.ctl", "tcp://127.0.0.1:1", "tcp:///", "nonsense"])
def test_a_scanner_that_is_away_closes_the_door(town: Town, where: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings, "CLAMD", where)
    answer = send(town, photo())
    assert answer.status_code == 422 and answer.json()["type"] == "/problems/not_scanned"
    monkeypatch.setattr(settings, "CLAMD_DOWN", "accept")
    assert send(town, photo()).status_code == 201


def test_a_scanner_that_dies_in_mid_file_closes_the_door(folder: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "s"))
    listener.listen()
    look = antivirus.Look(f"unix:{folder / 's'}")
    peer, _address = listener.accept()
    peer.close()
    listener.close()
    with pytest.raises(antivirus.Unavailable):
        look.send(b"x" * 10_000_000)


def test_without_the_setting_nothing_is_asked(town: Town) -> None:
    assert settings.CLAMD == ""
    assert send(town, photo()).status_code == 201
