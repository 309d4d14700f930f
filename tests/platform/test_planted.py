"""A planted number and name: searched for in everything that lies on the disk, found nowhere (1.3.4, 6.1.1).

The real command on a folder of its own; the item goes through interface and page, review, handling, rating,
mails, jobs, a failing request, a backup. Then every file is searched: tables and write-ahead log after a
CHECKPOINT, a plain dump, logs, mails, stored files, the archive.
"""

from __future__ import annotations

import base64
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pypdf import PdfReader

from linbao.core import text
from linbao.platform.backup import dumps
from linbao.platform.server import postgres
from linbao.review.inputs import Approve

PHONE, NAME = "13987650421", "欧阳梓晗"
SEEN = "对照字样紫藤"  # stands in the title: what is written in the clear is found by this search

BUILD = """
import django; django.setup()
from tests.loop import build
from linbao.accounts.models import ApiToken
from linbao.organisation.models import Unit
town = build()
Unit.objects.filter(code="510104017003").update(mailbox="dept@example.cn")
from linbao.organisation.tree import reference
reference.changed()
print(ApiToken.make(town.reporter, "t", ["*"])[1], town.grid.code)
"""
CARRY = """
import sys, django; django.setup()
from django.db import connection
from django.test import Client
from linbao.core import clock, ids
from datetime import timedelta
from linbao.items.models import Item, Party
from linbao.handling import assigning, loop, work
from linbao.handling.inputs import AssignItem, CloseItem, EvaluateItem, InformResident, ResolveItem
from linbao.review import services as review
from linbao.review.inputs import Approve, ReturnItem
from linbao.organisation.models import Unit, User
who = lambda name: User.objects.get(username=name)
def browser(name):
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(who(name), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
PHONE, NAME, SEEN = sys.argv[1:4]
grid = Unit.objects.get(code="510104017003001")
reporter = browser("reporter")
item = ids.new()
form = {
    "version": "0", "category": "opinion", "title": SEEN + "二号", "key_points.asked": "1", "parties.asked": "1",
    "parties.role": "proposer", "parties.name": NAME, "parties.phone": PHONE, "parties.id": "",
}
answer = reporter.post(f"/items/{item}/draft", form, headers={"accept": "application/json"})
assert answer.status_code == 200, answer.content
assert Party.objects.filter(item=item).exists(), "the page filed the person"
answer = reporter.post(f"/items/{item}/edit", {**form, "version": "1", "action": "submit"})
assert answer.status_code == 422
OVERRULED = {c: {"pass": True, "overruled": "已核实"} for c in ("truth", "completeness", "accuracy", "format")}
full = Item.objects.get(status="submitted")
findings = [{"field": "narrative", "words": "请补充经过", "check": "completeness"}]
review.return_(who("reviewer"), full.pk, ReturnItem(findings=findings))
from linbao.items import services as items
items.change(who("reporter"), full.pk, {"narrative": "补充：二楼拐角充电冒烟，十分钟后扑灭，无人受伤。"})
items.submit(who("reporter"), full.pk)
review.approve(who("reviewer"), full.pk, Approve(checks=OVERRULED))
department = Unit.objects.get(code="D1")
data = AssignItem(unit=department.pk, handler=who("handler").pk, instruction="请处理")
assigning.assign(who("manager"), full.pk, data)
work.resolve(who("handler"), full.pk, ResolveItem(result="已经处理完毕，并回访了当事人。"))
loop.inform(who("reporter"), full.pk, InformResident(outcome="reached", method="phone"))
loop.evaluate(who("reporter"), full.pk, EvaluateItem(verdict="satisfied", remark=f"{NAME} {PHONE} 说很满意"))
loop.close(who("manager"), full.pk, CloseItem())
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports.inputs import ConfirmReport
week = weekly_reports.assemble_week(who("reporter"), clock.monday(clock.today()))
weekly_reports.confirm(who("reporter"), week.pk, ConfirmReport(reason="外出培训"))
with clock.at(clock.now() + timedelta(minutes=6)):
    weekly_reports.send_due()
manager = browser("manager")
assert manager.get("/archive/", {"person": PHONE}).status_code == 200
assert manager.get(f"/items/{full.pk}/").status_code == 200
assert manager.get("/archive/", {"q": PHONE}).status_code == 200
"""


def ask(port: int, path: str, body: Any = None, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers), timeout=30
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as e:
        return e.code


def forms(value: str) -> set[bytes]:
    """The value as it might lie somewhere: UTF-8, UTF-16, GBK, in hex, in JSON's escapes, in base64."""
    plain = {value.encode("utf-8"), value.encode("utf-16-le"), value.encode("utf-16-be"), value.encode("gb18030")}
    result = set(plain) | {json.dumps(value)[1:-1].encode()}
    for one in plain:
        result |= {one.hex().encode(), one.hex().upper().encode()}
        for shift in range(3):  # base64, whatever stood before it
            details = base64.b64encode(b"\0" * shift + one)
            result.add(details[4 if shift else 0 : -4])
    return {f for f in result if len(f) >= 8}


def holding(folder: Path, value: str) -> list[str]:
    wanted, result = forms(value), []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            result += [f"{path.relative_to(folder)}: {f!r}" for f in wanted if f in data]
    return result


