"""The catalogue: changed without code by the administrator, asked of reporters at once (3.1–3.4, 2.2.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from linbao.audit.models import Record
from linbao.core import ids
from linbao.core.inputs import checked
from linbao.core.problems import Invalid, NotAllowed
from linbao.items import services
from linbao.items.catalogue import services as catalogue_admin
from linbao.items.catalogue.inputs import SaveField, SaveSubcategory
from linbao.items.models import CatalogueField, Category, Item, Subcategory
from linbao.organisation.models import User
from tests.items.conftest import Town, posted, told

Browser = Callable[[User], Client]
FIELD = {
    "code": "lamp_number",
    "kind": "text",
    "label": "灯杆编号",
    "label_en": "Lamp number",
    "required": "on",
    "active": "on",
    "order": "5",
    "options": "",
}


@pytest.mark.clause("3.4")
def test_a_field_added_by_the_administrator_is_asked_and_required_at_once(town: Town, browser: Browser) -> None:
    admin, reporter = browser(town.admin), browser(town.reporter)
    assert admin.post("/admin/catalogue/sanitation/field", FIELD).status_code == 302
    assert "灯杆编号" in reporter.get("/report/new/sanitation").content.decode()
    assert "灯杆编号" in admin.get("/admin/catalogue/sanitation/preview").content.decode()
    id = ids.new()
    answer = reporter.post(f"/items/{id}/edit", posted(action="submit"))
    assert answer.status_code == 422 and "灯杆编号" in answer.content.decode()
    assert (
        reporter.post(
            f"/items/{id}/edit", posted(version="1", action="submit", **{"details.lamp_number": "D-17"})
        ).status_code
        == 302
    )
    assert Item.objects.get(pk=id).details["lamp_number"] == "D-17"
    record = Record.objects.get(action="catalogue.field")
    assert record.actor_id == town.admin.pk and record.data["code"] == "sanitation.lamp_number"


@pytest.mark.clause("2.2.1")
def test_a_subcategory_and_a_field_of_its_own(town: Town, browser: Browser) -> None:
    admin, reporter = browser(town.admin), browser(town.reporter)
    made = admin.post(
        "/admin/catalogue/sanitation/subcategory",
        {
            "code": "stray_dogs",
            "name": "流浪犬",
            "handle_days": "5",
            "order": "900",
            "active": "on",
            "default_unit": str(town.department.pk),
        },
    )
    assert made.status_code == 302
    row = Subcategory.objects.get(pk="sanitation.stray_dogs")
    assert (row.handle_days, row.default_unit_id) == (5, town.department.pk)
    admin.post(
        "/admin/catalogue/sanitation/field",
        {**FIELD, "code": "dogs", "kind": "number", "label": "犬只数量", "subcategory": "sanitation.stray_dogs"},
    )
    with pytest.raises(Invalid) as lacking:
        services.create(town.reporter, told(subcategory="stray_dogs"), submit=True)
    assert "details.dogs" in lacking.value.fields
    assert services.create(
        town.reporter, told(subcategory="stray_dogs", details={**told()["details"], "dogs": 3}), submit=True
    ).number
    assert services.create(town.reporter, told(), submit=True).number  # asked of that subcategory only
    assert 'data-only="sanitation.stray_dogs"' in reporter.get("/report/new/sanitation").content.decode()


def test_a_field_taken_out_of_use_is_asked_no_more_and_old_answers_stay(town: Town, browser: Browser) -> None:
    item = services.create(town.reporter, told(), submit=True)
    row = CatalogueField.objects.get(category="sanitation", code="severity")
    browser(town.admin).post(
        f"/admin/catalogue/sanitation/field?id={row.pk}",
        {"label": "程度", "order": "40", "options": "light 轻\nmiddle 中\nheavy 重", "required": "on"},
    )
    assert "details.severity" not in browser(town.reporter).get("/report/new/sanitation").content.decode()
    assert Item.objects.get(pk=item.pk).details["severity"] == "middle"


def severity(options: str) -> SaveField:
    return checked(SaveField, {"label": "程度", "options": options, "order": 40, "required": True, "active": True})


def test_options_are_renamed_and_added_but_never_lost(town: Town) -> None:
    row = CatalogueField.objects.get(category="sanitation", code="severity")
    with pytest.raises(Invalid):
        catalogue_admin.save_field(town.admin, "sanitation", severity("light 轻"), field_id=row.pk)
    catalogue_admin.save_field(
        town.admin, "sanitation", severity("light 轻微 | Slight\nmiddle 中\nheavy 重\nterrible 极重"), field_id=row.pk
    )
    row.refresh_from_db()
    assert [o["code"] for o in row.options] == ["light", "middle", "heavy", "terrible"]
    assert row.options[0]["label_en"] == "Slight"


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Lamp"},
        {"code": ""},
        {"code": "severity"},
        {"kind": "parties"},
        {"kind": "x"},
        {"label": ""},
        {"label": "长" * 41},
        {"order": "x"},
        {"kind": "choice", "options": ""},
        {"kind": "choice", "options": "轻 light"},
        {"kind": "choice", "options": "a 甲\na 乙"},
        {"subcategory": "event.fire"},
    ],
)
def test_a_wrong_field_is_refused_with_words(town: Town, browser: Browser, wrong: dict[str, str]) -> None:
    before = CatalogueField.objects.count()
    answer = browser(town.admin).post("/admin/catalogue/sanitation/field", {**FIELD, **wrong})
    assert answer.status_code == 422 and "rp-error" in answer.content.decode()
    assert CatalogueField.objects.count() == before


def test_only_the_administrator_changes_the_catalogue(town: Town, browser: Browser) -> None:
    for name, person in town.people.items():
        client = browser(person)
        for address in ("", "sanitation/", "sanitation/field", "sanitation/subcategory", "sanitation/preview"):
            allowed = name == "admin"
            assert (client.get("/admin/catalogue/" + address).status_code in (200, 302)) == allowed, (name, address)
        assert (
            client.post("/admin/catalogue/sanitation/field", {**FIELD, "code": f"f_{name}"}).status_code == 302
        ) == (name == "admin")
    assert browser(town.admin).get("/admin/catalogue/gossip/").status_code == 404


def test_the_actions_ask_for_themselves_whoever_calls_them(town: Town) -> None:
    subcategory = SaveSubcategory(code="x", name="某类", handle_days=7, order=900, emergency=False, active=True)
    for person in (town.manager, town.reviewer, town.auditor):
        with pytest.raises(NotAllowed):
            catalogue_admin.save_field(person, "sanitation", checked(SaveField, {**FIELD, "required": True}))
        with pytest.raises(NotAllowed):
            catalogue_admin.save_subcategory(person, "sanitation", subcategory)


def test_the_catalogue_by_api(town: Town, browser: Browser, django_assert_max_num_queries: Any) -> None:
    row = browser(town.reporter).get("/api/v1/catalogue").json()["categories"]
    assert [c["code"] for c in row] == Category.values
    fire = next(s for s in row[1]["subcategories"] if s["code"] == "fire")
    assert fire["emergency"] and fire["label"] == "火灾"
    assert {f["code"] for f in row[3]["fields"] if f["required"]} == {"area", "factor", "factor_words", "severity"}
