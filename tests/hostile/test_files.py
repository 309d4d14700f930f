"""Files that are small to send and dear to open: each is answered plainly, and nobody else waits (1.3.4, 6.1.1, 6.1.3).

Short here; `LINBAO_HOSTILE=long` sends more of each, for longer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile import makers
from tests.hostile.conftest import REPORTERS, Answered, Live, settle
from tests.items import samples

pytestmark = [pytest.mark.clause("6.1.3"), pytest.mark.timeout(1800)]
LONG = os.environ.get("LINBAO_HOSTILE") == "long"


def at_once(*calls: Callable[[], Answered]) -> list[Answered]:
    """The answers to all calls, made at the same time, in their order."""
    result: dict[int, Answered] = {}

    def one(n: int) -> None:
        result[n] = calls[n]()

    threads = [threading.Thread(target=one, args=[n], daemon=True) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    return [result[n] for n in range(len(calls))]


PICTURES: dict[str, Callable[[], bytes]] = {
    "thousands of scans": lambda: makers.many_scans(4000, 800),
    "as many scans as are let in": lambda: makers.many_scans(85, 5000 if LONG else 3500),
    "48 megapixels of PNG": makers.large_png,
    "a PNG that says it is 900 megapixels": samples.png_bomb,
    "an archive of 400 MB of nothing": lambda: makers.packed(400_000_000),
    "an archive in outline": lambda: b"PK\x03\x04" + bytes(200_000),
}


@pytest.mark.clause("3.4")
def test_pictures_and_archives_that_are_dear_to_open(watched: Live) -> None:
    item = watched.item()
    made = {name: make() for name, make in PICTURES.items()}
    for _round in range(5 if LONG else 1):
        answers = at_once(*[lambda d=data: watched.attach(d, "a.jpg", item) for data in made.values()])
        for name, answered in zip(made, answers, strict=True):
            assert 200 < answered.status < 500, (name, answered)
            assert answered.seconds < 60, (name, answered)
        # Who sends honest photos goes on sending them.
        good = watched.attach(samples.jpeg(seed=_round), "b.jpg", watched.item("reporter2"), "reporter2")
        assert good.status == 201 and good.seconds < 20, good


@pytest.mark.clause("3.4")
def test_heics_of_48_megapixels_four_at_once(watched: Live) -> None:
    data = (Path(__file__).parent / "cases" / "p14_48mp.heic").read_bytes()
    people = REPORTERS
    items = [watched.item(who) for who in people]
    answers = at_once(
        *[lambda i=i, w=w: watched.attach(data, "a.heic", i, w) for i, w in zip(items, people, strict=True)]
    )
    assert [a.status for a in answers] == [201] * 4, answers  # one after the other


SHEETS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a blank cell in the last corner": ("a.xlsx", makers.far_corner),
    "shared strings of a gigabyte": ("a.xlsx", makers.swollen_strings),
    "entities of entities": ("a.xlsx", makers.entities),
    "a cell a billion times": ("a.ods", lambda: makers.ods(16_384, 1_000_000)),
    "a chain of blocks without end": ("a.xls", makers.looped_xls),
    "a word document": ("a.xlsx", lambda: makers.template("x")),
}


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize("name", [n for n in SHEETS if LONG or n != "shared strings of a gigabyte"])
def test_sheets_that_are_dear_to_open_are_read_by_a_job_or_refused_with_words(watched: Live, name: str) -> None:
    file, make = SHEETS[name]
    sent = watched.post("/admin/import/", {"community": watched.told["community"]}, {"file": (file, make())})
    assert sent.status == 200 and "/admin/import/" in sent.url, sent
    page = settle(watched, sent.url.removeprefix(watched.base), 240)
    if name == "a blank cell in the last corner":
        assert "列的对应" in page
        assert (
            watched.post(
                f"{sent.url.removeprefix(watched.base)}start", {"text": "内容", "title": "标题", "dry": "1"}, {}
            ).status
            == 200
        )
        page = settle(watched, sent.url.removeprefix(watched.base), 60)
        assert "可导入" in page
    else:
        assert "没有导入" in page, page[-1500:]


@pytest.mark.clause("4.2.2")
def test_pdfs_that_anybody_may_have_verified(watched: Live) -> None:
    flood = makers.pdf_flood()
    loop = (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj\nxref\n0"
        b" 1\ntrailer<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF"
    )
    signed = b"/Contents <" + b"30" * 90_000 + b">"
    answers = at_once(
        *[lambda d=data: watched.post("/verify/", {}, {"file": ("a.pdf", d)}) for data in (flood, loop, signed * 100)]
    )
    assert all(200 <= a.status < 500 for a in answers), answers


TEMPLATES = (
    "{{ title.ljust(1500000000) }}",
    "{{ title|center(100000000) }}",
    (
        "{% for a in title %}{% for b in title %}{% for c in title %}{% for d in title %}{{"
        " sections }}{% endfor %}{% endfor %}{% endfor %}{% endfor %}"
    ),
)


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize("line", TEMPLATES if LONG else TEMPLATES[:2])
def test_templates_that_would_fill_the_memory(watched: Live, line: str) -> None:
    fields = {"name": "街道样式", "unit": watched.told["community"]}
    sent = watched.post("/admin/templates/", fields, {"file": ("a.docx", makers.template("{{ unit }}", line))})
    assert sent.status == 422, sent


def test_who_sends_dear_files_again_and_again_holds_nobody_up(watched: Live) -> None:
    """The longest that is taken at all, and what is too large for it; that whoever exceeds the limits must wait,
    test_guard shows."""
    item, dear = watched.item("reporter4"), makers.many_scans(40 if LONG else 90, 3000)
    statuses = [watched.attach(dear, "a.jpg", item, "reporter4").status for _n in range(8 if LONG else 2)]
    assert all(200 < s < 500 for s in statuses), statuses
    # Others, at the same address, are not held up for it.
    assert watched.attach(samples.jpeg(), "b.jpg", watched.item("reporter2"), "reporter2").status == 201
