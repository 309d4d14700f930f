"""/me/settings: one's own name and phone, language, second factor, sessions and tokens (1.3.4)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linbao.accounts import services
from linbao.accounts.inputs import MakeToken
from linbao.accounts.models import ApiToken
from linbao.audit.models import Record
from linbao.core import clock
from linbao.organisation.models import User
from tests.loop import Town

PASSWORD = "chun-jiang-hua-yue"
PAGE = "/me/settings"
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; PJA110) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 MicroMessenger/8.0"
)
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/121.0 Safari/537.36 Edg/121.0"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def error_of(answer: Any, name: str) -> str:
    result = re.search(rf'id="error-{name}">(.*?)</p>', text(answer), re.S)
    return result.group(1) if result else ""


def sign_in(name: str, agent: str = DESK, password: str = PASSWORD) -> Client:
    client = Client(HTTP_USER_AGENT=agent)
    client.post("/accounts/login/", {"login": name, "password": password})
    return client


@pytest.fixture
def reporter(town: Town) -> User:
    user = town.reporter
    user.set_password(PASSWORD)
    user.save()
    return user


# --- oneself ------------------------------------------------------------------------------------------


def test_everybody_has_the_page_and_only_when_signed_in(town: Town) -> None:
    for name in town.people:
        assert town.browser(name).get(PAGE).status_code == 200, name
    assert Client().get(PAGE).status_code == 302
    assert Client().post(PAGE, {"name": "x"}).status_code == 302


@pytest.mark.clause("1.3.4")
def test_phone_and_mail_are_ones_own_to_correct_and_the_name_is_not(reporter: User) -> None:
    client = sign_in("reporter")
    data = {"name": "张桂芳", "phone": "138 1234 5678", "email": "zgf@example.cn", "language": "zh-hans"}
    assert client.post(PAGE, data).status_code == 302
    mine = User.objects.get(pk=reporter.pk)
    assert (mine.name, mine.phone, mine.email) == ("reporter", "13812345678", "zgf@example.cn")
    page = text(client.get(PAGE))
    assert "138****5678" in page and "13812345678" not in page
    # An empty phone keeps the old one; it is taken away only when that is said.
    client.post(PAGE, data | {"phone": ""})
    assert User.objects.get(pk=reporter.pk).phone == "13812345678"
    client.post(PAGE, data | {"phone": "", "no_phone": "on"})
    assert User.objects.get(pk=reporter.pk).phone is None
    row = Record.objects.filter(action="person.change_own").order_by("at")[0]
    assert row.data == {"fields": ["email", "phone", "language"]}
    assert "13812345678" not in str(list(Record.objects.values()))


@pytest.mark.parametrize(
    ("wrong", "field"), [({"phone": "12"}, "phone"), ({"email": "@"}, "email"), ({"language": "xx"}, "language")]
)
def test_what_is_wrong_stands_beside_the_field_and_the_input_is_kept(
    reporter: User, wrong: dict[str, str], field: str
) -> None:
    client = sign_in("reporter")
    data = {"name": "张桂芳", "phone": "", "email": "keep@example.cn", "language": "zh-hans"}
    answer = client.post(PAGE, data | wrong)
    assert answer.status_code == 422
    assert error_of(answer, field)
    assert field == "email" or 'value="keep@example.cn"' in text(answer)
    assert User.objects.get(pk=reporter.pk).name == "reporter"


def test_nobody_else_is_changed_and_no_role_is_taken(town: Town, reporter: User) -> None:
    client = sign_in("reporter")
    extra = {"id": str(town.reviewer.pk), "username": "root", "is_active": "0", "role": "administrator"}
    client.post(PAGE, {"name": "张桂芳"} | extra)
    assert town.reviewer.name == "reviewer"
    mine = User.objects.get(pk=reporter.pk)
    assert mine.username == "reporter" and mine.is_active
    assert {g.role for g in mine.grants.all()} == {"reporter"}


def test_the_language_is_kept_and_follows_to_the_next_device(reporter: User) -> None:
    client = sign_in("reporter")
    client.post(PAGE, {"name": "张桂芳", "language": "en"})
    assert User.objects.get(pk=reporter.pk).language == "en"
    assert '<html lang="en"' in text(client.get(PAGE))
    assert '<html lang="en"' in text(sign_in("reporter", PHONE).get(PAGE))


def test_the_page_of_reporters_leads_here(reporter: User) -> None:
    client = sign_in("reporter")
    assert f'href="{PAGE}"' in text(client.get("/me/"))
    assert client.get("/account/")["Location"] == PAGE


# --- sessions and second factor -------------------------------------------------------------------------


@pytest.mark.clause("1.3.4")
def test_sessions_are_listed_in_words_and_ended_one_by_one(town: Town, reporter: User) -> None:
    phone, desk = sign_in("reporter", PHONE), sign_in("reporter", DESK)
    page = text(desk.get(PAGE))
    assert "微信 · Android" in page and "Edge · Windows" in page
    assert page.count("本机</span>") == 1
    there = UserSession.objects.get(session_key=phone.session.session_key)
    assert town.browser("reviewer").post(f"{PAGE}/sessions/{there.pk}/end").status_code == 302
    assert phone.get("/notices/").status_code == 200  # nobody else's to end
    desk.post(f"{PAGE}/sessions/{there.pk}/end")
    assert phone.get("/notices/").status_code == 302
    assert desk.get("/notices/").status_code == 200
    assert "微信" not in text(desk.get(PAGE))
    assert desk.post(f"{PAGE}/sessions/999999999999/end").status_code == 302


@pytest.mark.clause("1.3.4")
def test_all_others_are_ended_at_once(reporter: User) -> None:
    others, here = [sign_in("reporter", PHONE) for _n in range(3)], sign_in("reporter", DESK)
    here.post(f"{PAGE}/sessions/end")
    assert [c.get("/notices/").status_code for c in others] == [302, 302, 302]
    assert here.get("/notices/").status_code == 200
    assert Record.objects.get(action="session.end").data == {"sessions": 3}


@pytest.mark.clause("1.3.4")
def test_a_changed_password_signs_the_other_devices_out(reporter: User) -> None:
    phone, desk = sign_in("reporter", PHONE), sign_in("reporter", DESK)
    new = "bai-ri-yi-shan-jin"
    desk.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert phone.get("/notices/").status_code == 302
    page = text(desk.get(PAGE))
    assert "微信" not in page and page.count("本机</span>") == 1


def test_second_factor_says_how_it_stands(reporter: User) -> None:
    client = sign_in("reporter")
    page = text(client.get(PAGE))
    assert "/accounts/2fa/totp/activate/" in page and "/accounts/2fa/webauthn/add/" in page and "恢复码" not in page
    totp.TOTP.activate(reporter, totp.generate_totp_secret())
    page = text(client.get(PAGE))
    assert "/accounts/2fa/totp/deactivate/" in page and "/accounts/2fa/recovery-codes/generate/" in page
    RecoveryCodes.activate(reporter)
    assert "还剩 10 个" in text(client.get(PAGE))


# --- tokens ---------------------------------------------------------------------------------------------


@pytest.mark.clause("1.3.4")
def test_a_token_is_shown_once_and_can_do_what_was_ticked(reporter: User) -> None:
    client = sign_in("reporter")
    data = {"name": "街道平台", "areas": ["items", "me"], "access": "read", "days": "30"}
    answer = client.post(f"{PAGE}/tokens", data)
    secret = re.findall(r"data-secret>(.*?)<", text(answer))[0]
    assert "no-store" in answer["Cache-Control"]
    row = ApiToken.objects.get(user=reporter)
    assert row.scopes == ["items:read", "me:read"] and row.digest == ApiToken.digest_of(secret)
    assert row.expires_at and abs(row.expires_at - clock.now() - timedelta(days=30)) < timedelta(minutes=1)
    page = text(client.get(PAGE))
    assert "街道平台" in page and "信息条目（只读）" in page and secret not in page
    bearer: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert Client().get("/api/v1/me", **bearer).json()["username"] == "reporter"
    assert Client().get("/api/v1/items", **bearer).status_code == 200
    assert Client().post("/api/v1/items", {}, content_type="application/json", **bearer).status_code == 403
    assert Client().get("/api/v1/deliveries", **bearer).status_code == 403
    client.post(f"{PAGE}/tokens/{row.pk}/revoke")
    assert Client().get("/api/v1/me", **bearer).status_code == 401
    assert "街道平台" not in text(client.get(PAGE))
    assert Record.objects.filter(action="token.revoke", actor_id=reporter.pk).count() == 1


def test_a_token_runs_out(reporter: User, time: Any) -> None:
    client = sign_in("reporter")
    answer = client.post(f"{PAGE}/tokens", {"name": "一天", "areas": ["me"], "access": "write", "days": "1"})
    bearer: dict[str, Any] = {"HTTP_AUTHORIZATION": "Bearer " + re.findall(r"data-secret>(.*?)<", text(answer))[0]}
    assert ApiToken.objects.get(user=reporter).scopes == ["me"]
    assert Client().get("/api/v1/me", **bearer).status_code == 200
    time.shift(timedelta(days=1, minutes=1))
    assert Client().get("/api/v1/me", **bearer).status_code == 401
    assert "已过期" in text(client.get(PAGE))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"areas": []}, "areas"),
        ({"areas": ["world"]}, "areas"),
        ({"days": "0"}, "days"),
        ({"days": "3651"}, "days"),
        ({"days": "many"}, "days"),
        ({"access": "all"}, "access"),
    ],
)
def test_a_token_that_cannot_be_made_says_why(reporter: User, wrong: dict[str, Any], field: str) -> None:
    data = {"name": "街道平台", "areas": ["items"], "access": "read", "days": "45"}
    answer = sign_in("reporter").post(f"{PAGE}/tokens", data | wrong)
    assert answer.status_code == 422
    assert error_of(answer, field)
    assert field == "name" or 'value="街道平台"' in text(answer)
    assert field == "days" or 'value="45"' in text(answer)
    assert not ApiToken.objects.exists()


def test_at_most_twenty_tokens_and_nobody_elses(town: Town, reporter: User) -> None:
    client = sign_in("reporter")
    for n in range(20):
        services.make_token(reporter, MakeToken(name=f"t{n}", scopes=["me"], days=365), by=reporter)
    answer = client.post(f"{PAGE}/tokens", {"name": "t20", "areas": ["me"], "access": "read", "days": "9"})
    assert answer.status_code == 422 and "20" in error_of(answer, "name")
    row = ApiToken.objects.filter(user=reporter)[0]
    assert town.browser("administrator").post(f"{PAGE}/tokens/{row.pk}/revoke").status_code == 404
    assert not ApiToken.objects.get(pk=row.pk).revoked_at


def test_the_page_costs_the_same_for_one_and_for_many(reporter: User) -> None:
    client = sign_in("reporter")
    services.make_token(reporter, MakeToken(name="t", scopes=["me"], days=365), by=reporter)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        client.get(PAGE)
    for n in range(19):
        services.make_token(reporter, MakeToken(name=f"t{n}", scopes=["me"], days=365), by=reporter)
    for _n in range(50):
        UserSession.objects.create(user=reporter, ip="10.0.0.1", session_key=Client().session.session_key or f"k{_n}")
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)
    assert len(many) == len(one) <= 9
