"""Items taken out: a right of its own, whole, with a data dictionary (2.2.1, 1.3.4)."""

from __future__ import annotations

import argparse
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from linbao.archive import command, exporting
from linbao.archive.filters import Filters
from linbao.audit.models import Record
from linbao.handling import loop, oversight
from linbao.handling.inputs import AdoptItem, EvaluateItem
from linbao.organisation.models import Unit
from linbao.organisation.tree import reference
from tests.loop import Town

pytestmark = pytest.mark.clause("2.2.1")
PHONE, NAME = "13855550002", "张三丰"


def filled(town: Town) -> Any:
    """A closed sanitation item with everything that an export must hold."""
    item = town.informed(
        title="垃圾堆放无人清运",
        narrative=f"居民{NAME}说垃圾堆放多日，电话{PHONE}，住3栋2单元1201室。",
        parties=[{"role": "proposer", "name": NAME, "phone": PHONE}],
        analysis="清运班次不足",
        suggestion="增加一次清运",
        place={"text": "3栋2单元1201室门口", "lat": 30.651234, "lon": 104.061234},
    )
    loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict="unsatisfied", remark=f"{NAME}还不满意"))
    oversight.adopt(town.manager, item.pk, AdoptItem(kind="measure", note="调整清运班次"))
    item.refresh_from_db()
    return item


def answer(town: Town, form: str, who: str = "manager") -> bytes:
    response = town.browser(who).get("/archive/export", {"format": form})
    assert response.status_code == 200
    return response.getvalue()


def test_an_export_holds_the_whole_item_and_nobody(town: Town) -> None:
    item = filled(town)
    rows = list(csv.reader(io.StringIO(answer(town, "csv").decode("utf-8-sig"))))
    row = dict(zip([c.code for c in exporting.columns()], rows[1], strict=True))
    assert row["number"] == item.number and row["title"] == "垃圾堆放无人清运"
    assert row["analysis"] == "清运班次不足" and row["suggestion"] == "增加一次清运" and row["result"]
    assert (row["lat"], row["lon"]) == ("30.651234", "104.061234")
    assert all(row[t] for t in ("occurred_at", "seen_at", "reported_at", "arrived_at"))
    assert "不满意" in row["evaluations"] and row["review"].startswith("通过") and "调整清运班次" in row["adoption"]
    assert row["place"] == "3栋***门口" and row["parties"] == "提出人 张*" and row["contacts"] == "138****0002"
    asked = [c for c in row if c.startswith("details.sanitation.") and row[c]]
    assert {"details.sanitation.area", "details.sanitation.severity"} <= set(asked)
    for form in exporting.FORMATS:
        data = answer(town, form)
        if form == "xlsx":
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            data = str([book.get_sheet_by_index(n).to_python() for n in (0, 1)]).encode()
        for planted in (NAME, PHONE, "1201"):
            assert planted not in data.decode(), (form, planted)
    assert [r.data["format"] for r in Record.objects.filter(action="export").order_by("at")] == [
        "csv",
        *exporting.FORMATS,
    ]


def test_geojson_has_points_and_says_when_it_is_cut(town: Town) -> None:
    item = filled(town)
    town.submitted(title="没有坐标", place={"text": "小广场"})
    result = json.loads(answer(town, "geojson"))
    assert result["type"] == "FeatureCollection" and result["truncated"] is False and len(result["features"]) == 2
    first = next(f for f in result["features"] if f["id"] == str(item.pk))
    assert first["geometry"] == {"type": "Point", "coordinates": [104.061234, 30.651234]}
    assert first["properties"]["title"] == "垃圾堆放无人清运"
    assert any(f["geometry"] is None for f in result["features"])
    cut = json.loads("".join(exporting.geojson(town.manager, Filters(), most=1)))
    assert cut["truncated"] is True and len(cut["features"]) == 1
    assert town.browser("manager").get("/archive/export", {"format": "exe"}).status_code == 422


def test_the_dictionary_names_every_column(town: Town) -> None:
    filled(town)
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer(town, "xlsx")))
    heads, lines = book.get_sheet_by_index(0).to_python()[0], book.get_sheet_by_index(1).to_python()
    assert [line[2] for line in lines[1:]] == heads
    assert all(line[1] for line in lines[1:])
    alone = town.browser("reporter").get("/archive/dictionary").getvalue().decode("utf-8-sig")
    assert [line[2] for line in csv.reader(io.StringIO(alone))][1:] == heads


@pytest.mark.clause("1.3.4")
def test_exporting_is_a_right_that_the_unit_grants(town: Town) -> None:
    town.submitted()
    for who, status in (("manager", 200), ("reviewer", 403), ("reporter", 403), ("handler", 403), ("trainer", 403)):
        assert town.browser(who).get("/archive/export").status_code == status, who
    assert "/archive/export" not in town.browser("reviewer").get("/archive/").content.decode()
    unit = Unit.objects.get(pk=town.community.pk)
    unit.settings = {**unit.settings, "export_roles": "manager,reviewer"}
    unit.save()
    reference.changed()
    assert town.browser("reviewer").get("/archive/export").status_code == 200
    assert town.browser("handler").get("/archive/export").status_code == 403


def test_the_command_line_writes_the_same_with_its_dictionary(town: Town, tmp_path: Path) -> None:
    item = filled(town)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    out = tmp_path / "a.geojson"
    assert command.run(parser.parse_args([str(out), "--as", "manager"])) == 0
    assert json.loads(out.read_text())["features"][0]["properties"]["number"] == item.number
    assert "details.sanitation.area" in (tmp_path / "a.geojson.dictionary.csv").read_text(encoding="utf-8-sig")
    assert command.run(parser.parse_args([str(out), "--as", "reviewer"])) == 2
