"""Tables as programs and people really write them, read row by row (2.2.1)."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from linbao.core.problems import Invalid, Problem
from linbao.items.imports import columns, spreadsheets
from tests.hostile import makers

pytestmark = pytest.mark.clause("2.2.1")


def read(path: Path, data: bytes) -> list[list[Any]]:
    path.write_bytes(data)
    return [row for _number, row in spreadsheets.rows(path)]


def book(path: Path, *sheets: tuple[str, list[list[Any]]]) -> Path:
    made = xlsxwriter.Workbook(str(path))
    for name, rows in sheets:
        page = made.add_worksheet(name)
        for n, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    page.write(n, column, value)
    made.close()
    return path


HEAD = ["编号", "标题", "内容"]
ROW = ["A1", "路灯", "路灯不亮"]


def test_an_empty_first_sheet_is_passed_over_and_other_filled_ones_are_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("封面", []), ("十月", [HEAD, ROW]), ("空", []), ("九月", [HEAD, ROW]))
    with spreadsheets.read(path) as sheet:
        assert [row for _n, row in sheet.rows] == [HEAD, ROW]
        assert (sheet.name, sheet.others) == ("十月", ["九月"])


def test_a_cover_and_how_to_fill_in_are_passed_over_for_the_table(tmp_path: Path) -> None:
    cover, how = [["桂花园社区", "2026年11月"]], [["说明", "如何填写"], ["标题", "必填"]]
    path = book(tmp_path / "a.xlsx", ("封面", cover), ("填写说明", how), ("十月", [["登记表"], HEAD, ROW]))
    with spreadsheets.read(path, columns=columns.KNOWN) as sheet:
        assert (sheet.name, sheet.others) == ("十月", ["封面", "填写说明"]) and len(list(sheet.rows)) == 3
    assert columns.header(path) == (2, HEAD)


def test_the_fault_of_a_formula_is_no_content(tmp_path: Path) -> None:
    made = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    page = made.add_worksheet()
    page.write_row(0, 0, HEAD)
    page.write_formula(1, 0, "=NA()", None, "#N/A")
    page.write_row(1, 1, ["路灯", "不亮"])
    made.close()
    assert list(spreadsheets.rows(tmp_path / "a.xlsx"))[1][1] == [None, "路灯", "不亮"]


def csv(*lines: str) -> bytes:
    return "\n".join(["编号,标题,内容", *lines, ""]).encode()


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        # A quote that nothing closes concerns its own row only.
        (
            csv('A1,路灯,"路灯不亮', "A2,井盖,松动", "A3,噪音,太吵"),
            [["A1", "路灯", "路灯不亮"], ["A2", "井盖", "松动"], ["A3", "噪音", "太吵"]],
        ),
        (csv('A1,路灯,"路灯不亮', 'A2,"井盖",松动'), [["A1", "路灯", "路灯不亮"], ["A2", "井盖", "松动"]]),
        (csv('"A1","路灯","路灯不亮', '"A2","井盖","松动"'), [["A1", "路灯", "路灯不亮"], ["A2", "井盖", "松动"]]),
        # Quotes that are closed hold commas, line ends and doubled quotes; those that are not doubled are of the text.
        (
            csv('A1,路灯,"他说""坏了"",', '三天了"', "A2,井盖,松动"),
            [["A1", "路灯", '他说"坏了",\n三天了'], ["A2", "井盖", "松动"]],
        ),
        (csv('A1,路灯,"他说"坏了"三天"', "A2,井盖,松动"), [["A1", "路灯", '他说"坏了"三天'], ["A2", "井盖", "松动"]]),
        (
            csv('A1,"路灯","第一行', '第二行","x"', "A2,井盖,松动"),
            [["A1", "路灯", "第一行\n第二行", "x"], ["A2", "井盖", "松动"]],
        ),
        (csv('A1,5" 水管,漏水'), [["A1", '5" 水管', "漏水"]]),
        (csv('A1,"",""'), [["A1", "", ""]]),
    ],
)
def test_quotes_in_a_csv(tmp_path: Path, data: bytes, rows: list[list[str]]) -> None:
    assert read(tmp_path / "a.csv", data)[1:] == rows


def test_rows_with_a_quote_that_nothing_closes_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(csv("A1,路灯,不亮", 'A2,路灯,"路灯不亮', "A3,井盖,松动"))
    with spreadsheets.read(tmp_path / "a.csv") as sheet:
        assert len(list(sheet.rows)) == 4 and sheet.quotes == [3]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_known_below_a_title_and_beside_commas_of_the_text(tmp_path: Path, mark: str) -> None:
    lines = [
        "桂花园社区，二〇二六年十一月",
        mark.join(HEAD),
        mark.join(["A1", "路灯", "东门，西门，北门的灯"]),
        mark.join(ROW),
    ]
    assert read(tmp_path / "a.csv", "\n".join(lines).encode())[1:] == [
        HEAD,
        ["A1", "路灯", "东门，西门，北门的灯"],
        ROW,
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path / "a.csv", csv("A1,路灯,不亮").decode().encode(encoding))[1:] == [["A1", "路灯", "不亮"]]


XML_2003 = """<?xml version="1.0"{}?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel">
<Worksheet ss:Name="隐藏"><Table><Row><Cell><Data ss:Type="String">不该读</Data></Cell></Row></Table>
<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet>
<Worksheet ss:Name="留言"><Table>
<Row ss:Index="2"><Cell><Data ss:Type="String">编号</Data></Cell><Cell><Data ss:Type="String">标题</Data></Cell>
<Cell ss:Index="4"><Data ss:Type="String">时间</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">20261120000000017</Data></Cell>
<Cell><Data ss:Type="String">路灯</Data><Comment><Data>批注</Data></Comment></Cell>
<Cell ss:Index="4" ss:MergeDown="1"><Data ss:Type="DateTime">2026-11-20T15:05:00.000</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">7</Data></Cell><Cell><Data ss:Type="String">井盖</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312"])
def test_xml_that_is_called_xls(tmp_path: Path, encoding: str) -> None:
    data = XML_2003.format(f' encoding="{encoding}"').encode(encoding)
    at = datetime(2026, 11, 20, 15, 5)
    assert read(tmp_path / "a.xls", data) == [
        ["编号", "标题", None, "时间"],
        ["20261120000000017", "路灯", None, at],
        [7, "井盖", None, at],
    ]


