"""The week's report: assembled, confirmed once, made as DOCX and PDF, mailed as one, reviewed (4.1.1, 4.1.2, 2.3.1)."""

from __future__ import annotations

import email
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from docx import Document as Word
from pypdf import PdfReader

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.documents import verification
from linbao.documents.inputs import UploadTemplate
from linbao.documents.models import Document
from linbao.documents.word_templates import services as custom
from linbao.duties import services as duties
from linbao.duties.models import Obligation
from linbao.emergencies import document
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import FileVersion
from linbao.organisation.models import CalendarDay, Unit
from linbao.organisation.tree import DEFAULTS, reference
from linbao.outbox import sending
from linbao.outbox.models import Delivery, Notice
from linbao.platform import files
from linbao.platform.observability import health
from linbao.weekly_reports import services, weeks
from linbao.weekly_reports.inputs import ConfirmReport, ReviewReport
from linbao.weekly_reports.models import WeeklyReport
from tests.documents import samples
from tests.emergencies.test_emergencies import called, content
from tests.hostile.makers import template
from tests.loop import Town, build
from tests.mailbox import Mailbox

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def friday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def town(db: Any) -> Town:
    made = build()
    Unit.objects.filter(pk=made.community.pk).update(mailbox="weekly@demo.invalid", short_name="桂花园")
    reference.changed()
    return made


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent when confirmed, as a unit may set it; the minutes of take-back have tests of their own."""
    monkeypatch.setitem(DEFAULTS, "weekly_take_back_minutes", 0)


def sent(town: Town, **words: str) -> WeeklyReport:
    report = services.assemble_week(town.reporter, MONDAY)
    return services.confirm(town.reporter, report.pk, ConfirmReport(texts=words))


@pytest.mark.clause("2.3.1", "4.1.1", "4.1.2")
def test_the_week_is_assembled_confirmed_made_and_received_as_one_mail_with_both_documents(
    town: Town, mailbox: Mailbox
) -> None:
    weeks.open_week(MONDAY)
    item = town.submitted()
    report = sent(town, analysis="本周垃圾清运问题集中。")
    assert report.number == "桂花园社信〔2026〕1号"
    assert Obligation.objects.get(kind="weekly_report", owner=town.reporter, period=MONDAY).state == "met"
    for _ in range(2):
        services.make_documents(report.pk, 1)
    delivery = Delivery.objects.get()
    sending.send(delivery.pk)
    assert len(mailbox.mails) == 1
    mail = email.message_from_bytes(mailbox.mails[0], policy=default)
    assert mail["To"] == "weekly@demo.invalid"
    files = {str(a.get_filename()).rsplit(".", 1)[1]: a.get_content() for a in mail.iter_attachments()}
    text = (
        "".join(p.extract_text() for p in PdfReader(io.BytesIO(files["pdf"])).pages).replace("\n", "").replace(" ", "")
    )
    for message in (
        "一、信息来源",
        "二、具体情况",
        "三、分析结论",
        "四、建议措施",
        "五、上周事项办理进展",
        str(item.number),
        "本周垃圾清运问题集中",
        "张*反映",
        "2026年11月27日",
    ):
        assert message in text, message
    assert "张桂兰" not in text
    assert "1381234" not in text
    word = "".join(p.text for p in Word(io.BytesIO(files["docx"])).paragraphs)
    assert item.number and item.number in word
    details = verification.by_file(files["pdf"])
    assert details.document
    assert details.document.number == report.number
    assert verification.by_file(files["pdf"][:-1] + b"x").answer == "unknown"
    page = Client().get("/verify/", {"code": Document.objects.get().code})
    assert "文件属实" in page.content.decode()
    assert item.title not in page.content.decode()


@pytest.mark.clause("4.1.1", "4.1.2")
def test_nothing_is_set_and_no_template_is_opened_while_rows_are_held(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    custom.upload(
        town.manager, UploadTemplate(unit=town.community.pk, name="街道样式"), file=template("{{ title }}街道样式")
    )
    town.submitted()
    report = sent(town)
    seen, outside = samples.watch_transactions(monkeypatch), len(connection.savepoint_ids)
    services.make_documents(report.pk, 1)
    assert {name for name, _depth in seen} == {"pdf", "run"} and {depth for _name, depth in seen} == {outside}
    word = Word(io.BytesIO(files.get(Document.objects.get().docx)))
    assert any("街道样式" in p.text for p in word.paragraphs)


@pytest.mark.clause("4.1.2")
def test_the_page_is_a4_with_the_conventional_type_area_and_embedded_fonts(town: Town) -> None:
    from linbao.platform import files

    town.submitted()
    report = sent(town)
    services.make_documents(report.pk, 1)
    reader = PdfReader(io.BytesIO(files.get(Document.objects.get().pdf)))
    box = reader.pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (210, 297)
    word: Any = Word(io.BytesIO(files.get(Document.objects.get().docx))).sections[0]
    assert (
        round(word.top_margin.mm),
        round(word.left_margin.mm),
        round(210 - word.left_margin.mm - word.right_margin.mm),
    ) == (37, 28, 156)
    resources: Any = reader.pages[0]["/Resources"]
    for font in resources["/Font"].values():
        inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in inner or "/FontFile3" in inner


@pytest.mark.clause("4.1.1")
def test_a_nil_report_needs_a_reason_and_is_sent_with_it(town: Town) -> None:
    report = services.assemble_week(town.reporter, MONDAY)
    with pytest.raises(Invalid):
        services.confirm(town.reporter, report.pk, ConfirmReport())
    assert services.confirm(town.reporter, report.pk, ConfirmReport(nil_reason="本周休假，由同组代为巡查")).nil_reason


@pytest.mark.clause("4.1.1")
def test_late_missed_and_reminded_are_facts_of_the_duty(town: Town, friday: time_machine.Traveller) -> None:
    friday.move_to(datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI))
    weeks.open_week(MONDAY)
    weeks.open_week(MONDAY)
    duty = Obligation.objects.get(kind="weekly_report", owner=town.reporter)
    assert clock.local(duty.due_at) == datetime(2026, 11, 27, 18, 0, tzinfo=SHANGHAI)
    lines = []
    for moment in (
        datetime(2026, 11, 27, 12, 1),
        datetime(2026, 11, 27, 16, 1),
        datetime(2026, 11, 27, 17, 31),
        datetime(2026, 11, 27, 18, 1),
    ):
        friday.move_to(moment.replace(tzinfo=SHANGHAI))
        duties.tick()
        duties.tick()
        lines.append(Notice.objects.filter(user=town.reporter, kind__startswith="weekly_report.").count())
    assert lines == [1, 2, 3, 4]
    duty.refresh_from_db()
    assert duty.state == "overdue"
    town.submitted()
    with pytest.raises(Invalid, match="迟报"):
        sent(town)
    services.confirm(
        town.reporter, services.assemble_week(town.reporter, MONDAY).pk, ConfirmReport(reason="随队处置积水")
    )
    duty.refresh_from_db()
    assert duty.state == "late"
    other = Obligation.objects.get(kind="weekly_report", owner=town.reporter2)
    friday.move_to(datetime(2026, 11, 30, 12, 1, tzinfo=SHANGHAI))
    duties.tick()
    other.refresh_from_db()
    assert other.state == "missed"
    assert Notice.objects.filter(user=town.manager, kind="weekly_report.miss").exists()


@pytest.mark.clause("4.1.1")
def test_a_friday_off_moves_the_report_to_the_weeks_last_working_day(town: Town) -> None:
    CalendarDay.objects.create(unit=town.community, day=date(2026, 11, 27), working=False)
    reference.changed()
    assert clock.local(weeks.due(town.community.pk, MONDAY)).date() == date(2026, 11, 26)
    Unit.objects.filter(pk=town.community.pk).update(weekly_follows_holidays=False)
    reference.changed()
    assert clock.local(weeks.due(town.community.pk, MONDAY)).date() == date(2026, 11, 27)


def test_confirming_twice_sends_once_and_numbers_have_no_gaps(town: Town) -> None:
    town.submitted()
    first = sent(town)
    assert services.confirm(town.reporter, first.pk, ConfirmReport()).number == first.number
    town.submitted("reporter2")
    other = services.assemble_week(town.reporter2, MONDAY)
    assert services.confirm(town.reporter2, other.pk, ConfirmReport()).number.endswith("〕2号")


@pytest.mark.clause("4.3.1", "4.3.2")
def test_the_department_returns_it_with_words_and_the_next_version_supersedes(town: Town) -> None:
    town.submitted()
    report = sent(town)
    services.make_documents(report.pk, 1)
    with pytest.raises(NotAllowed):
        services.review(town.reporter, report.pk, ReviewReport(accept=True))
    with pytest.raises(Invalid):
        services.review(town.reviewer, report.pk, checked(ReviewReport, {"accept": False}))
    services.review(
        town.reviewer, report.pk, ReviewReport(accept=False, findings=[{"section": "analysis", "words": "分析太笼统"}])
    )
    assert Obligation.objects.get(kind="amend", subject_id=report.pk).owner_id == town.reporter.pk
    again = services.confirm(town.reporter, report.pk, ConfirmReport(texts={"analysis": "主要是 7 幢周末清运不足。"}))
    assert (again.version, again.number) == (2, report.number)
    services.make_documents(report.pk, 2)
    first, second = Document.objects.order_by("version")
    assert verification.by_code(first.code).newer == second
    assert verification.by_code(second.code).answer == "genuine"
    assert Delivery.objects.count() == 2
    services.review(town.reviewer, report.pk, ReviewReport(accept=True))
    with pytest.raises(Conflict):
        services.review(
            town.manager, report.pk, ReviewReport(accept=False, findings=[{"section": "format", "words": "晚了"}])
        )


@pytest.mark.clause("1.3.4")
def test_strangers_see_no_report(town: Town) -> None:
    town.submitted()
    report = sent(town)
    for name in ("stranger", "trainer", "administrator", "reporter2"):
        with pytest.raises(NotFound):
            services.get(getattr(town, name), report.pk)


def test_pages_and_interface_walk_the_week(town: Town) -> None:
    town.submitted()
    phone = town.browser("reporter")
    opened = phone.post("/weekly/open", {"week": "this"})
    assert phone.get("/weekly/").status_code == 200
    page = phone.get(opened["Location"])
    assert "确认并报送" in page.content.decode()
    assert phone.post(opened["Location"], {"analysis": "一切正常"}).status_code == 302
    desk = town.browser("reviewer")
    assert "审阅通过" in desk.get(opened["Location"]).content.decode()
    assert desk.post(opened["Location"], {"do": "review", "accept": "no", "comment": ""}).status_code == 422
    assert desk.post(opened["Location"], {"do": "review", "accept": "yes"}).status_code == 302
    machine = Client(**town.token("reporter2"))

    def post(path: str, body: Any) -> Any:
        return machine.post(f"/api/v1/weekly-reports{path}", json.dumps(body), content_type="application/json")

    made = post("", {"reporter": "reporter2", "week": "2026-11-23"})
    assert made.status_code == 200, made.content
    assert post("", {"week": "2026-11-25"}).json()["id"] == made.json()["id"]
    assert post(f"/{made.json()['id']}/confirm", {}).status_code == 422
    assert post(f"/{made.json()['id']}/confirm", {"nil_reason": "出差"}).json()["status"] == "confirmed"
    assert post("", {"reporter": "reporter", "week": "2026-11-23"}).status_code == 403
    assert machine.get("/api/v1/weekly-reports").json()["weekly_reports"]


@pytest.mark.parametrize("words", ["#eval(1) *粗* $x$ @a <b> \\", "𠮷䶮\u0000\u0007😀" * 50, "长" * 5000])
def test_whatever_people_type_is_words_and_never_markup(town: Town, words: str) -> None:
    town.submitted()
    report = sent(town, analysis=words)
    services.make_documents(report.pk, 1)
    assert Document.objects.count() == 1


def test_without_a_mailbox_the_reporter_is_told(town: Town) -> None:
    Unit.objects.filter(pk=town.community.pk).update(mailbox="")
    reference.changed()
    town.submitted()
    report = sent(town)
    services.make_documents(report.pk, 1)
    assert not Delivery.objects.exists()
    assert Notice.objects.filter(user=town.reporter, kind="weekly.mailbox").exists()


@pytest.mark.clause("4.1.1")
def test_from_fridays_noon_the_report_stands_ready_and_is_told_once(town: Town, friday: time_machine.Traveller) -> None:
    weeks.open_week(MONDAY)
    friday.move_to(datetime(2026, 11, 27, 11, 59, tzinfo=SHANGHAI))
    assert services.assemble_due(MONDAY) == 0
    friday.move_to(datetime(2026, 11, 27, 12, 0, tzinfo=SHANGHAI))
    assert services.assemble_due(MONDAY) == 2
    assert services.assemble_due(MONDAY) == 0
    assert Notice.objects.filter(user=town.reporter, kind="weekly.assembled").count() == 1


@pytest.mark.clause("4.1.1", "2.3.1")
def test_a_community_that_reports_by_group_owes_one_report_of_the_whole_group(town: Town) -> None:
    """Everybody's items in one report, signed by whoever sends it; the duty is the leader's, and met once for all."""
    Unit.objects.filter(pk=town.community.pk).update(weekly_by="work_group")
    reference.changed()
    mate = town.person("mate", "reporter", town.group)
    alone = town.person("alone", "reporter", town.grid)
    town.submitted(by="reporter")
    town.submitted(by="mate")
    assert weeks.open_week(MONDAY) == 3  # the group's, reporter2's and that of who is in no group
    assert weeks.open_week(MONDAY) and Obligation.objects.filter(kind="weekly_report").count() == 3
    owed = Obligation.objects.get(kind="weekly_report", subject_id=town.group.pk)
    assert owed.owner == town.leader and town.group.name in owed.title
    assert services.assemble_due(MONDAY) == 3
    report = services.assemble_week(town.mate, MONDAY)
    assert report.by_group and report.pk == services.assemble_week(town.reporter, MONDAY).pk
    assert len(report.facts["items"]) == 2
    assert not services.assemble_week(alone, MONDAY).by_group
    page = town.browser("mate").post(f"/weekly/{report.pk}/", {"analysis": "全组平稳。"})
    assert page.status_code == 302
    owed.refresh_from_db()
    assert owed.met_at is not None
    services.make_documents(report.pk, 1)
    made = PdfReader(io.BytesIO(files.get(Document.objects.get(subject_id=report.pk).pdf)))
    pdf = "".join("".join(p.extract_text().split()) for p in made.pages)
    assert town.group.name in pdf and mate.name in pdf
    with pytest.raises(NotFound):  # not of the group
        services.confirm(alone, report.pk, ConfirmReport())


@pytest.mark.clause("4.1.1")
def test_the_list_filters_and_goes_out_as_a_sheet(town: Town) -> None:
    town.submitted()
    report = sent(town, analysis="平稳")
    browser = town.browser("manager")
    assert report.number in browser.get("/weekly/?status=confirmed&week=2026-11-25").content.decode()
    assert report.number not in browser.get("/weekly/?week=2026-11-16").content.decode()
    assert report.number not in browser.get(f"/weekly/?unit={town.elsewhere.pk}").content.decode()
    assert browser.get("/weekly/?week=2026-02-30").status_code == 422
    csv = browser.get("/weekly/export?format=csv").getvalue().decode()
    assert report.number in csv
    assert report.number not in town.browser("stranger").get("/weekly/export?format=csv").getvalue().decode()


@pytest.mark.clause("4.1.1")
def test_a_document_that_no_job_made_is_made_later_once(town: Town, friday: time_machine.Traveller) -> None:
    """The report stands as sent, its job has gone: it is told as a trouble, made at the next turn, and mailed once."""
    town.submitted()
    report = sent(town)
    friday.shift(timedelta(minutes=11))
    assert services.make_missing() == 0  # a job is still planned for it: nobody else makes it
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert "documents_missing" in [t.kind for t in health.troubles()]
    assert services.make_missing() == 1 and services.make_missing() == 0
    assert Delivery.objects.filter(key=f"weekly:{report.pk}:1").count() == 1
    assert "documents_missing" not in [t.kind for t in health.troubles()]


@pytest.mark.clause("4.1.1", "4.2.2")
def test_what_was_sent_before_the_community_had_a_mailbox_is_mailed_when_it_has_one(
    town: Town, friday: time_machine.Traveller
) -> None:
    """Weekly and urgent reports alike; the address is missing, not the report."""
    town.submitted()
    set_mailbox(town, "")
    report = sent(town)
    services.make_documents(report.pk, 1)
    urgent = called(town)
    version = emergencies.write(
        town.reporter, urgent.pk, FileVersion(content=content(occurred_at=clock.now().isoformat()))
    )
    document.make_document(version.pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    friday.shift(timedelta(minutes=11))
    assert services.make_missing() == document.make_missing() == 0
    assert not Delivery.objects.filter(channel="mail").exists()
    set_mailbox(town, "dept@example.cn")
    assert [(t.kind, t.count) for t in health.troubles() if t.kind == "documents_missing"] == [("documents_missing", 2)]
    assert services.make_missing() == document.make_missing() == 1
    assert services.make_missing() == document.make_missing() == 0
    mails = Delivery.objects.filter(channel="mail").values_list("key", "recipient")
    assert sorted(mails) == [(f"urgent:{urgent.pk}:1", "dept@example.cn"), (f"weekly:{report.pk}:1", "dept@example.cn")]


def set_mailbox(town: Town, address: str) -> None:
    Unit.objects.filter(pk=town.community.pk).update(mailbox=address)
    reference.changed()