@pytest.fixture(scope="module")
def used() -> Path:
    """A data folder after all that, with a dump, the logs and a backup laid into it."""
    folder = Path(tempfile.mkdtemp(prefix="linbao-planted-"))
    folder.chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LINBAO_")} | {
        "LINBAO_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "linbao.settings",
        "PYTHONWARNINGS": "ignore",
    }
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = int(s.getsockname()[1])
    with open(folder / "serve.log", "w") as log:
        serve = subprocess.Popen(
            [sys.executable, "-m", "linbao", "serve", "--port", str(port)],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    assert serve.stdout and serve.stdout.readline().startswith("ready")
    url = postgres.url(folder / "postgres")

    def script(words: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", words, *arguments],
            env=environment | {"LINBAO_DATABASE_URL": url},
            text=True,
            capture_output=True,
            cwd=Path(__file__).parent.parent.parent,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        with open(folder / "script.log", "a") as stored:
            stored.write(done.stderr)
        return done.stdout

    token, grid = script(BUILD).split()
    body = {
        "category": "event",
        "subcategory": "fire",
        "title": f"{SEEN}一号",
        "urgent": True,
        "status": "submitted",
        "narrative": "二楼拐角一辆充电的电动车冒烟起火，保安扑灭，无人受伤。",
        "occurred_at": "2026-11-24T01:00:00Z",
        "seen_at": "2026-11-24T01:00:00Z",
        "place": {"text": "6幢2单元"},
        "grid": grid,
        "source": {"method": "patrol"},
        "key_points": ["飞线充电"],
        "parties": [{"role": "involved", "name": NAME, "phone": PHONE}],
        "details": {
            "course": "1 点扑灭。",
            "casualties": {"dead": 0, "injured": 0, "missing": 0},
            "present_state": "controlled",
            "measures_taken": "疏散断电",
        },
    }
    assert ask(port, "/api/v1/items", body, token) == 201
    assert ask(port, "/api/v1/items", body | {"parties": [{"phone": PHONE, "nonsense": NAME}]}, token) == 422
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("ALTER TABLE items_party RENAME TO away")
        assert ask(port, "/api/v1/items", body | {"title": "必然失败"}, token) == 500
        own.execute("ALTER TABLE away RENAME TO items_party")
    script(CARRY, PHONE, NAME, SEEN)
    until = time.monotonic() + 60
    while not (mails := list((folder / "mail").rglob("*.eml"))) and time.monotonic() < until:
        time.sleep(0.2)
    for n, part in enumerate(p for m in mails for p in message_from_bytes(m.read_bytes()).walk()):
        data = part.get_payload(decode=True)
        if isinstance(data, bytes):
            (folder / f"mail-part-{n}").write_bytes(data)
            if data.startswith(b"PK"):  # the report as Word wrote it
                zipfile.ZipFile(io.BytesIO(data)).extractall(folder / f"mail-part-{n}-inside")
            elif data.startswith(b"%PDF"):
                words_of = "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
                (folder / f"mail-part-{n}-text").write_text(words_of)
    for words in (["keys", "rotate", "--wait"], ["backup", str(folder / "backups")]):
        done = subprocess.run([sys.executable, "-m", "linbao", *words], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    with psycopg.connect(url, autocommit=True) as own:
        own.execute("CHECKPOINT")
        dumped = subprocess.run(
            [dumps.tool("pg_dump", own.info.server_version // 10000), "--format=plain", "--dbname", url],
            capture_output=True,
            check=True,
        )
        own.execute("VACUUM")
    (folder / "dump.sql").write_bytes(dumped.stdout)
    serve.terminate()
    serve.wait(40)
    return folder


@pytest.mark.clause("1.3.4", "6.1.1")
@pytest.mark.parametrize("value", [PHONE, NAME])
def test_it_lies_nowhere_on_the_disk(used: Path, value: str) -> None:
    assert holding(used, value) == []


def test_the_search_itself_finds_what_is_written_in_the_clear(used: Path) -> None:
    rows = {line.partition(":")[0].split("/")[0] for line in holding(used, SEEN)}
    assert {"postgres", "dump.sql"} <= rows
    assert any(f.endswith("-inside") for f in rows) and any(f.endswith("-text") for f in rows), "the mailed report"
    assert "backups" not in rows, "an archive shows nothing of its content"
    assert "500" in (used / "serve.log").read_text() and "items_party" in (used / "serve.log").read_text()
    assert list((used / "files").rglob("*")) or list((used / "backups").iterdir())


@pytest.mark.clause("1.3.4")
def test_a_number_typed_into_free_text_goes_no_further(db: Any) -> None:
    from linbao.duties.models import Obligation
    from linbao.items import hints
    from linbao.items.models import ItemText
    from linbao.outbox import services as outbox
    from linbao.outbox.models import Delivery, Notice
    from linbao.review import services as review
    from tests.loop import OVERRULED, build

    town = build()
    typed = {
        "title": f"致电{PHONE}的居民反映噪声",
        "narrative": f"居民留的电话是{PHONE}，身份证510104199001011233，请尽快回电说明情况。",
    }
    item = town.submitted(**typed)
    review.approve(town.reviewer, item.pk, Approve(checks=OVERRULED))
    outbox.post(key="x", channel="mail", recipient="a@example.cn", subject=item.title, body=item.narrative)
    lines = [*Notice.objects.values_list("text", flat=True), *Obligation.objects.values_list("title", flat=True)]
    lines += [w for row in Delivery.objects.values_list("subject", "body") for w in row]
    assert any("139****0421" in w for w in lines)
    assert not [w for w in lines if PHONE in w or "510104199001011233" in w]
    assert PHONE not in ItemText.objects.get(item=item).terms
    hints.refresh([item])
    assert "phone_in_text" in {h.code for h in hints.of(item)}


def test_numbers_of_people_are_no_search_terms() -> None:
    terms = text.search_terms(f"电话{PHONE}，+86{PHONE}，证件51010419900101123X，3幢1204室，20261124")
    assert not {t for t in terms if "13987650421" in t or t.startswith("5101")}
    assert {"3", "1204", "20261124", "电话"} <= set(terms)
