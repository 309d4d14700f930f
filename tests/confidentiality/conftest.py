"""The town of `tests/loop.py`, with a security officer and an auditor."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.confidentiality.agreements import default_text
from linbao.confidentiality.agreements import services as agreements
from linbao.confidentiality.agreements.inputs import Publish, SaveDraft
from linbao.confidentiality.models import Agreement
from tests.access.conftest import quiet, world  # noqa: F401
from tests.loop import Town, _tuesday, build, time  # noqa: F401

PASSWORD = "lotus-pond-2026"


@pytest.fixture
def town(db: object) -> Town:
    town = build()
    town.person("officer", "security_officer", town.community)
    town.person("auditor", "auditor", town.community)
    return town


def publish(town: Town, body: str = default_text.BODY) -> Agreement:
    draft = agreements.save(town.officer, town.community.pk, SaveDraft(title=default_text.TITLE, body=body))
    return agreements.publish(town.officer, draft.pk, Publish())


def with_password(town: Town, name: str) -> None:
    user = town.people[name]
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])


def cost(town: Town, name: str, url: str) -> int:
    """Statements of a page, when what is kept in memory is there; the look for changed reference data left out."""
    browser = town.browser(name)
    browser.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return len([q for q in seen.captured_queries if "referenceversion" not in q["sql"]])
