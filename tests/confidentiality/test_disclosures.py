"""Giving out: asked, approved by others, made once, marked, expired, traced (6.2.2)."""

from __future__ import annotations

import io
import re
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from pypdf import PdfReader, PdfWriter
from python_calamine import CalamineWorkbook

from linbao.archive.filters import Filters
from linbao.audit.models import Record
from linbao.confidentiality import retention
from linbao.confidentiality.disclosures import copy_marks, production, tracing
from linbao.confidentiality.disclosures import services as disclosures
from linbao.confidentiality.disclosures.inputs import AskDisclosure, DecideDisclosure, TraceLeak
from linbao.confidentiality.models import Disclosure, Trace
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, TooMany
from linbao.documents import verification
from linbao.duties.models import Obligation
from linbao.items.inputs import RevealParty
from linbao.items.models import Item
from linbao.platform import files
from linbao.platform.protection import box
from tests.confidentiality.conftest import cost
from tests.loop import Town

pytestmark = pytest.mark.clause("6.2.2")
NAME, PHONE = "赵小兰", "13900001111"


def details(**changes: Any) -> dict[str, Any]:
    return {
        "recipient": "区城市管理局",
        "purpose": "安排秋季集中整治",
        "legal_basis": "云城管函〔2026〕18号",
        "form": "xlsx",
        "until": clock.today() + timedelta(days=30),
    } | changes


def asked(town: Town, by: str = "reviewer", **changes: Any) -> Disclosure:
    return disclosures.ask(
        getattr(town, by), checked(AskDisclosure, details(**changes)), Filters.read({"category": "sanitation"})
    )


def produced(town: Town, **changes: Any) -> Disclosure:
    row = asked(town, **changes)
    disclosures.decide(town.manager, row.pk, DecideDisclosure(approve=True))
    return disclosures.produce(town.reviewer, row.pk)


def person(town: Town, **changes: Any) -> Any:
    n = next(town._n)
    return town.submitted(
        narrative=f"居民{NAME}反映第{n}处楼道堆物已久，住7幢2单元301室，电话{PHONE}，请尽快处理。",
        parties=[{"role": "proposer", "name": NAME, "phone": PHONE}],
        **changes,
    )


def cells(data: bytes) -> str:
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return "\n".join("\t".join(str(c) for c in line) for line in sheet)


def test_the_whole_way_on_screen(town: Town) -> None:
    item = person(town)
    reviewer, manager = town.browser("reviewer"), town.browser("manager")
    page = reviewer.get("/archive/?category=sanitation").content.decode()
    assert "/confidentiality/disclosures/new?category=sanitation" in page
    url = "/confidentiality/disclosures/new?category=sanitation"
    assert item.title in reviewer.get(url).content.decode()
    errors = reviewer.post(url, {"recipient": "区城管局", "purpose": "短", "form": "pdf"})
    assert errors.status_code == 422
    assert "区城管局" in errors.content.decode()
    form = details() | {"until": (clock.today() + timedelta(days=30)).isoformat()}
    answer = reviewer.post(url, form)
    row = Disclosure.objects.get()
    here = f"/confidentiality/disclosures/{row.pk}/"
    assert answer.headers["Location"] == here
    assert Obligation.objects.open().filter(kind="disclosure_decide").count() == 2
    assert "等您审批" in manager.get("/confidentiality/disclosures/").content.decode()
    assert reviewer.post(here, {"do": "approve"}).status_code == 403  # never the asker
    assert reviewer.post(here, {"do": "produce"}).status_code == 409
    assert manager.post(here, {"do": "approve"}).status_code == 302
    assert not Obligation.objects.open().filter(kind="disclosure_decide").exists()
    assert town.browser("manager2").post(here, {"do": "approve"}).status_code == 409
    assert manager.get(here + "file").status_code == 403
    assert reviewer.post(here, {"do": "produce"}).status_code == 302
    assert reviewer.post(here, {"do": "produce"}).status_code == 409  # once
    file = reviewer.get(here + "file")
    assert file["Content-Type"].endswith("spreadsheetml.sheet")
    assert Record.objects.filter(action="disclosure.download", subject_id=str(row.pk)).count() == 1
    assert town.browser("handler").get(here).status_code == 404
    assert town.browser("stranger").get(here).status_code == 404