def test_a_page_with_merged_cells_and_a_title_in_a_table_of_its_own(tmp_path: Path) -> None:
    page = (
        "<table><tr><td>桂花园社区登记表</td></tr></table><table><tr><th>编号<th>标题<th>地点</tr>"
        "<tr><td>A1<td>路灯<td rowspan=2>东门</tr><tr><td>A2<td>井盖</tr><tr><td colspan=2>A3<td>西门</tr></table>"
    )
    rows = [["编号", "标题", "地点"], ["A1", "路灯", "东门"], ["A2", "井盖", "东门"], ["A3", "", "西门"]]
    assert read(tmp_path / "a.xls", ("<html><meta charset=utf-8>" + page).encode()) == rows
    archive = (
        "MIME-Version: 1.0\nContent-Type: multipart/related;"
        " boundary=x\n\n--x\nContent-Type: text/html; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n<html><meta charset=utf-8>{page}</html>\n--x--\n"
    )
    assert read(tmp_path / "b.xls", archive.encode()) == rows


@pytest.mark.parametrize(
    "data", [b"<?xml version='1.0'?><note/>", b"\x00\x01\x02\x03", b"MIME-Version: 1.0\n\nno table"]
)
def test_what_is_no_table_is_told(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Problem, match="只能导入"):
        read(tmp_path / "a.xls", data)


