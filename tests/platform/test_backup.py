"""Backups of a running installation, restored on an empty machine (6.1.1): nothing missing, nothing half done."""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyrage
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from linbao.audit.models import Record
from linbao.commands import keys as keys_command
from linbao.platform import files
from linbao.platform.backup import backups, dumps, envelope, nightly, restore, staging, stores
from linbao.platform.encryption import key_lifecycle, resealing
from linbao.platform.models import Backup, DataKey, KeyState, Purpose
from linbao.platform.server import postgres
from tests.platform.bucket import bucket

BUILD = """
import django; django.setup()
from tests.loop import build
from linbao.accounts.models import ApiToken
from linbao.organisation.tree import reference
print(ApiToken.make(build().reporter, "t", ["*"])[1])
reference.changed()
"""
LOOK = """
import django, json; django.setup()
from linbao.platform import files
from linbao.items.models import Item, Attachment
print(json.dumps({
    "items": {
        str(i.pk): [[p.name, p.phone] for p in i.parties.all()] for i in Item.objects.prefetch_related("parties")
    },
    "files": {a.sha256: len(files.get(a.sha256)) for a in Attachment.objects.all()},
}))
"""
KEYS = """
import django, json; django.setup()
from django.db import connection
from linbao.platform.models import DataKey
cursor = connection.cursor()
cursor.execute(
    "SELECT item_id::text, encode(substring(phone from 2 for 4), 'hex'), left(phone_index, 4) FROM items_party"
)
rows = cursor.fetchall()
print(json.dumps({
    "values": {r[0]: r[1] for r in rows}, "indexes": {r[0]: r[2] for r in rows},
    "current": {k.purpose: k.id for k in DataKey.objects.filter(state="current")},
    "older": [k.id for k in DataKey.objects.filter(state="older")],
}))
"""


def linbao(folder: Path, *words: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "linbao", *words],
        env=environment(folder) | more,
        capture_output=True,
        text=True,
        input=stdin,
        timeout=300,
        check=False,
    )


def environment(folder: Path) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("LINBAO_")} | {
        "LINBAO_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "linbao.settings",
        "PYTHONWARNINGS": "ignore",
    }


def script(folder: Path, text: str) -> str:
    url = postgres.start_apart(folder / "postgres")
    return subprocess.run(
        [sys.executable, "-c", text],
        env=environment(folder) | {"LINBAO_DATABASE_URL": url},
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
    ).stdout


def empty() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="linbao-backup-"))
    folder.chmod(0o755)
    return folder


def archive_of(taken: dict[str, Any]) -> Path:
    to: Path = taken["to"]
    return to / stores.Folder(to).names()[0]