def test_it_is_deidentified_unless_approved_otherwise(town: Town) -> None:
    person(town)
    plain = cells(files.get(produced(town).file))
    assert NAME not in plain
    assert PHONE not in plain
    assert "301" not in plain
    assert "赵*" in plain
    assert "7幢" in plain
    with pytest.raises(Invalid) as e:
        asked(town, identified=True)
    assert "why_identified" in e.value.fields
    full = cells(files.get(produced(town, identified=True, why_identified="须逐户上门核实整改").file))
    assert NAME in full
    assert PHONE in full
    assert "7幢2单元301室" in full  # the words as typed, which are kept sealed


def test_confidential_items_need_two_and_one_of_them_a_manager(town: Town) -> None:
    person(town, sensitivity="confidential", named=[town.people["reviewer"].pk])
    row = asked(town)
    assert (row.confidential, row.needed) == (1, 2)
    assert disclosures.decide(town.officer, row.pk, DecideDisclosure(approve=True)).state == "asked"
    with pytest.raises(Conflict):
        disclosures.decide(town.officer, row.pk, DecideDisclosure(approve=True))
    assert disclosures.decide(town.manager, row.pk, DecideDisclosure(approve=True)).state == "approved"
    # The officer has no say where one signature is enough.
    person(town)
    plain = disclosures.ask(
        town.reviewer2, checked(AskDisclosure, details()), Filters.read({"sensitivity": "internal"})
    )
    with pytest.raises(NotAllowed):
        disclosures.decide(town.officer, plain.pk, DecideDisclosure(approve=True))


def test_a_manager_asks_another_manager_and_alone_nobody(town: Town) -> None:
    person(town)
    row = asked(town, by="manager")
    with pytest.raises(NotAllowed):
        disclosures.decide(town.manager, row.pk, DecideDisclosure(approve=True))
    town.people["manager2"].grants.all().delete()
    with pytest.raises(Conflict, match="没有足够的人"):
        asked(town, by="manager")


def test_the_scope_is_frozen(town: Town) -> None:
    first = person(town)
    row = asked(town)
    person(town)
    disclosures.decide(town.manager, row.pk, DecideDisclosure(approve=True))
    made = disclosures.produce(town.reviewer, row.pk)
    assert made.items == [first.pk]


def test_a_refusal_needs_a_reason_and_ends_it(town: Town) -> None:
    person(town)
    row = asked(town)
    with pytest.raises(Invalid):
        checked(DecideDisclosure, {"approve": False})
    assert (
        disclosures.decide(town.manager, row.pk, DecideDisclosure(approve=False, comment="用途不够具体")).state
        == "refused"
    )
    with pytest.raises(Conflict):
        disclosures.produce(town.reviewer, row.pk)


def test_it_expires_and_the_file_is_gone(town: Town, time: Any) -> None:
    person(town)
    row = produced(town)
    stored = row.file
    time.shift(timedelta(days=31))
    with pytest.raises(Conflict):
        disclosures.download(town.reviewer, row.pk)
    assert disclosures.expire() == 1
    row.refresh_from_db()
    assert (row.state, row.file) == ("expired", "")
    assert row.digest == stored  # still traced


@pytest.mark.django_db(transaction=True)
def test_the_expired_file_is_deleted_from_the_store(town: Town, time: Any) -> None:
    person(town)
    row = produced(town)
    files.get(row.file)
    time.shift(timedelta(days=31))
    disclosures.expire()
    with pytest.raises(FileNotFoundError):
        files.get(row.digest)


def test_every_page_of_the_pdf_bears_recipient_date_and_number(town: Town) -> None:
    for _n in range(8):
        person(town)
    row = produced(town, form="pdf")
    data = files.get(row.file)
    reader = PdfReader(io.BytesIO(data))
    assert len(reader.pages) > 1
    for page in reader.pages:
        plain = "".join(page.extract_text().split())
        assert f"{row.recipient}{clock.today():%Y-%m-%d}{row.number}" in plain
    assert verification.by_file(data).answer == "genuine"


# --- tracing -------------------------------------------------------------------------------------------


def traced(town: Town, text: str = "", file: bytes | None = None, name: str = "") -> tracing.Answer:
    row = tracing.begin(town.officer, TraceLeak(text=text, file=file, name=name))
    tracing.run(row.pk)
    answer = tracing.result(town.officer, tracing.get(town.officer, row.pk))
    assert answer is not None
    return answer


