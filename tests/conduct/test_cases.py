"""A case through to the end of its appeal (7.2.1, 7.2.2)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linbao.accounts.inputs import DescribePhone
from linbao.accounts.models import ApiToken, Phone
from linbao.accounts.phones import services as phones
from linbao.appraisal.models import Cap
from linbao.audit.models import Record
from linbao.conduct import work_file_section
from linbao.conduct.cases import evidence, measures, revocation
from linbao.conduct.cases import services as cases
from linbao.conduct.cases.inputs import Appeal, DecideAppeal, DecideCase, NameDeciders, OpenCase, StateDefence
from linbao.conduct.models import Case, Evidence, Measure
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.duties.models import Obligation
from linbao.items import services as item_services
from linbao.management.work_files import services as work_file
from linbao.organisation.models import RoleGrant, User
from linbao.outbox.models import Notice
from linbao.platform.encryption import key_lifecycle, resealing
from tests.loop import Town

pytestmark = pytest.mark.django_db
FACTS = "十一月二十日报告的围墙坍塌经现场核查并不存在，照片为旧照。"
REASONS = "现场核查记录和照片指纹证明所报情况不实，本人未能说明。"


def opened(ward: Town, kind: str = "false", by: str = "manager", **more: Any) -> Case:
    data = {"kind": kind, "suspected": "middle", "person": ward.reporter.pk, "allegation": FACTS} | more
    return cases.open_(getattr(ward, by), checked(OpenCase, data))


def decided(ward: Town, severity: str = "middle", measure: str = "notice", **more: Any) -> Case:
    case = opened(ward, **more)
    cases.state_defence(ward.reporter, case.pk, StateDefence(statement="当时误传了相册里的旧照片。"))
    data = {"founded": True, "severity": severity, "measure": measure, "reasons": REASONS}
    return cases.decide(ward.manager2, case.pk, checked(DecideCase, data))


@pytest.mark.clause("7.2.1")
def test_opening_tells_the_person_and_names_somebody_not_involved(ward: Town) -> None:
    case = opened(ward)
    assert case.deciders == [ward.manager2.pk]
    duty = Obligation.objects.get(kind="case_statement")
    assert (duty.owner, duty.due_at, duty.community, duty.title) == (ward.reporter, case.statement_due, None, "")
    # Tuesday 10:00 and five working days of seven hours: the next Tuesday at the same hour.
    assert clock.local(case.statement_due).strftime("%m-%d %H:%M") == "12-01 10:00"
    entry = Notice.objects.filter(user=ward.reporter, kind="case").get()
    assert "围墙" not in entry.text
    assert not Notice.objects.filter(kind="case", user__in=[ward.above, ward.reviewer]).exists()


@pytest.mark.clause("7.2.1")
def test_who_opens_what(ward: Town) -> None:
    for name, kind in (("reviewer", "delay"), ("officer", "false"), ("handler", "leak"), ("stranger", "leak")):
        with pytest.raises((NotAllowed, Invalid)):
            opened(ward, kind, by=name)
    assert opened(ward, "leak", by="officer").opened_by == ward.officer
    with pytest.raises(Conflict):
        opened(ward, "leak")
    RoleGrant.objects.create(user=ward.people["manager"], role="reporter", unit=ward.grid)
    with pytest.raises(Invalid):  # nobody against oneself
        opened(ward, "delay", person=ward.manager.pk)


@pytest.mark.clause("7.2.1", "1.3.4")
def test_only_those_concerned_see_it(ward: Town) -> None:
    case = opened(ward)
    url = f"/cases/{case.pk}/"
    for name in ("manager", "manager2", "reporter"):
        assert FACTS in ward.browser(name).get(url).text
    for name in ("above", "reviewer", "leader", "officer", "reporter2", "administrator", "stranger"):
        assert ward.browser(name).get(url).status_code == 404
        assert case.number not in ward.browser(name).get("/cases/").text
        days = clock.now() - timedelta(1), clock.now() + timedelta(1)
        assert not work_file_section.cases(ward.reporter, *days, getattr(ward, name))
    assert not Obligation.objects.visible_to(ward.above).filter(kind__startswith="case").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT allegation FROM conduct_case")
        assert FACTS.encode() not in bytes(cursor.fetchone()[0])
    views = Record.objects.filter(action="case.view", subject_id=str(case.pk))
    assert {v.actor_name for v in views} == {"manager", "manager2", "reporter"}
    assert not any("围墙" in str(r.data) + r.reason for r in Record.objects.all())


@pytest.mark.clause("7.2.1", "7.2.2")
def test_the_evidence_is_frozen(ward: Town) -> None:
    item = ward.approved()
    case = opened(ward, items=[item.number])
    row = case.evidence.get()
    facts, whole = evidence.read(row)
    assert whole
    assert [e["verb"] for e in facts["timeline"]][-1] == "approve"
    ward.approved()
    assert evidence.read(Evidence.objects.get(pk=row.pk))[0] == facts
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("UPDATE conduct_evidence SET digest = 'x'")


@pytest.mark.clause("6.2.2", "7.2.1")
def test_frozen_evidence_follows_a_new_key_and_says_the_same(ward: Town, time: Any) -> None:
    row = opened(ward).evidence.get()
    facts = evidence.read(row)[0]

    def sealed() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT facts FROM conduct_evidence")
            return bytes(cursor.fetchone()[0])

    before = sealed()
    key_lifecycle.rotate()
    time.shift(key_lifecycle.RETIRE_AFTER + timedelta(minutes=1))
    assert resealing.run() and sealed()[:5] != before[:5]
    assert evidence.read(Evidence.objects.get(pk=row.pk)) == (facts, True)
    for change in ("UPDATE conduct_evidence SET digest = 'x'", "DELETE FROM conduct_evidence"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL linbao.resealing = 'on'; {change}")


@pytest.mark.clause("7.2.1")
def test_altered_evidence_is_told(ward: Town) -> None:
    row = opened(ward).evidence.get()
    row.digest = "0" * 64
    assert evidence.read(row)[1] is False


@pytest.mark.clause("7.2.1")
def test_late_duties_and_what_was_taken_out_are_evidence(ward: Town) -> None:
    past = clock.now() - timedelta(days=3)
    Obligation.objects.create(
        kind="urgent_written",
        clause="4.2.1",
        owner=ward.reporter,
        unit=ward.grid,
        key="k",
        due_at=past,
        met_at=past + timedelta(hours=2),
    )
    Record.objects.create(actor_id=ward.reporter.pk, action="party.reveal", at=past)
    Record.objects.create(actor_id=ward.reporter.pk, action="sign_in", at=past)
    facts, _whole = evidence.read(opened(ward, "leak").evidence.get())
    assert [(d["kind"], d["state"]) for d in facts["duties"]] == [("urgent_written", "late")]
    assert [r["action"] for r in facts["audit"]] == ["party.reveal"]


@pytest.mark.clause("7.2.1")
def test_evidence_of_any_length_is_shown_whole_page_by_page(ward: Town) -> None:
    past = clock.now() - timedelta(days=3)
    Record.objects.bulk_create(
        Record(actor_id=ward.reporter.pk, action="party.reveal", at=past + timedelta(seconds=n), reason=f"理由{n:04d}")
        for n in range(620)
    )
    case = opened(ward, "leak")
    row, page = case.evidence.get(), ward.browser("manager")
    url = f"/cases/{case.pk}/evidence/{row.pk}/audit"
    first = page.get(f"/cases/{case.pk}/").text
    assert "理由0019" in first and "理由0020" not in first and "查看全部 620 条" in first and url in first
    seen, at = [], ""
    while at is not None:
        answer = page.get(url, {"cursor": at})
        seen += re.findall(r"理由\d{4}", answer.text)
        at = answer.context["page"].next
    assert seen == [f"理由{n:04d}" for n in range(620)]
    for errors in ("x", "-5", "9" * 30, "700"):
        assert page.get(url, {"cursor": errors}).status_code == 200
    assert page.get(url.replace("audit", "other")).status_code == 404
    assert ward.browser("above").get(url).status_code == 404


@pytest.mark.clause("7.2.1")
def test_no_decision_before_the_statement_or_its_term(ward: Town, time: time_machine.Traveller) -> None:
    case = opened(ward)
    data: dict[str, Any] = {"founded": True, "severity": "middle", "measure": "notice", "reasons": REASONS}
    with pytest.raises(Conflict, match="申辩"):
        cases.decide(ward.manager2, case.pk, checked(DecideCase, data))
    time.move_to(case.statement_due + timedelta(minutes=1))
    page = ward.browser("manager2").get(f"/cases/{case.pk}/")
    assert "不作不利推定" in page.text
    with pytest.raises(Invalid):  # silence alone proves nothing
        checked(DecideCase, data | {"reasons": ""})
    assert cases.state_defence(
        ward.reporter, case.pk, StateDefence(statement="迟交的说明。")
    ).stated_at  # taken while nobody has decided
    assert cases.decide(ward.manager2, case.pk, checked(DecideCase, data)).state == "decided"


@pytest.mark.clause("7.2.1")
def test_the_involved_do_not_decide(ward: Town) -> None:
    item = ward.approved()
    ward.person("both", "manager", ward.community)
    RoleGrant.objects.create(user=ward.people["reviewer"], role="manager", unit=ward.community)
    case = opened(ward, items=[item.number], witnesses=[ward.manager2.pk])
    assert case.deciders == [ward.both.pk]
    for name in ("manager", "reviewer", "manager2"):
        with pytest.raises((NotAllowed, NotFound)):
            cases.decide(getattr(ward, name), case.pk, DecideCase(founded=False, reasons=REASONS))
        with pytest.raises((Invalid, NotFound)):
            cases.name_deciders(ward.manager, case.pk, NameDeciders(deciders=[getattr(ward, name).pk]))


@pytest.mark.clause("7.2.1")
def test_nobody_left_goes_to_the_unit_above_or_waits(ward: Town) -> None:
    assert set(opened(ward, witnesses=[ward.manager2.pk]).deciders) <= {ward.above.pk, ward.above2.pk}
    everybody = [ward.manager2.pk, ward.above.pk, ward.above2.pk]
    case = opened(ward, "delay", witnesses=everybody)
    assert case.deciders == []
    assert "没有未参与的负责人" in ward.browser("manager").get(f"/cases/{case.pk}/").text
    cases.settle()
    case.refresh_from_db()
    assert case.deciders == []  # not decided because nobody was there
    new = ward.person("fresh", "manager", ward.parent_unit)
    cases.settle()
    case.refresh_from_db()
    assert case.deciders == [new.pk]


@pytest.mark.clause("7.2.1")
def test_two_managers_decide_one_wins(ward: Town) -> None:
    ward.person("third", "manager", ward.community)
    case = opened(ward)
    cases.name_deciders(ward.manager, case.pk, NameDeciders(deciders=[ward.manager2.pk, ward.third.pk]))
    cases.state_defence(ward.reporter, case.pk, StateDefence(statement="我的说明。"))
    cases.decide(ward.manager2, case.pk, DecideCase(founded=False, reasons=REASONS))
    answer = ward.browser("third").post(
        f"/cases/{case.pk}/",
        {"do": "decide", "founded": "yes", "severity": "light", "measure": "talk", "reasons": REASONS},
    )
    assert answer.status_code == 409
    assert "manager2" in answer.text
    case.refresh_from_db()
    assert case.state == "dismissed"


@pytest.mark.clause("7.2.1", "7.2.2")
@pytest.mark.parametrize(
    ("severity", "measure", "fits"),
    [
        ("light", "notice", True),
        ("light", "reassign", False),
        ("middle", "revoke", False),
        ("grave", "revoke", True),
        ("grave", "refer", True),
    ],
)
def test_measures_are_graded(ward: Town, severity: str, measure: str, fits: bool) -> None:
    if fits:
        assert decided(ward, severity, measure, kind="neglect").measure == measure
    else:
        with pytest.raises(Invalid) as e:
            decided(ward, severity, measure, kind="neglect")
        assert "measure" in e.value.fields


@pytest.mark.clause("7.2.2")
def test_defaults_fit_their_severity() -> None:
    assert all(measures.fits(m, severity) for (_kind, severity), m in measures.DEFAULTS.items())
    assert len(measures.DEFAULTS) == 12


@pytest.mark.clause("7.2.1")
def test_an_appeal_is_decided_by_another_and_never_harder(ward: Town, time: time_machine.Traveller) -> None:
    case = decided(ward)
    with pytest.raises(NotAllowed):
        cases.appeal(ward.manager, case.pk, Appeal(appeal="代为申诉"))
    case = cases.appeal(ward.reporter, case.pk, Appeal(appeal="处理过重，请复核。"))
    assert set(case.appeal_deciders) <= {ward.above.pk, ward.above2.pk}
    judge = User.objects.get(pk=case.appeal_deciders[0])
    for other in (ward.manager, ward.manager2):
        with pytest.raises(NotAllowed):
            cases.decide_appeal(other, case.pk, DecideAppeal(answer=REASONS))
    with pytest.raises(Invalid):
        cases.decide_appeal(judge, case.pk, DecideAppeal(measure="reassign", answer=REASONS))
    case = cases.decide_appeal(judge, case.pk, DecideAppeal(measure="criticism", answer=REASONS))
    assert (case.state, case.measure, case.decided_measure) == ("final", "criticism", "notice")
    with pytest.raises(Conflict):
        cases.decide_appeal(judge, case.pk, DecideAppeal(answer=REASONS))


@pytest.mark.clause("5.3.2", "7.2.1")
def test_the_work_file_tells_the_measure_as_it_stands_after_the_appeal(ward: Town) -> None:
    case = decided(ward)
    today = clock.today()

    def line() -> str:
        sections = work_file.read(ward.manager, ward.reporter, today, today)
        return str(next(s["lines"][0].text for s in sections if s["section"].code == "discipline"))

    assert line().endswith("通报批评")
    case = cases.appeal(ward.reporter, case.pk, Appeal(appeal="处理过重，请复核。"))
    cases.decide_appeal(
        User.objects.get(pk=case.appeal_deciders[0]), case.pk, DecideAppeal(measure="criticism", answer=REASONS)
    )
    assert line().endswith("批评教育")


@pytest.mark.clause("7.2.1")
def test_the_term_of_appeal_and_expiry(ward: Town, time: time_machine.Traveller) -> None:
    case = decided(ward)
    time.shift(timedelta(days=10, minutes=1))
    with pytest.raises(Conflict, match="期限"):
        cases.appeal(ward.reporter, case.pk, Appeal(appeal="迟了"))
    cases.settle()
    case.refresh_from_db()
    assert case.state == "final"
    assert case.decided_at is not None
    time.move_to(case.decided_at.replace(year=2027) - timedelta(minutes=1))
    assert not cases.settle()
    time.shift(timedelta(minutes=2))
    cases.settle()
    case.refresh_from_db()
    assert case.expired_at is not None
    assert measures.expiry(Measure.REVOKE, clock.now()).year == clock.now().year + 3


@pytest.mark.clause("7.2.1")
def test_revocation_ends_access_at_once(ward: Town) -> None:
    ward.people["reporter"].set_password("围墙下的猫-2026")
    ward.people["reporter"].save()
    browser = Client()
    browser.post("/accounts/login/", {"login": "reporter", "password": "围墙下的猫-2026"})
    assert browser.get("/me/").status_code == 200
    token = ward.token("reporter")
    RoleGrant.objects.create(user=ward.people["leader"], role="reporter", unit=ward.group, starts="2026-01-01")
    draft = item_services.create(ward.reporter, ward.body(), submit=False)
    resolved = ward.resolved()
    owed = Obligation.objects.open().get(kind="inform_resident", subject_id=resolved.pk)
    assert owed.owner == ward.reporter
    case = decided(ward, "grave", "revoke")
    assert browser.get("/me/").status_code == 302
    assert Client().get("/api/v1/me", **token).status_code == 401
    assert not ward.reporter.rights.granted
    assert not ApiToken.objects.filter(user=ward.reporter, revoked_at__isnull=True).exists()
    owed.refresh_from_db()
    assert owed.owner == ward.leader
    draft.refresh_from_db()
    assert draft.status == "draft"
    # Signed in again, the person reads the decision and appeals, and nothing else.
    again = ward.browser("reporter")
    assert REASONS in again.get(f"/cases/{case.pk}/").text
    assert again.get(f"/items/{resolved.pk}/").status_code == 404


@pytest.mark.clause("7.2.1")
def test_devices_are_wiped_at_their_next_contact(ward: Town) -> None:
    one, other, lost = uuid4(), uuid4(), uuid4()
    for device in (one, other, lost):
        phones.contact(ward.reporter, device, checked(DescribePhone, {"platform": "Android"}))
    phones.contact(ward.leader, other, checked(DescribePhone, {}))  # a phone that two people use
    phones.ask_wipe(ward.reporter, phones=[Phone.objects.get(device=lost).pk], whole=True)
    phone = Client(enforce_csrf_checks=True)
    assert phone.get(f"/device/{one}").json()["wipe"] is False
    case = decided(ward, "grave", "revoke")
    for device in (one, other):  # of the person alone, whoever else uses the device
        order = {"wipe": True, "whole": False, "people": [str(ward.reporter.pk)]}
        assert phone.get(f"/device/{device}").json() == order
    assert "已登记的设备 3 台，已清除 0 台" in ward.browser("manager").get(f"/cases/{case.pk}/").text
    assert phone.post(f"/device/{one}/wiped").status_code == 200
    assert phone.get(f"/device/{one}").json()["wipe"] is False
    assert "已登记的设备 3 台，已清除 1 台" in ward.browser("manager").get(f"/cases/{case.pk}/").text
    # The appeal is right: what was not cleared yet stays; a lost phone clears itself all the same.
    case = cases.appeal(ward.reporter, case.pk, Appeal(appeal="事实有误。"))
    cases.decide_appeal(User.objects.get(pk=case.appeal_deciders[0]), case.pk, DecideAppeal(answer=REASONS))
    assert phone.get(f"/device/{other}").json()["wipe"] is False
    assert phone.get(f"/device/{lost}").json()["whole"] is True


@pytest.mark.clause("7.2.1")
def test_a_successful_appeal_gives_everything_back(ward: Town) -> None:
    before = {(g.role, g.unit_id) for g in RoleGrant.objects.current().filter(user=ward.reporter)}
    case = decided(ward, "grave", "revoke")
    case = cases.appeal(ward.reporter, case.pk, Appeal(appeal="事实有误。"))
    judge = User.objects.get(pk=case.appeal_deciders[0])
    case = cases.decide_appeal(judge, case.pk, DecideAppeal(answer=REASONS))
    assert (case.state, case.expires_at) == ("dismissed", None)
    assert {(g.role, g.unit_id) for g in RoleGrant.objects.current().filter(user=ward.reporter)} == before


@pytest.mark.clause("7.2.1")
def test_the_account_closes_when_the_revocation_is_final(ward: Town, time: time_machine.Traveller) -> None:
    decided(ward, "grave", "revoke")
    assert revocation.close_accounts() == 0
    time.shift(timedelta(days=10, minutes=1))
    cases.settle()
    assert (revocation.close_accounts(), revocation.close_accounts()) == (1, 0)
    assert not ward.reporter.is_active


@pytest.mark.clause("7.2.1")
def test_pages_through_an_appeal(ward: Town) -> None:
    boss, judge, person = ward.browser("manager"), ward.browser("manager2"), ward.browser("reporter")
    data = {
        "kind": "false",
        "suspected": "middle",
        "person": str(ward.reporter.pk),
        "allegation": FACTS,
        "items": "没有这号",
    }
    errors = boss.post("/cases/new", data)
    assert errors.status_code == 422
    assert FACTS in errors.text
    assert boss.post("/cases/new", data | {"items": ""}).status_code == 302
    case = Case.objects.get()
    url = f"/cases/{case.pk}/"
    assert person.post(url, {"do": "statement", "statement": " "}).status_code == 422
    assert person.post(url, {"do": "statement", "statement": "误传旧照片。"}).status_code == 302
    verdict = {"do": "decide", "founded": "yes", "severity": "light", "measure": "revoke", "reasons": REASONS}
    errors = judge.post(url, verdict)
    assert errors.status_code == 422
    assert "情节严重" in errors.text
    assert REASONS in errors.text
    assert boss.post(url, verdict | {"measure": "talk"}).status_code == 403
    assert judge.post(url, verdict | {"measure": "talk"}).status_code == 302
    assert person.post(url, {"do": "appeal", "appeal": "过重。"}).status_code == 302
    case.refresh_from_db()
    above = ward.browser(User.objects.get(pk=case.appeal_deciders[0]).name)
    assert above.post(url, {"do": "decide_appeal", "measure": "", "answer": "短"}).status_code == 422
    assert above.post(url, {"do": "decide_appeal", "measure": "", "answer": REASONS}).status_code == 302
    assert "不予追究" in person.get(url).text
    assert boss.get("/cases/export?format=csv").status_code == 200
    assert person.post(url, {"do": "nothing"}).status_code == 422


def test_the_list_asks_the_same_for_many(ward: Town) -> None:
    def fill(start: int, count: int) -> None:
        for n in range(start, start + count):
            opened(ward, until=clock.today() - timedelta(days=n))

    page = ward.browser("manager")
    fill(0, 1)
    page.get("/cases/")
    with CaptureQueriesContext(connection) as one:
        page.get("/cases/")
    fill(1, 12)
    with CaptureQueriesContext(connection) as many:
        page.get("/cases/")
    assert len(many) == len(one) <= 10
    person, viewer = ward.reporter, ward.manager
    with CaptureQueriesContext(connection) as work_file:
        result = work_file_section.cases(person, clock.now() - timedelta(1), clock.now() + timedelta(1), viewer)
    assert len(result) == 13
    assert len(work_file) == 1


@pytest.mark.clause("7.2.1", "5.2.3")
def test_a_confirmed_false_report_holds_the_grade_down_until_the_appeal(ward: Town) -> None:
    case = decided(ward)
    assert Cap.objects.filter(person=ward.reporter, source="false", lifted_at__isnull=True).count() == 1
    case = cases.appeal(ward.reporter, case.pk, Appeal(appeal="事实有误。"))
    cases.decide_appeal(User.objects.get(pk=case.appeal_deciders[0]), case.pk, DecideAppeal(answer=REASONS))
    assert not Cap.objects.filter(lifted_at__isnull=True).exists()
    decided(ward, kind="delay")
    assert Cap.objects.count() == 1
