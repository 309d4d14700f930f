"""Seals on screen: made by the manager, seen by their custodian, their log, their end (4.2.2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from linbao.documents.models import Seal, SealUse
from tests.loop import Town, build


@pytest.fixture
def town(db: Any) -> Town:
    cache.clear()
    return build()


@pytest.mark.clause("4.2.2")
def test_the_manager_makes_suspends_hands_over_and_revokes(town: Town) -> None:
    browser = town.browser("manager")
    values = {"kind": "work_group", "name": "第一小组", "unit": str(town.group.pk), "custodian": str(town.leader.pk)}
    errors = browser.post("/seals/", values | {"name": "", "custodian": "x"})
    assert errors.status_code == 422
    assert "请填写印文" in errors.content.decode()
    for name, data in (("picture", b"no picture"), ("pkcs12", b"no certificate")):
        bad = browser.post("/seals/", values | {name: SimpleUploadedFile("x", data)})
        assert bad.status_code == 422
    assert browser.post("/seals/", values).status_code == 302
    seal = Seal.objects.get()
    url = f"/seals/{seal.pk}/"
    assert browser.get(url + "picture.png").content.startswith(b"\x89PNG")
    browser.post(url + "change", {"action": "suspend", "reason": ""})
    seal.refresh_from_db()
    assert seal.state == "active"
    for action in ("suspend", "resume", "hand_over", "revoke", "resume", "nonsense"):
        browser.post(url + "change", {"action": action, "reason": "盘点", "custodian": str(town.reporter.pk)})
    seal.refresh_from_db()
    assert (seal.state, seal.custodian) == ("revoked", town.reporter)
    assert SealUse.objects.filter(seal=seal).count() == 5
    page = browser.get(url).content.decode()
    assert "移交保管" in page
    assert "盘点" in page


@pytest.mark.clause("4.2.2")
def test_who_sees_which_seal(town: Town, django_assert_max_num_queries: Any) -> None:
    manager = town.browser("manager")
    for n in range(30):
        manager.post(
            "/seals/",
            {"kind": "unit", "name": f"印章{n}", "unit": str(town.community.pk), "custodian": str(town.handler.pk)},
        )
    seal = Seal.objects.first()
    assert seal is not None
    with django_assert_max_num_queries(16):
        assert "印章29" in manager.get("/seals/?state=active").content.decode()
    assert town.browser("handler").get(f"/seals/{seal.pk}/").status_code == 200
    assert town.browser("reporter").get("/seals/").status_code == 403
    assert town.browser("stranger").get(f"/seals/{seal.pk}/").status_code == 404
    assert (
        town.browser("handler").post(f"/seals/{seal.pk}/change", {"action": "revoke", "reason": "x"}).status_code == 403
    )
    assert town.browser("handler").post("/seals/", {"kind": "unit"}).status_code == 422
