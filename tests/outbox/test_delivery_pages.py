"""What was sent, as people see it: who sees which, every try and answer, send again, mark as sent."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.audit.models import Record
from linbao.core import clock
from linbao.organisation import services as actions_units
from linbao.organisation.inputs import ChangeUnit
from linbao.outbox import listing, sending, services
from linbao.outbox.models import Delivery, DeliveryStep
from tests.loop import TUESDAY, Town, build
from tests.mailbox import Mailbox


@pytest.fixture
def town(db: Any) -> Any:
    with time_machine.travel(TUESDAY, tick=True):
        yield build()


def post(town: Town, key: str = "weekly:1:1", **more: Any) -> Delivery:
    data = {
        "channel": "mail",
        "recipient": "weekly@demo.invalid",
        "subject": "2026年第47周信息周报",
        "body": "附件为本周信息周报。",
        "caused_by": town.reporter,
        "unit_id": town.community.id,
    }
    return services.post(key=key, **{**data, **more})


def stopped(town: Town, state: str = "failed", **more: Any) -> Delivery:
    row = post(town, **more)
    Delivery.objects.filter(pk=row.pk).update(state=state, next_at=None, attempts=1, answer="550 no such mailbox")
    return Delivery.objects.get(pk=row.pk)


def page_of(row: Delivery) -> str:
    return f"/admin/deliveries/{row.pk}/"


@pytest.mark.clause("4.1.1")
def test_every_try_and_its_answer_stands_there(town: Town, mailbox: Mailbox) -> None:
    row = post(town)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for answer in ("451 greylisted, come back", "550 no such mailbox"):
            mailbox.rcpt = answer
            sending.send(row.pk)
            row.refresh_from_db()
            traveller.move_to(row.next_at or clock.now())
        text = town.browser("manager").get(page_of(row)).content.decode()
        assert (
            "对方暂时不收" in text
            and "451 greylisted" in text
            and "收件地址不存在" in text
            and "550 no such mailbox" in text
        )
        assert text.index("550 no such mailbox") < text.index("451 greylisted")  # the newest first
        mailbox.rcpt = "250 OK"
        assert town.browser("manager").post(page_of(row), {"verb": "resend"}).status_code == 302
        sending.send(row.pk)
    assert len(mailbox.mails) == 1
    page = town.browser("manager").get(page_of(row))
    lines = [(line["name"], line["after"], line["by"]) for line in page.context["steps"]]
    assert lines == [
        ("尝试发送", "对方已收下", ""),
        ("决定再次发送", "", "manager"),
        ("尝试发送", "对方拒收", ""),
        ("尝试发送", "暂时不成，稍后再试", ""),
    ]
    assert 'value="resend"' not in page.content.decode()  # it has arrived: nothing left to decide
    assert Record.objects.get(action="delivery.resend").actor_id == town.manager.pk


def test_a_worker_that_died_leaves_a_try_without_an_answer_and_the_sweep_says_so(town: Town) -> None:
    for key, handed_over, outcome in (("a", True, "unknown"), ("b", False, "lost")):
        row = post(town, key=key)
        Delivery.objects.filter(pk=row.pk).update(
            state="sending", handed_over=handed_over, next_at=clock.now() - timedelta(minutes=6)
        )
        DeliveryStep.objects.create(delivery=row)
        sending.sweep()
        assert DeliveryStep.objects.filter(delivery=row).order_by("at")[0].outcome == outcome


def test_an_old_mail_that_is_sent_again_has_its_days_of_patience_anew(town: Town, mailbox: Mailbox) -> None:
    row = stopped(town)
    Delivery.objects.filter(pk=row.pk).update(created_at=clock.now() - timedelta(days=9))
    services.resend(town.manager, row.pk)
    mailbox.rcpt = "451 greylisted"
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == "waiting"  # and not given up at the first word of a careful server
    Delivery.objects.filter(pk=row.pk).update(next_at=clock.now())
    DeliveryStep.objects.exclude(kind="try").update(at=clock.now() - timedelta(days=4))
    sending.send(row.pk)
    row.refresh_from_db()
    assert row.state == "failed" and row.steps.order_by("-at")[0].outcome == "given_up"


@pytest.mark.clause("1.3.4")
def test_people_see_what_they_caused_and_what_their_unit_sent(town: Town) -> None:
    mine, other = post(town, key="a"), post(town, key="b", caused_by=town.reporter2)
    away = post(town, key="c", unit_id=town.elsewhere.id, caused_by=None)
    for who, seen in (
        ("reporter", {mine.pk}),
        ("reporter2", {other.pk}),
        ("reviewer", {mine.pk, other.pk}),
        ("manager", {mine.pk, other.pk}),
        ("stranger", {away.pk}),
        ("administrator", {mine.pk, other.pk, away.pk}),
    ):
        browser = town.browser(who)
        page = browser.get("/admin/deliveries/")
        assert page.status_code == 200 and {r["row"].pk for r in page.context["page"].rows} == seen, who
        for row in (mine, other, away):
            assert browser.get(page_of(row)).status_code == (200 if row.pk in seen else 404)
            if row.pk not in seen:
                for verb in ("resend", "mark"):
                    assert browser.post(page_of(row), {"verb": verb, "reason": "已电话核对"}).status_code == 404
    for who in ("handler", "trainer"):
        assert town.browser(who).get("/admin/deliveries/").status_code == 403
        assert town.browser(who).get(page_of(mine)).status_code == 403
        assert town.browser(who).get("/admin/deliveries/export").status_code == 403
    assert not Record.objects.exists()


def test_an_uncertain_mail_is_marked_as_sent_by_the_department_with_how_one_knows(town: Town) -> None:
    row = stopped(town, "uncertain")
    browser = town.browser("manager")
    short = browser.post(page_of(row), {"verb": "mark", "reason": "收到"})
    assert (
        short.status_code == 422
        and "怎样核实的" in short.content.decode()
        and ">收到</textarea>" in short.content.decode()
    )
    by_reporter = town.browser("reporter").post(page_of(row), {"verb": "mark", "reason": "我说收到了就收到了"})
    assert by_reporter.status_code == 403  # whoever caused it has an interest in it
    assert Delivery.objects.get(pk=row.pk).state == "uncertain"
    assert browser.post(page_of(row), {"verb": "mark", "reason": "已电话核对，邮箱已收到"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "sent" and row.sent_at is not None and row.next_at is None
    text = browser.get(page_of(row)).content.decode()
    assert "确认已送达" in text and "已电话核对，邮箱已收到" in text and "manager" in text
    assert Record.objects.get(action="delivery.mark_sent").reason == "已电话核对，邮箱已收到"
    again = browser.post(page_of(row), {"verb": "mark", "reason": "已电话核对，邮箱已收到"})
    assert again.status_code == 409 and "只有发送失败或结果未知的" in again.content.decode()


def test_what_waits_is_tried_at_once_and_what_is_under_way_or_has_arrived_is_left_alone(
    town: Town, mailbox: Mailbox
) -> None:
    row = post(town)
    Delivery.objects.filter(pk=row.pk).update(next_at=clock.now() + timedelta(hours=1))
    sending.send(row.pk)
    assert not mailbox.mails
    browser = town.browser("reporter")
    assert "立即重试" in browser.get(page_of(row)).content.decode()
    assert browser.post(page_of(row), {"verb": "resend"}).status_code == 302
    sending.send(row.pk)
    assert len(mailbox.mails) == 1
    for state in ("sent", "sending"):
        Delivery.objects.filter(pk=row.pk).update(state=state)
        assert browser.post(page_of(row), {"verb": "resend"}).status_code == 409
    assert browser.post(page_of(row), {"verb": "shred"}).status_code == 422
    sending.send(row.pk)
    assert len(mailbox.mails) == 1


@pytest.mark.clause("4.1.1")
def test_a_report_that_went_to_a_wrong_mailbox_goes_to_the_right_one(town: Town, mailbox: Mailbox) -> None:
    row = stopped(town, recipient="wrong@demo.invalid")
    Delivery.objects.filter(pk=row.pk).update(subject_type="weekly_reports.weeklyreport")
    actions_units.change(
        town.administrator,
        town.community.pk,
        ChangeUnit(name="桂花园社区", code="510104017003", mailbox="right@demo.invalid"),
    )
    browser = town.browser("manager")
    text = browser.get(page_of(row)).content.decode()
    assert "right@demo.invalid" in text and "wrong@demo.invalid" in text  # an office's mailbox, to be compared by eye
    browser.post(page_of(row), {"verb": "resend", "address": "present"})
    sending.send(row.pk)
    assert b"To: right@demo.invalid" in mailbox.mails[0]
    Delivery.objects.filter(pk=row.pk).update(state="failed", subject_type="", recipient="wrong@demo.invalid")
    browser.post(page_of(row), {"verb": "resend", "address": "present"})
    assert Delivery.objects.get(pk=row.pk).recipient == "wrong@demo.invalid"  # somebody's own address is not the unit's


@pytest.mark.clause("1.3.4")
def test_addresses_and_numbers_of_persons_are_masked_everywhere(town: Town) -> None:
    row = stopped(
        town,
        recipient="zhang.guilan@example.com",
        subject="请张桂兰 13812345678 查收",
        body="电话 13812345678，身份证 510104196203041234",
    )
    Delivery.objects.filter(pk=row.pk).update(answer="550 <zhang.guilan@example.com>: unknown")
    DeliveryStep.objects.create(
        delivery=row,
        answer="550 <zhang.guilan@example.com>: unknown",
        outcome="refused",
        recipient="zhang.guilan@example.com",
    )
    browser = town.browser("manager")
    export = browser.get("/admin/deliveries/export?format=csv")
    for text in (
        browser.get("/admin/deliveries/").content.decode(),
        browser.get(page_of(row)).content.decode(),
        export.getvalue().decode(),
    ):
        assert "z***@example.com" in text or "收件地址不存在" in text
        assert "zhang.guilan" not in text and "13812345678" not in text and "510104196203041234" not in text
        assert "138****5678" in text


def test_filters_by_state_channel_unit_period_and_order(town: Town) -> None:
    failed = stopped(town, key="a")
    with time_machine.travel(TUESDAY + timedelta(days=2), tick=True):
        waiting = post(town, key="b")
        away = post(town, key="c", unit_id=town.elsewhere.id, channel="sms", recipient="13812345678")
        Delivery.objects.filter(pk=away.pk).update(state="uncertain", next_at=None)
        browser = town.browser("administrator")
        for data, wanted in (
            ({}, [away, waiting, failed]),
            ({"sort": "created"}, [failed, waiting, away]),
            ({"status": "failed"}, [failed]),
            ({"status": "stopped"}, [away, failed]),
            ({"status": "open"}, [waiting]),
            ({"channel": "sms"}, [away]),
            ({"unit": str(town.community.pk)}, [waiting, failed]),
            ({"unit": str(town.community.parent_id)}, [away, waiting, failed]),
            ({"since": "2026-11-26"}, [away, waiting]),
            ({"until": "2026-11-25"}, [failed]),
        ):
            page = browser.get("/admin/deliveries/", data)
            assert [r["row"].pk for r in page.context["page"].rows] == [r.pk for r in wanted], data
        for errors in (
            {"status": "moon"},
            {"channel": "pigeon"},
            {"unit": "x"},
            {"since": "x"},
            {"sort": "x"},
            {"cursor": "x"},
        ):
            page = browser.get("/admin/deliveries/", {"until": "2026-11-30", **errors})
            assert page.status_code == 422 and page.context["page"].errors, errors
            assert "2026-11-30" in page.content.decode(), errors
        empty = browser.get("/admin/deliveries/", {"status": "sending"}).content.decode()
        assert "没有符合条件的发送记录" in empty


def test_the_list_costs_the_same_for_one_row_and_for_fifty_and_pages_by_place(town: Town) -> None:
    browser = town.browser("manager")
    browser.get("/admin/deliveries/")
    counts, tries = [], []
    made = [post(town, key="0")]
    for rows in (1, 50):
        made += [post(town, key=str(n)) for n in range(len(made), rows)]
        DeliveryStep.objects.bulk_create(DeliveryStep(delivery=made[0], outcome="later") for _n in range(rows))
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/admin/deliveries/")
        counts.append(len(asked))
        with CaptureQueriesContext(connection) as asked:
            browser.get(page_of(made[0]))
        tries.append(len(asked))
    assert len(page.context["page"].rows) == 50 and page.context["page"].next is None
    assert counts[0] == counts[1] <= 5 and tries[0] == tries[1] <= 6
    made += [post(town, key=str(n)) for n in range(50, 53)]
    first = browser.get("/admin/deliveries/")
    second = browser.get("/admin/deliveries/", {"cursor": first.context["page"].next})
    ids = [r["row"].pk for page in (first, second) for r in page.context["page"].rows]
    assert len(ids) == len(set(ids)) == 53 and second.context["page"].next is None


def test_the_export_holds_the_same_rows_and_stands_on_the_audit_log(town: Town) -> None:
    stopped(town, key="a", subject="=1+1")
    post(town, key="b")
    browser = town.browser("manager")
    answer = browser.get("/admin/deliveries/export", {"format": "csv", "status": "failed"})
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert len(rows) == 2 and rows[0] == [str(c.label) for c in listing.LISTING.columns]
    assert rows[1][3] == "'=1+1" and rows[1][6] == "发送失败"
    assert Record.objects.get(action="delivery.export").data["filters"]["status"] == "failed"
    assert browser.get("/admin/deliveries/export").getvalue()[:2] == b"PK"
    assert browser.get("/admin/deliveries/export", {"format": "pdf"}).status_code == 422


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("ConnectionRefusedError: [Errno 111] Connection refused", "连不上邮件服务器"),
        ("550 5.1.1 unknown", "收件地址不存在，或对方拒收"),
        ("250 ok", ""),
        ("file", ""),
        ("599 odd", ""),
    ],
)
def test_answers_are_told_in_words(answer: str, meaning: str) -> None:
    assert listing.explained(answer) == meaning
