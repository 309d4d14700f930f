"""Benchmarks of reports: documents, a city's Friday, alarms under load, sealed documents (design §8)."""

from __future__ import annotations

import http.server
import io
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Max
from django.test import Client

from linbao.accounts.models import ApiToken
from linbao.core import clock, ids
from linbao.documents import services as documents
from linbao.documents import typesetting, verification, word
from linbao.documents.inputs import MakeSeal
from linbao.documents.models import Document, Seal
from linbao.documents.seals import services as seals
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import RecordCall, StartEmergency
from linbao.emergencies.models import UrgentReport
from linbao.items.models import Item
from linbao.organisation.models import Role, RoleGrant, User
from linbao.outbox.models import Channel, Delivery
from linbao.platform import files
from linbao.weekly_reports import assembly, services
from linbao.weekly_reports.inputs import ConfirmReport
from linbao.weekly_reports.models import WeeklyReport


def _content(bench: Any) -> dict[str, Any]:
    """The content of a real week: six items of one reporter of the generated city (the median, domain.md §8)."""
    user = bench.people["scale-reporter"]
    monday = clock.monday(clock.today())
    for _n in range(
        max(0, 6 - Item.objects.filter(reporter=user, reported_at__gte=clock.now() - timedelta(days=1)).count())
    ):
        bench.client().post(
            "/api/v1/items", bench.body(), content_type="application/json", **bench.headers["scale-reporter"]
        )
    report = services.assemble_week(user, monday)
    report.facts["items"] = report.facts["items"][:6]
    report.number = "桂花园社信〔2026〕1号"
    return assembly.content(report)


