"""Text as people's phones write it: kept whole, without what would turn or hide it; compared as it is read (2.2.1)."""

from __future__ import annotations

import pytest

from linbao.core import text
from linbao.platform.encryption.crypto import blind_index

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # one emoji of three
HEART = "\u2764\ufe0f\u200d\U0001f525"
WAVING = "\U0001f926\U0001f3fd\u200d\u2642\ufe0f"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"


@pytest.mark.parametrize("emoji", [FAMILY, HEART, WAVING, SCOTLAND, "\U0001f3f3\ufe0f\u200d\U0001f308"])
def test_an_emoji_of_several_is_kept_whole(emoji: str) -> None:
    assert text.clean(f"谢谢{emoji}。") == f"谢谢{emoji}。"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202e倒序\u202c标题", "倒序标题"),
        ("a\u2066b\u2069c\u200f\u200e\u061c", "abc"),
        ("零\u200b宽\u200d字\ufeff符", "零宽字符"),
        ("\u0646\u06c0\u200c\u0627", "\u0646\u06c0\u200c\u0627"),
        ("a\u200d\u200db", "ab"),
        ("\u200d\U0001f525", "\U0001f525"),
        ("a\x85\x07b", "ab"),
    ],
)
def test_what_turns_or_hides_text_is_not_kept(typed: str, kept: str) -> None:
    assert text.clean(typed) == kept


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("台湾来的居民反映", "臺灣"),
        ("臺灣來的居民反映", "台湾"),
        ("裡面漏水", "里面"),
        ("阿卜杜拉·买买提反映", "阿卜杜拉买买提"),
        ("阿卜杜拉买买提反映", "阿卜杜拉•买买提"),
        ("\U000323a9\U00031350某", "\U000323a9\U00031350"),
        ("བོད་ལྗོངས་", "ལྗོངས"),
        ("ＷｉＦｉ坏了", "wifi"),
        ("قاراماي", "قاراماي"),
        ("二〇二六年", "二〇"),
    ],
)
def test_a_search_finds_it_however_it_is_written(written: str, searched: str) -> None:
    wanted = text.query_terms(searched)
    assert wanted and set(wanted) <= set(text.search_terms(written))


@pytest.mark.clause("1.3.1")
@pytest.mark.parametrize(
    "hidden", ["\U000e0001", "\U000e0068\U000e0069\U000e007f", "\xad", "\u3164", "\uffa0", "\ufff9"]
)
def test_what_nobody_sees_is_not_kept(hidden: str) -> None:
    assert text.clean(f"路{hidden}灯") == "路灯" and text.clean(hidden) == ""
    wales = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
    assert text.clean(f"{wales}旗{hidden}") == f"{wales}旗"


@pytest.mark.clause("2.2.1")
@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("阿卜杜拉.买买提反映", "阿卜杜拉·买买提"),
        ("阿卜杜拉．买买提反映", "阿卜杜拉买买提"),
        ("阿卜杜拉⸱买买提", "阿卜杜拉.买买提"),
        ("葛\U000e0100某反映", "葛某"),
        ("青\ufe00山小区", "青山"),
        ("三○一室漏水", "三〇一"),
        ("三〇一室漏水", "三○一室"),
    ],
)
def test_a_search_finds_it_however_its_signs_were_typed(written: str, searched: str) -> None:
    assert set(text.query_terms(text.clean(searched))) <= set(text.search_terms(text.clean(written)))


@pytest.mark.django_db
def test_a_name_is_the_same_with_and_without_its_dot() -> None:
    assert (
        len(
            {
                blind_index(n)
                for n in (
                    "阿卜杜拉·买买提",
                    "阿卜杜拉•买买提",
                    "阿卜杜拉・买买提",
                    "阿卜杜拉.买买提",
                    "阿卜杜拉．买买提",
                    "阿卜杜拉\U000e0100买买提",
                    "阿卜杜拉买买提",
                )
            }
        )
        == 1
    )
    assert blind_index("阿卜杜拉") != blind_index("买买提")
