"""The archive's pages: list, map, views, export (2.2.1, 1.3.4)."""

from __future__ import annotations

import argparse
import csv
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from linbao.archive import command as export
from linbao.archive import exporting
from linbao.archive.filters import Filters
from linbao.archive.models import SavedView
from linbao.audit.models import Record
from linbao.core import exports as sheets
from tests.loop import Town

pytestmark = pytest.mark.django_db


def rows_of(answer: Any) -> list[list[str]]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


@pytest.mark.clause("2.2.1")
def test_list_map_and_empty_page_answer(town: Town) -> None:
    reviewer = town.browser("reviewer")
    assert "档案里还没有条目" in reviewer.get("/archive/").content.decode()
    item = town.submitted(place={"text": "三号楼", "lat": 30.6, "lon": 104.08})
    page = reviewer.get("/archive/").content.decode()
    assert item.title in page
    assert item.number and item.number in page
    assert "没有找到符合条件的条目" in reviewer.get("/archive/", {"category": "event"}).content.decode()
    assert "104.08" in reviewer.get("/archive/", {"view": "map"}).content.decode()
    hit = reviewer.get("/archive/", {"q": item.title[:2]}).content.decode()
    assert f"<mark>{item.title[:2]}</mark>" in hit


@pytest.mark.clause("1.3.4")
def test_looking_for_a_person_stands_on_the_log_without_the_name(town: Town) -> None:
    town.submitted(parties=[{"role": "proposer", "name": "赵小兰", "phone": "13900001111"}])
    assert town.browser("reviewer").get("/archive/", {"person": "赵小兰"}).status_code == 200
    record = Record.objects.get(action="party.search")
    assert record.actor_id == town.reviewer.pk
    assert "赵小兰" not in str(record.data) + record.reason


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("reporter", 200),
        ("reviewer", 200),
        ("handler", 200),
        ("manager", 200),
        ("trainer", 403),
        ("administrator", 403),
    ],
)
@pytest.mark.clause("1.3.4")
def test_who_may_open_the_archive(town: Town, who: str, status: int) -> None:
    assert town.browser(who).get("/archive/").status_code == status
    assert town.browser(who).get("/archive/dictionary").status_code == status
    exports = 200 if who == "manager" else 403  # a right of its own
    assert town.browser(who).get("/archive/export").status_code == exports


@pytest.mark.clause("2.2.1")
def test_a_view_is_kept_found_and_taken_away(town: Town) -> None:
    reviewer = town.browser("reviewer")
    reviewer.post("/archive/views/save", {"name": "垃圾", "category": "sanitation", "q": "垃圾"})
    view = SavedView.objects.get()
    assert "category=sanitation" in view.query
    assert "垃圾" in reviewer.get("/archive/views/").content.decode()
    assert town.browser("reviewer2").post(f"/archive/views/{view.pk}/delete").status_code == 404
    reviewer.post(f"/archive/views/{view.pk}/delete")
    assert not SavedView.objects.exists()
    reviewer.post("/archive/views/save", {"name": "某人", "person": "赵小兰"})
    assert not SavedView.objects.exists()


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize("evil", ["=cmd|'/c calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "＝1+1"])
def test_no_cell_of_an_export_is_a_formula(town: Town, evil: str) -> None:
    town.submitted(title=evil, place={"text": evil})
    manager = town.browser("manager")
    sheet = rows_of(manager.get("/archive/export", {"format": "csv"}))
    for cell in sheet[1]:
        assert not cell.lstrip().startswith(sheets.RISKY), cell
    answer = manager.get("/archive/export", {"format": "xlsx"})
    data = answer.getvalue()
    assert b"<f>" not in data
    book = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert str(book[1][4]).strip() == evil.strip()


@pytest.mark.clause("1.3.4")
def test_export_masks_persons_whatever_is_asked(town: Town) -> None:
    """What is to hold them is asked for as a disclosure (6.2.2; tests/confidentiality)."""
    town.submitted(
        narrative="居民赵小兰反映楼道堆物，电话13900001111，请尽快处理。",
        parties=[{"role": "proposer", "name": "赵小兰", "phone": "13900001111"}],
    )
    manager = town.browser("manager")
    message = str(rows_of(manager.get("/archive/export", {"format": "csv"})))
    assert "赵*" in message
    assert "139****1111" in message
    assert "13900001111" not in message
    assert Record.objects.filter(action="export").count() == 1
    asked = {"format": "csv", "reveal": "1", "reason": "上门核实联系居民"}
    assert "13900001111" not in str(rows_of(manager.get("/archive/export", asked)))
    assert manager.post("/archive/export", asked).status_code == 405
    assert not Record.objects.filter(action="export.reveal").exists()


def test_export_follows_the_filters_and_says_when_it_is_cut(town: Town, tmp_path: Any) -> None:
    made = [town.submitted() for _n in range(3)]
    sheet = rows_of(town.browser("manager").get("/archive/export", {"format": "csv", "q": str(made[0].number)}))
    assert [r[0] for r in sheet[1:]] == [made[0].number]
    lines = list(exporting.lines(town.manager, Filters(), most=2))
    assert len(lines) == 3
    assert "上限" in lines[2][0]
    out = tmp_path / "a.csv"

    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    assert export.run(parser.parse_args([str(out), "--as", "manager", "--category", "sanitation"])) == 0
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 4
    assert export.run(parser.parse_args([str(out), "--as", "nobody"])) == 2
