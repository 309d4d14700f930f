"""What no font at hand can print is told before a document goes out (4.1.2)."""

from __future__ import annotations

import pytest

from linbao.documents import glyphs

NOWHERE = "\U0003fffd"  # a letter that no font has


@pytest.mark.clause("4.1.2")
@pytest.mark.parametrize(
    "words",
    [
        "欧阳䶮",
        "𠮷野",
        "𪚥某、𬺰某",
        "བསྟན་འཛིན།",
        "ꆈꌠ",
        "谢谢\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u2764\ufe0f\u200d\U0001f525",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "第一行\n第二行\t",
    ],
)
def test_rare_letters_of_names_and_emoji_have_glyphs(words: str) -> None:
    assert glyphs.missing(words) == []


def test_what_no_font_has_is_found_wherever_it_stands_in_a_document() -> None:
    content = {
        "title": "周报",
        "sections": [{"blocks": [{"text": f"住户{NOWHERE}某"}, {"rows": [["一", NOWHERE]]}]}],
        "n": 3,
    }
    assert glyphs.missing_in(content) == [NOWHERE]
    assert NOWHERE in glyphs.notice([NOWHERE])
