"""From a duty to where it is done, and from a notice to what it speaks of, by one tap (design §3)."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.urls import resolve

from linbao.duties.kinds import KINDS
from linbao.handling import oversight
from linbao.handling.inputs import SuperviseItem
from linbao.outbox import services as outbox
from linbao.outbox.models import Notice
from linbao.shell import links
from tests.loop import Town


def test_every_kind_of_duty_has_a_place() -> None:
    for kind in KINDS:
        href = links.of_duty(kind, "items.item", uuid4())
        assert href, kind
        assert resolve(href)


def test_a_duty_leads_to_its_own_subject() -> None:
    subject = uuid4()
    assert links.of_duty("amend", "items.item", subject) == f"/items/{subject}/"
    assert links.of_duty("amend", "weekly_reports.weeklyreport", subject) == f"/weekly/{subject}/"
    assert links.of_duty("urgent_written", "emergencies.urgentreport", subject) == f"/report/urgent/{subject}/"
    assert links.of_duty("alarm_acknowledge", "emergencies.alarm", subject) == "/duty/"


def test_a_notice_leads_to_what_it_speaks_of() -> None:
    subject = uuid4()
    assert links.of_subject("emergencies.urgentreport", subject) == f"/report/urgent/{subject}/"
    assert links.of_subject("conduct.contribution", subject) == "/rewards/contributions/"  # a line of a list
    assert links.of_subject("", None) == links.of_subject("no.such", subject) == ""


@pytest.mark.django_db
@pytest.mark.clause("4.3.2")
def test_the_handler_comes_from_today_to_the_item_that_was_pressed(town: Town) -> None:
    item = town.assigned()
    oversight.supervise(town.manager, item.pk, SuperviseItem(requirements="请加快"))
    browser = town.browser("handler")
    [link] = re.findall(r'href="(/handling/supervisions/[^"]+)"', browser.get("/").content.decode())
    assert browser.get(link)["Location"] == f"/handling/{item.pk}/"
    assert "请加快" in browser.get(link, follow=True).content.decode()
    assert town.browser("stranger").get(link).status_code == 404
    assert Notice.objects.filter(user=town.people["handler"], subject_id=item.pk).exists()


@pytest.mark.django_db
def test_what_was_shown_is_read_and_told_in_full(town: Town) -> None:
    message = "请参加培训：" + "社区二楼会议室，带上工作证。" * 15
    outbox.notify(town.reporter.pk, message, kind="training.invite")
    browser = town.browser("reporter")
    assert "lb-unread" in browser.get("/notices/").content.decode()
    again = browser.get("/notices/").content.decode()
    assert message in again and "lb-unread" not in again
    assert not Notice.objects.filter(user=town.reporter, read_at__isnull=True).exists()
