"""What was said on the telephone, and the names of files, are kept encrypted (1.3.4)."""

from __future__ import annotations

import pytest
from django.db import connection

from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import StartEmergency
from linbao.emergencies.models import UrgentReport
from linbao.items.models import Attachment, AttachmentKind
from tests.loop import build

BEFORE = [("reporting", "0005_report_sent"), ("collection", "0012_attachment_caption")]


def stored(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table} t")  # as the database holds it
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.clause("1.3.4")
@pytest.mark.django_db
def test_calls_and_names_of_files_are_encrypted() -> None:
    town = build()
    report = emergencies.start(
        town.reporter,
        StartEmergency(kind="fire", place="七号楼", called=True, answered_by="郎主任", called_number="028-86001234"),
    )
    Attachment.objects.create(
        item=report.item,
        owner=town.reporter,
        kind=AttachmentKind.PHOTO,
        name="张桂兰身份证.jpg",
        content_type="image/jpeg",
        size=3,
        sha256="0" * 64,
    )
    assert "郎主任" not in stored("emergencies_urgentreport") and "86001234" not in stored("emergencies_urgentreport")
    assert "张桂兰" not in stored("items_attachment")
    row = UrgentReport.objects.get()
    assert (row.answered_by, row.called_number) == ("郎主任", "028-86001234")
    assert Attachment.objects.get().name == "张桂兰身份证.jpg"
