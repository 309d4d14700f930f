"""A second person for every role (三员分立), and signing in again for what is dangerous (6.1.1)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linbao.accounts import services
from linbao.accounts.inputs import EndGrant, GrantRole
from linbao.accounts.models import Phone, RoleProposal
from linbao.accounts.proposals import services as proposals
from linbao.audit.models import Record
from linbao.core import clock
from linbao.core.problems import Conflict, NotFound
from linbao.organisation.models import RoleGrant, User
from linbao.outbox.models import Notice
from linbao.platform.protection import reauthentication
from tests.loop import Town

PASSWORD = "guihua-2026-yuan"


@pytest.fixture
def officer(town: Town) -> User:
    return town.person("officer", "security_officer", town.community)


def propose(town: Town, role: str = "handler", person: str = "trainer") -> RoleProposal:
    made = services.grant(town.administrator, town.people[person].pk, GrantRole(role=role, unit=town.community.pk))
    assert isinstance(made, RoleProposal)
    return made


@pytest.mark.clause("6.1.1")
def test_a_role_is_in_force_only_when_the_officer_has_confirmed(town: Town, officer: User) -> None:
    admin = town.browser("administrator")
    data = {"role": "handler", "unit": str(town.community.pk), "starts": "2026-11-24"}
    page = admin.post(f"/people/{town.trainer.pk}/grant", data, follow=True).content.decode()
    assert "须由安全保密员确认后生效：officer" in page and "待安全保密员确认" in page
    assert not town.trainer.rights.has("handler")
    assert Notice.objects.filter(user=officer, kind="role.proposal").count() == 1
    row = RoleProposal.objects.get()
    assert admin.post(f"/people/proposals/{row.pk}/confirm").status_code == 403  # who proposes does not confirm
    assert town.browser("officer").post(f"/people/proposals/{row.pk}/confirm").status_code == 302
    assert town.trainer.rights.has("handler")
    log = Record.objects.get(action="role.grant")
    assert log.actor_id == officer.pk and log.data["proposed_by"] == "administrator"
    assert Notice.objects.filter(user=town.administrator, kind="role.decided").exists()
    with pytest.raises(Conflict):
        proposals.confirm(town.officer, row.pk)


@pytest.mark.clause("6.1.1")
def test_a_refusal_needs_a_reason_and_a_proposal_can_be_taken_back(town: Town, officer: User) -> None:
    row, browser = propose(town), town.browser("officer")
    short = browser.post(f"/people/proposals/{row.pk}/refuse", {"reason": "不"})
    assert (
        short.status_code == 422
        and "4 至 200 字" in short.content.decode()
        and ">不</textarea>" in short.content.decode()
    )
    browser.post(f"/people/proposals/{row.pk}/refuse", {"reason": "此岗位已有人担任"})
    row.refresh_from_db()
    assert row.state == "refused" and not town.trainer.rights.has("handler")
    other = propose(town)
    assert browser.post(f"/people/proposals/{other.pk}/withdraw").status_code == 403
    town.browser("administrator").post(f"/people/proposals/{other.pk}/withdraw")
    other.refresh_from_db()
    assert other.state == "withdrawn"


@pytest.mark.clause("6.1.1")
def test_without_an_officer_only_the_first_officer_is_made_and_loudly(town: Town) -> None:
    waiting = propose(town)
    assert "还没有安全保密员" in proposals.waits_for(waiting.unit_id)
    made = services.grant(
        town.administrator, town.people["manager2"].pk, GrantRole(role="handler", unit=town.community.pk)
    )
    assert isinstance(made, RoleProposal)
    newcomer = User.objects.create(username="new", name="新任")
    assert isinstance(
        services.grant(town.administrator, newcomer.pk, GrantRole(role="security_officer", unit=town.community.pk)),
        RoleGrant,
    )
    assert Record.objects.filter(action="role.grant_alone").count() == 1
    assert Notice.objects.filter(user=town.manager, kind="role.grant_alone").exists()
    second = User.objects.create(username="new2", name="再任")
    assert isinstance(
        services.grant(town.administrator, second.pk, GrantRole(role="security_officer", unit=town.community.pk)),
        RoleProposal,
    )
    proposals.confirm(User.objects.get(pk=newcomer.pk), waiting.pk)
    assert town.trainer.rights.has("handler")


@pytest.mark.clause("6.1.1")
def test_an_officer_confirms_neither_for_oneself_nor_for_another_unit(town: Town, officer: User) -> None:
    district = town.parent_unit
    assert district is not None
    far = services.grant(
        town.administrator, town.people["stranger"].pk, GrantRole(role="handler", unit=town.elsewhere.pk)
    )
    assert isinstance(far, RoleProposal)
    with pytest.raises(NotFound):
        proposals.confirm(town.officer, far.pk)
    own = RoleProposal.objects.create(
        user=officer,
        role="security_officer",
        unit=town.community,
        starts=date(2027, 1, 1),
        proposed_by=town.people["administrator"],
    )
    with pytest.raises(Conflict):
        proposals.confirm(town.officer, own.pk)


@pytest.mark.clause("6.1.1")
def test_separated_duties_are_asked_again_when_it_is_confirmed(town: Town, officer: User) -> None:
    row = propose(town)
    RoleGrant.objects.filter(user=town.people["trainer"]).delete()
    RoleGrant.objects.create(user=town.people["trainer"], role="auditor", unit=town.community, starts=date(2026, 1, 1))
    page = town.browser("officer").post(f"/people/proposals/{row.pk}/confirm", follow=True).content.decode()
    assert "三员分立" in page and not town.trainer.rights.has("handler")


def test_ending_is_at_once_by_the_officer_too(town: Town, officer: User) -> None:
    services.end_grant(town.officer, town.reviewer2.grants.get().pk, EndGrant())
    assert not town.reviewer2.rights.has("reviewer")


def test_the_page_costs_the_same_for_one_and_for_many(town: Town, officer: User) -> None:
    propose(town)
    browser = town.browser("officer")
    browser.get("/people/proposals/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/people/proposals/")
    for n in range(50):
        person = User.objects.create(username=f"p{n:02d}", name=f"甲{n}")
        RoleProposal.objects.create(
            user=person,
            role="reporter",
            unit=town.grid,
            starts=date(2026, 1, 1),
            proposed_by=town.people["administrator"],
            state="confirmed" if n % 2 else "waiting",
            decided_by=officer if n % 2 else None,
            decided_at=clock.now(),
        )
    with CaptureQueriesContext(connection) as many:
        page = browser.get("/people/proposals/").content.decode()
    assert len(many) == len(one) <= 8 and page.count("people-grant") == 51
    assert town.browser("manager").get("/people/proposals/").status_code == 403


# --- signing in again -------------------------------------------------------------------------------------


@pytest.fixture
def admin(town: Town) -> Client:
    person = town.people["administrator"]
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    assert client.post("/accounts/login/", {"login": "administrator", "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.clause("6.1.1")
def test_ten_minutes_after_signing_in_a_dangerous_act_asks_again_and_is_then_carried_out(
    town: Town, admin: Client, time: Any
) -> None:
    address = f"/people/{town.reviewer.pk}/active"
    time.shift(timedelta(minutes=11))
    before = town.reviewer.password
    asked = admin.post(address, {"active": "0"})
    assert asked.status_code == 302 and asked["Location"].startswith("/accounts/reauthenticate/?next=")
    assert town.reviewer.is_active and town.reviewer.password == before
    assert admin.post(asked["Location"], {"password": "wrong-password"}).status_code == 200
    assert town.reviewer.is_active
    assert admin.post(asked["Location"], {"password": PASSWORD}).status_code == 302
    assert not town.reviewer.is_active
    assert admin.post(f"/people/{town.reviewer2.pk}/reset").status_code == 200  # proven for ten minutes


@pytest.mark.clause("6.1.1")
def test_who_may_not_is_refused_before_being_asked(town: Town, time: Any) -> None:
    browser = town.browser("manager")
    time.shift(timedelta(minutes=11))
    assert browser.post(f"/people/{town.reviewer.pk}/reset").status_code == 403
    assert town.browser("administrator").post(f"/people/{town.stranger.pk}/reset").status_code == 200


@pytest.mark.clause("6.1.1")
def test_every_act_on_the_list_has_its_page(town: Town) -> None:
    from django.urls import get_resolver

    def walk(resolver: Any) -> Any:
        for result in resolver.url_patterns:
            yield from walk(result) if hasattr(result, "url_patterns") else [result.callback]

    marked = {getattr(page, "dangerous", "") for page in walk(get_resolver())} - {""}
    assert marked == set(reauthentication.SIGN_IN_AGAIN)
    with pytest.raises(KeyError):
        reauthentication.dangerous("no.such_deed")


@pytest.mark.clause("6.1.1", "1.3.4")
@pytest.mark.parametrize(
    ("who", "address", "given"),
    [
        ("manager", "/items/{item}/reveal", {"party": "{party}", "reason": "回访核实情况"}),
        ("administrator", "/people/{person}/grant", {"role": "handler"}),
        ("reporter", "/me/settings/tokens", {"name": "x"}),
    ],
)
def test_what_is_dangerous_waits_for_a_proof(
    town: Town, time: Any, who: str, address: str, given: dict[str, str]
) -> None:
    item = town.submitted()
    names = {"item": item.pk, "person": town.trainer.pk, "party": item.parties.get().pk}
    browser = town.browser(who)
    time.shift(timedelta(minutes=11))
    answer = browser.post(address.format(**names), {k: v.format(**names) for k, v in given.items()})
    assert answer.status_code == 302 and "/accounts/reauthenticate/" in answer["Location"]
    assert not Record.objects.filter(action__in=["party.reveal", "role.propose", "token.create"]).exists()


@pytest.mark.clause("6.1.2")
def test_access_that_ends_asks_the_devices_to_clear_themselves(town: Town) -> None:
    Phone.objects.create(device="00000000-0000-4000-8000-00000000000a", user=town.people["reporter"])
    services.end_access(None, town.reporter)
    assert Phone.objects.get().wipe_asked_at is not None
