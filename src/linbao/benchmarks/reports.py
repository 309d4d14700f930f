"""Benchmarks of reports: documents, a city's Friday, sealed documents (design §8)."""

from __future__ import annotations

import io
import itertools
from datetime import timedelta
from typing import Any

from django.db.models import Max

from linbao.core import clock, ids
from linbao.documents import services as documents
from linbao.documents import typesetting, verification, word
from linbao.documents.inputs import MakeSeal
from linbao.documents.models import Document, Seal
from linbao.documents.seals import services as seals
from linbao.items.models import Item
from linbao.organisation.models import Role, RoleGrant, User
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
