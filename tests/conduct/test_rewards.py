"""From nomination to certificate, ledger and wall of honour (7.1.1, 7.1.2)."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from linbao.conduct import scale, work_file_section
from linbao.conduct.models import Award, Contribution, Nomination
from linbao.conduct.rewards import certificates, contributions
from linbao.conduct.rewards import services as rewards
from linbao.conduct.rewards.inputs import AskCertificate, DecideNomination, Nominate, RecordContribution, SetBudget
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed
from linbao.documents import glyphs, verification
from linbao.documents.inputs import MakeSeal
from linbao.documents.seals import services as seals
from linbao.duties.models import Obligation
from linbao.handling import oversight
from linbao.handling.inputs import AdoptItem
from linbao.organisation.models import User
from linbao.platform import files
from tests.loop import Town

pytestmark = pytest.mark.django_db
REASONS = "发现燃气泄漏并及时报告，避免了一次事故。"
GRANT = {"title": "优秀信息报告员", "citation": "及时报告燃气泄漏，避免了事故。"}


def contribution(item: Any, worth: str, note: str) -> RecordContribution:
    return checked(RecordContribution, {"number": str(item.number), "worth": worth, "note": note})


def decision(kinds: list[str], **more: str) -> DecideNomination:
    return checked(DecideNomination, GRANT | {"kinds": kinds} | more)


def worthy(town: Town, *worths: str, by: str = "manager") -> Any:
    """An item of the reporter, with confirmed contributions."""
    item = town.approved()
    for worth in worths:
        contributions.record(getattr(town, by), contribution(item, worth, "处置记录为证"))
    return item


def nominated(town: Town, *worths: str, by: str = "reviewer") -> Nomination:
    item = worthy(town, *worths)
    return rewards.nominate(getattr(town, by), Nominate(nominee=town.reporter.pk, reasons=REASONS, items=[item.number]))


def budget(town: Town, amount: str = "5000") -> None:
    rewards.set_budget(town.manager, checked(SetBudget, {"unit": town.community.pk, "year": 2026, "amount": amount}))


@pytest.mark.clause("7.1.1")
def test_an_adoption_becomes_a_contribution_once(ward: Town) -> None:
    item = ward.assigned()
    oversight.adopt(ward.reviewer, item.pk, AdoptItem(kind="measure", note="增加清运班次"))
    assert contributions.gather() == 0  # nobody has confirmed it
    oversight.adopt(ward.manager, item.pk, AdoptItem(kind="measure", note="写入清运安排"))
    oversight.adopt(ward.manager, item.pk, AdoptItem(kind="hazard", note="消除滑倒隐患"))
    assert contributions.gather() == 2
    assert contributions.gather() == 0
    assert scale.sums([ward.reporter.pk], scale.this_half())[ward.reporter.pk] == 7


@pytest.mark.clause("7.1.1")
def test_co_reporters_share_and_the_sum_is_kept(ward: Town) -> None:
    item, others = ward.approved(), [ward.approved(), ward.approved()]
    for other in others:
        other.merged_into, other.reporter = item, ward.reporter2
        other.save(update_fields=["merged_into", "reporter"])
    row = contributions.record(ward.manager, contribution(item, "averted", "避免了坍塌"))
    assert {s.person.name: s.points for s in row.shares.all()} == {"reporter": Decimal(5), "reporter2": Decimal(5)}
    assert scale.shared(Decimal(10), 3) == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]


@pytest.mark.clause("7.1.1")
def test_who_confirms_a_contribution(ward: Town) -> None:
    item = ward.assigned()
    row = contributions.record(ward.reviewer, contribution(item, "dispute", "调解协议为证"))
    assert row.confirmed_at is None
    assert not scale.sums([ward.reporter.pk], scale.this_half())
    for name in ("reviewer", "handler2"):
        with pytest.raises(NotAllowed):
            contributions.confirm(getattr(ward, name), row.pk)
    contributions.confirm(ward.handler, row.pk)
    assert scale.sums([ward.reporter.pk], scale.this_half())[ward.reporter.pk] == 5
    with pytest.raises(Conflict):
        contributions.record(ward.manager, contribution(item, "dispute", "再登记一次"))
    with pytest.raises(Conflict):
        contributions.reject(ward.manager, row.pk)


@pytest.mark.clause("7.1.2")
@pytest.mark.parametrize(
    ("points", "level"),
    [("7.99", ""), ("8", "通报表扬"), ("15", "荣誉证书"), ("24.99", "荣誉证书"), ("25", "奖金或实物奖励")],
)
def test_levels_of_a_half_year(points: str, level: str) -> None:
    assert scale.level(Decimal(points)) == level


@pytest.mark.clause("7.1.2")
def test_what_the_contribution_does_not_reach_is_refused(ward: Town) -> None:
    row = nominated(ward, "averted")  # 10
    with pytest.raises(Invalid) as e:
        rewards.decide(ward.manager, row.pk, decision(["certificate"]))
    assert "15" in e.value.fields["kinds"][0]
    assert rewards.decide(ward.manager, row.pk, decision(["praise"])).state == "granted"


@pytest.mark.clause("7.1.1")
def test_neither_nominee_nor_nominator_decides(ward: Town) -> None:
    row = nominated(ward, "averted", by="manager")
    assert {o.owner and o.owner.name for o in Obligation.objects.filter(kind="reward_decide")} == {"manager2"}
    with pytest.raises(NotAllowed):
        rewards.decide(ward.manager, row.pk, decision(["praise"]))
    rewards.decide(ward.manager2, row.pk, decision(["praise"]))
    assert not Obligation.objects.open().filter(kind="reward_decide").exists()


@pytest.mark.clause("7.1.2")
def test_two_managers_decide_one_wins(ward: Town) -> None:
    row = nominated(ward, "averted")
    rewards.decide(ward.manager, row.pk, decision(["praise"]))
    with pytest.raises(Conflict, match="manager"):
        rewards.decide(ward.manager2, row.pk, DecideNomination(remark="不同意"))
    assert Award.objects.count() == 1


@pytest.mark.clause("7.1.2")
def test_a_large_amount_is_decided_above(ward: Town) -> None:
    row = nominated(ward, "averted", "decision", "dispute", "hazard")  # 25
    budget(ward)
    with pytest.raises(NotAllowed, match="上级"):
        rewards.decide(ward.manager, row.pk, decision(["bonus"], bonus="1000.01"))
    rewards.decide(ward.above, row.pk, decision(["bonus"], bonus="1000.01"))
    assert rewards.spent(ward.community.pk, 2026) == Decimal("1000.01")


@pytest.mark.clause("7.1.2")
def test_from_which_amount_the_unit_above_decides_is_a_setting_of_the_unit(ward: Town) -> None:
    browser, at = ward.browser("administrator"), f"/admin/units/{ward.community.pk}/"
    data = {"name": "桂花园社区", "short_name": "桂花园", "code": ward.community.code, "order": "0"}
    for errors in ("-1", "1000000", "很多", "1.5"):
        page = browser.post(at, data | {"reward_approval_above": errors})
        assert page.status_code == 422 and "error-reward_approval_above" in page.text
    assert browser.post(at, data | {"reward_approval_above": "0"}).status_code == 302
    assert scale.threshold(ward.community.pk) == 0
    row = nominated(ward, "averted", "decision", "dispute", "hazard")
    budget(ward)
    with pytest.raises(NotAllowed):
        rewards.decide(ward.manager, row.pk, decision(["bonus"], bonus="10"))


@pytest.mark.clause("7.1.2")
def test_the_budget_blocks(ward: Town) -> None:
    row = nominated(ward, "averted", "decision", "dispute", "hazard")
    both: dict[str, Any] = {"kinds": ["bonus", "goods"], "bonus": "300", "goods": "保温杯", "goods_price": "300.50"}
    with pytest.raises(Conflict, match="还没有设定"):
        rewards.decide(ward.manager, row.pk, decision(**both))
    budget(ward, "600")
    with pytest.raises(Conflict, match=r"600\.50"):
        rewards.decide(ward.manager, row.pk, decision(**both))
    budget(ward, "600.50")
    rewards.decide(ward.manager, row.pk, decision(**both))
    with pytest.raises(Invalid):
        budget(ward, "600")


@pytest.mark.parametrize("bonus", ["", "-5", "0", "nan", "1e3000", "1.234", "Infinity", "二百"])
def test_amounts_that_are_none(ward: Town, bonus: str) -> None:
    row = nominated(ward, "averted", "decision", "dispute", "hazard")
    budget(ward)
    with pytest.raises(Invalid) as e:
        rewards.decide(ward.manager, row.pk, decision(["bonus"], bonus=bonus))
    assert "bonus" in e.value.fields


def certified(ward: Town, name: str) -> Award:
    User.objects.filter(pk=ward.people["reporter"].pk).update(name=name)
    row = nominated(ward, "averted", "decision")
    rewards.decide(ward.manager, row.pk, decision(["certificate"]))
    return Award.objects.get()


@pytest.mark.clause("7.1.2", "4.2.2")
@pytest.mark.parametrize("name", ["李䶮", "吴𠮷"])
def test_a_certificate_prints_rare_letters(ward: Town, name: str) -> None:
    award = certified(ward, name)
    seal = seals.make(None, MakeSeal(kind="unit", name="桂花园社区", unit=ward.community.pk, custodian=ward.manager.pk))
    rewards.ask_certificate(ward.manager, award.pk, AskCertificate(seal=seal.pk))
    document = certificates.make(award.pk, seal.pk, ward.manager.pk)
    assert certificates.make(award.pk, seal.pk, ward.manager.pk) == document
    assert verification.by_code(document.code).answer == "genuine"
    page = PdfReader(io.BytesIO(files.get(document.pdf))).pages[0]
    assert page.mediabox.width > page.mediabox.height
    assert name in page.extract_text()
    assert document.seal == seal
    assert document.docx == ""


@pytest.mark.clause("7.1.2")
def test_a_letter_without_a_glyph_is_refused(ward: Town) -> None:
    assert glyphs.missing("李䶮吴𠮷 ，。") == []
    with pytest.raises(Invalid) as e:
        certified(ward, "李\U000f1234")
    assert "字形" in e.value.fields["kinds"][0]
    assert not Award.objects.exists()


@pytest.mark.clause("7.1.2")
def test_only_the_custodian_seals_a_certificate(ward: Town) -> None:
    award = certified(ward, "李明")
    seal = seals.make(
        None, MakeSeal(kind="unit", name="桂花园社区", unit=ward.community.pk, custodian=ward.manager2.pk)
    )
    with pytest.raises(NotAllowed):
        rewards.ask_certificate(ward.manager, award.pk, AskCertificate(seal=seal.pk))
    with pytest.raises(Invalid):
        rewards.ask_certificate(ward.manager2, award.pk, AskCertificate())


@pytest.mark.clause("7.1.1", "1.3.4")
def test_the_wall_shows_only_who_agreed(ward: Town) -> None:
    row = nominated(ward, "averted")
    rewards.decide(ward.manager, row.pk, decision(["praise"]))
    award = Award.objects.get()
    wall = ward.browser("handler")
    assert GRANT["citation"] not in wall.get("/rewards/honour/").text
    with pytest.raises(NotAllowed):
        rewards.consent(ward.manager, award.pk, agrees=True)
    assert ward.browser("reporter").post(f"/rewards/awards/{award.pk}/", {"do": "consent"}).status_code == 302
    assert GRANT["citation"] in wall.get("/rewards/honour/").text
    rewards.consent(ward.reporter, award.pk, agrees=False)
    assert GRANT["citation"] not in wall.get("/rewards/honour/").text


def test_nominating_asks_for_the_nominees_own_items(ward: Town) -> None:
    other = ward.approved(by="reporter2")
    page = ward.browser("reviewer")
    data = {"nominee": str(ward.reporter.pk), "reasons": REASONS, "items": other.number}
    answer = page.post("/rewards/new", data)
    assert answer.status_code == 422
    assert other.number and other.number in answer.text
    assert REASONS in answer.text
    own = ward.approved()
    assert page.post("/rewards/new", data | {"items": f"{own.number}、{own.number}"}).status_code == 302
    assert page.post("/rewards/new", data | {"items": own.number}).status_code == 302  # repeated: the same
    assert Nomination.objects.count() == 1
    assert ward.browser("manager").post("/rewards/new", data | {"items": own.number}).status_code == 422


@pytest.mark.clause("7.1.1")
def test_pages_from_nomination_to_ledger(ward: Town) -> None:
    row = nominated(ward, "averted", "decision", "dispute", "hazard")
    page = ward.browser("manager")
    page.post("/rewards/ledger/", {"unit": str(ward.community.pk), "year": "2026", "amount": "800"})
    url = f"/rewards/{row.pk}/"
    errors = page.post(url, {"do": "decide", "kinds": ["bonus"], "bonus": "900", **GRANT})
    assert errors.status_code == 409
    assert "800" in errors.text
    assert GRANT["citation"] in errors.text
    assert page.post(url, {"do": "decide", "kinds": ["bonus"], "bonus": "800", **GRANT}).status_code == 302
    assert "800.00" in page.get("/rewards/ledger/").text
    assert "800.00" in page.get("/rewards/ledger/export?format=csv").getvalue().decode()
    for path in ("/rewards/", "/rewards/contributions/", url):
        assert page.get(path).status_code == 200
    assert page.get("/rewards/export?format=csv").status_code == 200
    assert page.get("/rewards/contributions/export").status_code == 200
    award = Award.objects.get()
    there = f"/rewards/awards/{award.pk}/"
    assert "800" in page.get(url).text and there in page.get(url).text
    nominator = ward.browser("reviewer").get(url).text  # sees that it was granted, not how much
    assert GRANT["title"] in nominator and "800" not in nominator and there not in nominator
    assert page.post(there, {"do": "hand_over"}).status_code == 302
    award.refresh_from_db()
    assert award.handed_over_by == ward.manager
    part = work_file_section.rewards(ward.reporter, clock.now().replace(month=1), clock.now(), ward.manager)
    assert len(part.awards) == 1 and part.points == 25
    assert (
        work_file_section.rewards(ward.reporter, clock.now().replace(month=1), clock.now(), ward.reporter2).awards == []
    )


@pytest.mark.parametrize("path", ["/rewards/", "/rewards/contributions/", "/rewards/ledger/", "/rewards/honour/"])
def test_lists_ask_the_same_for_many(
    ward: Town, path: str, django_assert_max_num_queries: Any, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def fill(count: int) -> None:
        for _n in range(count):
            item = ward.approved()
            contributions.record(ward.manager, contribution(item, "model", "示范"))
            row = Nomination.objects.create(
                community=ward.community,
                nominee=ward.people["reporter"],
                reasons=REASONS,
                half=scale.this_half(),
                nominated_by=ward.people["reviewer"],
                state="granted",
            )
            Award.objects.create(
                nomination=row,
                community=ward.community,
                person=ward.people["reporter"],
                kind="bonus",
                amount=1,
                points=9,
                half=row.half,
                year=2026,
                decided_by=ward.people["manager"],
                shown_since=clock.now(),
                **GRANT,
            )

    budget(ward)
    page = ward.browser("manager")
    fill(1)
    page.get(path)
    with CaptureQueriesContext(connection) as one:
        page.get(path)
    fill(12)
    with CaptureQueriesContext(connection) as many:
        page.get(path)
    assert len(many) == len(one) <= 14
    assert Contribution.objects.count() == 13