class Writers:
    """Reporters who file items with a photo until they are told to stop; what was acknowledged is kept."""

    def __init__(self, port: int, token: str) -> None:
        self.base, self.token = f"http://127.0.0.1:{port}", token
        self.done: dict[str, str] = {}  # item → phone
        self.refused: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(3)]
        for thread in self._threads:
            thread.start()

    def _work(self, number: int) -> None:
        turn = 0
        while not self._stop.is_set():
            turn += 1
            id_, phone = str(uuid.uuid4()), f"139{number}{turn:07d}"
            body = {
                "id": id_,
                "category": "event",
                "subcategory": "fire",
                "title": f"电动车冒烟{number}-{turn}",
                "narrative": "二楼拐角一辆充电的电动车冒烟起火，保安扑灭。",
                "parties": [{"role": "involved", "name": "郎师傅", "phone": phone}],
            }
            try:
                self._ask("/api/v1/items", json.dumps(body).encode(), "application/json")
                self._photo(id_, f"{number}-{turn}".encode())
            except OSError as e:
                if not self._stop.is_set():
                    self.refused.append(f"{e} {getattr(e, 'read', bytes)()[:300]!r}")
                return
            self.done[id_] = phone

    def _photo(self, item: str, mark: bytes) -> None:
        pdf = b"%PDF-1.4\n" + mark * 200 + b"\n%%EOF"
        parts = {"item": item.encode(), "id": str(uuid.uuid4()).encode()}
        edge = "edge"
        body = b"".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n'.encode() + v + b"\r\n"
            for k, v in parts.items()
        )
        body += (
            f'--{edge}\r\nContent-Disposition: form-data; name="file";'
            f' filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        ).encode()
        body += pdf + f"\r\n--{edge}--\r\n".encode()
        self._ask("/api/v1/attachments", body, f"multipart/form-data; boundary={edge}")

    def _ask(self, path: str, body: bytes, kind: str) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        with urllib.request.urlopen(urllib.request.Request(self.base + path, body, headers), timeout=30) as answer:
            assert answer.status in (200, 201)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


@pytest.fixture(scope="module")
def taken() -> dict[str, Any]:
    """A backup taken while reporters write and the keys are turned; what was acknowledged before it began."""
    folder, to = empty(), empty()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = int(s.getsockname()[1])
    serve = subprocess.Popen(
        [sys.executable, "-m", "linbao", "serve", "--port", str(port)],
        env=environment(folder),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert serve.stdout and serve.stdout.readline().startswith("ready")
    token = script(folder, BUILD).strip()
    writers = Writers(port, token)
    time.sleep(2)
    turned = linbao(folder, "keys", "rotate")
    before = dict(writers.done)
    made = linbao(folder, "backup", str(to), "--verify")
    during = dict(writers.done)
    time.sleep(1)
    writers.stop()
    until = time.monotonic() + 90  # the worker's job seals anew at its own pace
    while time.monotonic() < until:
        seen = json.loads(script(folder, KEYS))
        if set(seen["values"].values()) == {seen["current"]["fields"]}:
            break
        time.sleep(1)
    serve.terminate()
    serve.wait(40)
    recovery = next((w for w in made.stdout.split() if w.startswith("AGE-SECRET-KEY-1")), "")
    return {
        "folder": folder,
        "to": to,
        "before": before,
        "during": during,
        "writers": writers,
        "made": made,
        "turned": turned,
        "recovery": recovery,
        "secret": (folder / "secrets" / "secret_key").read_text(),
    }


@pytest.mark.clause("6.1.1")
def test_a_backup_under_load_restores_with_nothing_missing(taken: dict[str, Any]) -> None:
    assert taken["turned"].returncode == 0 and taken["made"].returncode == 0, taken["made"].stderr
    assert taken["writers"].refused == [], "no reporter noticed"
    assert len(taken["before"]) >= 5 and len(taken["during"]) > len(taken["before"])
    fresh = empty()
    refused = linbao(fresh, "restore", str(taken["to"]))
    assert refused.returncode == 1 and "恢复密钥" in refused.stderr
    assert staging.occupied(fresh) == [] and not list(fresh.glob("restor*"))
    done = linbao(fresh, "restore", str(taken["to"]), "--recovery-key", "-", stdin=taken["recovery"])
    assert done.returncode == 0, done.stderr
    assert (fresh / "secrets" / "secret_key").read_text() == taken["secret"], "sessions and links go on"
    try:
        seen = json.loads(script(fresh, LOOK))
        listed = linbao(fresh, "keys", "list", "--json").stdout
    finally:
        postgres.stop(fresh / "postgres")
    missing = [i for i, phone in taken["before"].items() if seen["items"].get(i) != [["郎师傅", phone]]]
    assert missing == [], "acknowledged before the backup began"
    assert len(seen["files"]) >= len(taken["before"])
    wrappers = {json.loads(line).get("wrapper") for line in listed.splitlines()} - {None, ""}
    assert (
        len(wrappers) == 1
        and (fresh / "secrets" / "keys").read_text() != (taken["folder"] / "secrets" / "keys").read_text()
    )


@pytest.mark.clause("6.1.1")
def test_a_target_in_use_is_refused_and_kept_aside_when_forced(taken: dict[str, Any]) -> None:
    there = empty()
    (there / "files" / "ab").mkdir(parents=True)
    (there / "files" / "ab" / "old").write_text("old")
    refused = linbao(there, "restore", str(taken["to"]), "--recovery-key", "-", stdin=taken["recovery"])
    assert refused.returncode == 1 and "--force" in refused.stderr
    done = linbao(there, "restore", str(taken["to"]), "--recovery-key", "-", "--force", stdin=taken["recovery"])
    assert done.returncode == 0, done.stderr
    aside = next(there.glob("before-restore-*"))
    assert (aside / "files" / "ab" / "old").read_text() == "old"
    assert not (there / "files" / "ab" / "old").exists()


@pytest.mark.clause("6.1.1")
@pytest.mark.parametrize(
    "harm", ["cut", "head", "middle", "end", "added", "wrong key", "slip of the pen", "no archive", "nothing"]
)
def test_a_bad_archive_or_key_changes_nothing(taken: dict[str, Any], harm: str) -> None:
    whole = archive_of(taken).read_bytes()
    fresh, recovery = empty(), taken["recovery"]
    source = fresh / "given.tar.age"
    places = {"head": whole.index(b"\n--- ") + 10, "middle": len(whole) // 2, "end": len(whole) - 1}
    if harm == "cut":
        source.write_bytes(whole[:-1000])
    elif harm in places:
        changed = bytearray(whole)
        changed[places[harm]] ^= 1
        source.write_bytes(changed)
    elif harm == "added":
        source.write_bytes(whole + b"\0")
    elif harm == "no archive":
        source.write_bytes(b"PK\x03\x04" + whole[4:])
    elif harm == "wrong key":
        source.write_bytes(whole)
        recovery = envelope.new_identity()[0]
    elif harm == "slip of the pen":
        source.write_bytes(whole)
        recovery = recovery[:-1] + ("Q" if recovery[-1] != "Q" else "P")
    done = linbao(fresh, "restore", str(source), "--recovery-key", "-", stdin=recovery)
    labels = {
        "cut": "已被改动或不完整",
        "head": "已被改动或不完整",
        "middle": "已被改动或不完整",
        "end": "已被改动或不完整",
        "added": "已被改动或不完整",
        "wrong key": "恢复密钥或 LINBAO_BACKUP_KEY 不是这份备份的",
        "slip of the pen": "抄写有误",
        "no archive": "不是邻报的备份",
        "nothing": "没有这份备份",
    }
    assert done.returncode == 1 and labels[harm] in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert staging.occupied(fresh) == [] and not list(fresh.glob("restor*"))


@pytest.mark.clause("6.1.1")
def test_a_backup_opens_without_linbao(taken: dict[str, Any]) -> None:
    """As the README says: age with the printed key, tar, pg_restore; a stored file by the keys that came along."""
    folder = empty()
    identity = pyrage.x25519.Identity.from_str(taken["recovery"])
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(archive_of(taken).read_bytes(), [identity]))) as inside:
        inside.extractall(folder)
    details = json.loads((folder / "list.json").read_text())
    parts = sorted((folder / "database").iterdir())
    assert [p.name for p in parts] == [f"{n:06d}" for n in range(1, len(parts) + 1)]
    loaded = subprocess.run(
        [dumps.tool("pg_restore", details["server"]), "--file=-"],
        input=b"".join(p.read_bytes() for p in parts),
        capture_output=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    text = loaded.stdout.decode()
    assert "CREATE TABLE public.items_item " in text and [i for i in taken["before"] if i not in text] == []
    stored = [p for p in (folder / "files").rglob("*") if p.is_file()]
    assert details["files"] == len(stored) >= len(taken["before"])
    assert details["tables"]["items_item"][0] >= len(taken["before"])
    data_keys = {k["id"]: bytes.fromhex(k["key"]) for k in json.loads((folder / "keys.json").read_text())["data_keys"]}
    for path in stored[:3]:
        sealed, name = path.read_bytes(), f"{path.parent.name}/{path.name}"
        header, nonce = sealed[:5], sealed[5:17]
        key = AESGCM(data_keys[header[1:].hex()])
        assert key.decrypt(nonce, sealed[17:], header + name.encode()).startswith(b"%PDF-1.4")
    assert json.loads((folder / "keys.late.json").read_text())["secret_key"] == taken["secret"]


@pytest.mark.clause("6.1.1")
def test_a_restore_killed_at_any_moment_leaves_what_was_there(taken: dict[str, Any]) -> None:
    for pause in (0.3, 1.2, 2.0, 2.6):
        fresh = empty()
        key = fresh / "key"
        key.write_text(taken["recovery"])
        process = subprocess.Popen(
            [sys.executable, "-m", "linbao", "restore", str(taken["to"]), "--recovery-key", str(key)],
            env=environment(fresh),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        whole = staging.occupied(fresh) == list(staging.MOVED)
        assert whole or staging.occupied(fresh) == [] or (fresh / staging.FOLDER / staging.READY).exists()
        if not whole:
            done = linbao(fresh, "restore", str(taken["to"]), "--recovery-key", str(key))
            assert done.returncode == 0 or "已有内容" in done.stderr, done.stderr
        assert staging.occupied(fresh) == list(staging.MOVED)


def test_moves_that_were_cut_off_are_carried_on(tmp_path: Path) -> None:
    for cut in range(len(staging.MOVED) + 1):
        data = tmp_path / str(cut)
        staged = data / staging.FOLDER
        for name in staging.MOVED:
            (staged / name).mkdir(parents=True)
            (staged / name / "new").touch()
            (data / name).mkdir()
            (data / name / "old").touch()
        aside = data / "aside"
        aside.mkdir()
        (staged / staging.READY).write_text(str(aside))
        for name in staging.MOVED[:cut]:  # as far as it came
            os.rename(data / name, aside / name)
            os.rename(staged / name, data / name)
        if cut < len(staging.MOVED):
            os.rename(data / staging.MOVED[cut], aside / staging.MOVED[cut])
        assert staging.finish(data) and not staging.finish(data)
        for name in staging.MOVED:
            assert [p.name for p in (data / name).iterdir()] == ["new"]
            assert [p.name for p in (aside / name).iterdir()] == ["old"]


@pytest.fixture
def reachable(db: Any, own_files: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    Path(settings.DATA_DIR).chmod(0o755)  # the embedded server's own user must come through
    return empty()


@pytest.mark.clause("6.1.1")
def test_by_the_schedule_with_retention_and_a_trial_restore(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BACKUP_KEEP", "2")
    failed = nightly.run(str(reachable))
    assert failed and "linbao keys recovery" in failed.fault, "without a recovery key nobody could open it elsewhere"
    assert backups.make_recovery_key() and backups.make_recovery_key() is None
    for day in (1, 2, 3):
        (reachable / stores.name(datetime(2026, 11, day, 18, 30, tzinfo=UTC))).write_bytes(b"old")
    (reachable / "holiday.jpg").write_bytes(b"not ours")
    files.put(b"a file of the night")
    row = nightly.run(str(reachable))
    assert row and row.verified_at and not row.fault and row.files and row.size
    stored = stores.Folder(reachable).names()
    assert stored == [row.name, stores.name(datetime(2026, 11, 3, 18, 30, tzinfo=UTC))]
    assert (reachable / "holiday.jpg").exists()
    assert (reachable / row.name).stat().st_mode & 0o077 == 0
    lines = Record.objects.filter(action__startswith="backup.").order_by("at", "id")
    assert [r.action for r in lines] == ["backup.fail", "backup.make", "backup.verify", "backup.prune"]
    assert [r.data.get("name") for r in lines][1:3] == [row.name, row.name]


@pytest.mark.clause("6.1.1")
def test_a_restored_database_that_differs_from_its_list_is_told(
    reachable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups.make_recovery_key()
    honest = dumps.content
    monkeypatch.setattr(dumps, "content", lambda c: honest(c) | {"organisation_unit": [99, "1"]})
    row = backups.make(str(reachable))
    monkeypatch.setattr(dumps, "content", honest)
    with pytest.raises(restore.CannotRestore, match="organisation_unit"):
        restore.verify(stores.place(str(reachable)), row.name)
    assert not list(Path(settings.DATA_DIR).glob("verify-*")), "nothing is left of the trial"


@pytest.mark.clause("6.1.1")
def test_with_a_backup_key_no_other_key_opens(
    reachable: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    backups.make_recovery_key()
    assert keys_command.run(argparse.Namespace(verb="backup-key")) == 0
    printed = capsys.readouterr().out
    file = tmp_path / "backup.key"
    file.write_text(printed)
    monkeypatch.setattr(settings, "BACKUP_KEY", f"file:{file}")
    row = backups.make(str(reachable))
    assert row.key == "", "of the keys on this machine it needs none"
    restore.verify(stores.place(str(reachable)), row.name)
    monkeypatch.setattr(settings, "BACKUP_KEY", printed.split()[-1])
    assert opens(reachable / row.name, backups.identities_here())
    newer = envelope.new_identity()[0]
    file.write_text(f"{newer}\n{printed}")
    monkeypatch.setattr(settings, "BACKUP_KEY", f"file:{file}")
    assert opens(reachable / row.name, backups.identities_here()), "an older key in the file still opens"
    monkeypatch.setattr(settings, "BACKUP_KEY", newer)
    with pytest.raises(envelope.WrongKey, match="LINBAO_BACKUP_KEY 不是这份备份的"):
        restore.verify(stores.place(str(reachable)), row.name)
    for errors in ("short", "file:/nowhere", newer[:-1], base64.b64encode(os.urandom(32)).decode()):
        monkeypatch.setattr(settings, "BACKUP_KEY", errors)
        with pytest.raises(envelope.WrongKey, match="LINBAO_BACKUP_KEY 读不出来"):
            backups.make(str(reachable))
    assert len(stores.Folder(reachable).names()) == 1 and not list(reachable.glob("*.part"))


def opens(archive: Path, identities: list[Any]) -> bool:
    with archive.open("rb") as stream:
        return [name for name, _blocks in envelope.members(envelope.unseal(stream, identities))][-1] == "list.json"


@pytest.mark.clause("6.1.1")
def test_the_running_system_opens_its_backups_until_the_data_key_is_retired(reachable: Path) -> None:
    recovery = backups.make_recovery_key()
    assert recovery
    row = backups.make(str(reachable))
    older = DataKey.objects.get(pk=row.key)
    assert (older.purpose, older.state) == (Purpose.BACKUPS, KeyState.CURRENT)
    key_lifecycle.rotate(Purpose.BACKUPS)
    assert opens(reachable / row.name, backups.identities_here())
    older.refresh_from_db()
    assert resealing.used_by(older), "not retired while a backup in the list needs it"
    Backup.objects.all().delete()
    assert not resealing.used_by(older)
    DataKey.objects.filter(pk=older.pk).update(state=KeyState.RETIRED, wrapped=None)
    with pytest.raises(envelope.WrongKey):
        opens(reachable / row.name, backups.identities_here())
    assert opens(reachable / row.name, backups.identities_elsewhere(recovery.lower()))


@pytest.mark.clause("6.1.1")
@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("files/../../../etc/cron.d/x", b"", "不该有的文件名"),
        ("database/000002", b"", "不该有的文件名"),
        ("keys.json", b"{", "内容已损坏"),
        ("list.json", b"[]", "内容已损坏"),
        ("list.json", b"{}", "更新的版本"),
    ],
)
def test_an_archive_that_somebody_made_for_the_public_key_is_refused(
    reachable: Path, name: str, data: bytes, message: str
) -> None:
    identity = backups.make_recovery_key()
    assert identity
    parts = [*envelope.member(name, len(data), 0, iter([data])), envelope.end()]
    archive = reachable / "linbao-20261130T000000Z.tar.age"
    public = envelope.recipient(envelope.read_identities(identity)[0])
    archive.write_bytes(b"".join(envelope.seal(iter(parts), [public])))
    before = sorted(Path(settings.DATA_DIR).rglob("*"))
    with pytest.raises(envelope.Damaged, match=message):
        restore.stage(str(archive), recovery=identity, staging=reachable, database="unused")
    assert sorted(Path(settings.DATA_DIR).rglob("*")) == before and list(reachable.iterdir()) == [archive]


@pytest.mark.clause("6.1.1")
def test_a_long_dump_lies_in_numbered_parts(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups.make_recovery_key()
    monkeypatch.setattr(dumps, "BLOCK", 4096)
    monkeypatch.setattr(backups, "PART", 16384)
    row = backups.make(str(reachable))
    with (reachable / row.name).open("rb") as stream:
        members = envelope.members(envelope.unseal(stream, backups.identities_here()))
        sizes = {name: sum(map(len, blocks)) for name, blocks in members if name.startswith("database/")}
    assert len(sizes) > 3 and max(sizes.values()) <= 16384
    assert list(sizes) == [f"database/{n:06d}" for n in range(1, len(sizes) + 1)]
    assert restore.verify(stores.place(str(reachable)), row.name).rows == row.rows


@pytest.mark.clause("6.1.1")
def test_a_disk_that_fills_up_ends_the_backup_and_its_thread(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups.make_recovery_key()
    files.put(os.urandom(5_000_000))

    def full(self: stores.Folder, name: str, parts: Iterator[bytes]) -> int:
        next(parts)
        next(parts)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stores.Folder, "write", full)
    with pytest.raises(OSError, match="No space"):
        backups.make(str(reachable))
    assert Backup.objects.count() == 0 and not [t for t in threading.enumerate() if t.name == "age"]


def test_a_dump_that_fails_leaves_no_archive(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups.make_recovery_key()
    monkeypatch.setattr(dumps, "tool", lambda name, server: "/bin/false")
    with pytest.raises(dumps.CannotDump):
        backups.make(str(reachable))
    assert list(reachable.iterdir()) == [] and Backup.objects.count() == 0


@pytest.mark.clause("6.1.1")
def test_in_a_bucket_whole_or_not_at_all(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups.make_recovery_key()
    files.put(os.urandom(10_000_000))  # more than one part of an upload
    threads: set[int] = set()
    walk = files.walk

    def watched() -> Iterator[str]:
        threads.add(threading.get_ident())
        return walk()

    monkeypatch.setattr(files, "walk", watched)
    with bucket() as store:
        to = store.url("nightly/")
        row = nightly.run(to)
        assert row and row.verified_at and not row.fault, row and row.fault
        assert threads == {threading.get_ident()}, "where its database connection is"
        assert list(store.objects) == [f"nightly/{row.name}"] and store.multipart == 1
        assert "secret" not in row.place and stores.split(to)[1] == row.name
        assert stores.split(store.url(f"nightly/{row.name}"))[1] == row.name
        with pytest.raises(FileNotFoundError), stores.place(to).open("linbao-20260101T000000Z.backup"):
            pass
        monkeypatch.setattr(dumps, "tool", lambda name, server: "/bin/false")
        failed = nightly.run(to)
        assert failed and failed.fault and len(store.objects) == 1 and store.uploads == {}
        stores.place(to).delete(row.name)
        assert stores.place(to).names() == []


@pytest.mark.clause("6.1.1")
def test_running_processes_took_the_new_keys_without_a_restart(taken: dict[str, Any]) -> None:
    """All that reporters filed after the turn, and by the worker's job all that they filed before it."""
    try:
        seen = json.loads(script(taken["folder"], KEYS))
    finally:
        postgres.stop(taken["folder"] / "postgres")
    assert len(seen["current"]) == 4 and len(seen["older"]) == 4
    last = list(taken["writers"].done)[-20:]
    assert {seen["values"][i] for i in last} == {seen["current"]["fields"]}
    assert {seen["indexes"][i] for i in last} == {"g" + seen["current"]["index"][:3]}
    assert set(seen["values"].values()) == {seen["current"]["fields"]}, "the job was done while they wrote"
