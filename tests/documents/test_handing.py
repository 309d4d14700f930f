"""A document's file is handed out in one way by all rooms, and each time is on the audit log (6.2.2)."""

from __future__ import annotations

import pytest

from linbao.audit.models import Record
from linbao.core.problems import NotFound
from linbao.documents.download import hand_out
from linbao.documents.models import Document
from linbao.platform import files
from tests.loop import build

pytestmark = pytest.mark.clause("6.2.2", "6.1.1")


def test_a_taken_document_is_on_the_log_and_kept_by_no_cache(db: None) -> None:
    town = build()
    stored = files.put(b"%PDF-1.4 whole")
    document = Document.objects.create(
        kind="minutes",
        unit_id=town.community.pk,
        number="N1",
        title="纪要",
        subject_type="management.meeting",
        subject_id=town.community.pk,
        code="ABCDEFGH",
        issued_by=town.manager,
        pdf=stored,
    )
    answer = hand_out(town.manager, document, "minutes-20261125")
    assert answer.content == b"%PDF-1.4 whole" and answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'inline; filename="minutes-20261125.pdf"'
    row = Record.objects.get(action="document.take")
    assert (row.actor_id, row.subject_id, row.data) == (town.manager.pk, str(document.pk), {"format": "pdf"})
    for data, form in ((None, "pdf"), (document, "docx"), (document, "exe"), (document, "subject_id")):
        with pytest.raises(NotFound):
            hand_out(town.manager, data, "x", form=form)
    assert Record.objects.filter(action="document.take").count() == 1
