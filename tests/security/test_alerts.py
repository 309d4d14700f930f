"""Alerts reach the officers, once for one cause, and are worked off (6.1.1, 6.1.3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.audit.models import Record
from linbao.core.wording import worded
from linbao.organisation.models import User
from linbao.outbox.models import Channel, Delivery, Notice
from linbao.security.alerts import services as alerts
from linbao.security.alerts.inputs import CloseAlert
from linbao.security.models import Alert
from tests.loop import Town


def raised(town: Town, **more: Any) -> Alert:
    details: dict[str, Any] = {
        "kind": "incident",
        "unit_id": town.grid.pk,
        "message": worded("%(n)d 次异常查看") % {"n": 3},
    } | more
    return alerts.alert(**details)


@pytest.mark.clause("6.1.3")
def test_an_alert_tells_the_officers_by_notice_channel_and_mail(town: Town) -> None:
    User.objects.filter(username="officer").update(email="officer@demo.invalid")
    Channel.objects.create(unit=town.community, name="安全群", kind="wecom", address="wecombot://" + "a" * 36)
    row = raised(town, severity="high")
    notice = Notice.objects.get(user=town.officer)
    assert "3 次异常查看" in notice.text and notice.subject_id == row.pk
    assert set(Delivery.objects.values_list("channel", flat=True)) == {"channel", "mail"}
    # Nobody else hears of it, and a hint goes out by no channel.
    assert not Notice.objects.exclude(user=town.officer).exists()
    Delivery.objects.all().delete()
    raised(town, severity="low")
    assert not Delivery.objects.exists()


@pytest.mark.clause("6.1.3")
def test_one_cause_is_told_once_and_counted(town: Town) -> None:
    first = raised(town, key="looking:1")
    again = raised(town, key="looking:1")
    assert again.pk == first.pk and again.times == 2
    assert Notice.objects.filter(user=town.officer).count() == 1
    alerts.close(town.officer, first.pk, CloseAlert(outcome="已核查，是本人工作需要"))
    assert raised(town, key="looking:1").pk != first.pk


@pytest.mark.clause("6.1.1")
def test_it_is_taken_closed_with_its_outcome_and_recorded_on_the_log(town: Town) -> None:
    town.person("officer2", "security_officer", town.community)
    row = raised(town)
    mine, other = town.browser("officer"), town.browser("officer2")
    here = f"/security/alerts/{row.pk}/"
    mine.post(here + "take")
    assert "已由officer处理" in other.post(here + "take", follow=True).content.decode()
    short = mine.post(here + "close", {"outcome": "好"})
    assert (
        short.status_code == 422
        and "4 至 1000 字" in short.content.decode()
        and "好</textarea>" in short.content.decode()
    )
    assert mine.post(here + "close", {"outcome": "已核查，无异常"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.handled_by, row.outcome) == ("closed", town.officer, "已核查，无异常")
    assert "已经处理完毕" in other.post(here + "close", {"outcome": "再处理一次"}).content.decode()
    assert set(Record.objects.filter(subject_id=str(row.pk)).values_list("action", flat=True)) == {
        "alert.take",
        "alert.close",
    }


@pytest.mark.clause("6.1.1")
def test_whom_it_concerns_neither_hears_nor_closes_it(town: Town) -> None:
    row = raised(town, about=town.officer)
    assert not Notice.objects.filter(user=town.officer).exists()
    answer = town.browser("officer").post(f"/security/alerts/{row.pk}/close", {"outcome": "没有问题的"})
    assert answer.status_code == 422 and "另一位安全保密员" in answer.content.decode()


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize("who", ["reporter", "manager", "administrator", "auditor"])
def test_nobody_else_sees_alerts(town: Town, who: str) -> None:
    row = raised(town)
    for path in ("", f"{row.pk}/", "export"):
        assert town.browser(who).get(f"/security/alerts/{path}").status_code in (403, 404)


def test_the_list_filters_pages_and_costs_the_same_for_one_and_fifty(town: Town) -> None:
    browser = town.browser("officer")
    raised(town)
    browser.get("/security/alerts/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/security/alerts/")
    for n in range(54):
        raised(town, message=f"第{n}个", severity="low")
    with CaptureQueriesContext(connection) as fifty:
        page = browser.get("/security/alerts/").content.decode()
    assert len(fifty) == len(one) <= 7
    assert page.count("lb-row-title") == 50 and "cursor=" in page
    result = browser.get("/security/alerts/?severity=medium").content.decode()
    assert result.count("lb-row-title") == 1 and "3 次异常查看" in result
    assert browser.get("/security/alerts/?cursor=xx").status_code == 422
    sheet = browser.get("/security/alerts/export?format=csv").getvalue().decode()
    assert sheet.count("\n") == 56 and Record.objects.filter(action="security.export").exists()
