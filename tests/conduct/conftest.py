"""The town of `tests/loop.py`, with a security officer and managers of the district above."""

from __future__ import annotations

import pytest

from linbao.organisation.models import Unit
from tests.loop import Town, _tuesday, time, town  # noqa: F401


@pytest.fixture
def ward(town: Town) -> Town:  # noqa: F811
    """The town with people above it."""
    district = Unit.objects.get(name="锦江区")
    town.person("officer", "security_officer", town.community)
    town.person("above", "manager", district)
    town.person("above2", "manager", district)
    return town
