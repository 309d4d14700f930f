"""The PDF of official documents, opened and measured (GB/T 9704 by domain.md §4; 4.1.2, 4.2.2)."""

from __future__ import annotations

import io
import itertools
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from docx import Document
from pypdf import PdfReader

from linbao.documents import photos, typesetting
from linbao.documents.word import docx
from tests.documents import samples

VERIFY = "https://linbao.example/verify/?code="
FONTS = Path(typesetting.HERE / "fonts")
MM = 72 / 25.4


def made(content: dict[str, Any], annex: Any = ()) -> bytes:
    return typesetting.pdf(content, code="ABCD2345EFGH", verify=VERIFY, photos=annex)


def pages(pdf: bytes) -> list[str]:
    return ["".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(pdf)).pages]


def words(pdf: bytes, tmp_path: Path) -> list[list[tuple[str, float, float, float, float]]]:
    """Of each page its runs of text with their boxes in points: text, left, top, right, bottom."""
    (tmp_path / "a.pdf").write_bytes(pdf)
    read = subprocess.run(["pdftotext", "-bbox", tmp_path / "a.pdf", "-"], capture_output=True, check=True).stdout
    html = "{http://www.w3.org/1999/xhtml}"
    return [
        [
            (w.text or "", *(float(w.attrib[k]) for k in ("xMin", "yMin", "xMax", "yMax")))  # type: ignore[misc]  # four numbers
            for w in page.iter(f"{html}word")
        ]
        for page in ElementTree.fromstring(re.sub(rb"<!DOCTYPE[^>]*>", b"", read)).iter(f"{html}page")
    ]


def prose(text: str, **more: Any) -> dict[str, Any]:
    return samples.weekly(sections=[{"heading": "一、信息来源", "blocks": [{"kind": "text", "text": text}]}], **more)


def test_threads_of_one_worker_typeset_at_once() -> None:
    content = prose("走访三次。" * 200)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _n: made(content), range(12)))
    assert all(m.startswith(b"%PDF") for m in results)


@pytest.mark.clause("4.1.2")
def test_a_page_has_22_lines_of_28_characters(tmp_path: Path) -> None:
    pdf = words(made(prose("访" * 1500)), tmp_path)
    lines = [w for w in pdf[1] if set(w[0]) == {"访"}]
    assert len(lines) == 22
    assert {len(w[0]) for w in lines} == {28}
    steps = [b[2] - a[2] for a, b in itertools.pairwise(lines)]
    assert all(28 <= step <= 29.1 for step in steps)
    left, right = min(w[1] for w in lines), max(w[3] for w in lines)
    assert abs(left - 28 * MM) < 1 and abs(right - 184 * MM) < 1


@pytest.mark.clause("4.1.2")
def test_page_numbers_stand_on_the_outer_side_in_dashes(tmp_path: Path) -> None:
    pdf = words(made(prose("访" * 1500)), tmp_path)
    assert len(pdf) >= 3
    for number, page in enumerate(pdf, 1):
        foot = [w for w in page if w[2] > 262 * MM]
        assert "".join(w[0] for w in foot) == f"—{number}—"
        if number % 2:
            assert abs(max(w[3] for w in foot) - (184 * MM - 14)) < 2  # one character inside the right edge
        else:
            assert abs(min(w[1] for w in foot) - (28 * MM + 14)) < 2


@pytest.mark.clause("4.1.2")
def test_headings_stand_two_characters_in(tmp_path: Path) -> None:
    page = words(made(samples.weekly()), tmp_path)[0]
    for beginning in ("一、", "（一）", "1.", "清运"):
        left = next(w[1] for w in page if w[0].startswith(beginning))
        assert abs(left - (28 * MM + 2 * 156 / 28 * MM)) < 9, beginning  # an opening bracket has its ink on the right


