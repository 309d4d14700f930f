"""What was said on the telephone, and the names of files, are kept encrypted; also what stood there before (1.3.4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from linbao.emergencies import services as emergencies
from linbao.emergencies.models import UrgentReport
from linbao.items.models import Attachment, AttachmentKind
from tests.loop import build

BEFORE = [("reporting", "0005_report_sent"), ("collection", "0012_attachment_caption")]


def stored(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table} t")  # as the database holds it
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.clause("1.3.4")
@pytest.mark.django_db(transaction=True)
def test_calls_and_names_of_files_are_encrypted_and_older_ones_follow() -> None:
    town = build()
    report = emergencies.start(
        town.reporter, kind="fire", place="七号楼", called=True, answered_by="郎主任", called_number="028-86001234"
    )  # fmt: skip
    Attachment.objects.create(
        item=report.item, owner=town.reporter, kind=AttachmentKind.PHOTO, name="张桂兰身份证.jpg", content_type="image/jpeg",
        size=3, sha256="0" * 64,
    )  # fmt: skip
    assert "郎主任" not in stored("emergencies_urgentreport") and "86001234" not in stored("emergencies_urgentreport")
    assert "张桂兰" not in stored("items_attachment")
    # As an installation of before had them: in the clear. Its migration encrypts what stands there.
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE emergencies_urgentreport, items_attachment CASCADE")
    executor.migrate(BEFORE)
    try:
        _plain_rows(town, report)
        assert "郎主任" in stored("emergencies_urgentreport")
    finally:
        MigrationExecutor(connection).migrate(latest)
    assert "郎主任" not in stored("emergencies_urgentreport") and "张桂兰" not in stored("items_attachment")
    found = UrgentReport.objects.get()
    assert (found.answered_by, found.called_number, found.call_words) == ("郎主任", "028-86001234", "三层起火")
    assert Attachment.objects.get().name == "张桂兰身份证.jpg"


def _plain_rows(town: Any, report: UrgentReport) -> None:
    apps = MigrationExecutor(connection).loader.project_state(BEFORE).apps
    old = apps.get_model("reporting", "UrgentReport")
    kept = {f.attname: getattr(report, f.attname) for f in old._meta.concrete_fields if hasattr(report, f.attname)}
    old.objects.create(**kept | {"answered_by": "郎主任", "called_number": "028-86001234", "call_words": "三层起火"})
    apps.get_model("collection", "Attachment").objects.create(
        item_id=report.item_id, owner_id=town.people["reporter"].pk, kind="photo", name="张桂兰身份证.jpg",
        content_type="image/jpeg", size=3, sha256="0" * 64,
    )  # fmt: skip
