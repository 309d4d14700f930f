"""Monthly partitions: what is written is in its month's, at every hour of the month's turn (design §5, 6.1.1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection

from linbao.platform import partitions

pytestmark = [pytest.mark.django_db, pytest.mark.clause("6.1.1")]

INSERT = (
    "INSERT INTO audit_record (id, at, actor_name, action, subject_type, subject_id, reason, data)"
    " VALUES (gen_random_uuid(), %s, '', 'x', '', '', '', '{}') RETURNING tableoid::regclass::text"
)


@pytest.mark.parametrize("hour", [15, 16, 23])
def test_the_last_hours_of_a_month_have_their_partition(hour: int) -> None:
    """An installation of the night of the 1st, local time, where UTC is still in the month before."""
    now = datetime(2031, 1, 31, hour, 30, tzinfo=UTC)
    with time_machine.travel(now), connection.cursor() as cursor:
        partitions.ensure("audit_record")
        cursor.execute(INSERT, [now])
        assert cursor.fetchone()[0] == "audit_record_203101"
