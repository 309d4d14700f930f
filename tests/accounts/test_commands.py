"""`linbao user create` and `linbao user token`: an installation gets its first administrator."""

from __future__ import annotations

import argparse
import io
from typing import Any

import pytest
from django.test import Client

from linbao.accounts import commands
from linbao.accounts.models import ApiToken
from linbao.organisation.models import Role, RoleGrant, Unit, User
from linbao.platform.reference import Reference
from tests.loop import Town


def linbao(*argv: str) -> int:
    parser = argparse.ArgumentParser()
    commands.add_arguments(parser)
    return commands.run(parser.parse_args(argv))


def test_first_administrator_of_an_empty_database(db: Any, capsys: Any) -> None:
    for reference in Reference.all.values():
        reference.drop()
    assert linbao("create", "root", "--name", "李明", "--admin") == 0
    once = capsys.readouterr().out.strip()
    person = User.objects.get(username="root")
    assert person.check_password(once)
    assert person.must_change_password
    row = RoleGrant.objects.get(user=person)
    assert (row.role, row.unit.code, row.unit.kind) == (Role.ADMINISTRATOR, "root", "city")
    client = Client()
    client.post("/accounts/login/", {"login": "root", "password": once})
    assert client.get("/")["Location"] == "/accounts/password/change/"
    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": once, "password1": "桂花开了满院香九月", "password2": "桂花开了满院香九月x"},
    )
    assert answer.status_code == 200
    new = "chun-jiang-hua-yue-ye"
    client.post("/accounts/password/change/", {"oldpassword": once, "password1": new, "password2": new})
    assert client.get("/").status_code == 200


def test_the_first_security_officer_stands_at_the_head(db: Any, capsys: Any) -> None:
    for reference in Reference.all.values():
        reference.drop()
    assert linbao("create", "root", "--admin") == 0
    assert linbao("create", "wang", "--role", "security_officer") == 0
    row = RoleGrant.objects.get(user__username="wang")
    assert (row.role, row.unit.code) == (Role.SECURITY_OFFICER, "root")


def test_role_on_a_unit_and_password_from_stdin(town: Town, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("chun-jiang-hua-yue\n"))
    code = linbao(
        "create", "wangfang", "--name", "王芳", "--role", "reviewer", "--unit", town.community.code, "--password-stdin"
    )
    assert code == 0
    assert capsys.readouterr().out == ""
    person = User.objects.get(username="wangfang")
    assert person.check_password("chun-jiang-hua-yue")
    assert not person.must_change_password
    assert person.rights.on(town.community.pk, Role.REVIEWER)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["create", "reporter"], "username"),
        (["create", "张三"], "username"),
        (["create", "x1", "--role", "reviewer"], "role"),
        (["create", "x1", "--role", "reviewer", "--unit", "nowhere"], "unit"),
        (["create", "x1", "--role", "king", "--unit", "D1"], "role"),
        (["token", "nobody"], "nobody"),
        (["token", "reporter", "--scopes", "world"], "scopes"),
        (["token", "reporter", "--days", "0"], "days"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(town: Town, capsys: Any, argv: list[str], said: str) -> None:
    people, tokens = User.objects.count(), ApiToken.objects.count()
    assert linbao(*argv) == 1
    assert said in capsys.readouterr().err
    assert (User.objects.count(), ApiToken.objects.count(), Unit.objects.filter(code="root").count()) == (
        people,
        tokens,
        0,
    )


def test_token_alone_is_printed_and_opens_the_api(town: Town, capsys: Any) -> None:
    assert linbao("token", "reporter", "--scopes", "items:read") == 0
    token = capsys.readouterr().out.strip()
    bearer: dict[str, Any] = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert Client().get("/api/v1/items", **bearer).status_code == 200
    assert Client().get("/api/v1/deliveries", **bearer).status_code in (403, 404)
    assert ApiToken.objects.get(user=town.reporter).digest not in token
