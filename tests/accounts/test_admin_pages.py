"""The administrator's pages: what there is, the tree of units, settings beside what they inherit, the calendar."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.audit.models import Record
from linbao.organisation import inputs, services
from linbao.organisation.limits import largest_mail
from linbao.organisation.models import CalendarDay, RoleGrant, Unit
from linbao.organisation.tree import reference, tree
from linbao.outbox.models import Delivery
from linbao.weekly_reports import weeks
from tests.loop import Town

NAMES = {"name": "桂花园社区", "code": "510104017003", "short_name": "桂花园", "order": "0"}


def fields(**more: str) -> dict[str, str]:
    return {**NAMES, **dict.fromkeys(services.SETTINGS, ""), **more}


# --- the landing page ------------------------------------------------------------------------------


def test_the_landing_page_leads_to_what_exists_and_says_what_waits(town: Town) -> None:
    browser = town.browser("administrator")
    page = browser.get("/admin/").content.decode()
    for there in (
        "/admin/units/",
        "/people/",
        "/admin/catalogue/",
        "/admin/reasons/",
        "/admin/import/",
        "/admin/deliveries/",
    ):
        assert f'href="{there}"' in page
        assert browser.get(there, follow=True).status_code == 200
    assert "/audit/" not in page  # the auditor's, not the administrator's
    assert "还没有指定邮箱" in page and "没有送达或结果未知" not in page
    Unit.objects.filter(pk=town.parent_unit.pk).update(mailbox="all@demo.invalid")
    reference.drop()
    Delivery.objects.create(
        key="k",
        channel="mail",
        recipient="a@demo.invalid",
        subject="s",
        unit=town.community,
        state="failed",
        next_at=None,
    )
    page = browser.get("/admin/").content.decode()
    assert "还没有指定邮箱" not in page and "1 封邮件没有送达或结果未知" in page


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize("who", ["reporter", "reviewer", "manager", "handler", "trainer"])
def test_only_administrators_administer(town: Town, who: str) -> None:
    browser = town.browser(who)
    unit = town.community.pk
    for there in (
        "/admin/",
        "/admin/units/",
        f"/admin/units/new?parent={unit}",
        f"/admin/units/{unit}/",
        f"/admin/units/{unit}/calendar/",
    ):
        assert browser.get(there).status_code == 403
    assert browser.post(f"/admin/units/{unit}/", fields(mailbox="x@demo.invalid")).status_code == 403
    assert browser.post(f"/admin/units/{unit}/active", {"active": "0"}).status_code == 403
    assert (
        browser.post(
            f"/admin/units/{unit}/calendar/", {"first": "2026-12-01", "working": "no", "name": "演练"}
        ).status_code
        == 403
    )
    assert browser.post(f"/admin/units/{unit}/calendar/remove", {"day": "2026-12-01"}).status_code == 403
    assert Unit.objects.get(pk=unit).mailbox == "" and not CalendarDay.objects.exists()


@pytest.mark.clause("1.3.4")
def test_an_administrator_of_one_community_has_no_hand_in_another(town: Town) -> None:
    town.person("small", "administrator", town.community)
    browser = town.browser("small")
    page = browser.get("/admin/units/").content.decode()
    assert "桂花园社区" in page and "银杏社区" not in page
    assert browser.get(f"/admin/units/{town.elsewhere.pk}/").status_code == 403
    assert browser.get(f"/admin/units/{town.community.parent_id}/").status_code == 403
    assert browser.post(f"/admin/units/{town.elsewhere.pk}/", fields()).status_code == 403
    assert browser.get(f"/admin/units/new?parent={town.elsewhere.pk}").status_code == 403
    assert browser.get(f"/admin/units/{town.community.pk}/").status_code == 200


# --- the tree --------------------------------------------------------------------------------------


def test_the_tree_shows_who_is_above_whom_and_finds_by_name_code_and_kind(town: Town) -> None:
    browser = town.browser("administrator")
    page = browser.get("/admin/units/").content.decode().partition("adm-tree")[2]
    assert page.index("锦江区") < page.index("桂花园社区") < page.index("第一网格")
    assert "5 人" in page  # hold a role on the community
    assert [f["unit"].name for f in browser.get("/admin/units/", {"q": "银杏"}).context["matches"]] == [
        "银杏社区",
        "银杏办公室",
    ]
    assert [f["unit"].name for f in browser.get("/admin/units/", {"q": "017003001"}).context["matches"]] == ["第一网格"]
    assert len(browser.get("/admin/units/", {"kind": "community"}).context["matches"]) == 2
    assert "没有找到符合条件的单位" in browser.get("/admin/units/", {"q": "不存在"}).content.decode()
    for odd in ({"q": "%' OR 1=1"}, {"kind": "moon"}, {"under": "x"}, {"without": "everything"}):
        assert browser.get("/admin/units/", odd).status_code == 200


def test_the_tree_costs_the_same_for_few_units_and_many(town: Town) -> None:
    browser = town.browser("administrator")
    browser.get("/admin/units/")
    counts = []
    for grids in (0, 50, 400):
        have = Unit.objects.filter(kind="grid", parent=town.elsewhere).count()
        Unit.objects.bulk_create(
            Unit(kind="grid", code=f"510104017004{n:03d}", name=f"{n}网格", parent=town.elsewhere)
            for n in range(have, grids)
        )
        reference.drop()
        tree()
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/admin/units/")
        counts.append(len(asked))
        assert page.status_code == 200
    assert counts[0] == counts[1] == counts[2] <= 5
    assert "401 个下级" in page.content.decode()  # counted, one step further down, not all on one page
    assert page.content.decode().count("adm-unit") < 320


# --- one unit --------------------------------------------------------------------------------------


@pytest.mark.clause("4.1.1")
def test_a_setting_is_inherited_until_the_unit_has_its_own(town: Town) -> None:
    browser = town.browser("administrator")
    district = town.parent_unit
    assert district is not None
    above = browser.post(
        f"/admin/units/{district.pk}/",
        {
            "name": "锦江区",
            "code": "510104000000",
            "order": "0",
            "mailbox": "office@jinjiang.invalid",
            "call_back_share": "0",
        },
    )
    assert above.status_code == 302 and tree().setting(town.community.pk, "mailbox") == "office@jinjiang.invalid"
    page = browser.get(f"/admin/units/{town.community.pk}/").content.decode()
    assert "“锦江区”：office@jinjiang.invalid" in page and "“锦江区”：0%" in page
    data = fields(
        mailbox="guihua@demo.invalid",
        duty_phone="028-8655 1234",
        time_zone="Asia/Urumqi",
        working_hours="10:00 - 13:30；15:30—19:30",
        weekly_by="work_group",
        weekly_follows_holidays="no",
        call_back_share="25",
        reward_approval_above="500",
        work_file_years="5",
        weekly_take_back_minutes="10",
        mail_max_mb="8",
    )
    assert browser.post(f"/admin/units/{town.community.pk}/", data).status_code == 302
    for unit, mailbox, share in (
        (town.grid, "guihua@demo.invalid", 25),
        (town.elsewhere, "office@jinjiang.invalid", 0),
    ):
        assert (tree().setting(unit.pk, "mailbox"), tree().setting(unit.pk, "call_back_share")) == (mailbox, share)
    calendar = tree().calendar(town.community.pk)
    assert str(calendar.zone) == "Asia/Urumqi" and [f"{a:%H:%M}-{b:%H:%M}" for a, b in calendar.hours] == [
        "10:00-13:30",
        "15:30-19:30",
    ]
    assert tree().setting(town.community.pk, "weekly_follows_holidays") is False
    assert largest_mail(town.community.pk) == 8 * 1024 * 1024 and largest_mail(town.elsewhere.pk) == 10 * 1024 * 1024
    page = browser.get(f"/admin/units/{town.community.pk}/").content.decode()
    assert "清空后继承“锦江区”的 office@jinjiang.invalid" in page and "10:00-13:30，15:30-19:30" in page
    entry = Record.objects.get(action="unit.change", subject_id=str(town.community.pk))
    assert entry.actor_id == town.administrator.pk and set(entry.data["fields"]) == {
        *services.SETTINGS,
        *inputs.NUMBERS,
    }
    assert browser.post(f"/admin/units/{town.community.pk}/", fields()).status_code == 302  # emptied: inherited again
    assert tree().setting(town.community.pk, "mailbox") == "office@jinjiang.invalid"


WRONG = {
    "name": "",
    "code": "桂花 园",
    "order": "-1",
    "mailbox": "not-a-mail",
    "duty_phone": "call me",
    "time_zone": "Asia/Nowhere",
    "working_hours": "18:00-09:00",
    "weekly_by": "moon",
    "weekly_follows_holidays": "perhaps",
    "call_back_share": "101",
    "reward_approval_above": "-1",
    "work_file_years": "0",
    "weekly_take_back_minutes": "61",
    "mail_max_mb": "0",
}


def test_who_may_export_is_stored_where_nothing_else_was_changed(town: Town) -> None:
    browser = town.browser("administrator")
    assert (
        browser.post(f"/admin/units/{town.community.pk}/", fields(export_roles="manager,reviewer")).status_code == 302
    )
    assert Unit.objects.get(pk=town.community.pk).settings == {"export_roles": "manager,reviewer"}
    assert Record.objects.get(action="unit.change").data["fields"][-1:] == ["export_roles"]


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_beside_its_field_and_everything_typed_stays(town: Town, name: str) -> None:
    browser = town.browser("administrator")
    data = fields(duty_phone="12345", mailbox="kept@demo.invalid") | {name: WRONG[name]}
    page = browser.post(f"/admin/units/{town.community.pk}/", data)
    text = page.content.decode()
    assert page.status_code == 422 and list(page.context["errors"]) == [name]
    assert f'id="error-{name}"' in text and f'href="#id_{name}"' in text
    assert all(v in text for k, v in data.items() if k not in ("weekly_by", "weekly_follows_holidays"))
    unit = Unit.objects.get(pk=town.community.pk)
    assert unit.mailbox == "" and unit.name == "桂花园社区" and not Record.objects.filter(action="unit.change").exists()


@pytest.mark.parametrize(
    "given",
    [
        "09:00",
        "9-12",
        "09:00-12:00, 11:00-18:00",
        "25:00-26:00",
        "09:00-09:00",
        "-",
        "，",
        "0-1,2-3,4-5,6-7,8-9",
        "09:00-12:00:30",
    ],
)
def test_working_hours_that_are_none_are_refused(given: str) -> None:
    with pytest.raises(ValueError):
        inputs.hours_of(given)


@pytest.mark.parametrize(
    "given", ["9:00-12:00，14:00-18:00", "09：00～12：00 14:00至18:00", " 09:00 – 12:00 ; 14:00 – 18:00 "]
)
def test_working_hours_are_read_as_people_write_them(given: str) -> None:
    assert inputs.hours_of(given) == [["09:00", "12:00"], ["14:00", "18:00"]]


def test_a_form_older_than_the_unit_is_refused_and_keeps_its_text(town: Town) -> None:
    browser, other = town.browser("administrator"), town.browser("administrator")
    seen = browser.get(f"/admin/units/{town.community.pk}/").context["seen"]
    assert other.post(f"/admin/units/{town.community.pk}/", fields(duty_phone="12345", seen=seen)).status_code == 302
    late = browser.post(
        f"/admin/units/{town.community.pk}/", fields(duty_phone="110", mailbox="late@demo.invalid", seen=seen)
    )
    assert late.status_code == 409 and "late@demo.invalid" in late.content.decode()
    assert Unit.objects.get(pk=town.community.pk).duty_phone == "12345"
    again = browser.post(f"/admin/units/{town.community.pk}/", fields(duty_phone="110", seen=late.context["seen"]))
    assert again.status_code == 302 and Unit.objects.get(pk=town.community.pk).duty_phone == "110"


def test_a_unit_is_added_where_its_kind_belongs(town: Town) -> None:
    browser = town.browser("administrator")
    form = browser.get("/admin/units/new", {"parent": str(town.community.pk), "kind": "grid"})
    assert 'value="510104017003002"' in form.content.decode()  # the next grid's code stands there already
    new = {"kind": "grid", "name": "第二网格", "code": "510104017003002"}
    made = browser.post(f"/admin/units/new?parent={town.community.pk}", new)
    unit = Unit.objects.get(code="510104017003002")
    assert (
        made["Location"] == f"/admin/units/{unit.pk}/"
        and unit.parent_id == town.community.pk
        and unit.pk in tree().by_id
    )
    assert Record.objects.filter(action="unit.create", subject_id=str(unit.pk), unit_id=unit.pk).exists()
    twice = browser.post(f"/admin/units/new?parent={town.community.pk}", new | {"name": "另一网格"})
    assert (
        twice.status_code == 422 and "已用于别的单位" in twice.content.decode() and "另一网格" in twice.content.decode()
    )
    errors = browser.post(
        f"/admin/units/new?parent={town.community.pk}", {"kind": "district", "name": "区", "code": "D9"}
    )
    assert errors.status_code == 422 and "kind" in errors.context["errors"]
    assert (
        browser.get("/admin/units/new", {"parent": str(town.grid.pk)}).status_code == 404
    )  # nothing hangs under a grid
    assert browser.get("/admin/units/new", {"parent": "nonsense"}).status_code == 404
    assert 'name="mailbox"' not in browser.get(f"/admin/units/{unit.pk}/").content.decode()  # its community's


def test_a_unit_goes_out_of_use_only_when_nobody_depends_on_it(town: Town) -> None:
    browser = town.browser("administrator")

    def set_active(unit: Unit, active: str) -> str:
        return browser.post(f"/admin/units/{unit.pk}/active", {"active": active}, follow=True).content.decode()

    assert "下面还有启用中的单位" in set_active(town.community, "0")
    assert "还有 2 人在“环境办公室”担任角色" in set_active(town.department, "0")
    assert Unit.objects.get(pk=town.department.pk).active
    RoleGrant.objects.filter(unit=town.department).update(ends=date(2026, 11, 23))
    assert "已停用，不能再选用" in set_active(town.department, "0")
    assert not tree().by_id[town.department.pk].active
    assert Record.objects.filter(action="unit.deactivate", subject_id=str(town.department.pk)).count() == 1
    set_active(town.department, "0")  # once more changes nothing
    assert Record.objects.filter(action="unit.deactivate").count() == 1
    assert "“环境办公室”已启用" in set_active(town.department, "1")


# --- the calendar ----------------------------------------------------------------------------------


@pytest.mark.clause("4.1.1")
def test_a_corrected_day_moves_the_weekly_report_and_the_limits(town: Town) -> None:
    browser, community = town.browser("administrator"), town.community.pk
    assert weeks.week_day(community, date(2026, 11, 23)) == date(2026, 11, 27)
    data = {"first": "2026-11-26", "last": "2026-11-27", "working": "no", "name": "区政府通知：防汛演练"}
    answer = browser.post(f"/admin/units/{town.community.parent_id}/calendar/?month=2026-11", data)
    assert answer["Location"].endswith("?month=2026-11") and CalendarDay.objects.count() == 2
    assert weeks.week_day(community, date(2026, 11, 23)) == date(2026, 11, 25)
    page = browser.get(f"/admin/units/{community}/calendar/?month=2026-11")
    text = page.content.decode()
    assert "由“锦江区”更正" in text and "防汛演练" in text and page.context["count"] == 19
    assert "取消更正" not in text  # another unit's: to be taken away there
    # the community says otherwise for itself
    own = {"first": "2026-11-27", "last": "", "working": "yes", "name": "社区照常上班"}
    browser.post(f"/admin/units/{community}/calendar/", own)
    assert weeks.week_day(community, date(2026, 11, 23)) == date(2026, 11, 27)
    assert weeks.week_day(town.elsewhere.pk, date(2026, 11, 23)) == date(2026, 11, 25)
    start = datetime.fromisoformat("2026-11-25T17:00+08:00")
    assert tree().calendar(community).add_working_days(start, 1).isoformat() == "2026-11-27T09:00:00+00:00"
    assert [r.action for r in Record.objects.filter(action__startswith="calendar").order_by("at")] == [
        "calendar.correct"
    ] * 2
    text = browser.get(f"/admin/units/{community}/calendar/?month=2026-11").content.decode()
    assert "社区照常上班" in text and text.count("取消更正</button>") == 1
    browser.post(f"/admin/units/{community}/calendar/remove", {"day": "2026-11-27"})
    assert weeks.week_day(community, date(2026, 11, 23)) == date(2026, 11, 25)
    assert Record.objects.filter(action="calendar.remove").count() == 1


def test_the_month_shows_holidays_make_up_days_and_the_day_of_the_report(town: Town) -> None:
    page = town.browser("administrator").get(f"/admin/units/{town.community.pk}/calendar/?month=2026-10")
    days = {d["day"]: d for week in page.context["weeks"] for d in week}
    assert not days[date(2026, 10, 1)]["working"] and days[date(2026, 10, 1)]["name"] == "国庆节"
    assert days[date(2026, 10, 10)]["working"] and days[date(2026, 10, 10)]["made_up"]
    assert [d for d, raised in days.items() if raised["report"] and raised["inside"]] == [
        date(2026, 10, n) for n in (9, 16, 23, 30)
    ]
    assert "国庆节" in page.content.decode() and "调休上班" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first": ""}, "first"),
        ({"first": "2026-13-40"}, "first"),
        ({"first": "0001-01-01"}, "first"),
        ({"last": "2026-11-01"}, "last"),
        ({"last": "2027-11-01"}, "last"),
        ({"last": "x"}, "last"),
        ({"working": ""}, "working"),
        ({"name": ""}, "name"),
        ({"name": "很" * 41}, "name"),
    ],
)
def test_a_correction_that_is_none_is_refused_with_its_words(town: Town, changes: dict[str, str], field: str) -> None:
    data = {"first": "2026-11-26", "last": "", "working": "no", "name": "防汛演练"} | changes
    page = town.browser("administrator").post(f"/admin/units/{town.community.pk}/calendar/", data)
    assert page.status_code == 422 and list(page.context["errors"]) == [field]
    assert data["name"] in page.content.decode() and not CalendarDay.objects.exists()


def test_odd_months_and_days_show_the_present_month(town: Town) -> None:
    browser = town.browser("administrator")
    for odd in (
        "?month=0000-00",
        "?month=9999-12",
        "?month=x",
        "?day=x",
        "?month=2100-12",
        "?month=2000-01",
        "?day=9999-12-31",
    ):
        assert browser.get(f"/admin/units/{town.community.pk}/calendar/{odd}").status_code == 200, odd
    assert browser.get(f"/admin/units/{town.grid.pk}/calendar/").status_code == 404  # its community's
    assert browser.post(f"/admin/units/{town.community.pk}/calendar/remove", {"day": "x"}).status_code == 404


def test_the_pages_cost_the_same_with_one_correction_and_with_fifty(town: Town) -> None:
    browser, page = town.browser("administrator"), f"/admin/units/{town.community.pk}/calendar/?month=2026-11"
    browser.get(page)
    counts: list[tuple[int, int]] = []
    for rows in (1, 50):
        CalendarDay.objects.all().delete()
        CalendarDay.objects.bulk_create(
            CalendarDay(
                unit=(town.community, town.parent_unit)[n % 2],
                day=date(2026, 11, 1 + n // 2),
                working=False,
                name="演练",
            )
            for n in range(rows)
        )
        matches: Any = []
        for address in (page, f"/admin/units/{town.community.pk}/"):
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(address).status_code == 200
            matches.append(len(asked))
        counts.append(tuple(matches))
    assert counts[0] == counts[1] and max(counts[0]) <= 6
