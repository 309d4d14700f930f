"""The agreement: written, published, read, signed, renewed; and what is shut without it (6.2.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linbao.audit.models import Record
from linbao.confidentiality import work_file_section
from linbao.confidentiality.agreements import default_text, gate, paper
from linbao.confidentiality.agreements import services as agreements
from linbao.confidentiality.agreements.inputs import LARGEST, DecidePaper, Publish, RecordPaper, SaveDraft, Sign
from linbao.confidentiality.models import Agreement, PaperSignature, Relative, Signature
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed
from linbao.documents import verification
from linbao.documents.inputs import MakeSeal
from linbao.documents.seals import services as seals
from linbao.duties.models import Obligation
from linbao.organisation.models import RoleGrant, Unit
from linbao.platform import files
from tests.confidentiality.conftest import PASSWORD, cost, publish, with_password
from tests.items import samples
from tests.loop import Town

pytestmark = pytest.mark.clause("6.2.1")
PAGE = "/confidentiality/agreement/"


def signing(row: Agreement, **changes: str) -> dict[str, str]:
    return {"agreement": str(row.pk), "read": "1", "password": PASSWORD} | changes


def test_nothing_is_shut_where_nothing_was_published(town: Town) -> None:
    assert town.browser("reporter").get("/").status_code == 200
    assert town.browser("officer").get("/confidentiality/").status_code == 200
    assert "还没有生效的保密协议" in town.browser("officer").get("/confidentiality/").content.decode()
    assert "还没有生效的保密协议" not in town.browser("reporter").get("/confidentiality/").content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/archive/",
        "/report/new",
        "/items/00000000-0000-0000-0000-000000000000/",
        "/confidentiality/",
        "/me/",
        "/notices/",
    ],
)
def test_a_published_agreement_shuts_everything_else(town: Town, url: str) -> None:
    publish(town)
    answer = town.browser("reporter").get(url)
    assert (answer.status_code, answer.headers.get("Location")) == (302, PAGE)


def test_what_stays_open(town: Town) -> None:
    publish(town)
    browser = town.browser("reporter")
    assert browser.get(PAGE).status_code == 200
    assert browser.get("/accounts/password/change/").status_code == 200
    assert browser.post("/language", {"language": "en", "next": PAGE}).headers["Location"] == PAGE
    assert browser.post("/accounts/logout/").headers["Location"] == "/accounts/login/"
    assert (
        town.browser("reporter").get("/", headers={"Accept": "application/json"}).json()["code"] == "agreement_needed"
    )
    assert town.browser("reporter").get("/archive/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == PAGE
    # People of the next community, and the administrator above, are bound by nothing.
    assert town.browser("stranger").get("/").status_code == 200
    assert town.browser("administrator").get("/").status_code == 200


def test_the_interface_is_shut_by_token_and_by_browser_and_opens_with_the_signature(town: Town, client: Any) -> None:
    row = publish(town)
    with_password(town, "reporter")
    headers = town.token("reporter")
    answer = client.get("/api/v1/items", **headers)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["type"] == "/problems/agreement_needed"
    assert town.browser("reporter").get("/api/v1/items").json()["type"] == "/problems/agreement_needed"
    agreements.sign(town.reporter, Sign(agreement=row.pk, password=PASSWORD, read=True))
    assert client.get("/api/v1/items", **headers).status_code == 200
    assert town.browser("reporter").get("/api/v1/items").status_code == 200


def test_the_gate_costs_the_interface_no_statement(town: Town, client: Any) -> None:
    headers = town.token("reporter")

    def create() -> int:
        with CaptureQueriesContext(connection) as seen:
            body = {k: v for k, v in town.body().items() if k not in ("occurred_at", "seen_at")}
            assert client.post("/api/v1/items", body, content_type="application/json", **headers).status_code == 201
        return len(
            [q for q in seen.captured_queries if "SAVEPOINT" not in q["sql"] and "referenceversion" not in q["sql"]]
        )

    create()
    before = create()
    agreements.keep_signature(town.reporter, publish(town))
    create()
    assert create() == before <= 8


def test_a_browser_asks_once_and_remembers(town: Town) -> None:
    row = publish(town)
    agreements.keep_signature(town.reporter, row)
    browser = town.browser("reporter")
    browser.get("/confidentiality/")
    with CaptureQueriesContext(connection) as seen:
        assert browser.get("/confidentiality/trace/").status_code == 403
    assert not [q for q in seen.captured_queries if "confidentiality_signature" in q["sql"]]


def test_signing_asks_reading_and_the_password(town: Town) -> None:
    row = publish(town)
    with_password(town, "reporter")
    browser = town.browser("reporter")
    page = browser.get(PAGE).content.decode()
    assert "一、保密范围" in page
    assert "data-sign-button" in page
    errors = browser.post(PAGE, signing(row, password="not-the-one", relatives="张小明 13800001111"))
    assert errors.status_code == 422
    assert "口令不正确" in errors.content.decode()
    assert "张小明 13800001111" in errors.content.decode()  # what was typed stays
    assert Record.objects.filter(action="agreement.fail").count() == 1
    unread = browser.post(PAGE, signing(row, read=""))
    assert (unread.status_code, Signature.objects.count()) == (422, 0)
    assert "请阅读到末尾" in unread.content.decode()
    # Without script: the phrase instead of the tick.
    done = browser.post(PAGE, signing(row, read="", agreed="我已逐条阅读并同意"))
    assert done.status_code == 302
    assert browser.get("/").status_code == 200
    assert Record.objects.filter(action="agreement.sign", actor_id=town.reporter.pk).count() == 1
    assert not Obligation.objects.open().filter(kind="agreement", owner=town.reporter).exists()


def test_guessing_the_password_ends(town: Town) -> None:
    row = publish(town)
    with_password(town, "reporter")
    browser = town.browser("reporter")
    for _n in range(10):
        assert browser.post(PAGE, signing(row, password="x")).status_code == 422
    assert browser.post(PAGE, signing(row)).status_code == 429
    assert Signature.objects.count() == 0


def test_the_document_bears_the_persons_own_seal_or_a_certificate_in_their_name(town: Town) -> None:
    row = publish(town)
    sealed = seals.make(
        town.manager,
        MakeSeal(
            kind="person", name="周秀兰", unit=town.community.pk, custodian=town.reporter.pk, person=town.reporter.pk
        ),
    )
    for name in ("reporter", "reviewer"):
        made = agreements.keep_signature(getattr(town, name), row)
        agreements.make_document(made.pk)
        agreements.make_document(made.pk)  # a job that runs twice
    own, plain = (Signature.objects.get(user=town.people[n]).document for n in ("reporter", "reviewer"))
    assert own is not None
    assert plain is not None
    assert (own.seal_id, plain.seal_id, own.kind) == (sealed.pk, None, "agreement")
    data = files.get(plain.pdf)
    assert b"/ETSI.CAdES.detached" in data
    assert verification.by_file(data).answer == "genuine"
    assert verification.by_file(files.get(own.pdf)).answer == "genuine"
    assert verification.by_file(data[:-20] + b"x" * 20).answer != "genuine"
    assert "保协〔2026〕" in plain.number
    answer = town.browser("reviewer").get(
        f"/confidentiality/agreements/{Signature.objects.get(user=town.reviewer).pk}.pdf"
    )
    assert answer.content == data
    other = Signature.objects.get(user=town.reporter).pk
    assert town.browser("reviewer").get(f"/confidentiality/agreements/{other}.pdf").status_code == 404


def test_it_runs_out_after_a_year_and_is_renewed_before(town: Town, time: Any) -> None:
    row = publish(town)
    agreements.keep_signature(town.reporter, row)
    time.shift(timedelta(days=336))
    assert town.browser("reporter").get("/").status_code == 200
    agreements.renew()
    agreements.renew()
    duty = Obligation.objects.open().get(kind="agreement", owner=town.reporter)
    assert duty.due_at.date() <= Signature.objects.get(user=town.reporter).valid_until
    offered = agreements.to_sign(town.reporter)
    assert offered is not None
    time.shift(timedelta(days=31))
    assert town.browser("reporter").get("/").headers.get("Location") == PAGE
    agreements.keep_signature(town.reporter, offered)
    assert town.browser("reporter").get("/").status_code == 200
    assert not Obligation.objects.open().filter(kind="agreement", owner=town.reporter).exists()


def test_a_new_version_replaces_the_old_from_its_day(town: Town, time: Any) -> None:
    agreements.keep_signature(town.reporter, publish(town))
    data = SaveDraft(title="新的保密协议", body=default_text.BODY + "\n九、补充。")
    draft = agreements.save(town.officer, town.community.pk, data)
    assert draft.number == 2
    agreements.publish(town.officer, draft.pk, Publish(required_from=clock.today() + timedelta(days=7)))
    with pytest.raises(Conflict):
        agreements.publish(town.officer, draft.pk, Publish())
    assert town.browser("reporter").get("/").status_code == 200
    assert town.browser("reviewer").get("/").headers.get("Location") == PAGE  # signed none at all
    offered = agreements.to_sign(town.reporter)
    assert offered is not None
    assert offered.number == 2
    time.shift(timedelta(days=7))
    assert town.browser("reporter").get("/").headers.get("Location") == PAGE
    with pytest.raises(Conflict):  # the old text is not signed any more
        agreements.sign(town.reporter, Sign(agreement=Agreement.objects.get(number=1).pk, password="x", read=True))


def test_only_the_security_officer_writes_and_publishes(town: Town) -> None:
    for name in ("manager", "administrator", "reporter", "auditor"):
        with pytest.raises(NotAllowed):
            agreements.save(getattr(town, name), town.community.pk, SaveDraft(title="保密协议", body=default_text.BODY))
    with pytest.raises(Invalid) as e:
        checked(SaveDraft, {"title": "", "body": "短"})
    assert set(e.value.fields) == {"title", "body"}
    browser = town.browser("officer")
    page = browser.get("/confidentiality/agreements/write").content.decode()
    assert default_text.TITLE in page
    assert "七、期限与签订" in page
    stored = browser.post("/confidentiality/agreements/write", {"title": "短", "body": "也短"})
    assert stored.status_code == 422
    assert "也短" in stored.content.decode()
    data = {"title": default_text.TITLE, "body": default_text.BODY, "publish": "1"}
    assert browser.post("/confidentiality/agreements/write", data).status_code == 302
    force = gate.in_force(town.grid.pk)
    assert force is not None
    assert force.number == 1


def test_a_community_without_its_own_follows_the_one_above(town: Town) -> None:
    district = Unit.objects.get(kind="district")
    town.person("chief", "security_officer", district)
    draft = agreements.save(town.chief, district.pk, SaveDraft(title=default_text.TITLE, body=default_text.BODY))
    agreements.publish(town.chief, draft.pk, Publish())
    for name in ("reporter", "stranger", "administrator", "officer"):
        assert town.browser(name).get("/").headers.get("Location") == PAGE, name


def test_relatives_are_kept_sealed_and_only_as_declared(town: Town) -> None:
    row = publish(town)
    with_password(town, "reporter")
    declared = "张小明 138 0000 1111\n李梅"
    data = {"agreement": row.pk, "password": PASSWORD, "read": True, "relatives": declared}
    agreements.sign(town.reporter, checked(Sign, data))
    result = {r.name: r.phone for r in Relative.objects.filter(user=town.reporter)}
    assert result == {"张小明": "13800001111", "李梅": None}
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(r::text, '') FROM confidentiality_relative r")
        assert "13800001111" not in cursor.fetchone()[0]
    with pytest.raises(Invalid):
        checked(Sign, data | {"relatives": "张小明 abc"})


def test_the_register_shows_who_has_and_who_has_not(town: Town) -> None:
    row = publish(town)
    agreements.keep_signature(town.officer, row)
    agreements.keep_signature(town.manager, row)
    page = town.browser("officer").get("/confidentiality/agreements/").content.decode()
    assert "尚未签订" in page
    assert "reviewer2" in page
    sheet = town.browser("manager").get("/confidentiality/agreements/export?format=csv").getvalue()
    assert b"officer" in sheet
    assert b"reviewer2" not in sheet


def test_the_register_costs_the_same_for_one_and_for_fifty(town: Town) -> None:
    row = publish(town)
    agreements.keep_signature(town.officer, row)

    one = cost(town, "officer", "/confidentiality/agreements/")
    for n in range(50):
        agreements.keep_signature(town.person(f"p{n}", "reporter", town.grid), row)
    assert cost(town, "officer", "/confidentiality/agreements/") == one <= 12


def test_the_work_file_is_told(town: Town) -> None:
    assert work_file_section.of(town.reporter)["valid"] is None
    row = publish(town)
    assert work_file_section.of(town.reporter)["valid"] is False
    agreements.keep_signature(town.reporter, row)
    details = work_file_section.of(town.reporter)
    assert (details["valid"], details["agreements"][0]["version"], details["disclosures"]) == (True, 1, 0)


def test_the_compliance_page_says_whether_one_is_in_force(town: Town) -> None:
    page = town.browser("manager").get("/compliance/").content.decode()
    assert "尚未发布保密协议" in page
    row = publish(town)
    agreements.keep_signature(town.manager, row)
    assert "第 1 版有效" in town.browser("manager").get("/compliance/").content.decode()


# --- on paper -------------------------------------------------------------------------------------------

SCAN = b"%PDF-1.7 scan of the signed page"


def recorded(town: Town, **changes: Any) -> PaperSignature:
    data: dict[str, Any] = {"person": "reporter", "signed_on": clock.today(), "scan": SCAN} | changes
    return paper.record(town.officer, checked(RecordPaper, data))


def test_a_signature_on_paper_opens_the_gate_once_a_second_person_confirmed_it(town: Town) -> None:
    publish(town)
    for name in ("officer", "manager"):
        agreements.keep_signature(town.people[name], Agreement.objects.get())
    officer, manager = town.browser("officer"), town.browser("manager")
    here = "/confidentiality/agreements/paper/"
    upload = SimpleUploadedFile("签字页.pdf", SCAN, content_type="application/pdf")
    made = officer.post(here, {"person": "reporter", "signed_on": clock.today().isoformat(), "scan": upload})
    row = PaperSignature.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"{here}{row.pk}/")
    assert town.browser("reporter").get("/me/")["Location"] == PAGE, "one person alone opens nothing"
    assert officer.post(f"{here}{row.pk}/", {"do": "confirm"}).status_code == 403, "not who recorded it"
    assert "待第二人确认的纸质协议" in manager.get("/confidentiality/agreements/").content.decode()
    got = manager.get(f"{here}{row.pk}/scan")
    assert got.content == SCAN and got["Content-Disposition"].startswith("attachment")
    assert manager.post(f"{here}{row.pk}/", {"do": "confirm"}).status_code == 302
    assert manager.post(f"{here}{row.pk}/", {"do": "confirm"}).status_code == 409
    assert town.browser("reporter").get("/me/").status_code == 200
    signature = Signature.objects.get(user=town.reporter)
    assert (
        signature.valid_until == clock.today() + timedelta(days=365) and signature.paper == PaperSignature.objects.get()
    )
    assert not Obligation.objects.open().filter(kind="agreement", owner=town.reporter).exists()
    page = officer.get("/confidentiality/agreements/").content.decode()
    assert f"{here}{row.pk}/" in page and "纸质" in page
    seen = Record.objects.filter(subject_id=str(row.pk)).values_list("action", "actor_id")
    assert set(seen) == {
        ("agreement.paper", town.officer.pk),
        ("agreement.paper_look", town.manager.pk),
        ("agreement.paper_confirm", town.manager.pk),
    }


def test_a_scan_is_a_pdf_or_a_photo_of_any_phone(town: Town) -> None:
    publish(town)
    agreements.keep_signature(town.officer, Agreement.objects.get())
    row = recorded(town, scan=samples.heic())
    got = town.browser("officer").get(f"/confidentiality/agreements/paper/{row.pk}/scan")
    assert got["Content-Type"] == "image/heic" and ".heic" in got["Content-Disposition"]


def test_paper_is_refused_with_a_reason_and_may_be_recorded_again(town: Town) -> None:
    publish(town)
    row = recorded(town)
    with pytest.raises(Conflict):
        recorded(town)
    with pytest.raises(Invalid):
        checked(DecidePaper, {"confirm": False, "reason": ""})
    paper.decide(town.manager, row.pk, DecidePaper(confirm=False, reason="签名看不清楚"))
    assert not Signature.objects.filter(user=town.reporter).exists()
    assert recorded(town).pk != row.pk


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("person", {"person": "nobody"}),
        ("person", {"person": "officer"}),  # not for oneself
        ("signed_on", {"signed_on": None}),
        ("signed_on", {"signed_on": clock.today() + timedelta(days=9000)}),
        ("signed_on", {"signed_on": clock.today() - timedelta(days=9000)}),
        ("scan", {"scan": None}),
        ("scan", {"scan": b"MZ a program"}),
        ("scan", {"scan": b"ID3\x03 a song"}),
        ("scan", {"scan": b"%PDF-" + b"x" * LARGEST}),
    ],
)
def test_errors_of_a_paper_are_shown_beside_the_field(town: Town, field: str, changes: dict[str, Any]) -> None:
    publish(town)
    with pytest.raises(Invalid) as refused:
        recorded(town, **changes)
    assert set(refused.value.fields) == {field}


def test_without_a_second_person_paper_is_not_taken(town: Town) -> None:
    publish(town)
    RoleGrant.objects.filter(role="manager").delete()
    with pytest.raises(Conflict):
        recorded(town)
    assert not PaperSignature.objects.exists()


def test_paper_of_a_version_that_was_replaced_is_not_confirmed(town: Town) -> None:
    publish(town)
    row = recorded(town)
    publish(town, body=default_text.BODY + "补充条款。")
    with pytest.raises(Conflict):
        paper.decide(town.manager, row.pk, DecidePaper(confirm=True))