def test_numbers_of_more_digits_than_arithmetic_keeps(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet()
    page.write_row(0, 0, HEAD)
    page.write_string(1, 0, "20261120000000017")
    page.write_row(1, 1, ["路灯", "不亮"])
    made.close()
    assert list(spreadsheets.rows(path))[1][1][0] == "20261120000000017"


@pytest.mark.parametrize(
    ("lines", "row", "found"),
    [
        # Groups above their columns, merged in the file or not.
        (
            [
                ["编号", "时间", "诉求人", None, "内容"],
                [None, None, "姓名", "电话", None],
                ["A1", None, "张三", "1", "不亮"],
            ],
            2,
            ["编号", "时间", "姓名", "电话", "内容"],
        ),
        (
            [
                ["编号", "时间", "诉求人", None, "内容"],
                ["编号", "时间", "姓名", "电话", "内容"],
                ["A1", None, "张三", "1", "不亮"],
            ],
            2,
            ["编号", "时间", "姓名", "电话", "内容"],
        ),
        ([["登记表"], ["填报人姓名：李四", "填报时间：十一月"], HEAD, ROW], 3, HEAD),
        ([HEAD, ROW], 1, HEAD),
        ([["留言内容登记表"], ["序号", "标题", "备注"], [1, "路灯", None]], 2, ["序号", "标题", "备注"]),
        (
            [["谁", "说了什么"], ["张三", "他家地址写错了，用户姓名也写错了，请在规定时间内改正过来，谢谢各位"]],
            1,
            ["谁", "说了什么"],
        ),
        ([["编号", "标题", "内容", None], ["A1", "路灯", "不亮", "急"]], 1, ["编号", "标题", "内容", ""]),
        (
            [["编号", "标题", "时间", "时间"], ["A1", "路灯", "2026-11-20", "x"]],
            1,
            ["编号", "标题", "时间", "时间（2）"],
        ),
    ],
)
def test_the_names_of_the_columns_are_found(tmp_path: Path, lines: list[list[Any]], row: int, found: list[str]) -> None:
    number, names = columns.header(book(tmp_path / "a.xlsx", ("a", lines)))
    assert (number, names[: len(found)]) == (row, found[: len(names)])


@pytest.mark.clause("2.2.1")
def test_merged_cells_of_an_old_workbook_hold_for_their_rows(tmp_path: Path) -> None:
    rows = [["标题", "地点"], ["路灯不亮", "七幢"], ["垃圾满溢", ""], ["电梯停运", ""], ["井盖松动", ""]]
    result = read(tmp_path / "a.xls", makers.merged_xls(rows, [(1, 3, 1, 1)]))
    assert result == [
        ["标题", "地点"],
        ["路灯不亮", "七幢"],
        ["垃圾满溢", "七幢"],
        ["电梯停运", "七幢"],
        ["井盖松动", ""],
    ]


@pytest.mark.clause("6.1.3")
def test_an_old_workbook_with_very_many_merged_cells(tmp_path: Path) -> None:
    """As many as are taken cost seconds at most, though all lie over one another; more are refused with words."""
    rows = [["标题", "地点"], *([f"第{n}处路灯不亮", ""] for n in range(20_000))]
    began = time.monotonic()
    taken = read(
        tmp_path / "a.xls", makers.merged_xls(rows, [(n % 20_000, 20_001, n % 190, n % 190) for n in range(50_000)])
    )
    assert len(taken) == 20_001
    assert time.monotonic() - began < 10
    with pytest.raises(Invalid) as refused:
        read(tmp_path / "b.xls", makers.merged_xls(rows[:3], [(1, 2, 1, 1)] * 50_001))
    assert "合并单元格超过 50000 处" in refused.value.fields["file"][0]


def test_no_cell_leaves_with_a_zero_in_it(tmp_path: Path) -> None:
    cells = "".join(f'<c t="inlineStr"><is><t>{v}</t></is></c>' for v in ("标题_x0000_", "路_x0000_灯", "_x0000_"))
    rows = read(tmp_path / "a.xlsx", makers.xlsx(f'<sheetData><row r="1">{cells}</row></sheetData>'))
    assert rows == [["标题", "路灯", ""]]
    assert (
        read(tmp_path / "a.xls", "<table><tr><td>标\x00题</td><td>内容&#0;</td></tr></table>".encode())[0][0] == "标题"
    )


def test_a_workbook_in_the_binary_format_is_told_not_called_empty(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("xl/workbook.bin", bytes(100))
        packed.writestr("xl/worksheets/sheet1.bin", bytes(100))
    with pytest.raises(Problem, match="只能导入"):
        read(tmp_path / "a.xlsb", out.getvalue())


def test_names_of_columns_in_traditional_characters(tmp_path: Path) -> None:
    names = ["編號", "標題", "內容", "時間", "地點"]
    path = book(tmp_path / "a.xlsx", ("a", [["登記表"], names, ["A1", "路燈", "不亮", "2026-11-20", "東門"]]))
    number, result = columns.header(path)
    assert (number, result) == (2, names)
    assert columns.guess(result) == dict(zip(["number", "title", "text", "time", "place"], names, strict=True))


def test_the_name_of_a_column_is_no_longer_than_people_read(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", ("a", [["标题", *["长" * 30_000] * 3], ["路灯", "a", "b", "c"]]))
    _number, names = columns.header(path)
    assert len(names) == 4 and len(set(names)) == 4 and max(map(len, names)) < 100
