"""What forms, mails and the desk say of an emergency or a week: all that is known, and nothing else (2.3.2, 4.1.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from linbao.core import clock
from linbao.emergencies import document
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import FileVersion, StartEmergency
from linbao.emergencies.models import UrgentReport, UrgentVersion
from linbao.items import services as item_services
from linbao.items.attachments import services as attachments
from linbao.items.attachments.inputs import AttachFile
from linbao.items.inputs import UrgentReason
from linbao.items.models import Sensitivity
from linbao.organisation.models import Unit, User
from linbao.organisation.tree import reference
from linbao.outbox.models import Delivery
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports.inputs import ConfirmReport
from tests.emergencies.test_emergencies import called, content
from tests.emergencies.test_emergencies import time as time
from tests.emergencies.test_emergencies import town as town
from tests.items import samples
from tests.loop import Town

LONG = "很长的地方" * 41


@pytest.fixture
def mailbox_set(town: Town) -> None:
    Unit.objects.filter(pk=town.community.pk).update(mailbox="dept@example.cn", duty_phone="02887654321")
    reference.drop()


def beside(page: str, name: str) -> str:
    """The field of this name with what stands around it."""
    at = page.index(f'id="id_{name}"')
    return page[max(0, at - 700) : at + 6000]


@pytest.mark.clause("2.3.2")
def test_what_was_typed_to_complete_a_call_stands_beside_its_fault(town: Town) -> None:
    made = emergencies.start(town.reporter, StartEmergency(called=True))
    browser = town.browser("reporter")
    answer = browser.post(f"/report/urgent/{made.pk}/complete", {"kind": "gas", "place": LONG, "level": "major"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert LONG in page and "最多 200 个字，现有 205 个字。" in beside(page, "place")
    assert "请选择发生了什么。" in beside(page, "kind")
    assert '<option value="major" selected>' in page
    done = browser.post(f"/report/urgent/{made.pk}/complete", {"kind": "fire", "place": "3栋楼顶", "level": "major"})
    assert done.status_code == 302
    assert UrgentReport.objects.get().kind == "fire"


@pytest.mark.clause("2.3.2")
def test_who_answered_and_what_was_said_is_never_cut_short(town: Town) -> None:
    made = called(town)
    answer = town.browser("reporter").post(
        f"/report/urgent/{made.pk}/call", {"answered_by": "周" * 41, "message": "浓烟" * 501}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "周" * 41 in page and "浓烟" * 501 in page
    assert "最多 40 个字，现有 41 个字。" in beside(page, "answered_by")
    assert "最多 1000 个字，现有 1002 个字。" in page
    assert UrgentReport.objects.get().answered_by == "值班员小周"


@pytest.mark.clause("2.3.2", "4.2.1")
def test_a_call_that_the_desk_logs_tells_its_limits_beside_each_field(town: Town) -> None:
    data = {"kind": "fire", "place": LONG, "caller": "李" * 61, "narrative": "火" * 5001, "answered_by": "周" * 41}
    answer = town.browser("manager").post("/duty/call", data)
    page = answer.content.decode()
    assert answer.status_code == 422 and not UrgentReport.objects.exists()
    for name, most in (("place", 200), ("caller", 60), ("narrative", 5000), ("answered_by", 40)):
        assert data[name] in page
        assert f"最多 {most} 个字" in beside(page, name), name


@pytest.mark.clause("2.3.2", "1.3.2")
def test_an_item_found_urgent_later_was_seen_when_it_was_seen(town: Town, time: time_machine.Traveller) -> None:
    item = town.submitted()
    seen = item.seen_at
    time.shift(timedelta(hours=3))
    item_services.mark_urgent(town.reviewer, item.pk, UrgentReason(reason="墙体开裂加剧"))
    report = UrgentReport.objects.select_related("item").get()
    assert report.found_at == seen and report.marked_later
    page = town.browser("reviewer").get(f"/report/urgent/{report.pk}/").content.decode()
    assert "认定为紧急" in page
    record = town.browser("reviewer").get(f"/report/urgent/{report.pk}/record").content.decode()
    assert record.index("发现") < record.index("认定为紧急")
    fresh = called(town)
    assert "认定为紧急" not in town.browser("reporter").get(f"/report/urgent/{fresh.pk}/").content.decode()


@pytest.mark.clause("4.2.1", "1.3.4")
def test_the_mail_of_an_urgent_report_says_what_and_where_without_persons(town: Town, mailbox_set: None) -> None:
    report = called(town)
    made = emergencies.write(
        town.reporter,
        report.pk,
        FileVersion(content=content(place="7栋王建国家门口", present="王建国电话 13812341234 已送医。")),
    )
    document.make_document(made.pk)
    mail = Delivery.objects.get(channel="mail", key__startswith="urgent:")
    assert mail.subject.startswith("【紧急】火情·较大（黄） 桂花园社区 ") and report.number in mail.subject
    for message in ("地点：7栋", "受伤 1 人", "处置中", "2026年11月24日9时50分", f"/report/urgent/{report.pk}/"):
        assert message in mail.body, mail.body
    assert "王建国" not in mail.body and "13812341234" not in mail.body


@pytest.mark.clause("4.2.1", "1.3.4")
def test_the_mail_of_a_sensitive_emergency_names_its_number_alone(town: Town, mailbox_set: None) -> None:
    report = called(town)
    made = emergencies.write(town.reporter, report.pk, FileVersion(content=content()))
    type(report.item).objects.filter(pk=report.pk).update(sensitivity=Sensitivity.SENSITIVE)
    document.make_document(made.pk)
    mail = Delivery.objects.get(channel="mail", key__startswith="urgent:")
    report.refresh_from_db()
    assert mail.subject == f"【紧急】桂花园社区 {report.number}"
    assert "车库" not in mail.body and "火灾" not in mail.body and report.number in mail.body


@pytest.mark.clause("4.1.1")
def test_the_mail_of_a_week_says_whose_of_when_and_how_much(
    town: Town, mailbox_set: None, time: time_machine.Traveller
) -> None:
    town.submitted()
    town.submitted()
    time.move_to(clock.now() + timedelta(days=3, hours=5))  # Friday 15:00
    report = weekly_reports.assemble_week(town.reporter, date(2026, 11, 23))
    weekly_reports.confirm(town.reporter, report.pk, ConfirmReport())
    time.shift(timedelta(minutes=6))
    weekly_reports.send_due()
    report.refresh_from_db()
    weekly_reports.make_documents(report.pk, report.version)
    mail = Delivery.objects.get(channel="mail", key__startswith="weekly:")
    for message in ("报告人：reporter", "期间：", "2 条（环境卫生 2）", report.number, f"/weekly/{report.pk}/"):
        assert message in mail.body, mail.body


@pytest.mark.clause("2.3.2")
def test_whatever_was_said_with_the_call_opens_the_emergency(town: Town) -> None:
    made = emergencies.start(
        town.reporter, StartEmergency(kind="fire", place="3栋", called=True, narrative="浓烟" * 1000)
    )
    assert made.item.narrative == "浓烟" * 1000 and made.call_words == "浓烟" * 500


@pytest.mark.clause("2.3.2")
def test_the_desk_says_who_was_told_in_the_product_when_no_other_way_went(town: Town, mailbox_set: None) -> None:
    User.objects.update(email="")
    called(town)
    page = town.browser("manager").get("/duty/").content.decode()
    assert "只在站内通知了" in page and "没有人被通知到" not in page
    assert "02887654321" in page.replace("-", "").replace(" ", "")


@pytest.mark.clause("2.3.1", "4.1.1")
def test_a_week_confirmed_late_says_what_came_after_it(
    town: Town, mailbox_set: None, time: time_machine.Traveller
) -> None:
    town.submitted()
    time.move_to(clock.now() + timedelta(days=7))  # Tuesday of the next week
    after = town.submitted()
    report = weekly_reports.assemble_week(town.reporter, date(2026, 11, 23))
    weekly_reports.confirm(town.reporter, report.pk, ConfirmReport(reason="上周五在医院"))
    report.refresh_from_db()
    details: dict[str, Any] = {e["number"]: e for e in report.facts["items"]}
    assert [e["after"] for e in details.values()].count(True) == 1
    assert details[str(after.number)]["after"] and not details[str(after.number)]["late"]
    page = town.browser("reporter").get(f"/weekly/{report.pk}/").content.decode()
    assert "本周之后" in page


@pytest.mark.clause("4.2.2")
def test_a_photo_without_caption_is_told_by_its_number(town: Town, db: Any) -> None:
    report = called(town)
    attachments.attach(
        town.reporter, AttachFile(item=report.item_id), file=samples.jpeg(), name="IMG_20261124_095512.jpg"
    )
    made = emergencies.write(town.reporter, report.pk, FileVersion(content=content()))
    assert [p["caption"] for p in UrgentVersion.objects.get(pk=made.pk).content["photos"]] == ["照片 1"]
