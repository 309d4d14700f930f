"""The board, one item's panel, informing, the resident's link, the interface (2.4.1, 2.4.2, 4.3.2)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linbao.audit.models import Record
from linbao.core import clock
from linbao.handling import assigning, links, loop, oversight, work
from linbao.handling.call_backs import services as call_backs
from linbao.handling.inputs import AssignItem, ReopenItem, ResolveItem, SuperviseItem
from linbao.handling.links import LINK_LASTS
from linbao.handling.models import CallBack, Evaluation, Informing, ResidentLink
from linbao.items.models import Attachment, Item
from tests.loop import Town


@pytest.mark.clause("4.3.2")
def test_the_board_costs_five_statements_for_one_row_and_for_fifty(town: Town) -> None:
    browser = town.browser("manager")
    town.assigned()
    browser.get("/handling/?tab=handling")
    counts = []
    for rows in (1, 50):
        for _n in range(rows - 1):
            town.assigned()
        with CaptureQueriesContext(connection) as asked:
            page = browser.get("/handling/?tab=handling")
        assert len(page.context["rows"]) == rows
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5


@pytest.mark.clause("4.3.2")
def test_each_sees_their_own_part_of_the_board(town: Town, time: Any) -> None:
    mine, unassigned = (
        town.assigned(),
        assigning.assign(town.manager, town.approved().pk, AssignItem(unit=town.department.id)),
    )
    waiting, resolved, unhappy = town.approved(), town.resolved(), town.evaluated(verdict="unsatisfied")
    oversight.supervise(town.manager, mine.pk, SuperviseItem(requirements="抓紧"))

    def shown(name: str, tab: str, **more: str) -> set[Any]:
        return {
            UUID(r["href"].split("/")[2])
            for r in town.browser(name).get("/handling/", {"tab": tab, **more}).context["rows"]
        }

    assert shown("handler", "mine") == {mine.pk}
    assert shown("handler", "unit") == {mine.pk, unassigned.pk}
    assert shown("handler2", "mine") == set()
    assert shown("manager", "assign") == {waiting.pk}
    assert shown("manager", "supervised") == {mine.pk}
    assert shown("manager", "decide") == {unhappy.pk}
    assert shown("reporter", "inform") == {resolved.pk}
    assert shown("reporter2", "inform") == set()
    assert shown("manager", "overdue") == set()
    time.shift(timedelta(days=9))
    assert shown("manager", "overdue") == {mine.pk, unassigned.pk}
    assert shown("manager", "overdue", q=mine.title) == {mine.pk}
    assert shown("manager", "overdue", category="event") == set()
    assert town.browser("trainer").get("/handling/").status_code == 403
    assert town.browser("stranger").get(f"/handling/{mine.pk}/").status_code == 404


@pytest.mark.clause("4.3.2")
def test_the_board_pages_by_place(town: Town, time: Any) -> None:
    for _n in range(52):
        town.approved()
        time.shift(timedelta(seconds=2))
    browser = town.browser("manager")
    first = browser.get("/handling/?tab=assign")
    second = browser.get("/handling/", {"tab": "assign", "cursor": first.context["page"].next})
    seen = [r["href"] for page in (first, second) for r in page.context["rows"]]
    assert len(seen) == len(set(seen)) == 52 and second.context["page"].next is None
    assert browser.get("/handling/?tab=assign&cursor=zzz").status_code == 422


@pytest.mark.clause("4.3.2")
def test_the_board_is_exported_with_its_filters_and_no_formula_runs(town: Town) -> None:
    from python_calamine import CalamineWorkbook

    item = town.approved(title="=1+1 井盖松动")
    browser = town.browser("manager")
    book = browser.get("/handling/export?tab=assign&format=xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(book.getvalue())).get_sheet_by_index(0).to_python()
    assert rows[1][:2] == [item.number, "=1+1 井盖松动"]
    text = browser.get("/handling/export?tab=assign&format=csv").getvalue().decode("utf-8-sig")
    assert "'=1+1 井盖松动" in text
    assert Record.objects.filter(action="export").count() == 2
    assert browser.get("/handling/export?format=exe").status_code == 422
    assert town.browser("trainer").get("/handling/export").status_code == 403


@pytest.mark.clause("4.3.2")
def test_a_handler_works_by_phone_from_instruction_to_result(town: Town) -> None:
    item = assigning.assign(
        town.manager, town.approved().pk, AssignItem(unit=town.department.id, instruction="请今天处理")
    )
    browser = town.browser("handler")
    page = browser.get(f"/handling/{item.pk}/").content.decode()
    assert "请今天处理" in page and "我来办" in page and "13812" not in page
    assert browser.post(f"/handling/{item.pk}/do/take-up").status_code == 302
    assert browser.post(f"/handling/{item.pk}/do/progress", {"text": "已到现场"}).status_code == 302
    errors = browser.post(f"/handling/{item.pk}/do/resolve", {"result": "好啦"})
    assert errors.status_code == 422 and "好啦" in errors.content.decode()
    stale = browser.post(f"/handling/{item.pk}/do/resolve", {"result": "已经清运干净。", "version": "99"})
    assert stale.status_code == 409 and "已经清运干净。" in stale.content.decode()
    assert browser.post(f"/handling/{item.pk}/do/resolve", {"result": "已经清运干净。"}).status_code == 302
    item.refresh_from_db()
    assert item.status == "resolved"
    assert browser.post(f"/handling/{item.pk}/do/fly").status_code == 404


@pytest.mark.clause("4.3.2")
def test_photos_of_progress_are_named_on_the_timeline(town: Town) -> None:
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 60)).save(out, "JPEG")
    out.seek(0)
    out.name = "after.jpg"
    item = town.assigned()
    browser = town.browser("handler")
    answer = browser.post(f"/handling/{item.pk}/files", {"file": out, "stage": "progress"})
    assert answer.status_code == 201
    browser.post(f"/handling/{item.pk}/do/progress", {"text": "清运前"})
    from linbao.items.models import Entry

    assert Entry.objects.get(item_id=item.pk, verb="progress").data["attachments"] == [answer.json()["id"]]
    assert town.browser("reporter2").post(f"/handling/{item.pk}/files", {"file": out}).status_code in (403, 404)


@pytest.mark.clause("4.3.2")
def test_the_managers_panel_does_each_thing(town: Town) -> None:
    item = town.approved()
    browser = town.browser("manager")
    url = f"/handling/{item.pk}/do/"
    assert (
        browser.post(
            url + "assign",
            {"unit": str(town.department.id), "handler": str(town.people["handler"].pk), "due_at": "nonsense"},
        ).status_code
        == 422
    )
    assert (
        browser.post(
            url + "assign",
            {"unit": str(town.department.id), "handler": str(town.people["handler"].pk), "due_at": "2026-12-01T12:00"},
        ).status_code
        == 302
    )
    item.refresh_from_db()
    assert item.due_at is not None and clock.local(item.due_at).strftime("%m-%d %H:%M") == "12-01 12:00"
    for verb, form in (
        ("remind", {"note": "请抓紧"}),
        ("supervise", {"requirements": "请说明"}),
        ("assist", {"handlers": [str(town.people["handler2"].pk)]}),
        ("transfer", {"handler": str(town.people["handler2"].pk), "reason": "改派"}),
        ("adopt", {"kind": "measure", "note": "促成清运"}),
    ):
        if verb == "transfer":
            browser.post(url + "assist", {})
        assert browser.post(url + verb, form).status_code == 302, verb
    assert (
        town.browser("handler2")
        .post(url + "ask-extension", {"until": "2026-12-05T12:00", "reason": "等配件"})
        .status_code
        == 302
    )
    assert browser.post(url + "decide-extension", {"granted": "yes"}).status_code == 302
    assert town.browser("handler2").post(url + "decide-extension", {"granted": "no", "remark": "x"}).status_code == 403
    page = browser.get(f"/handling/{item.pk}/").content.decode()
    assert "已同意延期" in page and "促成清运" in page


@pytest.mark.clause("2.4.1")
def test_the_reporter_calls_with_one_number_revealed_on_the_audit_log_and_records_in_two_taps(town: Town) -> None:
    item = town.resolved()
    browser = town.browser("reporter")
    phone = item.parties.get().phone
    page = browser.get(f"/handling/{item.pk}/inform").content.decode()
    assert phone not in page and "张*" in page
    party = item.parties.get().pk
    page = browser.post(f"/handling/{item.pk}/inform/number", {"party": str(party)}).content.decode()
    assert f'href="tel:{phone}"' in page
    assert Record.objects.filter(action="party.reveal", subject_id=str(item.pk)).count() == 1
    assert town.browser("handler").post(f"/handling/{item.pk}/inform/number", {"party": str(party)}).status_code == 403
    assert town.browser("reporter").post(f"/handling/{item.pk}/inform/number", {"party": "x"}).status_code == 422
    assert (
        browser.post(f"/handling/{item.pk}/inform/record", {"method": "phone", "outcome": "reached"}).status_code == 302
    )
    assert (
        browser.post(f"/handling/{item.pk}/inform/evaluate", {"verdict": "satisfied", "remark": "很好"}).status_code
        == 302
    )
    assert Evaluation.objects.get(item=item).remark == "很好"
    assert phone not in str(list(Record.objects.values()))


@pytest.mark.clause("2.4.1")
def test_message_and_slip_carry_the_private_link(town: Town) -> None:
    item = town.resolved()
    browser = town.browser("reporter")
    assert browser.get(f"/handling/{item.pk}/inform/slip").status_code == 409
    assert browser.post(f"/handling/{item.pk}/inform/link").status_code == 302
    row = ResidentLink.objects.get(item=item)
    page = browser.get(f"/handling/{item.pk}/inform").content.decode()
    assert f"/r/{row.token}" in page and "sms:" in page
    for size in ("a5", "a4"):
        slip = browser.get(f"/handling/{item.pk}/inform/slip?size={size}").content.decode()
        assert "<svg" in slip and item.result in slip and "张桂兰" not in slip
    assert row.token not in str(ResidentLink.objects.values_list("digest", flat=True))
    assert town.browser("reporter2").post(f"/handling/{item.pk}/inform/link").status_code == 403


@pytest.mark.clause("2.4.2")
def test_a_resident_sees_steps_and_result_without_anybodys_data_and_judges_in_two_taps(town: Town) -> None:
    item = town.resolved(title="张桂兰反映垃圾满溢")
    token = links.link_of(town.reporter, item.pk).token
    anybody = Client(enforce_csrf_checks=True)
    page = anybody.get(f"/r/{token}")
    text = page.content.decode()
    assert page.status_code == 200 and item.result in text and "社区已收到" in text
    for secret in ("张桂兰", "13812", "handler", "reporter", "reviewer", "manager"):
        assert secret not in text
    assert "<script" not in text and page["Referrer-Policy"] == "no-referrer" and "no-store" in page["Cache-Control"]
    assert anybody.post(f"/r/{token}", {"verdict": "splendid"}).status_code == 422
    assert anybody.post(f"/r/{token}", {"verdict": "satisfied", "remark": "谢谢"}).status_code == 302
    row = Evaluation.objects.get(item=item)
    assert (row.by_link, row.verdict, row.remark, row.recorded_by_id) == (True, "satisfied", "谢谢", None)
    assert Informing.objects.get(item=item).method == "sms"
    # Again, and otherwise: the first judgement stands.
    assert anybody.post(f"/r/{token}", {"verdict": "unsatisfied"}).status_code == 302
    assert Evaluation.objects.get(item=item).verdict == "satisfied"
    assert "已收到您的评价" in anybody.get(f"/r/{token}").content.decode()


@pytest.mark.clause("2.4.2")
def test_nothing_can_be_judged_before_there_is_a_result_and_each_round_is_judged_anew(town: Town) -> None:
    item = town.assigned()
    token = links.link_of(town.reporter, item.pk).token
    anybody = Client()
    assert "您对结果满意吗" not in anybody.get(f"/r/{token}").content.decode()
    assert anybody.post(f"/r/{token}", {"verdict": "satisfied"}).status_code == 409
    work.resolve(town.handler, item.pk, ResolveItem(result="已经清运干净。"))
    anybody.post(f"/r/{token}", {"verdict": "unsatisfied", "remark": "还是脏"})
    loop.reopen(town.manager, item.pk, ReopenItem(reason="重新清运"))
    work.resolve(town.handler, item.pk, ResolveItem(result="重新清运并冲洗地面。"))
    anybody.post(f"/r/{token}", {"verdict": "satisfied"})
    assert list(Evaluation.objects.filter(item=item).values_list("verdict", flat=True)) == ["unsatisfied", "satisfied"]


@pytest.mark.clause("1.3.4")
def test_expired_revoked_and_unknown_links_lead_to_a_kind_page(town: Town, time: Any) -> None:
    item = town.resolved()
    token = links.link_of(town.reporter, item.pk).token
    anybody = Client()
    assert anybody.get("/r/unknown").status_code == 404
    assert anybody.get("/r/" + "x" * 900).status_code == 404
    links.revoke_link(town.reporter, item.pk)
    gone = anybody.get(f"/r/{token}")
    assert gone.status_code == 410 and "链接已失效" in gone.content.decode()
    fresh = links.link_of(town.reporter, item.pk).token
    assert fresh != token and anybody.get(f"/r/{fresh}").status_code == 200
    assert anybody.get(f"/r/{token}").status_code == 404
    time.shift(LINK_LASTS + timedelta(days=1))
    assert anybody.get(f"/r/{fresh}").status_code == 410
    assert anybody.post(f"/r/{fresh}", {"verdict": "satisfied"}).status_code == 410
    assert not Evaluation.objects.exists()


@pytest.mark.clause("1.3.4")
def test_the_link_is_not_guessed_by_the_thousand(town: Town) -> None:
    anybody = Client()
    codes = [anybody.get(f"/r/guess{n}").status_code for n in range(70)]
    assert codes[0] == 404 and codes[-1] == 429


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize(("sensitivity", "status"), [("public", 200), ("internal", 404), ("sensitive", 404)])
def test_result_photos_are_shown_only_where_the_item_is_public(town: Town, sensitivity: str, status: int) -> None:
    from linbao.platform import files

    item = town.resolved()
    Item.objects.filter(pk=item.pk).update(sensitivity=sensitivity)
    photo = Attachment.objects.create(
        item=item,
        owner=town.handler,
        stage="result",
        kind="photo",
        name="a.jpg",
        content_type="image/jpeg",
        size=1,
        sha256="0" * 64,
        shown=files.put(b"picture"),
    )
    report = Attachment.objects.create(
        item=item,
        owner=town.handler,
        stage="report",
        kind="photo",
        name="b.jpg",
        content_type="image/jpeg",
        size=1,
        sha256="1" * 64,
        shown=files.put(b"scene"),
    )
    token = links.link_of(town.reporter, item.pk).token
    assert Client().get(f"/r/{token}/photo/{photo.pk}").status_code == status
    assert Client().get(f"/r/{token}/photo/{report.pk}").status_code == 404


@pytest.mark.clause("2.4.2")
def test_call_backs_are_listed_and_recorded_on_a_page(town: Town, time: Any) -> None:
    item = town.closed()
    time.shift(timedelta(days=7))
    call_backs.draw_call_backs()
    row = CallBack.objects.get(item=item)
    browser = town.browser("reviewer2")
    assert item.title in browser.get("/handling/callbacks/").content.decode()
    url = f"/handling/callbacks/{row.pk}/"
    phone = item.parties.get().phone
    assert phone not in browser.get(url).content.decode()
    assert phone in browser.post(url, {"party": str(item.parties.get().pk)}).content.decode()
    assert browser.post(url, {"outcome": "reached", "matches": "no"}).status_code == 422
    assert browser.post(url, {"outcome": "reached", "matches": "yes"}).status_code == 302
    assert town.browser("trainer").get("/handling/callbacks/").status_code == 403
    assert town.browser("reporter").get(url).status_code in (403, 404)


@pytest.mark.clause("2.4.2", "4.3.2")
def test_the_interface_walks_the_whole_loop_and_each_verb_may_be_repeated(town: Town) -> None:
    client = Client()
    item = town.approved()

    def post(name: str, verb: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/items/{item.pk}/{verb}", body, content_type="application/json", **town.token(name))

    walk: tuple[tuple[str, str, dict[str, Any], str], ...] = (
        ("manager", "assign", {"unit": town.department.code, "handler": "handler", "instruction": "清运"}, "handling"),
        ("handler", "progress", {"text": "已到现场"}, "handling"),
        ("handler", "resolve", {"result": "已经清运干净。"}, "resolved"),
        ("reporter", "inform", {"method": "phone", "outcome": "reached", "words": "已说明"}, "informed"),
        ("reporter", "evaluate", {"verdict": "unsatisfied", "remark": "慢"}, "evaluated"),
        ("manager", "reopen", {"reason": "再去一次"}, "handling"),
        ("handler", "resolve", {"result": "第二次清运并冲洗。"}, "resolved"),
        ("reporter", "inform", {"method": "phone", "outcome": "reached"}, "informed"),
        ("reporter", "evaluate", {"verdict": "satisfied"}, "evaluated"),
        ("reviewer", "close", {}, "closed"),
    )
    for name, verb, body, status in walk:
        for _again in range(2):
            answer = post(name, verb, body)
            assert answer.status_code == 200 and answer.json()["status"] == status, (verb, answer.content)
    refused = post("reporter", "close", {})
    assert refused.status_code == 403 and refused["Content-Type"] == "application/problem+json"
    assert post("manager", "assign", {"unit": "no such"}).json()["fields"].keys() == {"unit"}
    assert post("handler", "progress", {"text": "x", "extra": 1}).status_code == 422
    assert post("reporter", "inform", {"outcome": "told"}).status_code == 422
    assert post("handler", "progress", {"text": "已结束"}).status_code == 409
    assert post("stranger", "resolve", {"result": "已经清运干净"}).status_code == 404
