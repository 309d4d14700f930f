"""/people/: who works where; accounts and roles for a period, with the three separated duties (1.3.4)."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from linbao.accounts import services
from linbao.accounts.inputs import CreatePerson
from linbao.accounts.models import ApiToken, PasswordReset, RoleProposal
from linbao.accounts.proposals import services as proposals
from linbao.audit.models import Record
from linbao.core.inputs import checked
from linbao.organisation.models import Role, RoleGrant, Unit, User
from linbao.outbox.models import Notice
from linbao.platform.reference import Reference
from tests.loop import Town

PASSWORD = "chun-jiang-hua-yue"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def error_of(answer: Any, name: str) -> str:
    """What is said beside one field of a form."""
    result = re.search(rf'id="error-{name}">(.*?)</p>', text(answer), re.S)
    return result.group(1) if result else ""


def signed_in(name: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": name, "password": password})
    return client


@pytest.fixture
def admin(town: Town) -> Client:
    return town.browser("administrator")


@pytest.fixture
def local(town: Town) -> Client:
    """The administrator of one community alone."""
    town.person("local", Role.ADMINISTRATOR, town.community)
    return town.browser("local")


# --- the list -----------------------------------------------------------------------------------------


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("administrator", 200),
        ("manager", 200),
        ("reviewer", 403),
        ("reporter", 403),
        ("leader", 403),
        ("handler", 403),
        ("trainer", 403),
    ],
)
def test_who_may_open_the_list_and_take_it_out(town: Town, name: str, status: int) -> None:
    client = town.browser(name)
    assert client.get("/people/").status_code == status
    assert client.get("/people/export?format=csv").status_code == status
    assert client.get(f"/people/{town.reporter.pk}/").status_code == status


@pytest.mark.clause("1.3.4")
def test_a_manager_sees_their_community_and_no_other(town: Town) -> None:
    page = text(town.browser("manager").get("/people/"))
    assert "reporter2" in page and "handler" in page
    assert "stranger" not in page
    assert town.browser("manager").get(f"/people/{town.stranger.pk}/").status_code == 404
    assert "stranger" in text(town.browser("administrator").get("/people/"))


def test_filters(town: Town, admin: Client) -> None:
    services.create_person(town.administrator, checked(CreatePerson, {"username": "idle1", "name": "闲云"}))
    services.set_active(town.administrator, town.reporter2.pk, False)

    def shown(query: str) -> set[str]:
        return set(re.findall(r'<td data-label="用户名">(.*?)</td>', text(admin.get(f"/people/?{query}"))))

    assert shown("q=闲") == {"idle1"}
    assert shown("q=REPORTER") == {"reporter", "reporter2"}
    assert shown("role=reviewer") == {"reviewer", "reviewer2", "stranger"}
    assert shown(f"unit={town.elsewhere.pk}") == {"stranger"}
    assert shown(f"role=reviewer&unit={town.community.pk}") == {"reviewer", "reviewer2"}
    assert shown("state=inactive") == {"reporter2"}
    assert "idle1" in shown("state=first") and "idle1" in shown("state=idle")
    assert "idle1" not in shown("state=idle&role=reporter")
    assert "没有符合条件" in text(admin.get("/people/?q=zzzz"))


@pytest.mark.parametrize(
    "query", ["role=king", "unit=nowhere", "state=asleep", "sort=shoe-size", "cursor=%21%21", "cursor=AAAA", "q=%ff"]
)
def test_a_wrong_filter_is_named(admin: Client, query: str) -> None:
    assert admin.get(f"/people/?{query}").status_code in (200, 400, 422)
    assert admin.get(f"/people/export?{query}&format=csv").status_code in (200, 400, 422)


def test_pages_hold_everybody_once_in_order(town: Town, admin: Client) -> None:
    for n in range(120):
        User.objects.create(username=f"p{n:03d}", name=f"人{n % 7}")
    for sort, key in (("username", 0), ("-username", 0), ("name", 1), ("-created", 2)):
        seen: list[str] = []
        address = f"/people/?sort={sort}"
        for _page in range(5):
            page = admin.get(address)
            seen += re.findall(r'<td data-label="用户名">(.*?)</td>', text(page))
            following = re.search(r'rel="next"\s+href="([^"]+)"', text(page))
            if not following:
                break
            address = "/people/" + following.group(1).replace("&amp;", "&")
        assert len(seen) == len(set(seen)) == User.objects.count(), (sort, key)
    first = re.findall(r'<td data-label="用户名">(.*?)</td>', text(admin.get("/people/?sort=-username")))
    assert first == sorted(first, reverse=True)


def test_the_list_costs_the_same_for_one_and_for_fifty(town: Town, admin: Client) -> None:
    admin.get("/people/")
    with CaptureQueriesContext(connection) as one:
        admin.get("/people/?q=stranger")
    for n in range(60):
        person = User.objects.create(username=f"q{n:02d}", name=f"许{n}")
        RoleGrant.objects.create(user=person, role=Role.HANDLER, unit=town.department, starts=date(2026, 1, 1))
    with CaptureQueriesContext(connection) as fifty:
        page = admin.get("/people/?q=q")
    assert text(page).count('data-label="用户名"') == 50
    assert len(fifty) == len(one) <= 6


@pytest.mark.clause("1.3.4")
def test_export_is_masked_harmless_and_logged(town: Town, admin: Client) -> None:
    services.create_person(
        town.administrator, checked(CreatePerson, {"username": "chu", "name": "=1+1", "phone": "13812345678"})
    )
    rows = list(csv.reader(io.StringIO(b"".join(admin.get("/people/export?format=csv")).decode("utf-8-sig"))))
    line = next(r for r in rows if "chu" in r)
    assert line[0] == "'=1+1" and line[3] == "138****5678"
    assert "13812345678" not in str(rows)
    assert {r[1] for r in rows[1:]} == set(User.objects.values_list("username", flat=True))
    assert next(r for r in rows if r[1] == "leader")[2] == "组长 桂花园社区 · 第一小组"
    made = b"".join(admin.get("/people/export?format=xlsx&role=reviewer"))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_index(0).to_python()
    assert [r[1] for r in sheet[1:]] == ["reviewer", "reviewer2", "stranger"]
    assert Record.objects.filter(action="people.export", actor_id=town.administrator.pk).count() == 2
    assert admin.get("/people/export?format=exe").status_code == 422


# --- accounts -----------------------------------------------------------------------------------------


@pytest.mark.clause("1.3.4")
def confirmed(town: Town, person: User) -> None:
    """A security officer confirms what the administrator proposed (三员分立)."""
    top = town.parent_unit
    officer = User.objects.filter(username="officer").first() or town.person("officer", "security_officer", top)
    for row in RoleProposal.objects.filter(user=person, state="waiting"):
        proposals.confirm(User.objects.get(pk=officer.pk), row.pk)


def secret_of(answer: Any) -> str:
    """What the page shows this once."""
    return str(re.findall(r"data-secret>(.*?)<", text(answer))[0])


def opened(town: Town, person: User) -> str:
    """The other half, as a manager of the community opens it."""
    row = PasswordReset.objects.waiting().get(person=person)
    answer = town.browser("manager").post(f"/people/passwords/{row.pk}/open")
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    return secret_of(answer)


def test_a_new_account_its_first_role_and_its_first_sign_in(town: Town, admin: Client) -> None:
    answer = admin.post(
        "/people/new",
        {
            "name": "王芳",
            "username": "WangFang",
            "phone": "138 1234 5678",
            "email": "wf@example.cn",
            "role": "reviewer",
            "unit": str(town.community.pk),
            "starts": "2026-11-24",
            "ends": "2027-11-23",
        },
    )
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    first = secret_of(answer)
    person = User.objects.get(username="wangfang")
    assert not person.has_usable_password()  # until a second person has opened the other half
    once = f"{first}-{opened(town, person)}"
    person.refresh_from_db()
    assert person.check_password(once) and person.must_change_password
    assert not person.grants.exists()  # nothing is in force until a security officer confirms it
    confirmed(town, person)
    row = person.grants.get()
    assert (row.role, row.unit, str(row.ends)) == ("reviewer", town.community, "2027-11-23")
    page = text(admin.get(f"/people/{person.pk}/"))
    assert once not in page and "138****5678" in page and "13812345678" not in page
    assert signed_in("wangfang", once).get("/")["Location"] == "/accounts/password/change/"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"username": "张三"}, "username"),
        ({"username": "reporter"}, "username"),
        ({"name": "  "}, "name"),
        ({"phone": "123"}, "phone"),
        ({"email": "x@"}, "email"),
        ({"role": "reviewer"}, "unit"),
        ({"role": "reviewer", "ends": "2020-01-01"}, "ends"),
        ({"starts": "soon"}, "starts"),
        ({"role": "king"}, "role"),
    ],
)
def test_what_is_wrong_stands_beside_the_field_and_the_input_is_kept(
    town: Town, admin: Client, wrong: dict[str, str], field: str
) -> None:
    data = {"name": "赵云飞", "username": "zhaoyunfei", "email": "z@example.cn", "starts": "2026-11-24"}
    if wrong.get("role") and field != "unit":
        data["unit"] = str(town.community.pk)
    before = User.objects.count()
    answer = admin.post("/people/new", data | wrong)
    assert answer.status_code == 422
    assert error_of(answer, field)
    assert User.objects.count() == before
    for name in {"name", "username", "email"} - set(wrong):
        assert f'value="{data[name]}"' in text(answer)


def test_a_role_that_may_not_be_given_leaves_no_account_behind(town: Town, local: Client) -> None:
    data = {"name": "赵云飞", "username": "zhaoyunfei", "role": "reviewer", "unit": str(town.elsewhere.pk)}
    assert local.post("/people/new", data).status_code == 403
    assert not User.objects.filter(username="zhaoyunfei").exists()


def test_details_are_corrected_and_an_empty_phone_keeps_the_old_one(town: Town, admin: Client) -> None:
    person, _once = services.create_person(
        town.administrator, checked(CreatePerson, {"username": "qian", "name": "钱一", "phone": "13812345678"})
    )
    address = f"/people/{person.pk}/edit"
    assert "13812345678" not in text(admin.get(address)) and "138****5678" in text(admin.get(address))
    assert admin.post(address, {"name": "钱壹", "phone": "", "email": "q@example.cn"}).status_code == 302
    person = User.objects.get(pk=person.pk)
    assert (person.name, person.phone, person.email) == ("钱壹", "13812345678", "q@example.cn")
    answer = admin.post(address, {"name": "", "phone": "99", "email": "keep@me"})
    assert answer.status_code == 422 and 'value="keep@me"' in text(answer)
    admin.post(address, {"name": "钱壹", "no_phone": "on"})
    assert User.objects.get(pk=person.pk).phone is None


@pytest.mark.clause("1.3.4")
def test_reset_shows_a_password_once_and_ends_what_was_open(town: Town, admin: Client) -> None:
    town.people["reviewer"].set_password(PASSWORD)
    town.people["reviewer"].save()
    open_, token, client = signed_in("reviewer"), town.token("reviewer"), Client()
    assert open_.get("/notices/").status_code == 200
    answer = admin.post(f"/people/{town.reviewer.pk}/reset")
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/api/v1/me", **token).status_code == 401
    once = f"{secret_of(answer)}-{opened(town, town.reviewer)}"
    assert open_.get("/notices/").status_code == 302
    assert not town.reviewer.check_password(PASSWORD)
    assert signed_in("reviewer", once).get("/")["Location"] == "/accounts/password/change/"
    assert Record.objects.filter(action="person.reset_password", subject_id=str(town.reviewer.pk)).exists()
    assert once not in str(list(Record.objects.values()))
    assert admin.get(f"/people/{town.reviewer.pk}/reset").status_code == 405
    mine = town.administrator
    assert admin.post(f"/people/{mine.pk}/reset").status_code == 302
    assert User.objects.get(pk=mine.pk).password == mine.password


@pytest.mark.clause("1.3.4")
def test_a_closed_account_is_out_at_once_and_can_be_opened_again(town: Town, admin: Client) -> None:
    town.people["reviewer"].set_password(PASSWORD)
    town.people["reviewer"].save()
    open_, token = signed_in("reviewer"), town.token("reviewer")
    admin.post(f"/people/{town.reviewer.pk}/active", {"active": "0"})
    assert open_.get("/notices/").status_code == 302
    assert Client().get("/api/v1/me", **token).status_code == 401
    assert signed_in("reviewer").get("/").status_code == 302
    assert "已停用" in text(admin.get(f"/people/{town.reviewer.pk}/"))
    admin.post(f"/people/{town.reviewer.pk}/active", {"active": "1"})
    assert signed_in("reviewer").get("/").status_code == 200
    assert Client().get("/api/v1/me", **token).status_code == 401
    assert ApiToken.objects.get(user=town.reviewer).revoked_at
    admin.post(f"/people/{town.administrator.pk}/active", {"active": "0"})
    assert town.administrator.is_active


def test_all_sessions_are_ended_and_the_password_stays(town: Town, admin: Client) -> None:
    town.people["reviewer"].set_password(PASSWORD)
    town.people["reviewer"].save()
    phone, desk = signed_in("reviewer"), signed_in("reviewer")
    assert "现有 2 处登录" in text(admin.get(f"/people/{town.reviewer.pk}/"))
    admin.post(f"/people/{town.reviewer.pk}/sign-out")
    assert phone.get("/notices/").status_code == desk.get("/notices/").status_code == 302
    assert signed_in("reviewer").get("/notices/").status_code == 200
    assert Record.objects.get(action="person.sign_out").data == {"sessions": 2}


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize("verb", ["grant", "active", "reset", "sign-out"])
def test_nobody_but_their_administrator_changes_an_account(town: Town, local: Client, verb: str) -> None:
    before = User.objects.get(username="reviewer").password
    address = f"/people/{town.reviewer.pk}/{verb}"
    for name in ("manager", "reviewer2", "reporter", "stranger"):
        assert town.browser(name).post(address, {"active": "0"}).status_code in (403, 404), name
    assert Client().post(address).status_code == 302
    assert User.objects.get(username="reviewer").password == before
    # An administrator of one community: neither people of another, nor who works in both.
    assert local.post(f"/people/{town.stranger.pk}/{verb}").status_code == 404
    RoleGrant.objects.create(user=town.reviewer, role="reviewer", unit=town.elsewhere, starts=date(2026, 1, 1))
    assert local.post(address, {"active": "0"}).status_code == 403
    assert local.get(f"/people/{town.reviewer.pk}/edit").status_code == 403
    assert town.reviewer.is_active and User.objects.get(username="reviewer").password == before


def test_somebody_who_left_stays_with_their_last_administrator(town: Town, local: Client) -> None:
    RoleGrant.objects.filter(user=town.people["stranger"]).update(ends=date(2026, 6, 30))
    assert local.post(f"/people/{town.stranger.pk}/reset").status_code == 404
    assert town.browser("administrator").post(f"/people/{town.stranger.pk}/reset").status_code == 200


# --- roles ---------------------------------------------------------------------------------------------


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize("role", ["security_officer", "auditor", "administrator"])
def test_separated_duties_do_not_come_into_one_hand(town: Town, admin: Client, role: str) -> None:
    data = {"role": role, "unit": str(town.community.pk), "starts": "2026-11-24", "ends": "2027-01-31"}
    answer = admin.post(f"/people/{town.reviewer.pk}/grant", data)
    assert answer.status_code == 422
    assert "三员分立" in error_of(answer, "role") and "审核员" in error_of(answer, "role")
    assert f'value="{role}" selected' in text(answer) and 'value="2027-01-31"' in text(answer)
    assert not town.reviewer.grants.filter(role=role).exists()
    # After the other role has ended it is allowed.
    data["starts"] = "2027-01-01"
    RoleGrant.objects.filter(user=town.reviewer).update(ends=date(2026, 12, 31))
    assert admin.post(f"/people/{town.reviewer.pk}/grant", data).status_code == 302
    if not town.reviewer.grants.filter(role=role).exists():  # the first security officer is in force at once
        confirmed(town, town.reviewer)
    assert town.reviewer.grants.get(role=role).starts == date(2027, 1, 1)
    # And the other way round: an administrator does not become a reviewer.
    own = admin.post(f"/people/{town.administrator.pk}/grant", data | {"role": "reviewer"})
    assert own.status_code == 422 and "三员分立" in error_of(own, "role")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"role": "", "unit": "c"}, "role"),
        ({"role": "reviewer", "unit": ""}, "unit"),
        ({"role": "reviewer", "unit": "no-such"}, "unit"),
        ({"role": "reviewer", "unit": "c"}, "role"),
        ({"role": "handler", "unit": "c", "ends": "2026-11-01"}, "ends"),
        ({"role": "handler", "unit": "c", "starts": ""}, "starts"),
        ({"role": "handler", "unit": "c", "ends": "99"}, "ends"),
    ],
)
def test_a_role_that_cannot_be_given_says_why(town: Town, admin: Client, given: dict[str, str], field: str) -> None:
    given = {"starts": "2026-11-24", **given}
    given["unit"] = str(town.community.pk) if given["unit"] == "c" else given["unit"]
    answer = admin.post(f"/people/{town.reviewer.pk}/grant", given)
    assert answer.status_code == 422
    assert error_of(answer, field)
    assert town.reviewer.grants.count() == 1


@pytest.mark.clause("1.3.4")
def test_a_role_ends_at_once_or_after_its_last_day(town: Town, admin: Client, time: Any) -> None:
    grant = town.reviewer.grants.get()
    address = f"/people/{town.reviewer.pk}/grants/{grant.pk}/end"
    assert town.browser("reviewer").get("/review/").status_code == 200
    admin.post(address, {"last_day": "2026-11-25"})
    assert town.browser("reviewer").get("/review/").status_code == 200
    time.move_to("2026-11-26T10:00:00+08:00")
    assert town.browser("reviewer").get("/review/").status_code in (302, 403)
    admin = town.browser("administrator")
    page = text(admin.get(f"/people/{town.reviewer.pk}/"))
    assert "过去的角色" in page and "2026-11-25" in page
    other = town.reviewer2.grants.get()
    admin.post(f"/people/{town.reviewer2.pk}/grants/{other.pk}/end", {"last_day": "tomorrow"})
    assert town.reviewer2.grants.get().ends is None
    admin.post(f"/people/{town.reviewer2.pk}/grants/{other.pk}/end")
    assert town.browser("reviewer2").get("/review/").status_code in (302, 403)
    assert Record.objects.filter(action="role.end").count() == 2


def test_a_grant_is_ended_through_its_own_person_only(town: Town, admin: Client, local: Client) -> None:
    grant = town.stranger.grants.get()
    assert admin.post(f"/people/{town.reviewer.pk}/grants/{grant.pk}/end").status_code == 404
    assert local.post(f"/people/{town.stranger.pk}/grants/{grant.pk}/end").status_code == 404
    assert town.browser("manager").post(
        f"/people/{town.reviewer.pk}/grants/{town.reviewer.grants.get().pk}/end"
    ).status_code in (403, 404)
    assert town.stranger.grants.get().ends is None and town.reviewer.grants.get().ends is None


def test_the_last_administrator_stays(town: Town, admin: Client) -> None:
    grant = town.administrator.grants.get()
    page = admin.post(f"/people/{town.administrator.pk}/grants/{grant.pk}/end", follow=True)
    assert "最后一位系统管理员" in text(page)
    assert town.administrator.grants.get().ends is None


def test_a_persons_page_costs_the_same_for_one_and_for_fifty_roles(town: Town, admin: Client) -> None:
    address = f"/people/{town.reviewer.pk}/"
    admin.get(address)
    with CaptureQueriesContext(connection) as one:
        admin.get(address)
    for n in range(50):
        RoleGrant.objects.create(
            user=town.reviewer,
            role="reviewer",
            unit=town.community,
            starts=date(2020, 1, 1 + n % 28).replace(year=2020 + n % 5),
            ends=date(2025, 1, 1),
            granted_by=town.administrator,
        ) if n < 28 else RoleGrant.objects.create(
            user=town.reviewer,
            role="handler",
            unit=town.department,
            starts=date(2026, 1, n - 27),
            granted_by=town.administrator,
        )
    with CaptureQueriesContext(connection) as fifty:
        page = admin.get(address)
    assert text(page).count('class="people-grant"') == 51
    assert len(fifty) == len(one) <= 10


def test_where_units_are_many_they_are_named(town: Town, admin: Client) -> None:
    Unit.objects.bulk_create(
        Unit(kind="community", code=f"510104900{n:03d}", name=f"梧桐{n}社区", parent=town.parent_unit)
        for n in range(500)
    )
    for reference in Reference.all.values():
        reference.drop()
    page = text(admin.get("/people/new"))
    assert 'list="unit-proposals"' in page and "梧桐499社区" not in page
    proposed = text(admin.get("/people/units?unit=梧桐49"))
    assert 'value="510104900049 梧桐49社区"' in proposed and proposed.count("<option") == 11
    assert "<option" not in text(admin.get("/people/units?unit="))
    assert town.browser("manager").get("/people/units?unit=梧").status_code == 403
    data = {"role": "manager", "unit": "510104900049 梧桐49社区", "starts": "2026-11-24"}
    assert admin.post(f"/people/{town.trainer.pk}/grant", data).status_code == 302
    confirmed(town, town.trainer)
    assert town.trainer.grants.get(role="manager").unit.code == "510104900049"


def test_hostile_input_is_refused_kindly(town: Town, admin: Client) -> None:
    long = "王" * 50_000
    for data in (
        {"name": long, "username": long, "phone": long, "email": long},
        {"name": "<script>alert(1)</script>", "username": "../../x"},
        {},
    ):
        answer = admin.post("/people/new", data)
        assert answer.status_code == 422
        assert "<script>alert" not in text(answer)
    assert admin.get("/people/not-a-uuid/").status_code == 404
    assert admin.get("/people/00000000-0000-0000-0000-000000000000/").status_code == 404


@pytest.mark.clause("6.1.1")
def test_an_officer_is_not_switched_off_unseen(town: Town) -> None:
    """三员分立: whoever closes an officer's account is heard of by the others over the unit."""
    for name, role in (("secure", "security_officer"), ("audits", "auditor")):
        town.person(name, role, town.parent_unit)
    town.browser("administrator").post(f"/people/{town.secure.pk}/active", {"active": "0"})
    town.secure.refresh_from_db()
    assert not town.secure.is_active
    heard = Notice.objects.filter(kind="officer.deactivated").values_list("user__username", flat=True)
    assert list(heard) == ["audits"]
    town.browser("administrator").post(f"/people/{town.handler.pk}/active", {"active": "0"})
    assert Notice.objects.filter(kind="officer.deactivated").count() == 1
