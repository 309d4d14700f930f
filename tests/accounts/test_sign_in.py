"""Signing in: lockout, the pages of the account, closed doors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linbao.audit.models import Record
from linbao.core import clock
from linbao.organisation.models import RoleGrant, User
from tests.loop import Town

PASSWORD = "chun-jiang-hua-yue"


@pytest.fixture
def reporter(town: Town) -> User:
    user = town.reporter
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(password: str = PASSWORD, name: str = "reporter") -> tuple[Client, int]:
    client = Client()
    return client, client.post("/accounts/login/", {"login": name, "password": password}).status_code


@pytest.mark.clause("1.3.4")
def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(reporter: User, time: Any) -> None:
    for _n in range(4):
        assert sign_in("wrong")[1] == 200
    client, status = sign_in("wrong")
    assert status == 429
    page = client.post("/accounts/login/", {"login": "reporter", "password": PASSWORD})
    assert page.status_code == 429
    assert "15 分钟" in page.content.decode()
    # Another person at the same address is not locked out with them.
    assert sign_in("wrong", "reviewer")[1] == 200
    time.shift(timedelta(minutes=16))
    assert sign_in()[1] == 302


@pytest.mark.clause("1.3.4", "6.1.1")
def test_nobody_at_the_same_address_locks_out_a_browser_that_is_known(reporter: User, time: Any) -> None:
    client, status = sign_in()
    assert status == 302 and reporter.username not in str(client.cookies["linbao_known"].value)
    client.post("/accounts/logout/")
    for _quarter in range(3):  # somebody in the office keeps at it
        for _n in range(6):
            sign_in("wrong")
        assert sign_in()[1] == 429
        assert client.post("/accounts/login/", {"login": "Reporter", "password": PASSWORD}).status_code == 302
        client.post("/accounts/logout/")
        time.shift(timedelta(minutes=16))
    # The known browser has five tries of its own, and is none for anybody else.
    for n in range(5):
        assert client.post("/accounts/login/", {"login": "reporter", "password": "wrong"}).status_code == (
            429 if n == 4 else 200
        )
    assert client.post("/accounts/login/", {"login": "reporter", "password": PASSWORD}).status_code == 429
    for _n in range(6):
        sign_in("wrong", "reviewer")
    assert client.post("/accounts/login/", {"login": "reviewer", "password": "wrong"}).status_code == 429
    forged = Client()
    forged.cookies["linbao_known"] = "x:y:z"
    assert forged.post("/accounts/login/", {"login": "reviewer", "password": "wrong"}).status_code == 429


def test_account_pages_open(reporter: User) -> None:
    assert Client().get("/accounts/login/").status_code == 200
    client, _status = sign_in()
    for path in (
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/sessions/",
        "/accounts/logout/",
        "/me/settings",
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "/password/reset/" not in page.content.decode(), path  # nobody resets by mail
    assert client.get("/account/")["Location"] == "/me/settings"
    for path in ("/accounts/2fa/totp/activate", "/accounts/2fa/webauthn/add/"):
        assert client.get(path, follow=True).status_code == 200, path


@pytest.mark.parametrize("path", ["signup/", "email/", "password/reset/", "password/set/", "confirm-email/"])
def test_no_sign_up_and_no_reset_by_mail(reporter: User, path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404
    assert Client().post(f"/accounts/{path}", {"email": "a@b.cn"}).status_code == 404


@pytest.mark.clause("1.3.4")
def test_a_made_password_is_changed_before_anything_else(reporter: User) -> None:
    User.objects.filter(pk=reporter.pk).update(must_change_password=True)
    client, _status = sign_in()
    for path in ("/", "/items/", "/account/", "/accounts/2fa/"):
        assert client.get(path)["Location"] == "/accounts/password/change/", path
    assert client.get("/api/v1/items").status_code == 403
    for bad in ("short", "1234567890", "password123", "reporter12"):
        post = {"oldpassword": PASSWORD, "password1": bad, "password2": bad}
        assert client.post("/accounts/password/change/", post).status_code == 200, bad
    post = {"oldpassword": PASSWORD, "password1": "bai-ri-yi-shan-jin", "password2": "bai-ri-yi-shan-jin"}
    assert client.post("/accounts/password/change/", post).status_code == 302
    assert client.get("/notices/").status_code == 200
    assert Record.objects.filter(action="password.change", actor_id=reporter.pk).exists()


def test_a_request_writes_no_session(reporter: User) -> None:
    client, _status = sign_in()
    client.get("/notices/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/notices/")
    assert not [q for q in queries if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


@pytest.mark.clause("1.3.4")
def test_a_page_learns_in_one_statement_who_asks(reporter: User) -> None:
    client, _status = sign_in()
    client.get("/me/")
    with CaptureQueriesContext(connection) as statements:
        assert client.get("/items/mine/").status_code in (200, 302, 404)
    asked = [s["sql"] for s in statements if "django_session" in s["sql"] or "organisation_user" in s["sql"]]
    assert len(asked) == 1 and "organisation_rolegrant" in asked[0], asked


@pytest.mark.clause("1.3.4", "6.2.2")
def test_a_session_ends_with_the_account_the_password_and_the_role(reporter: User, town: Town) -> None:
    def inside(client: Client) -> bool:
        return client.get("/report/new").status_code == 200

    client, _status = sign_in()
    assert inside(client)
    RoleGrant.objects.filter(user=reporter).update(ends=clock.today() - timedelta(days=1))
    assert client.get("/report/new").status_code == 403, "a role that ended opens nothing in the same session"
    RoleGrant.objects.filter(user=reporter).update(ends=None)
    assert inside(client)
    User.objects.filter(pk=reporter.pk).update(is_active=False)
    assert client.get("/report/new").status_code == 302
    User.objects.filter(pk=reporter.pk).update(is_active=True)
    client, _status = sign_in()
    assert inside(client)
    reporter.set_password("qiu-shui-gong-chang-tian")
    reporter.save()
    assert client.get("/report/new").status_code == 302, "a new password ends the sessions of the old one"


@pytest.mark.clause("1.3.4")
def test_a_session_is_its_own_persons_whatever_the_list_of_devices_says(reporter: User, town: Town) -> None:
    client, _status = sign_in()
    UserSession.objects.filter(session_key=client.session.session_key).update(user=town.people["manager"])
    assert client.get("/report/new").status_code == 200  # a reporter's page; a manager has none
    assert client.get("/api/v1/me").json()["username"] == "reporter"