@pytest.mark.clause("4.1.2")
@pytest.mark.clause("4.2.1")
def test_the_body_is_set_in_fangsong_with_its_notice_beside_the_font(tmp_path: Path) -> None:
    """`make setup` lays an open 仿宋 and 楷体 into the folder; official ones go first where they are installed."""
    content = samples.weekly(
        title="关于3号楼地下车库火情的紧急信息报告", issuer="桂花园社区紧急信息报告", number="桂花园社急〔2026〕1号"
    )
    (tmp_path / "a.pdf").write_bytes(made(content))
    names = subprocess.run(["pdffonts", tmp_path / "a.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"\+(Fandol)?Fang-?Song|\+FandolFang", names), names
    assert re.search(r"\+(Fandol)?Kai", names), names
    assert all(" yes yes" in line for line in names.splitlines()[2:])  # embedded, as subsets
    if "FandolFang" in names:
        assert "special exception" in (FONTS / "Fandol-COPYING.txt").read_text()
        assert "GPL" in (FONTS / "Fandol-README.txt").read_text()


@pytest.mark.clause("4.1.2")
def test_the_title_stands_above_its_week_and_has_no_double_brackets() -> None:
    text = PdfReader(io.BytesIO(made(samples.weekly()))).pages[0].extract_text().split("\n")
    lines = ["".join(line.split()) for line in text]
    at = lines.index("桂花园社区信息周报")
    assert lines[at + 1] == "（2026年第47周，11月16日—11月22日）"


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize("before", range(0, 26, 5))
def test_no_line_is_stretched_by_a_long_number(tmp_path: Path, before: int) -> None:
    text = "访" * before + "510104-261118-0001https://linbao.example.gov.cn/verify/ABCDEFGHIJ" + "访" * 90
    for page in words(made(prose(text)), tmp_path):
        for run, left, _top, right, _bottom in page:
            if len(run) > 3 and set(run) == {"访"}:
                assert (right - left) / len(run) < 16.6, run  # 15.8 points from letter to letter, hardly more


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize("attachments", [0, 1, 4])
@pytest.mark.parametrize("ending", ["短。", "情况平稳。" * 12, "情况平稳。" * 90, "table", "long table"])
def test_the_signature_never_stands_alone_on_a_page(attachments: int, ending: str) -> None:
    """GB/T 9704: signature and seal share a page with words of the document, however long it is."""
    block: dict[str, Any] = {"kind": "text", "text": ending}
    if ending.endswith("table"):
        rows = 40 if ending == "long table" else 6
        block = {"kind": "table", "rows": [["类别", "数"], *[["情况平稳。短。", str(n)] for n in range(rows)]]}
    for sentences in range(60, 180, 9):
        content = samples.weekly(
            attachments=[f"附图{n}" for n in range(attachments)],
            seal=42,
            sections=[
                {"heading": "一、信息来源", "blocks": [{"kind": "text", "text": "走访三次。" * sentences}, block]}
            ],
        )
        last = pages(made(content))[-1]
        assert "11月20日" in last and ("情况平稳" in last or "短。" in last), (sentences, last)


def test_a_parted_last_paragraph_loses_no_words() -> None:
    text = "".join(f"第{n}句话说明情况。" for n in range(200))
    assert text in "".join(re.sub(r"—\d+—", "", page) for page in pages(made(prose(text))))


@pytest.mark.clause("4.1.2")
def test_metadata_are_true() -> None:
    with time_machine.travel(datetime(2026, 11, 20, 8, 30, tzinfo=UTC), tick=False):
        reader = PdfReader(io.BytesIO(made(samples.weekly())))
    assert reader.metadata is not None
    assert reader.metadata.title == "桂花园社区信息周报（2026年第47周，11月16日—11月22日）"
    assert reader.metadata.author == "桂花园社区 第一工作小组 周秀兰"
    assert reader.metadata.creation_date == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert str(reader.root_object["/Lang"]) == "zh-CN"


@pytest.mark.clause("3.3")
@pytest.mark.django_db
def test_photos_stand_on_annex_pages_two_in_a_row(tmp_path: Path) -> None:
    wanted = [
        {"sha256": samples.photo("#aa3333"), "caption": "510104-261118-0001　垃圾桶满溢"},
        {"sha256": samples.photo("#33aa33", (900, 1600)), "caption": "510104-261118-0002　绿地枯死"},
        {"sha256": samples.photo("#3333aa"), "caption": "510104-261118-0003　路灯不亮"},
    ]
    pdf = made(samples.weekly(photos=wanted), photos.load(wanted))
    reader = PdfReader(io.BytesIO(pdf))
    text = pages(pdf)
    at = next(n for n, page in enumerate(text) if page.startswith("附件现场照片"))
    assert "2026年11月20日" in text[at - 1] and "附件：现场照片（3张）" in "".join(text[:at])
    assert len(reader.pages[at].images) == 3
    run = {w[0]: w for w in words(pdf, tmp_path)[at]}
    first, second, third = (run[f"510104-261118-000{n}"] for n in (1, 2, 3))
    assert abs(first[2] - second[2]) < 1 and first[1] < second[1] and third[2] > first[2] + 100


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["missing", "broken", "altered"])
def test_a_photo_that_cannot_be_read_stops_nothing(fault: str) -> None:
    from linbao.platform import files

    digest = {
        "missing": "0" * 64,
        "broken": files.put(b"\xff\xd8\xff\xe0 no picture at all"),
        "altered": samples.photo(),
    }[fault]
    if fault == "altered":
        with files.store().open(files.names(digest)[0], "r+b") as stored:
            stored.seek(200)
            stored.write(b"x" * 50)
    wanted = [{"sha256": digest, "caption": "510104-261118-0001"}]
    text = pages(made(samples.weekly(photos=wanted), photos.load(wanted)))
    assert "照片无法读取510104-261118-0001" in text[-1]


@pytest.mark.django_db
def test_photos_together_stay_within_their_budget() -> None:
    wanted = [{"sha256": samples.photo(noisy=True), "caption": str(n)} for n in range(3)] * 8
    loaded = photos.load(wanted, 1_200_000)
    assert sum(len(p.data) for p in loaded) <= 1_200_000
    assert all(p.data and min(p.width, p.height) >= 200 for p in loaded)
    assert b"Exif" not in loaded[0].data


def test_a_page_without_photos_stays_fast() -> None:
    content = samples.weekly()
    made(content)
    began = time.process_time()
    for n in range(5):
        made(content | {"date": f"2026年11月{n + 1}日"})
    assert (time.process_time() - began) / 5 < 0.1


def test_the_pdf_and_the_word_file_say_the_same() -> None:
    content = samples.weekly()
    word = Document(io.BytesIO(docx(content, code="ABCD2345EFGH", verify=VERIFY.removesuffix("?code="))))
    pdf = "".join(pages(made(content)))
    for paragraph in word.paragraphs:
        assert "".join(paragraph.text.split()) in pdf
    assert "验证码ABCD2345EFGH" in pdf
