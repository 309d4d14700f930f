"""The town of `tests/loop.py`, with a security officer and an auditor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.loop import Town, _tuesday, build, time  # noqa: F401


@pytest.fixture
def town(db: Any) -> Town:
    made = build()
    made.person("officer", "security_officer", made.community)
    made.person("auditor", "auditor", made.community)
    return made
