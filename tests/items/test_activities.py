"""Visits, forums, patrols, surveys, and the weekly duty that they meet (2.1.1, 4.1.1)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from linbao.core import clock, ids
from linbao.duties.models import Obligation
from linbao.items.activities import services as activities
from linbao.items.activities.inputs import ChangeActivity, RecordActivity
from linbao.items.models import Activity, Attachment
from linbao.organisation.models import RoleGrant, User
from tests.items import samples
from tests.items.conftest import Town, submitted

Browser = Callable[[User], Client]
MONDAY = date(2026, 11, 23)


def visit(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "visit",
        "starts_at": "2026-11-23T15:00",
        "place": "7栋",
        "people": "12",
        "notes": "居民反映电梯异响。",
        **changes,
    }


def duty(user: User, week: date = MONDAY) -> Obligation:
    return Obligation.objects.get(kind="weekly_collection", owner=user, period=week)


@pytest.mark.clause("2.1.1")
def test_an_activity_is_recorded_with_photos_and_shown(town: Town, browser: Browser) -> None:
    client, id = browser(town.reporter), str(ids.new())
    assert client.get("/activities/new").status_code == 200
    answer = client.post(
        "/activities/new", {**visit(), "id": id, "minutes": "90", "files": SimpleUploadedFile("a.jpg", samples.jpeg())}
    )
    assert answer.status_code == 302 and id in answer["Location"]
    page = client.get(f"/activities/{id}/").content.decode()
    assert "7栋" in page and "电梯异响" in page and "/thumb" in page
    assert client.get(f"/activities/{id}/files/{Attachment.objects.get().pk}/thumb").status_code == 200
    assert "7栋" in client.get("/activities/").content.decode()


@pytest.mark.clause("4.1.1")
def test_an_activity_or_an_item_meets_the_weeks_duty(town: Town) -> None:
    activities.open_week(MONDAY)
    assert duty(town.reporter).met_at is None and duty(town.colleague).met_at is None
    assert clock.local(duty(town.reporter).due_at).strftime("%Y-%m-%d %H:%M") == "2026-11-29 23:59"
    activities.create(town.reporter, RecordActivity(**visit()))
    submitted(town.colleague, grid="510104017003002")
    assert duty(town.reporter).state == "met" and duty(town.colleague).state == "met"


@pytest.mark.clause("4.1.1")
def test_an_activity_of_another_week_does_not(town: Town) -> None:
    activities.open_week(MONDAY)
    activities.create(town.reporter, RecordActivity(**visit(starts_at="2026-11-20T15:00")))
    assert duty(town.reporter).met_at is None


@pytest.mark.clause("4.1.1")
def test_the_week_is_opened_once_for_every_reporter_and_for_one_appointed_in_it(town: Town) -> None:
    assert activities.open_week(MONDAY) == 2
    activities.open_week(MONDAY)
    assert Obligation.objects.filter(kind="weekly_collection").count() == 2
    late = town.person("late", "reporter", town.grids[2])
    RoleGrant.objects.filter(user=late).update(starts=date(2026, 11, 24))
    gone = town.person("gone", "reporter", town.grids[2])
    RoleGrant.objects.filter(user=gone).update(ends=date(2026, 11, 20))
    activities.create(late, RecordActivity(**visit(starts_at="2026-11-24T08:00")))
    activities.open_week(MONDAY)
    assert duty(late).met_at is not None  # collected before the duty was opened
    assert not Obligation.objects.filter(owner=gone).exists()


def test_an_activity_moved_to_another_week_leaves_the_first_open(town: Town) -> None:
    activities.open_week(MONDAY)
    activities.open_week(date(2026, 11, 16))
    row = activities.create(town.reporter, RecordActivity(**visit()))
    activities.change(town.reporter, row.pk, ChangeActivity(**visit(starts_at="2026-11-18T09:00")))
    assert duty(town.reporter).met_at is None and duty(town.reporter, date(2026, 11, 16)).met_at is not None


def test_an_activity_taken_back_opens_the_duty_again(town: Town, browser: Browser) -> None:
    activities.open_week(MONDAY)
    row = activities.create(town.reporter, RecordActivity(**visit()))
    assert browser(town.colleague).post(f"/activities/{row.pk}/remove").status_code == 404
    assert browser(town.reporter).post(f"/activities/{row.pk}/remove").status_code == 302
    assert duty(town.reporter).met_at is None and duty(town.reporter).next_at is not None  # reminders start again
    stored = activities.create(town.reporter, RecordActivity(**visit()))
    submitted(town.reporter, source={"method": "visit", "activity": str(stored.pk)})
    assert browser(town.reporter).post(f"/activities/{stored.pk}/remove").status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "party"},
        {"starts_at": "2027-01-01T00:00"},
        {"starts_at": "soon"},
        {"starts_at": ""},
        {"place": ""},
        {"people": "-1"},
        {"people": "1e9"},
        {"minutes": "0"},
        {"minutes": "9" * 30},
        {"grid": "nowhere"},
        {"place": "长" * 201},
        {"notes": "长" * 5001},
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_is_kept(
    town: Town, browser: Browser, wrong: dict[str, str]
) -> None:
    answer = browser(town.reporter).post("/activities/new", {**visit(place="七栋门厅"), **wrong, "id": str(ids.new())})
    page = answer.content.decode()
    assert answer.status_code == 422 and "rp-error" in page
    assert "place" in wrong or "七栋门厅" in page
    assert not Activity.objects.exists()


def test_who_sees_whose_activities(town: Town, browser: Browser) -> None:
    row = activities.create(town.reporter, RecordActivity(**visit()))
    for person, status in (
        (town.reporter, 200),
        (town.reviewer, 200),
        (town.manager, 200),
        (town.colleague, 404),
        (town.stranger, 404),
        (town.handler, 404),
    ):
        assert browser(person).get(f"/activities/{row.pk}/").status_code == status, person
    assert browser(town.manager).get(f"/activities/{row.pk}/edit").status_code == 403
    assert browser(town.handler).get("/activities/new").status_code == 403
    assert "7栋" not in browser(town.colleague).get("/activities/").content.decode()


def test_a_stale_form_is_told_and_changes_nothing(town: Town, browser: Browser) -> None:
    client = browser(town.reporter)
    row = activities.create(town.reporter, RecordActivity(**visit()))
    shown = row.changed_at.isoformat()
    assert client.post(f"/activities/{row.pk}/edit", {**visit(place="八栋"), "shown_at": shown}).status_code == 302
    stale = client.post(f"/activities/{row.pk}/edit", {**visit(place="九栋"), "shown_at": shown})
    assert stale.status_code == 409 and "九栋" in stale.content.decode()
    assert Activity.objects.get().place == "八栋"


def test_a_correction_states_the_whole_activity(town: Town, browser: Browser) -> None:
    row = activities.create(town.reporter, RecordActivity(**visit(minutes="40")))
    answer = browser(town.reporter).post(f"/activities/{row.pk}/edit", visit(minutes="", notes="", people="3"))
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.minutes, row.notes, row.people, row.place) == (None, "", 3, "7栋")


def test_the_list_filters_sorts_and_pages_by_keyset_at_the_same_cost(
    town: Town, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    client = browser(town.manager)
    for n in range(60):
        activities.create(
            town.reporter if n % 2 else town.colleague,
            RecordActivity(
                kind="patrol" if n % 3 else "visit",
                place=f"第{n}处",
                starts_at=f"2026-11-{1 + n % 22:02d}T10:00",
                people=n,
            ),
        )
    seen: list[str] = []
    address = "/activities/?sort=-people"
    for _page in range(5):
        with django_assert_max_num_queries(9):
            page = client.get(address)
        seen += [r.place for r in page.context["page"].objects]
        if not page.context["page"].next:
            break
        address = f"/activities/?sort=-people&cursor={page.context['page'].next}"
    assert seen == [f"第{n}处" for n in reversed(range(60))]
    only = client.get(f"/activities/?kind=visit&period=week&reporter={town.reporter.pk}").context["page"].objects
    assert all(
        r.kind == "visit"
        and r.reporter_id == town.reporter.pk
        and r.starts_at >= datetime(2026, 11, 22, 16, tzinfo=clock.UTC)
        for r in only
    )
    assert client.get("/activities/?cursor=nonsense").status_code == 422


def test_the_export_holds_the_filtered_rows_and_no_formula(town: Town, browser: Browser) -> None:
    activities.create(town.reporter, RecordActivity(**visit(notes="=HYPERLINK(1)")))
    activities.create(town.reporter, RecordActivity(**visit(kind="forum", place="活动室")))
    text = browser(town.manager).get("/activities/export?format=csv&kind=visit").getvalue().decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text and "活动室" not in text
    book = browser(town.manager).get("/activities/export?format=xlsx").getvalue()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert len(rows) == 3 and "=HYPERLINK(1)" in rows[1] + rows[2]
    assert browser(town.manager).get("/activities/export?format=exe").status_code == 422


@pytest.mark.clause("2.1.1")
def test_the_api_records_and_lists_activities_idempotently(town: Town, browser: Browser) -> None:
    client, id = browser(town.reporter), str(ids.new())
    body = {"id": id, "kind": "forum", "starts_at": "2026-11-23T15:00:00+08:00", "place": "活动室", "people": 30}
    for _n in range(2):
        answer = client.post("/api/v1/activities", body, content_type="application/json")
        assert answer.status_code == 201 and answer.json()["id"] == id
    assert (
        client.post("/api/v1/activities", {**body, "place": "别处"}, content_type="application/json").status_code == 409
    )
    assert (
        client.post(
            "/api/v1/activities", {**body, "id": str(ids.new()), "colour": "red"}, content_type="application/json"
        ).status_code
        == 422
    )
    page = client.get("/api/v1/activities?kind=forum").json()
    assert [a["id"] for a in page["items"]] == [id] and page["next"] is None
    assert client.get(f"/api/v1/activities/{id}").json()["people"] == 30
    assert client.get("/api/v1/activities?cursor=x").status_code == 422


def test_an_activity_fills_in_the_report_that_comes_of_it(town: Town, browser: Browser) -> None:
    row = activities.create(town.reporter, RecordActivity(**visit(grid="510104017003002")))
    page = browser(town.reporter).get(f"/report/new/opinion?activity={row.pk}")
    item = page.context["item"]
    assert (item.source, item.place, item.activity_id, item.grid_id) == ("visit", "7栋", row.pk, town.grids[1].pk)
