"""One-time passwords in two halves, and what guessing at the door meets (三员分立, 6.1.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from axes.models import AccessAttempt
from django.test import Client
from django.urls import get_resolver

from linbao.accounts import adapter, services
from linbao.accounts.inputs import EndGrant, GrantRole
from linbao.accounts.models import ApiToken, PasswordReset, RoleProposal
from linbao.audit.models import Record
from linbao.core import clock
from linbao.organisation.models import RoleGrant, User
from linbao.outbox.models import Notice
from tests.accounts.test_people_pages import secret_of
from tests.loop import Town, _tuesday, time, town  # noqa: F401

pytestmark = pytest.mark.django_db
PASSWORD = "guihua-2026-yuan"


@pytest.fixture
def officers(town: Town) -> Town:  # noqa: F811
    """The three officers over the community, one each, and a second administrator."""
    district = RoleGrant.objects.get(user=town.administrator).unit
    town.person("officer", "security_officer", district)
    town.person("auditor", "auditor", district)
    return town


def enter(username: str, password: str, address: str = "10.0.0.1") -> Any:
    return Client(REMOTE_ADDR=address).post("/accounts/login/", {"login": username, "password": password})


@pytest.mark.clause("6.1.1")
def test_one_administrator_cannot_sign_in_as_the_officer_who_would_confirm(officers: Town, time: Any) -> None:  # noqa: F811
    admin = officers.browser("administrator")
    proposal = services.grant(
        officers.administrator, officers.trainer.pk, GrantRole(role="manager", unit=officers.community.pk)
    )
    assert isinstance(proposal, RoleProposal)
    officer = officers.officer
    answer = admin.post(f"/people/{officer.pk}/reset")
    first, row = secret_of(answer), PasswordReset.objects.waiting().get()
    assert row.officer and "auditor" in answer.content.decode()
    # With what the administrator knows nobody signs in, and the administrator cannot open the other half.
    assert enter("officer", first).status_code != 302
    assert admin.post(f"/people/passwords/{row.pk}/open").status_code == 404
    assert first not in str(list(Record.objects.values())) + str(list(PasswordReset.objects.values("id", "unit")))
    # Nor does a manager: it takes one of the three.
    assert officers.browser("manager").post(f"/people/passwords/{row.pk}/open").status_code == 404
    opened = officers.browser("auditor").post(f"/people/passwords/{row.pk}/open")
    second = secret_of(opened)
    assert officers.browser("auditor").post(f"/people/passwords/{row.pk}/open").status_code == 404  # once
    assert enter("officer", f"{first}-{second}").status_code == 302
    for name in ("administrator", "auditor"):
        assert Notice.objects.filter(user=officers.people[name], kind="password.officer").exists()
    # For a day the officer confirms nothing.
    User.objects.filter(pk=officer.pk).update(must_change_password=False)
    officers.people["officer"] = User.objects.get(pk=officer.pk)
    browser = officers.browser("officer")
    page = browser.post(f"/people/proposals/{proposal.pk}/confirm", follow=True).content.decode()
    assert "24 小时内不能确认" in page and not officers.trainer.rights.has("manager")
    time.shift(timedelta(hours=25))
    assert officers.browser("officer").post(f"/people/proposals/{proposal.pk}/confirm").status_code == 302
    assert officers.trainer.rights.has("manager")


@pytest.mark.clause("6.1.1")
def test_whoever_ends_the_last_officer_does_not_appoint_the_next_alone(officers: Town) -> None:
    admin = officers.administrator
    services.set_active(admin, officers.officer.pk, False)
    made = services.grant(admin, officers.trainer.pk, GrantRole(role="handler", unit=officers.community.pk))
    puppet = officers.person("puppet", "reporter", officers.grid)
    RoleGrant.objects.filter(user=puppet).delete()
    wanted = services.grant(admin, puppet.pk, GrantRole(role="security_officer", unit=officers.community.pk))
    assert isinstance(made, RoleProposal) and isinstance(wanted, RoleProposal)
    assert officers.browser("administrator").post(f"/people/proposals/{wanted.pk}/confirm").status_code == 403
    assert officers.browser("auditor").post(f"/people/proposals/{wanted.pk}/confirm").status_code == 302
    assert User.objects.get(pk=puppet.pk).rights.has("security_officer")
    # There is an officer again: the auditor confirms nothing more.
    assert officers.browser("auditor").post(f"/people/proposals/{made.pk}/confirm").status_code == 403


@pytest.mark.clause("6.1.1")
def test_an_administrator_cannot_make_it_that_there_never_was_an_officer(officers: Town) -> None:
    grant = RoleGrant.objects.get(user=officers.officer)
    admin = officers.browser("administrator")
    admin.post(f"/people/{officers.officer.pk}/grants/{grant.pk}/end", {"last_day": "1900-01-01"})
    assert RoleGrant.objects.filter(pk=grant.pk, ends__isnull=True).exists()
    late = RoleGrant.objects.create(
        user=officers.officer, role="security_officer", unit=officers.community, starts=clock.today()
    )
    services.end_grant(officers.administrator, late.pk, EndGrant())
    services.end_grant(officers.administrator, grant.pk, EndGrant())
    assert RoleGrant.objects.filter(pk__in=[grant.pk, late.pk]).count() == 2  # ended, not gone
    puppet = officers.person("puppet", "reporter", officers.grid)
    RoleGrant.objects.filter(user=puppet).delete()
    made = services.grant(
        officers.administrator, puppet.pk, GrantRole(role="security_officer", unit=officers.community.pk)
    )
    assert isinstance(made, RoleProposal)


@pytest.mark.clause("6.1.1")
def test_without_another_of_the_three_an_officers_password_is_not_made_anew(officers: Town) -> None:
    admin, before = officers.browser("administrator"), officers.officer.password
    services.set_active(officers.administrator, officers.auditor.pk, False)
    answer = admin.post(f"/people/{officers.officer.pk}/reset", follow=True)
    assert "没有另一位三员" in answer.content.decode() and "data-secret" not in answer.content.decode()
    assert officers.officer.password == before and not PasswordReset.objects.exists()


@pytest.mark.clause("6.1.1")
def test_who_signs_in_by_passkey_while_a_password_waits_is_told_so(officers: Town) -> None:
    officers.browser("administrator").post(f"/people/{officers.reporter.pk}/reset")
    officers.people["reporter"] = User.objects.get(username="reporter")
    browser = officers.browser("reporter")
    answer = browser.get("/", follow=True)
    assert answer.status_code == 403 and "后一半还没有人开封" in answer.content.decode()
    assert browser.post("/accounts/logout/").status_code == 302


@pytest.mark.clause("6.1.1")
def test_a_half_that_waits_is_found_by_whoever_opens_it(officers: Town) -> None:
    officers.browser("administrator").post(f"/people/{officers.reporter.pk}/reset")
    for name in ("manager", "officer"):
        assert "待开封的口令" in officers.browser(name).get("/").content.decode()
        assert "reporter" in officers.browser(name).get("/people/passwords/").content.decode()
    assert "待开封的口令" not in officers.browser("reviewer").get("/").content.decode()
    assert officers.browser("reviewer").get("/people/passwords/").status_code == 403
    waiting = PasswordReset.objects.get()
    officers.browser("administrator").post(f"/people/{officers.reporter.pk}/reset")  # asked again: the first is void
    assert officers.browser("manager").post(f"/people/passwords/{waiting.pk}/open").status_code == 404


@pytest.mark.clause("6.1.1")
def test_tokens_end_with_the_password(town: Town) -> None:  # noqa: F811
    person = town.people["reporter"]
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    client.post("/accounts/login/", {"login": "reporter", "password": PASSWORD})
    headers = town.token("reporter")
    assert Client(**headers).get("/api/v1/me").status_code == 200
    changed = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "banhua-2027-yuan", "password2": "banhua-2027-yuan"},
    )
    assert changed.status_code == 302
    assert Client(**headers).get("/api/v1/me").status_code == 401
    assert not ApiToken.objects.filter(user=person, revoked_at__isnull=True).exists()


@pytest.mark.clause("6.1.1")
@pytest.mark.parametrize("spelling", ["reporter", "REPORTER", "Reporter", " reporter ", "ｒｅｐｏｒｔｅｒ"])
def test_lockout_counts_the_person_not_the_spelling(town: Town, spelling: str) -> None:  # noqa: F811
    person = town.people["reporter"]
    person.set_password(PASSWORD)
    person.save()
    for n in range(5):
        enter(("reporter", "REPORTER")[n % 2], "wrong")
    assert enter(spelling, PASSWORD).status_code == 429
    assert enter("reporter", PASSWORD, address="10.9.9.9").status_code == 302  # a stranger locks out nobody elsewhere


@pytest.mark.clause("6.1.1", "1.3.4")
def test_what_was_typed_for_a_name_is_kept_nowhere(town: Town, time: Any) -> None:  # noqa: F811
    for typed in ("geheim-passwort-77", "wangfang"):
        enter(typed, "x")
    cleaned = str(list(AccessAttempt.objects.values()))
    assert "geheim" not in cleaned and "wangfang" not in cleaned
    assert "geheim" not in str(list(Record.objects.values()))
    time.shift(timedelta(days=2))
    assert adapter.forget_attempts() == 2 and not AccessAttempt.objects.exists()


@pytest.mark.clause("6.1.1")
def test_the_second_step_is_limited_for_the_person_from_wherever(town: Town, time: Any) -> None:  # noqa: F811
    person = town.people["reporter"]
    person.set_password(PASSWORD)
    person.save()
    secret = generate_totp_secret()
    TOTP.activate(person, secret)

    def second(code: str, n: int) -> Any:
        client = Client(REMOTE_ADDR=f"10.0.{n}.1")
        assert client.post("/accounts/login/", {"login": "reporter", "password": PASSWORD}).status_code == 302
        return client.post("/accounts/2fa/authenticate/", {"code": code})

    for n in range(6):
        assert second("000000", n).status_code == 200
    right = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    refused = second(right, 20)
    assert refused.status_code == 200 and "10 分钟后再试" in refused.content.decode()
    time.shift(timedelta(minutes=11))
    right = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert second(right, 21).status_code == 302
    assert Authenticator.objects.filter(user=person).exists()


@pytest.mark.clause("6.1.1")
def test_every_post_that_changes_where_information_goes_asks_to_sign_in_again(officers: Town, time: Any) -> None:  # noqa: F811
    from linbao.outbox.models import Channel

    channel = Channel.objects.create(unit=officers.community, name="群", kind="webhook", address="json://example.com/")
    community, person = officers.community.pk, officers.reporter.pk
    manager, admin = officers.browser("manager"), officers.browser("administrator")
    reporter = officers.browser("reporter")
    time.shift(timedelta(minutes=61))
    wanted = [
        (admin, f"/admin/units/{community}/", {"mailbox": "evil@example.cn", "seen": ""}),
        (admin, f"/admin/units/new?parent={community}", {"kind": "grid", "code": "510104017003009", "name": "新"}),
        (admin, f"/people/{person}/edit", {"name": "x", "email": "evil@example.cn"}),
        (admin, f"/people/{person}/reset", {}),
        (
            manager,
            "/admin/channels/new",
            {"unit": str(community), "name": "x", "kind": "webhook", "address": "json://evil.example/"},
        ),
        (
            manager,
            f"/admin/channels/{channel.pk}/",
            {"name": "x", "kind": "webhook", "address": "json://evil.example/"},
        ),
        (manager, f"/admin/channels/{channel.pk}/remove", {}),
        (reporter, "/me/settings/tokens", {"name": "x", "areas": ["items"], "access": "read", "days": "9"}),
    ]
    for browser, address, data in wanted:
        answer = browser.post(address, data)
        assert answer.status_code == 302 and "reauthenticate" in answer["Location"], address
    assert manager.get("/admin/channels/").status_code == 200  # the list shows no address: no proof is asked
    details = reporter.post("/me/settings", {"email": "", "phone": "13999998888", "language": "zh-hans"})
    assert details.status_code == 422 and officers.reporter.phone != "13999998888"
    own = reporter.post("/me/settings", {"email": "evil@example.cn", "phone": "", "language": "zh-hans"})
    assert own.status_code == 422 and "验证身份" in own.content.decode() and "evil@example.cn" in own.content.decode()
    assert not User.objects.filter(email="evil@example.cn").exists()
    officers.community.refresh_from_db()
    assert officers.community.mailbox != "evil@example.cn" and Channel.objects.get().address == "json://example.com/"


def test_the_list_of_dangerous_acts_is_whole() -> None:
    """Every page whose name says that it changes an address, a password, a channel or a unit is on it."""
    marked = set()

    def walk(patterns: Any) -> None:
        for p in patterns:
            if hasattr(p, "url_patterns"):
                walk(p.url_patterns)
            elif hasattr(p.callback, "dangerous"):
                marked.add(p.name)

    walk(get_resolver().url_patterns)
    for wanted in (
        "channel",
        "channel-new",
        "channel-remove",
        "password-open",
        "person-reset",
        "person-edit",
        "unit",
        "unit-new",
        "settings",
        "token-new",
    ):
        assert wanted in marked, wanted