def best(answer: tracing.Answer) -> tuple[Any, str]:
    return (answer.matches[0].row.pk, answer.matches[0].level) if answer.matches else (None, "")


def test_copied_text_names_the_copy(town: Town) -> None:
    person(town)
    first, second = produced(town), produced(town, recipient="街道办事处")
    for row, other in ((first, second), (second, first)):
        text = cells(files.get(row.file))
        line = text.splitlines()[2]  # one row, without the watermark
        result = traced(town, text=line)
        assert best(result) == (row.pk, "sure")
        assert result.unambiguous
        assert other.pk not in [
            m.row.pk for m in result.matches if m.level in ("sure", "strong")
        ]  # one in sixteen agree in four words


def test_retyped_text_names_the_copy_by_its_words(town: Town) -> None:
    for _n in range(3):
        person(town)
    rows = [produced(town, recipient=f"单位{n}号", form="pdf") for n in range(4)]
    for row in rows:
        trace = PdfReader(io.BytesIO(files.get(row.file)))
        text = "".join("".join(p.extract_text().split()) for p in trace.pages)
        assert row.mark is not None
        for shown in (row.number, row.recipient, copy_marks.code(row.mark)):  # watermark and codes cut off
            text = text.replace(shown, "")
        result = traced(town, text=text)
        assert best(result) == (row.pk, "strong"), [(m.row.recipient, m.level, m.why) for m in result.matches]
        assert result.unambiguous


def test_files_name_their_copy_also_when_saved_anew(town: Town) -> None:
    person(town)
    pdf, sheet = produced(town, form="pdf"), produced(town)
    data = files.get(pdf.file)
    assert best(traced(town, name="a.pdf", file=data)) == (pdf.pk, "sure")
    assert best(traced(town, name="b.xlsx", file=files.get(sheet.file))) == (sheet.pk, "sure")
    saved = io.BytesIO()
    PdfWriter(clone_from=io.BytesIO(data)).write(saved)
    assert saved.getvalue() != data
    assert best(traced(town, name="c.pdf", file=saved.getvalue())) == (pdf.pk, "sure")


def test_text_copied_out_of_the_pdf_and_a_cut_out_piece_name_the_copy(town: Town, tmp_path: Path) -> None:
    for _n in range(6):
        person(town)
    rows = [produced(town, recipient=f"单位{n}号", form="pdf") for n in range(2)]
    for row in rows:
        (tmp_path / "leaked.pdf").write_bytes(files.get(row.file))
        read = subprocess.run(["pdftotext", "-layout", tmp_path / "leaked.pdf", "-"], capture_output=True, check=True)
        pages = [p for p in read.stdout.decode().split("\f") if p.strip()]
        assert len(pages) > 1
        for page in pages:  # a page alone: what a photograph or a print of it shows
            assert best(traced(town, text=page)) == (row.pk, "sure")
        narrative = re.search(r"居民[^。]*反映.*?〔[0-9A-F]{10}〕", "".join(read.stdout.decode().split()))
        assert narrative, "the narrative ends with the copy's mark"
        result = traced(town, text=narrative.group())
        assert best(result) == (row.pk, "sure") and result.unambiguous


def test_dots_name_the_copy_and_a_wrong_one_does_not(town: Town) -> None:
    person(town)
    row = produced(town, form="pdf")
    assert row.mark is not None
    dots = "".join(str(b) for b in copy_marks.bits(row.mark))
    assert best(traced(town, text=dots)) == (row.pk, "sure")
    other = ("0" if dots[3] == "1" else "1").join((dots[:3], dots[4:]))
    assert best(traced(town, text=other))[1] != "sure"


def test_it_does_not_claim_what_it_cannot_know(town: Town) -> None:
    item = person(town)
    first, second = produced(town), produced(town, recipient="街道办事处")
    result = traced(town, text=f"听说{item.number}这件事了")
    assert {m.row.pk for m in result.matches} == {first.pk, second.pk}
    assert {m.level for m in result.matches} == {"possible"}
    assert not result.unambiguous
    nothing = traced(town, text="这段话与任何资料都没有关系，只是闲谈而已。")
    assert nothing.matches == []


