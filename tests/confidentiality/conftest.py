"""The town of `tests/loop.py`, with a security officer and an auditor."""

from __future__ import annotations

import pytest

from linbao.confidentiality import agreements, default_text
from linbao.confidentiality.models import Agreement
from tests.loop import Town, _tuesday, build, time  # noqa: F401

PASSWORD = "lotus-pond-2026"


@pytest.fixture
def town(db: object) -> Town:
    town = build()
    town.person("officer", "security_officer", town.community)
    town.person("auditor", "auditor", town.community)
    return town


def publish(town: Town, body: str = default_text.BODY) -> Agreement:
    draft = agreements.save(town.officer, town.community.pk, title=default_text.TITLE, body=body)
    return agreements.publish(town.officer, draft.pk)


def with_password(town: Town, name: str) -> None:
    user = town.people[name]
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
