"""Another post, decided in a case or after an appraisal, is the administrator's duty until a role ends (5.2.3,
7.2.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linbao.accounts import services as accounts
from linbao.accounts.inputs import EndGrant
from linbao.appraisal.models import Appraisal, Cycle, Proposal
from linbao.conduct import reassignment
from linbao.conduct.cases import services as cases
from linbao.conduct.cases.inputs import Appeal, DecideAppeal
from linbao.core import clock
from linbao.duties.models import Obligation
from linbao.organisation.models import User
from linbao.outbox.models import Notice
from tests.conduct.test_cases import FACTS, REASONS, decided
from tests.loop import Town

pytestmark = pytest.mark.django_db


def owed() -> Any:
    return Obligation.objects.filter(kind="reassign")


@pytest.mark.clause("5.2.3", "7.2.1")
def test_a_case_opens_it_for_the_administrator_alone_and_ending_a_role_meets_it(ward: Town) -> None:
    decided(ward, "middle", "reassign", kind="leak")
    duty = owed().get()
    assert (duty.owner, duty.subject_id, duty.community, duty.title) == (ward.administrator, ward.reporter.pk, None, "")
    assert not Obligation.objects.visible_to(ward.manager).filter(kind="reassign").exists()
    entry = Notice.objects.get(kind="reassign")
    assert entry.user == ward.administrator and "reporter" not in entry.text and FACTS not in entry.text
    page = ward.browser("administrator").get("/")
    assert "调整岗位" in page.text and f"/people/{ward.reporter.pk}/" in page.text
    person = f"/people/{ward.reporter.pk}/"
    assert "请结束原角色" in ward.browser("administrator").get(person).text
    assert "请结束原角色" not in ward.browser("manager").get(person).text
    accounts.end_grant(ward.administrator, ward.reporter.grants.filter(role="reporter")[0].pk, EndGrant())
    assert owed().get().met_at is not None
    assert "请结束原角色" not in ward.browser("administrator").get(person).text


@pytest.mark.clause("7.2.1")
def test_an_appeal_that_makes_it_milder_takes_it_back(ward: Town) -> None:
    case = decided(ward, "middle", "reassign", kind="leak")
    case = cases.appeal(ward.reporter, case.pk, Appeal(appeal="处理过重。"))
    assert owed().count() == 1
    judge = User.objects.get(pk=case.appeal_deciders[0])
    cases.decide_appeal(judge, case.pk, DecideAppeal(measure="criticism", answer=REASONS))
    assert not owed().exists()


@pytest.mark.clause("5.2.3")
def test_an_accepted_proposal_of_the_appraisal_opens_it_once(ward: Town) -> None:
    now = clock.now()
    dues = dict.fromkeys(("since", "until", "self_due", "peer_due", "superior_due", "publish_due"), now)
    cycle = Cycle.objects.create(
        unit=ward.community, half=date(2026, 1, 1), rules={}, zone="Asia/Shanghai", seed=1, **dues
    )
    row = Appraisal.objects.create(cycle=cycle, person=ward.reporter, name="reporter")
    proposal = Proposal.objects.create(appraisal=row, kind="reassignment")
    assert reassignment.gather() == 0  # nobody has accepted it
    Proposal.objects.filter(pk=proposal.pk).update(state="accepted", decided_by=ward.manager, decided_at=clock.now())
    assert (reassignment.gather(), reassignment.gather()) == (1, 0)
    accounts.end_grant(ward.administrator, ward.reporter.grants.filter(role="reporter")[0].pk, EndGrant())
    assert reassignment.gather() == 0 and not owed().open().exists()


@pytest.mark.clause("5.2.3")
def test_without_an_administrator_the_managers_are_told(ward: Town) -> None:
    ward.people["administrator"].grants.all().delete()
    decided(ward, "middle", "reassign", kind="leak")
    assert not owed().exists()
    assert Notice.objects.filter(kind="reassign", user=ward.manager).exists()
