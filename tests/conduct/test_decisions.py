"""The decision of a case as a sealed document, for those concerned alone (7.2.1, 7.2.2)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from pypdf import PdfReader

from linbao.audit.models import Record
from linbao.conduct.cases import decisions
from linbao.conduct.cases import services as cases
from linbao.conduct.cases.inputs import Appeal, DecideAppeal, DecideCase, StateDefence
from linbao.conduct.models import Case
from linbao.core.inputs import checked
from linbao.core.problems import Invalid
from linbao.documents import verification
from linbao.documents.inputs import ChangeSeal, MakeSeal
from linbao.documents.models import Document, Seal
from linbao.documents.seals import services as seals
from linbao.organisation.models import User
from linbao.platform import files
from tests.conduct.test_cases import FACTS, REASONS, decided, opened
from tests.loop import Town

pytestmark = pytest.mark.django_db


def unit_seal(ward: Town, keeper: str = "manager2", unit: Any = None) -> Seal:
    return seals.make(
        None,
        MakeSeal(kind="unit", name="桂花园社区", unit=(unit or ward.community).pk, custodian=ward.people[keeper].pk),
    )


def judged(ward: Town, seal: Seal | None, **more: Any) -> Case:
    case = opened(ward, kind="neglect")
    cases.state_defence(ward.reporter, case.pk, StateDefence(statement="当时误传了相册里的旧照片。"))
    data: dict[str, Any] = {"founded": True, "severity": "grave", "measure": "revoke", "reasons": REASONS} | more
    return cases.decide(ward.manager2, case.pk, checked(DecideCase, data | {"seal": seal.pk if seal else None}))


def words(document: Document) -> str:
    pages = PdfReader(io.BytesIO(files.get(document.pdf))).pages
    return "".join("".join(p.extract_text() for p in pages).split())


@pytest.mark.clause("7.2.2", "4.2.2")
def test_the_decision_is_a_sealed_document_that_anybody_can_check(ward: Town) -> None:
    seal = unit_seal(ward)
    case = judged(ward, seal)
    made = decisions.make(case.pk, decisions.FIRST, seal.pk)
    assert decisions.make(case.pk, decisions.FIRST, seal.pk) == made
    assert (made.number, made.title, made.docx, made.seal) == ("桂花园责决〔2026〕1号", "处理决定书", "", seal)
    details = words(made)
    for message in (
        case.number,
        "失职造成损失",
        "情节严重",
        "取消资格",
        "7.2.2",
        "申诉期限至2026年12月4日",
        "manager2",
    ):
        assert message in details, message
    assert "".join(REASONS.split()) in details
    assert verification.by_file(files.get(made.pdf)).answer == "genuine"
    page = Client().get("/verify/", {"code": made.code}).text
    assert made.number in page and "reporter" not in page and REASONS not in page
    assert Record.objects.filter(action="case.issue", subject_id=str(case.pk)).count() == 1


@pytest.mark.clause("7.2.2", "1.3.4")
def test_only_those_concerned_open_it_and_each_opening_is_on_the_audit_log(ward: Town) -> None:
    seal = unit_seal(ward)
    case = judged(ward, seal, severity="middle", measure="notice")
    url = f"/cases/{case.pk}/decision-1.pdf"
    assert ward.browser("reporter").get(url).status_code == 404  # not made yet
    assert "正在生成" in ward.browser("reporter").get(f"/cases/{case.pk}/").text
    made = decisions.make(case.pk, decisions.FIRST, seal.pk)
    for name in ("reporter", "manager", "manager2"):
        assert url in ward.browser(name).get(f"/cases/{case.pk}/").text
        answer = ward.browser(name).get(url)
        assert answer.content == files.get(made.pdf) and "no-store" in answer["Cache-Control"]
    for name in ("above", "reviewer", "leader", "officer", "reporter2", "administrator", "stranger"):
        assert ward.browser(name).get(url).status_code == 404
        assert made not in Document.objects.visible_to(getattr(ward, name))
    opened_by = Record.objects.filter(action="document.take", subject_id=str(made.pk)).values_list(
        "actor_name", flat=True
    )
    assert set(opened_by) == {"reporter", "manager", "manager2"}


@pytest.mark.clause("7.2.2")
def test_an_appeal_supersedes_it_and_whoever_checks_the_first_is_told(ward: Town) -> None:
    seal = unit_seal(ward)
    case = judged(ward, seal)
    case = cases.appeal(ward.reporter, case.pk, Appeal(appeal="处理过重，请复核。"))
    judge = User.objects.get(pk=case.appeal_deciders[0])
    cases.decide_appeal(judge, case.pk, DecideAppeal(measure="notice", answer=REASONS))
    second = decisions.make(case.pk, decisions.APPEAL)  # the first was not made yet: it is made with it
    first = Document.objects.get(version=1, kind="case_decision")
    assert (second.number, second.supersedes, second.title) == (first.number, first, "申诉处理决定书")
    details = words(second)
    assert "由取消资格改为通报批评" in details and "恢复" in details and judge.name in details
    assert verification.by_code(first.code).answer == "superseded"
    assert verification.by_code(second.code).answer == "genuine"
    page = ward.browser("reporter").get(f"/cases/{case.pk}/").text
    assert "decision-1.pdf" in page and "decision-2.pdf" in page


@pytest.mark.clause("7.2.1")
def test_without_a_seal_it_is_signed_in_the_name_of_who_decided(ward: Town) -> None:
    case = judged(ward, None, founded=False)
    made = decisions.make(case.pk, decisions.FIRST)
    assert made.seal is None and "不予追究" in words(made)
    field = PdfReader(io.BytesIO(files.get(made.pdf))).get_fields() or {}
    assert field["Seal"]["/V"]["/Name"] == "manager2"


@pytest.mark.clause("7.2.1", "4.2.2")
def test_a_seal_of_somebody_else_or_elsewhere_is_refused(ward: Town) -> None:
    other, far = unit_seal(ward, "manager"), unit_seal(ward, "manager2", ward.elsewhere)
    for seal_id in (other.pk, far.pk, uuid4()):
        case = Case.objects.first() or opened(ward)
        if case.stated_at is None:
            cases.state_defence(ward.reporter, case.pk, StateDefence(statement="我的说明。"))
        with pytest.raises(Invalid) as e:
            cases.decide(ward.manager2, case.pk, DecideCase(founded=False, reasons=REASONS, seal=seal_id))
        assert set(e.value.fields) == {"seal"}
    page = ward.browser("manager2").get(f"/cases/{case.pk}/").text
    assert str(far.pk) not in page and str(other.pk) not in page
    answer = ward.browser("manager2").post(
        f"/cases/{case.pk}/", {"do": "decide", "founded": "no", "reasons": REASONS, "seal": str(other.pk)}
    )
    assert answer.status_code == 422 and REASONS in answer.text


@pytest.mark.clause("7.2.1")
def test_letters_that_no_font_has_are_told_before_anything_is_decided(ward: Town, monkeypatch: Any) -> None:
    monkeypatch.setattr("linbao.documents.glyphs.missing", lambda words: ["\U0002ebf0"] if "龘" in words else [])
    case = opened(ward)
    cases.state_defence(ward.reporter, case.pk, StateDefence(statement="我的说明。"))
    with pytest.raises(Invalid) as e:
        cases.decide(ward.manager2, case.pk, DecideCase(founded=False, reasons=REASONS + "龘"))
    assert "reasons" in e.value.fields


@pytest.mark.clause("7.2.2")
def test_a_seal_suspended_meanwhile_or_a_lost_job_does_not_leave_it_without_a_document(
    ward: Town, time: time_machine.Traveller
) -> None:
    seal = unit_seal(ward)
    case = judged(ward, seal, severity="middle", measure="notice")
    seals.change(ward.manager2, seal.pk, "suspend", ChangeSeal(reason="遗失"))
    assert decisions.make_missing() == 0  # its job has time yet
    assert decisions.make(case.pk, decisions.FIRST, seal.pk).seal is None
    lost = decided(ward, kind="delay")
    time.shift(timedelta(minutes=11))
    assert (decisions.make_missing(), decisions.make_missing()) == (1, 0)
    assert decisions.of(lost)[decisions.FIRST].pdf


@pytest.mark.clause("7.2.2")
def test_the_pages_decide_with_a_seal(ward: Town) -> None:
    seal = unit_seal(ward)
    case = opened(ward)
    cases.state_defence(ward.reporter, case.pk, StateDefence(statement="我的说明。"))
    page, url = ward.browser("manager2"), f"/cases/{case.pk}/"
    assert f'value="{seal.pk}" selected' in page.get(url).text
    verdict = {"do": "decide", "founded": "yes", "severity": "light", "measure": "talk", "reasons": REASONS}
    assert page.post(url, verdict | {"seal": str(seal.pk)}).status_code == 302
    from procrastinate.contrib.django.models import ProcrastinateJob

    job = ProcrastinateJob.objects.get(task_name="conduct.make_decision")
    assert job.args == {"case": str(case.pk), "version": 1, "seal": str(seal.pk)}
    assert FACTS not in str(job.args)