def test_who_else_looked_is_told(town: Town) -> None:
    from linbao.items import parties
    from linbao.items.models import Party

    item = person(town)
    parties.reveal(town.reporter, item.pk, RevealParty(party=Party.objects.get(item=item).pk, reason="上门核实"))
    result = traced(town, text=f"{item.number} 的居民电话")
    assert result.others == [{"name": "reporter", "count": 1}]


def test_the_page_takes_text_and_files_and_refuses_nonsense(town: Town) -> None:
    person(town)
    row = produced(town)
    browser = town.browser("officer")
    answer = browser.post("/confidentiality/trace/", {"text": cells(files.get(row.file))})
    here = answer.headers["Location"]
    waiting = browser.get(here).content.decode()
    assert "正在排队" in waiting and 'hx-trigger="every 2s"' in waiting and row.number not in waiting
    assert browser.get(here, headers={"HX-Request": "true"}).status_code == 200
    trace = Trace.objects.get()
    tracing.run(trace.pk)
    part = browser.get(here, headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"
    page = browser.get(here).content.decode()
    assert "校验无误" in page and row.number in page and "hx-trigger" not in page
    assert here in browser.get("/confidentiality/trace/").content.decode()
    assert browser.post("/confidentiality/trace/", {"text": ""}).status_code == 422
    file = SimpleUploadedFile("c.exe", b"MZ")
    assert browser.post("/confidentiality/trace/", {"file": file}).status_code == 422
    assert Record.objects.filter(action="disclosure.trace").count() == 1
    for name in ("manager", "reviewer", "auditor"):
        assert town.browser(name).get("/confidentiality/trace/").status_code == 403
        assert town.browser(name).get(here).status_code == 403
    other = town.person("officer2", "security_officer", town.community)
    assert town.browser(other.username).get(here).status_code == 404  # another's question


@pytest.mark.clause("6.1.3")
@pytest.mark.parametrize(("name", "data"), [("a.pdf", b"%PDF-1.7 broken"), ("b.xlsx", b"PK\x03\x04rest")])
def test_a_file_that_cannot_be_read_is_told_on_the_page(town: Town, name: str, data: bytes) -> None:
    browser = town.browser("officer")
    here = browser.post("/confidentiality/trace/", {"file": SimpleUploadedFile(name, data)}).headers["Location"]
    tracing.run(Trace.objects.get().pk)
    page = browser.get(here).content.decode()
    assert "文件无法读取，请改为粘贴文字" in page and "hx-trigger" not in page
    assert not Record.objects.filter(action="disclosure.trace").exists()


@pytest.mark.clause("1.3.4", "6.1.1")
def test_what_leaked_is_kept_encrypted_and_only_until_it_was_compared(
    town: Town, django_capture_on_commit_callbacks: Any
) -> None:
    item = person(town)
    row = produced(town)
    copy = files.get(row.file)
    with django_capture_on_commit_callbacks(execute=True):
        trace = tracing.begin(town.officer, TraceLeak(text=f"{item.number} 的居民电话", name="外泄.xlsx", file=copy))
    name = files.names(trace.sha256)[0]
    with files.store().open(name) as f:
        assert copy[:200] not in f.read()
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM confidentiality_trace t")
        stored = cursor.fetchone()[0]
    assert "居民电话" not in stored and "外泄" not in stored
    with django_capture_on_commit_callbacks(execute=True):
        tracing.run(trace.pk)
    trace.refresh_from_db()
    assert trace.text is None and not trace.sha256 and not files.store().exists(name)
    assert files.get(row.file) == copy  # the copy that was given out is another's, though its content is the same


@pytest.mark.clause("6.1.3")
def test_a_machine_without_room_is_waited_for_and_a_fault_is_told(town: Town, monkeypatch: Any) -> None:
    person(town)
    row = produced(town)
    trace = tracing.begin(town.officer, TraceLeak(name="b.xlsx", file=files.get(row.file)))
    here = f"/confidentiality/trace/{trace.pk}/"
    browser = town.browser("officer")
    with monkeypatch.context() as patch:
        patch.setattr(tracing, "PATIENCE", 0.1)
        patch.setattr(box, "_available", lambda: 10)
        with pytest.raises(TooMany):
            tracing.run(trace.pk)  # the queue tries again
    assert "正在排队" in browser.get(here).content.decode()
    stored = files.get(trace.sha256)
    files.delete(trace.sha256)
    with pytest.raises(FileNotFoundError):
        tracing.run(trace.pk)
    assert "系统出错，比对没有完成" in browser.get(here).content.decode()
    assert files.put(stored) == trace.sha256
    tracing.run(trace.pk)  # once more, by the queue
    assert row.number in browser.get(here).content.decode()


@pytest.mark.clause("1.3.4")
def test_a_comparison_that_never_ends_is_ended_and_old_ones_go(town: Town, time: Any) -> None:
    row = tracing.begin(town.officer, TraceLeak(name="a.pdf", file=b"%PDF-1.7 x"))
    tracing.expire()
    assert Trace.objects.get(pk=row.pk).state == "waiting"
    time.shift(timedelta(days=1, hours=1))
    tracing.expire()
    assert "比对一天之内没有完成" in town.browser("officer").get(f"/confidentiality/trace/{row.pk}/").content.decode()
    assert not Trace.objects.get(pk=row.pk).sha256
    time.shift(timedelta(days=366))
    retention.run()
    assert not Trace.objects.exists()


def test_marks_are_read_back_and_damage_is_noticed() -> None:
    mark = copy_marks.new()
    assert copy_marks.hidden(f"前文{copy_marks.hide(mark)}后文") == {mark}
    hidden = copy_marks.hide(mark)
    broken = hidden[:10] + ("\u200b" if hidden[10] == "\u200c" else "\u200c") + hidden[11:]
    assert mark not in copy_marks.hidden(broken)
    for first, second in copy_marks.PAIRS:
        for a, b in copy_marks.PAIRS:
            if (a, b) != (first, second):
                assert not {first, second} & {a, b}
        assert first not in second
        assert second not in first


def test_addresses_end_at_the_building() -> None:
    assert production.deidentified("住7幢2单元301室", []) == "住7幢***"
    assert production.deidentified("桂花巷12号楼3单元502", []) == "桂花巷12号楼***"
    assert production.deidentified("在3-2-101门口", []) == "在3-***门口"


def test_the_register_costs_the_same_for_one_and_for_fifty(town: Town) -> None:
    person(town)
    asked(town)

    one = cost(town, "manager", "/confidentiality/disclosures/")
    for _n in range(31):
        asked(town)
    assert cost(town, "manager", "/confidentiality/disclosures/") == one <= 8
    sheet = town.browser("auditor").get("/confidentiality/disclosures/export?format=csv").getvalue()
    assert sheet.count("区城市管理局".encode()) == 32


def test_giving_out_asks_to_sign_in_again(town: Town, time: Any) -> None:
    person(town)
    row = asked(town)
    manager, reviewer = town.browser("manager"), town.browser("reviewer")
    here = f"/confidentiality/disclosures/{row.pk}/"
    time.shift(timedelta(minutes=11))
    answer = manager.post(here, {"do": "approve"})
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    row.refresh_from_db()
    assert row.state == "asked"
    assert reviewer.post(here, {"do": "approve"}).status_code == 403  # who may not is refused before
    disclosures.decide(town.manager, row.pk, DecideDisclosure(approve=True))
    answer = reviewer.post(here, {"do": "produce"})
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    row.refresh_from_db()
    assert row.state == "approved"


def test_who_left_or_may_no_longer_open_an_item_does_not_fetch_the_copy(town: Town) -> None:
    item = person(town)
    row = produced(town)
    address = f"/confidentiality/disclosures/{row.pk}/file"
    assert town.browser("reviewer").get(address).status_code == 200
    Item.objects.filter(pk=item.pk).update(sensitivity="confidential")
    assert town.browser("reviewer").get(address).status_code == 403
    Item.objects.filter(pk=item.pk).update(sensitivity="internal")
    assert town.browser("reviewer").get(address).status_code == 200
    town.people["reviewer"].grants.update(ends=clock.today() - timedelta(days=1))
    assert town.browser("reviewer").get(address).status_code in (403, 404)


def test_the_register_names_sensitive_items_to_those_alone_who_may_open_them(town: Town) -> None:
    item = person(town, sensitivity="sensitive", title="白泽踏雪家中争吵")
    row = asked(town)
    here = f"/confidentiality/disclosures/{row.pk}/"
    for who, reads in (("manager", True), ("officer", False), ("auditor", False)):
        page = town.browser(who).get(here).content.decode()
        assert item.number in page and ("白泽踏雪" in page) is reads, who