def weekly_document(bench: Any) -> None:
    """DOCX and PDF of one week in a warm worker; bar 80 ms of CPU together."""
    content = _content(bench)
    for name, make in (
        ("pdf", lambda: typesetting.pdf(content, code="ABCD-2345", verify="http://localhost/verify/?code=")),
        ("docx", lambda: word.docx(content, code="ABCD-2345", verify="http://localhost/verify/?code=")),
    ):
        bench.tell(
            "weekly-document", make, max(20, bench.times // 4), bar=80.0, form=name, items_told=len(content["sections"])
        )


def friday(bench: Any) -> None:
    """A city's reporters send their week: assembled, confirmed, documents made and posted, one after the other."""
    people = list(
        User.objects.filter(pk__in=RoleGrant.objects.current().filter(role=Role.REPORTER).values("user")).order_by(
            "pk"
        )[: max(20, bench.times)]
    )
    monday = clock.monday(clock.today())
    WeeklyReport.objects.filter(reporter__in=people, week=monday).delete()
    left = iter(people)

    def do() -> None:
        user = next(left)
        report = services.confirm(
            user, services.assemble_week(user, monday).pk, ConfirmReport(nil_reason="本周参加培训", reason="测速")
        )
        services.send(report.pk)
        services.make_documents(report.pk, report.version)

    bench.tell("friday", do, len(people) - 3, what="assemble, confirm, DOCX, PDF, mail posted; each report")


def sealed_pdf(bench: Any) -> None:
    """A sealed page made and signed (bar 500 ms of CPU), and a document of 20 pages verified (bar 500 ms)."""
    user = bench.people["scale-reporter"]
    home = min(user.rights.communities(Role.REPORTER), key=str)
    seal = Seal.objects.filter(custodian=user).first() or seals.make(
        None, MakeSeal(kind="person", name="李兰", unit=home, custodian=user.pk, person=user.pk)
    )
    content = _content(bench)
    report = services.assemble_week(user, clock.monday(clock.today()))

    made = Document.objects.filter(subject_id=report.pk).aggregate(n=Max("version"))["n"] or 0
    versions = itertools.count(made + 1)

    def issue(content: dict[str, Any]) -> Any:
        return documents.issue(
            "urgent_report", content, unit_id=home, subject=report, version=next(versions), by=user, seal_id=seal.pk
        )

    bench.tell(
        "sealed-pdf",
        lambda: issue(content | {"number": f"社急{ids.new()}"}),
        max(20, bench.times // 10),
        bar=500.0,
        what="made, signed, time stamp, kept",
    )
    long = content | {"number": f"社急{ids.new()}", "sections": [s for _n in range(40) for s in content["sections"]]}
    pdf = files.get(issue(long).pdf)
    from pypdf import PdfReader

    pages = len(PdfReader(io.BytesIO(pdf)).pages)
    bench.tell("verify", lambda: verification.by_file(pdf), max(20, bench.times // 10), bar=500.0, pages=pages)


class _Robot(http.server.BaseHTTPRequestHandler):
    """Stands where a group's robot would, and says yes to everything."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


def alarm(bench: Any) -> None:
    """From the call of an emergency until its alarm is handed to every channel of the unit (two robots on this
    machine) by a worker of its own, while 50 items a second are being filed. Bar: 1 s at the 99th percentile.
    Run it where no other worker serves the database."""
    user = bench.people["scale-reporter"]
    home = min(user.rights.communities(Role.REPORTER), key=str)
    robot = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Robot)
    threading.Thread(target=robot.serve_forever, daemon=True).start()
    ways = [
        Channel.objects.create(
            unit_id=home, name=f"bench {n}", kind="webhook", address=f"json://127.0.0.1:{robot.server_address[1]}/{n}"
        )
        for n in range(2)
    ]
    environment = os.environ | {"LINBAO_NOTIFY_HOSTS": "127.0.0.1"}
    worker = subprocess.Popen(
        [sys.executable, "-m", "linbao", "worker"],
        env=environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    stop, filed = threading.Event(), [0]
    token = ApiToken.make(user, "bench", ["*"])[1]

    def load(rate: float) -> None:
        client, due = Client(HTTP_HOST="127.0.0.1", HTTP_AUTHORIZATION=f"Bearer {token}"), time.monotonic()
        while not stop.is_set():
            client.post("/api/v1/items", bench.body(), content_type="application/json")
            filed[0] += 1
            due += 1 / rate
            time.sleep(max(0.0, due - time.monotonic()))
        connection.close()

    try:
        time.sleep(5)  # until the worker listens
        writers = [threading.Thread(target=load, args=(25.0,), daemon=True) for _n in range(2)]
        began = time.monotonic()
        for w in writers:
            w.start()
        reports = []
        for n in range(max(50, bench.times)):
            report = emergencies.start(user, StartEmergency(kind="fire", place=f"{n}号楼"))
            emergencies.record_call(user, report.pk, RecordCall())
            reports.append(report.pk)
            time.sleep(0.25)
        raised = Delivery.objects.filter(subject_id__in=reports, channel="channel")
        until = time.monotonic() + 30
        while raised.exclude(state="sent").exists() and time.monotonic() < until:
            time.sleep(0.2)
        spent = time.monotonic() - began
    finally:
        stop.set()
        worker.terminate()
        robot.shutdown()
        Channel.objects.filter(pk__in=[w.pk for w in ways]).delete()
    rows = list(raised.values_list("created_at", "sent_at"))
    waits = sorted((sent - created).total_seconds() for created, sent in rows if sent)
    UrgentReport.objects.filter(pk__in=reports).update(finished_at=clock.now())
    figure = {
        "bench": "alarm",
        "reports": len(reports),
        "channels": len(ways),
        "handed_over": len(waits),
        "lost": len(rows) - len(waits),
        "items_a_second": round(filed[0] / spent, 1),
        "p50_s": waits[len(waits) // 2] if waits else None,
        "p99_s": waits[min(len(waits) - 1, int(len(waits) * 0.99))] if waits else None,
        "bar_p99_s": 1.0,
        "floor_cpu_ms": bench.floor_cpu_ms,
        "fsync_ms": bench.fsync_ms,
    }
    print(json.dumps(figure, ensure_ascii=False), flush=True)
