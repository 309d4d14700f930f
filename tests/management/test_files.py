"""The work file: sections with sources, who sees it, sealed copies, retention; and the calendar (5.3.1, 5.3.2)."""

from __future__ import annotations

import time as stopwatch
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.audit.models import Record
from linbao.core import clock
from linbao.core.problems import Invalid, NotAllowed, NotFound
from linbao.documents import verification
from linbao.documents.inputs import MakeSeal
from linbao.documents.seals import services as seals
from linbao.duties.models import Shift
from linbao.handling import oversight
from linbao.handling.inputs import AdoptItem
from linbao.management import leave
from linbao.management.calendar import services as schedule
from linbao.management.inputs import AskLeave, DecideLeave, ExportFile
from linbao.management.meetings import services as meetings
from linbao.management.meetings.inputs import CallMeeting, HoldMeeting
from linbao.management.models import FileCopy, Removal
from linbao.management.work_files import exports, retention
from linbao.management.work_files import services as work_file
from linbao.management.work_files.services import Line, Section
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import FinishShare, GiveTask
from linbao.organisation.models import RoleGrant
from linbao.platform import files
from tests.loop import TUESDAY, Town

SINCE, UNTIL = date(2026, 7, 1), date(2026, 11, 24)


def year(town: Town, n: int) -> None:
    """Some work of a reporter, more of everything with `n`."""
    for i in range(n):
        task = tasks.give(
            town.manager,
            GiveTask(
                unit=town.community.pk,
                title=f"任务{i:02d}",
                due_at=TUESDAY + timedelta(hours=i % 9 + 1),
                people=[town.reporter.pk],
            ),
        )
        tasks.done(town.reporter, task.parts.get().pk, FinishShare())
        row = meetings.call(
            town.manager,
            CallMeeting(
                unit=town.community.pk, title=f"会议{i:02d}", starts_at=TUESDAY, place="会议室", everybody=True
            ),
        )
        meetings.sign_in(town.reporter, row.pk)
        meetings.hold(town.manager, row.pk, HoldMeeting(summary="听取了工作汇报。", points={}))
        adopted = oversight.adopt(town.handler, town.closed().pk, AdoptItem(kind="measure", note="已采纳"))
        oversight.confirm_adoption(town.manager, adopted.pk)


def file_of(town: Town, viewer: str, who: str = "reporter") -> dict[str, list[Line]]:
    result = work_file.read(getattr(town, viewer), getattr(town, who), SINCE, UNTIL)
    return {f["section"].code: f["lines"] for f in result}


@pytest.mark.clause("5.3.2")
def test_every_line_leads_to_its_source(town: Town) -> None:
    year(town, 1)
    browser = town.browser("manager")
    details = file_of(town, "manager")
    for code in ("appointment", "work", "timeliness", "tasks", "meetings"):
        assert details[code], code
        for line in details[code]:
            assert line.link and browser.get(line.link).status_code == 200, line
    assert "1 条" in details["work"][0].text and any("采用" in line.text for line in details["work"])
    assert any("审核" not in line.text and "按时 1" in line.text for line in details["timeliness"])


@pytest.mark.clause("5.3.2", "1.3.4")
def test_who_opens_whose_file(town: Town) -> None:
    for name in ("reporter", "leader", "manager"):
        assert work_file.find(getattr(town, name), town.reporter.pk) == town.reporter
    for name in ("reporter2", "reviewer", "stranger", "administrator"):
        with pytest.raises(NotFound):
            work_file.find(getattr(town, name), town.reporter.pk)
    with pytest.raises(NotFound):  # no reporter, no work file
        work_file.find(town.manager, town.reviewer.pk)
    rows = town.browser("reporter").get("/people/files/").context["page"].rows
    assert [r["row"] for r in rows] == [town.reporter]
    assert len(town.browser("manager").get("/people/files/").context["page"].rows) == 3


