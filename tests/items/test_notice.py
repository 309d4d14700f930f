"""Persons are told before they are written down, and on what basis (PIPL art. 13, 17; 1.3.4)."""

from __future__ import annotations

import pytest

from linbao.items import services
from linbao.items.models import Item
from linbao.organisation.models import Unit
from linbao.organisation.tree import reference
from tests.loop import Town, _tuesday, time, town  # noqa: F401

pytestmark = pytest.mark.clause("1.3.4")
PARTY = {"role": "proposer", "name": "张三丰", "phone": "13855550002"}


@pytest.mark.parametrize("query", ["", "?offline"])
def test_the_form_holds_words_to_read_aloud(town: Town, query: str) -> None:  # noqa: F811
    page = town.browser("reporter").get(f"/report/new/opinion{query}").content.decode()
    assert "我是桂花园社区的信息报告员" in page and "归档后1 年删除电话，3 年删除姓名（紧急事项10 年）" in page
    assert 'name="notice.informed"' in page and 'name="notice.basis"' in page
    assert "selected" not in page.partition('name="notice.basis"')[2].partition("</select>")[0]  # nothing is presumed
    unit = Unit.objects.get(pk=town.community.pk)
    unit.settings = {"retention": {"contacts": 90}}
    unit.save()
    reference.changed()
    assert "归档后90 天删除电话" in town.browser("reporter").get("/report/new/opinion").content.decode()


def test_what_was_told_and_the_basis_are_recorded_and_shown(town: Town) -> None:  # noqa: F811
    item = town.submitted(parties=[PARTY], notice={"basis": "consent", "informed": True})
    item.refresh_from_db()
    assert item.notice_basis == "consent" and item.notice_at is not None
    page = town.browser("reviewer").get(f"/items/{item.pk}/").content.decode()
    assert "已告知本人" in page and "本人同意" in page
    answer = town.browser("reviewer").get(f"/api/v1/items/{item.pk}", **town.token("reviewer")).json()
    assert answer["notice"]["basis"] == "consent" and answer["notice"]["informed_at"]
    other = town.submitted(parties=[PARTY])
    assert "未记录告知本人" in town.browser("reviewer").get(f"/items/{other.pk}/").content.decode()


def test_a_posted_form_records_it_and_a_wrong_basis_is_named(town: Town) -> None:  # noqa: F811
    draft = services.create(town.reporter, town.body(parties=[PARTY]))
    browser = town.browser("reporter")
    form = {
        "version": draft.version,
        "category": "sanitation",
        "parties.asked": "1",
        "parties.role": "proposer",
        "parties.name": "张三丰",
        "parties.phone": "13855550002",
        "notice.asked": "1",
        "notice.informed": "on",
        "notice.basis": "duty",
        "action": "save",
    }
    # The sanitation form asks for people only where a reviewer did; the interface takes them always.
    token = town.token("reporter")
    body = {"notice": {"basis": "duty", "informed": True}}
    assert browser.patch(f"/api/v1/items/{draft.pk}", body, content_type="application/json", **token).status_code == 200
    assert Item.objects.get(pk=draft.pk).notice_basis == "duty"
    errors = {"notice": {"basis": "because"}}
    assert (
        browser.patch(f"/api/v1/items/{draft.pk}", errors, content_type="application/json", **token).status_code == 422
    )
    opinion = services.create(town.reporter, {"category": "opinion", "title": "希望延长开放时间"})
    form |= {"category": "opinion", "version": opinion.version}
    assert browser.post(f"/items/{opinion.pk}/edit", form).status_code == 302
    opinion.refresh_from_db()
    assert opinion.notice_basis == "duty" and opinion.notice_at is not None
