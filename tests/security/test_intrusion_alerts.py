"""What the guards notice becomes an alert to the security officer, once for each cause (6.1.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from linbao.audit import chain, events, roots
from linbao.audit.models import Event
from linbao.audit.services import record
from linbao.compliance import inspection
from linbao.outbox.models import Notice
from linbao.security import compliance as proof
from linbao.security.alerts import services as alerts
from linbao.security.models import Alert
from tests.loop import Town

pytestmark = pytest.mark.clause("6.1.3")


def test_a_lockout_reaches_the_officer_of_the_persons_unit(town: Town, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _n in range(6):
            Client(REMOTE_ADDR="10.0.0.7").post("/accounts/login/", {"login": "reporter", "password": "wrong"})
    assert events.tell() == 1 and events.tell() == 0
    row = Alert.objects.get()
    assert (
        row.kind == "sign_in.lock" and row.unit_id == town.reporter.rights.home and row.values["address"] == "10.0.0.7"
    )
    assert Notice.objects.filter(user_id=town.officer.pk, kind="security.alert").count() == 1
    page = town.browser("officer").get(f"/security/alerts/{row.pk}/").content.decode()
    assert "账号被暂停登录" in page and "10.0.0.7" in page


def test_a_broken_chain_is_the_severest_and_the_like_of_it_is_counted(town: Town) -> None:
    for n in range(2):
        Event.objects.create(action="audit.tampered", severity="high", data={"block": n})
    assert events.tell() == 2
    row = Alert.objects.get()
    assert row.severity == "high" and row.times == 2
    Event.objects.create(action="something.new", severity="middle", address="10.0.0.9")
    assert events.tell() == 1 and Alert.objects.filter(kind="something.new", severity="medium").exists()


@pytest.mark.clause("6.1.1")
def test_the_compliance_page_says_how_the_chain_stands(town: Town, time: Any, monkeypatch: Any) -> None:
    def state() -> str:
        return proof._chain(None).state  # type: ignore[arg-type]  # the facts of a unit say nothing of the chain

    record(town.reviewer, "export", rows=1)
    chain.seal()
    assert state() == inspection.OWED
    monkeypatch.setattr(roots, "recipients", lambda: "keep@example.cn")
    roots.send()
    assert state() == inspection.MET
    time.shift(timedelta(days=3))
    assert state() == inspection.OWED
    alerts.alert(kind="audit.tampered", unit_id=None, message="x", severity="high")
    assert state() == inspection.OVERDUE