@pytest.mark.clause("5.3.2")
def test_a_section_of_another_room_decides_what_the_viewer_reads(town: Town, monkeypatch: Any) -> None:
    def discipline(person: Any, since: date, until: date, viewer: Any) -> list[Line]:
        return [Line(date(2026, 10, 1), "谈话提醒", "", "7.2.1")] if viewer.pk in (person.pk, town.manager.pk) else []

    monkeypatch.setattr(
        work_file, "SECTIONS", [*work_file.SECTIONS, Section("discipline", "责任追究", "7.2.1", discipline)]
    )
    assert "谈话提醒" in town.browser("manager").get(f"/people/files/{town.reporter.pk}/").content.decode()
    assert "谈话提醒" in town.browser("reporter").get(f"/people/files/{town.reporter.pk}/").content.decode()
    assert "谈话提醒" not in town.browser("leader").get(f"/people/files/{town.reporter.pk}/").content.decode()


@pytest.mark.clause("5.3.2")
def test_any_file_takes_under_200_ms_and_a_constant_number_of_statements(town: Town) -> None:
    browser, address = town.browser("manager"), f"/people/files/{town.reporter.pk}/"
    year(town, 1)
    browser.get(address)
    counts = []
    for more in (0, 20):
        year(town, more)
        browser.get(address)  # what is kept for seconds is fresh
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(address).status_code == 200
        counts.append(len(asked))
    spent = []
    for _n in range(5):
        began = stopwatch.process_time()
        browser.get(address)
        spent.append(stopwatch.process_time() - began)
    assert counts[0] == counts[1] <= 40, counts
    # The best of five, of this process's own time: the machine's other work does not count.
    assert min(spent) < 0.2, spent


@pytest.mark.clause("5.3.2")
def test_a_copy_is_sealed_and_for_two_people_alone(town: Town) -> None:
    year(town, 1)
    seal = seals.make(None, MakeSeal(kind="unit", name="桂花园社区", unit=town.community.pk, custodian=town.manager.pk))
    browser, at = town.browser("manager"), f"/people/files/{town.reporter.pk}/"
    assert browser.post(at + "copy", {"since": "2026-07-01", "until": "2026-11-24"}).status_code == 422
    with pytest.raises(NotAllowed):
        exports.export(town.reporter, town.reporter.pk, ExportFile(since=SINCE, until=UNTIL, seal=seal.pk))
    body = {"since": "2026-07-01", "until": "2026-11-24", "seal": str(seal.pk)}
    assert browser.post(at + "copy", body).status_code == 302
    assert browser.post(at + "copy", body).status_code == 302  # asked for twice, made once
    copy = FileCopy.objects.get()
    assert Record.objects.filter(action="work_file.export", subject_id=str(town.reporter.pk)).count() == 1
    exports.make_document(copy.pk)
    exports.make_document(copy.pk)
    copy.refresh_from_db()
    assert copy.document is not None and copy.document.sealed_at and "档〔2026〕1号" in copy.document.number
    pdf = browser.get(f"{at}copies/{copy.pk}.pdf").content
    assert pdf.startswith(b"%PDF") and verification.by_file(pdf)
    assert town.browser("reporter").get(f"{at}copies/{copy.pk}.pdf").status_code == 200
    assert town.browser("manager2").get(f"{at}copies/{copy.pk}.pdf").status_code == 404
    assert town.browser("leader").get(f"{at}copies/{copy.pk}.pdf").status_code == 404


@pytest.mark.clause("5.3.2")
def test_a_file_is_removed_three_years_after_leaving(
    town: Town, time: Any, django_capture_on_commit_callbacks: Any
) -> None:
    seal = seals.make(None, MakeSeal(kind="unit", name="桂花园社区", unit=town.community.pk, custodian=town.manager.pk))
    copy = exports.export(town.manager, town.reporter.pk, ExportFile(since=SINCE, until=UNTIL, seal=seal.pk))
    exports.make_document(copy.pk)
    copy.refresh_from_db()
    assert copy.document is not None
    digest = copy.document.pdf
    RoleGrant.objects.filter(user=town.reporter).update(ends=date(2026, 11, 30))
    time.move_to(datetime(2029, 11, 30, 12, tzinfo=clock.zone()))
    assert retention.remove_over() == 0
    time.move_to(datetime(2029, 12, 1, 12, tzinfo=clock.zone()))
    assert town.manager.has_perm("work_file.view", town.reporter)
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.remove_over() == 1
    assert retention.remove_over() == 0
    with pytest.raises(FileNotFoundError):
        files.get(digest)
    assert Removal.objects.get().person == town.reporter
    assert Record.objects.get(action="work_file.remove").data["person"] == str(town.reporter.pk)
    assert town.reporter not in work_file.listed(town.manager, state="left")
    assert work_file.read(town.manager, town.reporter, SINCE, UNTIL)[0]["lines"] == []


