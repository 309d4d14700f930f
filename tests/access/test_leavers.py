"""Whoever has no role any more reads nothing of what they once reported (1.3.4): as of items, so of every list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from linbao.core import clock
from linbao.organisation.models import RoleGrant, User
from linbao.outbox import notices_by_mail
from linbao.outbox.models import Delivery, Notice
from linbao.review import services as review
from linbao.review.inputs import ReturnItem
from linbao.weekly_reports import services as weekly_reports
from tests.loop import Town, _tuesday, time, town  # noqa: F401

WORD = "白泽踏雪"


@pytest.mark.django_db
@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize("then", ["nothing", "auditor"])
def test_a_reporter_who_left_reads_nothing_of_their_own(town: Town, client: Client, then: str) -> None:  # noqa: F811
    item = town.submitted(title=f"{WORD}家中争吵", urgent=True)
    report = weekly_reports.assemble_week(town.reporter, clock.monday(clock.today()))
    pages = [
        "/",
        "/me/",
        f"/items/{item.pk}/",
        f"/weekly/{report.pk}/",
        "/weekly/",
        f"/report/urgent/{item.pk}/",
        "/notices/",
    ]
    calls = [
        f"/api/v1/items/{item.pk}",
        f"/api/v1/emergencies/{item.pk}",
        f"/api/v1/weekly-reports/{report.pk}",
        "/api/v1/weekly-reports",
        "/api/v1/obligations",
    ]
    review.return_(
        town.reviewer, item.pk, ReturnItem(findings=[{"field": "title", "check": "format", "words": "请写明地点"}])
    )
    User.objects.filter(pk=town.people["reporter"].pk).update(email="reporter@example.cn")
    Notice.objects.update(mail_at=clock.now())
    browser, token = town.browser("reporter"), town.token("reporter")

    def read() -> set[str]:
        rows = {p for p in pages if WORD in browser.get(p, follow=True).content.decode()}
        return rows | {c for c in calls if WORD in client.get(c, **token).content.decode()}

    assert len(read()) >= 6
    RoleGrant.objects.filter(user=town.people["reporter"]).update(ends=clock.today() - timedelta(days=1))
    if then != "nothing":
        RoleGrant.objects.create(user=town.people["reporter"], role=then, unit=town.community, starts=clock.today())
    assert read() == set()
    notices_by_mail.send_due()
    assert not Delivery.objects.filter(key__startswith="notices:", body__contains=WORD).exists()
