"""The report form: drafts that save themselves, required fields at submit, stale forms, returned items (2.1, 3,
4.1.2, 4.3.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linbao.core import ids
from linbao.core.problems import Invalid
from linbao.items import fields, forms, services
from linbao.items.models import Attachment, CatalogueField, Category, Item, Status, Subcategory
from linbao.organisation.models import RoleGrant, User
from linbao.review.inputs import ReturnItem
from tests.items import samples
from tests.items.conftest import Town, event, posted, submitted, told

Browser = Callable[[User], Client]
JSON = {"Accept": "application/json"}
REQUIRED = {
    "opinion": ["kind", "wish", "reply_wanted"],
    "event": ["course", "casualties", "present_state", "measures_taken"],
    "construction": ["project", "content", "stage", "problems"],
    "sanitation": ["area", "factor", "factor_words", "severity"],
}


@pytest.mark.clause("2.1.3")
def test_four_categories_to_choose_from_and_the_drafts_that_wait(town: Town, browser: Browser) -> None:
    services.create(town.reporter, told(title="没写完的楼道堆物"))
    page = browser(town.reporter).get("/report/new").content.decode()
    assert all(str(c.label) in page for c in Category) and "没写完的楼道堆物" in page
    assert browser(town.reviewer).get("/report/new").status_code == 403
    assert Client().get("/report/new").status_code == 302


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize("category", Category.values)
def test_the_form_asks_every_field_of_its_category_in_fixed_order(town: Town, browser: Browser, category: str) -> None:
    page = browser(town.reporter).get(f"/report/new/{category}").content.decode()
    at = -1
    for f in CatalogueField.objects.filter(category=category, required=True).exclude(kind="parties").order_by("order"):
        name = f'name="details.{f.code}' if f.kind != "parties" else 'name="parties.name"'
        assert page.find(name) > at, f.code
        at = page.find(name)
    for s in Subcategory.objects.filter(category=category, active=True):
        assert f'value="{s.code}"' in page
    assert browser(town.reporter).get("/report/new/gossip").status_code == 404


def test_a_form_starts_with_what_is_known(town: Town, browser: Browser) -> None:
    item = browser(town.reporter).get("/report/new/event").context["item"]
    assert item.grid_id == town.grids[0].pk and item.occurred_at == item.seen_at is not None
    assert item.sensitivity == "internal"


@pytest.mark.clause("1.3.1", "3.2")
def test_a_form_fills_in_nothing_that_nobody_said(town: Town, browser: Browser) -> None:
    """Neither how it became known nor that nobody was hurt (1.3.1)."""
    page = browser(town.reporter).get("/report/new/event")
    casualties = re.findall(r"<input[^>]*details\.casualties\.[^>]*>", page.content.decode())
    assert page.context["item"].source == ""
    assert len(casualties) == 3 and not any('value="0"' in c for c in casualties)


@pytest.mark.clause("3.1")
@pytest.mark.clause("3.2")
@pytest.mark.clause("3.3")
@pytest.mark.clause("3.4")
@pytest.mark.parametrize("category", Category.values)
def test_required_fields_are_asked_at_submit_and_never_while_drafting(
    town: Town, browser: Browser, category: str
) -> None:
    client, id = browser(town.reporter), ids.new()
    bare = {"version": "0", "category": category, "title": "先记一笔", "key_points.asked": "1", "parties.asked": "1"}
    saved = client.post(f"/items/{id}/draft", bare, headers=JSON)
    assert saved.status_code == 200 and saved.json()["version"] == 1
    answer = client.post(f"/items/{id}/edit", {**bare, "version": "1", "action": "submit"})
    assert answer.status_code == 422
    errors = {q.name for q in answer.context["asked"] if q.errors}
    assert {f"details.{code}" for code in REQUIRED[category]} <= errors
    assert {"narrative", "subcategory", "place", "grid", "source"} <= errors
    assert ("parties" in errors) == (category in ("opinion", "event"))
    assert ("analysis" in errors) == (category == "sanitation")
    assert Item.objects.get(pk=id).status == Status.DRAFT


@pytest.mark.clause("1.3.2")
def test_a_complete_form_with_a_photo_is_submitted_in_one_go(town: Town, browser: Browser) -> None:
    client, id = browser(town.reporter), ids.new()
    answer = client.post(
        f"/items/{id}/edit", {**posted(action="submit"), "files": SimpleUploadedFile("IMG.HEIC", samples.heic())}
    )
    assert answer.status_code == 302 and answer["Location"] == f"/items/{id}/", answer.content
    item = Item.objects.get(pk=id)
    assert item.status == Status.SUBMITTED and item.number and item.details["severity"] == "middle"
    assert Attachment.objects.get().item_id == id


@pytest.mark.clause("3.2")
def test_people_casualties_and_facts_told_once(town: Town, browser: Browser) -> None:
    id = ids.new()
    form = posted(category="event", subcategory="event.fire", action="submit")
    for name in [k for k in form if k.startswith("details.")]:
        del form[name]
    form |= {
        "parties.asked": "1",
        "parties.role": "involved",
        "parties.name": "张建国",
        "parties.phone": "138 1234 5678",
        "details.casualties.dead": "0",
        "details.casualties.injured": "1",
        "details.casualties.missing": "0",
        "details.present_state": "controlled",
        "details.measures_taken": "已断电",
        "same.details.course": "on",
        "same.key_points": "on",
        "details.none_involved.asked": "1",
    }
    assert browser(town.reporter).post(f"/items/{id}/edit", form).status_code == 302
    item = Item.objects.get(pk=id)
    assert item.details["course"] == item.narrative and item.key_points == [item.title]
    assert item.details["casualties"] == {"dead": 0, "injured": 1, "missing": 0}
    assert [(p.name, p.phone) for p in item.parties.all()] == [("张建国", "13812345678")]


@pytest.mark.clause("3.1")
def test_an_opinion_names_its_proposer_or_says_why_not(town: Town, browser: Browser) -> None:
    base = posted(
        category="opinion",
        subcategory="opinion.service",
        action="submit",
        **{
            "details.kind": "need",
            "details.wish": "开通社区助餐",
            "details.reply_wanted": "none",
            "parties.asked": "1",
            "details.anonymous.asked": "1",
        },
    )
    base = {
        k: v
        for k, v in base.items()
        if k not in ("details.area", "details.factor", "details.factor_words", "details.severity")
    }
    client = browser(town.reporter)
    told_ = client.post(f"/items/{ids.new()}/edit", base)
    assert told_.status_code == 422 and "提出人" in told_.content.decode()
    hidden = {**base, "details.anonymous": "on"}
    assert client.post(f"/items/{ids.new()}/edit", hidden).status_code == 422
    assert (
        client.post(f"/items/{ids.new()}/edit", {**hidden, "details.anonymous_reason": "居民不愿透露姓名"}).status_code
        == 302
    )
    named = {**base, "parties.role": "proposer", "parties.name": "张建国", "parties.phone": "13812345678"}
    assert client.post(f"/items/{ids.new()}/edit", named).status_code == 302
    wished, id = ({**named, "details.anonymous": "on", "details.anonymous_reason": "担心影响邻里关系"}, ids.new())
    assert client.post(f"/items/{id}/edit", wished).status_code == 302
    assert not Item.objects.get(pk=id).parties.exists()  # who wishes no name leaves none


@pytest.mark.clause("1.3.4")
def test_a_confidential_item_names_who_may_see_it(town: Town, browser: Browser) -> None:
    client, id = browser(town.reporter), ids.new()
    form = posted(sensitivity="confidential", action="submit", **{"named.asked": "1"})
    answer = client.post(f"/items/{id}/edit", form)
    assert answer.status_code == 422 and [q.name for q in answer.context["asked"] if q.errors] == ["named"]
    offered = {o["label"] for q in answer.context["asked"] if q.name == "named" for o in q.options}
    assert offered == {"reviewer", "manager", "handler"}
    assert client.post(f"/items/{id}/edit", {**form, "version": "1", "named": str(town.reviewer.pk)}).status_code == 302
    assert browser(town.reviewer).get(f"/items/{id}/").status_code == 200
    assert browser(town.manager).get(f"/items/{id}/").status_code == 404


@pytest.mark.clause("1.3.4", "4.3.1")
def test_somebody_named_on_a_confidential_item_can_review_it(town: Town, browser: Browser) -> None:
    """Named persons only: with handlers, people elsewhere or the reporter alone nobody could ever review it."""
    own = RoleGrant.objects.create(user=town.reporter, role="reviewer", unit=town.community, starts=date(2026, 1, 1))
    client = browser(town.reporter)
    for name in ("handler", "reporter"):
        form = posted(
            sensitivity="confidential", action="submit", named=str(getattr(town, name).pk), **{"named.asked": "1"}
        )
        answer = client.post(f"/items/{ids.new()}/edit", form)
        (question,) = [q for q in answer.context["asked"] if q.errors]
        assert answer.status_code == 422 and question.name == "named", name
        assert "至少有一位能审核它的" in str(question.errors), name
    own.delete()
    refusals = set()
    for pk in (town.stranger.pk, ids.new()):
        with pytest.raises(Invalid) as refused:
            services.create(town.reporter, told(sensitivity="confidential", named=[str(pk)]))
        refusals.add(str(refused.value.fields))
    assert len(refusals) == 1  # nobody learns who works elsewhere


def test_a_draft_saves_what_is_right_and_tells_what_is_not(town: Town, browser: Browser) -> None:
    client, id = browser(town.reporter), ids.new()
    answer = client.post(
        f"/items/{id}/draft", {**posted(title="长" * 61), "details.recurrence": "许多", "place.lat": "99"}, headers=JSON
    )
    assert answer.status_code == 200 and set(answer.json()["lost"]) >= {"title", "details.recurrence"}
    item = Item.objects.get(pk=id)
    assert item.title == "" and item.narrative and item.details["severity"] == "middle" and item.place == "3栋2单元"
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["saved_at"])


def test_two_tabs_the_second_is_told_and_keeps_its_text(town: Town, browser: Browser) -> None:
    client, id = browser(town.reporter), ids.new()
    client.post(f"/items/{id}/draft", posted(), headers=JSON)
    assert (
        client.post(f"/items/{id}/draft", posted(version="1", title="第一个窗口"), headers=JSON).json()["version"] == 2
    )
    by_itself = client.post(f"/items/{id}/draft", posted(version="1", title="第二个窗口"), headers=JSON)
    assert by_itself.status_code == 409 and "保留" in by_itself.json()["detail"]
    by_hand = client.post(
        f"/items/{id}/edit",
        posted(version="1", title="第二个窗口", narrative="第二个窗口写的内容还在这里。", action="submit"),
    )
    page = by_hand.content.decode()
    assert by_hand.status_code == 409 and "第二个窗口写的内容还在这里。" in page and "别处" in page
    assert Item.objects.get(pk=id).title == "第一个窗口" and Item.objects.get(pk=id).status == Status.DRAFT
    # Having looked, the same person may put this page's words above the other's.
    assert (
        client.post(
            f"/items/{id}/edit", posted(version=str(by_hand.context["version"]), title="第二个窗口", action="submit")
        ).status_code
        == 302
    )


def test_a_wrong_field_keeps_everything_typed(town: Town, browser: Browser) -> None:
    answer = browser(town.reporter).post(
        f"/items/{ids.new()}/edit",
        posted(action="submit", **{"details.recurrence": "许多次", "occurred_at": "2027-01-01T00:00"}),
    )
    page = answer.content.decode()
    assert (
        answer.status_code == 422
        and 'value="许多次"' in page
        and "旧沙发" in page
        and 'value="2027-01-01T00:00"' in page
    )


def test_wrong_and_missing_fields_are_told_together(town: Town, browser: Browser) -> None:
    answer = browser(town.reporter).post(
        f"/items/{ids.new()}/edit", posted(action="submit", title="", **{"details.recurrence": "许多次"})
    )
    assert {q.name for q in answer.context["asked"] if q.errors} == {"title", "details.recurrence"}


def test_nobody_writes_into_anothers_draft(town: Town, browser: Browser) -> None:
    item = services.create(town.reporter, told())
    for person in (town.colleague, town.reviewer, town.admin):
        assert browser(person).post(f"/items/{item.pk}/draft", posted(), headers=JSON).status_code in (403, 404)
        assert browser(person).get(f"/items/{item.pk}/edit").status_code in (403, 404)
    done = submitted(town.reporter)
    assert browser(town.reporter).get(f"/items/{done.pk}/edit")["Location"] == f"/items/{done.pk}/"
    assert (
        browser(town.reporter)
        .post(f"/items/{done.pk}/draft", posted(version=str(done.version)), headers=JSON)
        .status_code
        == 409
    )


def _returned(town: Town, *findings: tuple[str, str], **changes: Any) -> Item:
    item = submitted(town.reporter, **changes)
    from linbao.review import services as review

    review.return_(
        town.reviewer,
        item.pk,
        ReturnItem(
            findings=[{"field": f, "check": "completeness", "words": w} for f, w in findings],
            checks={c: {"pass": c != "completeness"} for c in ("truth", "completeness", "accuracy", "format")},
        ),
    )
    return Item.objects.get(pk=item.pk)


@pytest.mark.clause("4.3.2")
def test_a_returned_item_asks_only_what_is_at_fault(town: Town, browser: Browser) -> None:
    item = _returned(town, ("details.area", "请写到具体楼层"), ("title", "标题太笼统"))
    page = browser(town.reporter).get(f"/items/{item.pk}/edit")
    assert {q.name for q in page.context["asked"]} == {"title", "details.area"}
    text = page.content.decode()
    assert (
        "请写到具体楼层" in text
        and "标题太笼统" in text
        and 'name="narrative"' not in text
        and 'name="details.factor"' not in text
    )
    assert "搬家后没有清走" in text  # the rest can be read


@pytest.mark.clause("4.3.2")
def test_only_the_fields_at_fault_change_and_the_item_is_reported_again(town: Town, browser: Browser) -> None:
    item = _returned(town, ("details.area", "请写到具体楼层"))
    form = {
        "version": str(item.version),
        "category": "sanitation",
        "details.area": "3栋2单元1层电梯口",
        "narrative": "偷偷改掉的内容，不该生效。",
        "action": "submit",
    }
    answer = browser(town.reporter).post(f"/items/{item.pk}/edit", form)
    assert answer.status_code == 302, answer.content.decode()
    after = Item.objects.get(pk=item.pk)
    assert after.status == Status.SUBMITTED and after.details == {**item.details, "area": "3栋2单元1层电梯口"}
    assert after.narrative == item.narrative and after.number == item.number


@pytest.mark.clause("4.3.2")
def test_people_asked_for_by_the_reviewer_can_be_given_in_any_category(town: Town, browser: Browser) -> None:
    item = _returned(town, ("parties", "请补充堆放人"), ("attachments", "请补拍现场"))
    page = browser(town.reporter).get(f"/items/{item.pk}/edit")
    assert {q.name for q in page.context["asked"]} == {"parties", "attachments"}
    form = {
        "version": str(item.version),
        "parties.asked": "1",
        "parties.role": "involved",
        "parties.name": "李四",
        "parties.phone": "",
        "action": "submit",
    }
    assert browser(town.reporter).post(f"/items/{item.pk}/edit", form).status_code == 302
    after = Item.objects.get(pk=item.pk)
    assert (
        [p.name for p in after.parties.all()] == ["李四"]
        and after.details == item.details
        and after.key_points == item.key_points
    )


@pytest.mark.clause("4.3.2")
def test_a_returned_item_keeps_its_people_when_they_are_not_at_fault(town: Town, browser: Browser) -> None:
    item = _returned(town, ("title", "标题太笼统"), **dict(event().items()))
    form = {"version": str(item.version), "title": "五栋车棚电动车充电冒烟，已扑灭", "action": "submit"}
    assert browser(town.reporter).post(f"/items/{item.pk}/edit", form).status_code == 302
    assert [p.name for p in Item.objects.get(pk=item.pk).parties.all()] == ["张建国"]


def test_a_form_costs_the_same_with_many_drafts_and_grids(
    town: Town, browser: Browser, django_assert_max_num_queries: Any
) -> None:
    client = browser(town.reporter)
    client.get("/report/new/event")
    with django_assert_max_num_queries(7):
        client.get("/report/new/event")
    for n in range(50):
        services.create(town.reporter, told(title=f"草稿 {n}"))
    with django_assert_max_num_queries(7):
        client.get("/report/new/event")
    with django_assert_max_num_queries(7):
        client.get("/report/new")


def test_a_draft_is_thrown_away_and_a_submitted_item_withdrawn_with_a_reason(town: Town, browser: Browser) -> None:
    client = browser(town.reporter)
    draft = services.create(town.reporter, told())
    assert client.post(f"/items/{draft.pk}/withdraw").status_code == 302
    item = submitted(town.reporter)
    assert client.post(f"/items/{item.pk}/withdraw", {"reason": " "}).status_code == 422
    assert Item.objects.get(pk=item.pk).status == Status.SUBMITTED
    assert client.post(f"/items/{item.pk}/withdraw", {"reason": "居民已自行清走"}).status_code == 302
    assert Item.objects.get(pk=item.pk).status == Status.WITHDRAWN
    assert browser(town.colleague).post(f"/items/{item.pk}/withdraw", {"reason": "x"}).status_code in (403, 404)


names = st.sampled_from(
    [
        "title",
        "narrative",
        "occurred_at",
        "place.text",
        "place.lat",
        "place.lon",
        "grid",
        "source.method",
        "source.activity",
        "key_points",
        "details.factor",
        "details.recurrence",
        "parties.name",
        "parties.phone",
        "parties.role",
        "version",
        "sensitivity",
        "urgent",
        "subcategory",
        "same.analysis",
        "also",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(names, st.text(max_size=60), max_size=12), category=st.sampled_from(Category.values))
def test_whatever_is_posted_becomes_an_item_or_a_problem(town: Town, values: dict[str, str], category: str) -> None:
    post = QueryDict(mutable=True)
    post.update({**values, "parties.asked": "1", "key_points.asked": "1"})
    data = forms.read(post, category)
    assert data["category"] == category
    try:
        fields.fill(Item(reporter=town.reporter, category=category, community=town.community), data, town.reporter)
    except Invalid as problem:
        assert problem.fields


def test_nonsense_never_becomes_a_fault_of_ours(town: Town, browser: Browser) -> None:
    client, id = browser(town.reporter), ids.new()
    client.post(f"/items/{id}/draft", posted(), headers=JSON)
    for noise in ("\x00", "9" * 5000, "../../x", "<script>alert(1)</script>", "🀄" * 100, "NaN", "-1e309"):
        for name in (
            "title",
            "occurred_at",
            "place.lat",
            "grid",
            "source.activity",
            "details.recurrence",
            "details.factor",
            "version",
            "sensitivity",
            "subcategory",
            "category",
        ):
            for action in ("draft", "edit"):
                answer = client.post(
                    f"/items/{id}/{action}",
                    posted(**{"version": "", name: noise}),
                    headers=JSON if action == "draft" else {},
                )
                assert answer.status_code < 500, (name, noise)