@pytest.mark.clause("5.3.2")
def test_how_long_a_file_is_kept_is_a_setting_of_the_unit(town: Town) -> None:
    browser, at = town.browser("administrator"), f"/admin/units/{town.community.pk}/"
    data = {"name": "桂花园社区", "short_name": "桂花园", "code": town.community.code, "order": "0"}
    assert retention.years(town.grid.pk) == 3 and "3 年" in browser.get(at).text
    assert browser.post(at, data | {"work_file_years": "51"}).status_code == 422
    assert browser.post(at, data | {"work_file_years": "5"}).status_code == 302
    assert retention.years(town.grid.pk) == 5 and retention.years(town.elsewhere.pk) == 3
    assert retention.ends_on(date(2026, 11, 30), town.grid.pk) == date(2031, 11, 30)
    assert Record.objects.get(action="unit.change").data["fields"] == ["work_file_years"]


# --- the calendar --------------------------------------------------------------------------------------


@pytest.mark.clause("5.3.1")
def test_the_calendar_holds_what_concerns_a_person_and_the_ics_nothing_personal(town: Town) -> None:
    tasks.give(
        town.manager,
        GiveTask(
            unit=town.community.pk, title="看望张桂兰", due_at=TUESDAY + timedelta(days=2), people=[town.reporter.pk]
        ),
    )
    meetings.call(
        town.manager,
        CallMeeting(
            unit=town.community.pk,
            title="十一月会议",
            starts_at=TUESDAY + timedelta(days=1),
            place="会议室",
            everybody=True,
        ),
    )
    Shift.objects.create(
        unit=town.community,
        person=town.reporter,
        starts=TUESDAY + timedelta(days=3),
        ends=TUESDAY + timedelta(days=3, hours=8),
    )
    row = leave.ask(
        town.reporter,
        AskLeave(
            kind="sick", starts=date(2026, 11, 29), ends=date(2026, 12, 2), stand_in=town.reporter2.pk, note="复诊"
        ),
    )
    leave.decide(town.manager, row.pk, DecideLeave(approved=True))
    page = town.browser("reporter").get("/calendar/?month=2026-11").content.decode()
    for message in ("看望张桂兰", "十一月会议", "值班", "请假"):
        assert message in page
    assert "十一月会议" not in town.browser("reporter").get("/calendar/?month=2026-10").content.decode()
    assert town.browser("reporter").get("/calendar/?month=2026-13").status_code == 422
    answer = town.browser("reporter").get("/calendar/linbao.ics")
    details = answer.content.decode()
    assert details.startswith("BEGIN:VCALENDAR\r\n") and details.count("BEGIN:VEVENT") == 4
    assert "DTSTART;VALUE=DATE:20261129" in details and "DTEND;VALUE=DATE:20261203" in details
    for secret in ("张桂兰", "十一月会议", "复诊", "会议室", "reporter", "病假"):
        assert secret not in details.replace("reporter-", "")
    assert all(len(line.encode()) <= 75 for line in details.split("\r\n"))
    assert next(e.kind for e in schedule.events(town.reporter2, date(2026, 11, 29), date(2026, 11, 29))) == "代班"


@pytest.mark.clause("5.3.1")
def test_the_calendar_costs_the_same_for_little_and_for_much(town: Town) -> None:
    browser = town.browser("manager")
    counts = []
    for n in (1, 30):
        for i in range(n):
            tasks.give(
                town.manager,
                GiveTask(
                    unit=town.community.pk,
                    title=f"任务{i:02d}",
                    due_at=TUESDAY + timedelta(hours=i + 1),
                    people=[town.manager.pk],
                ),
            )
        browser.get("/calendar/")
        with CaptureQueriesContext(connection) as asked:
            browser.get("/calendar/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 9, counts


@pytest.mark.clause("5.3.2")
def test_wrong_days_are_said(town: Town) -> None:
    browser = town.browser("manager")
    for query in ("?since=2026-12-01&until=2026-01-01", "?since=x", "?since=0001-01-01"):
        assert browser.get(f"/people/files/{town.reporter.pk}/{query}").status_code == 422
    with pytest.raises(Invalid):
        work_file.period("2026-02-30", "")
