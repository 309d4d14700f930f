"""Persons in running text: every spelling of their numbers, and nothing else (1.3.4; domain.md §5)."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linbao.core.masking import luhn, mask_name, mask_phone, mask_within, valid_id_number

pytestmark = pytest.mark.clause("1.3.4")

PHONES = """13855550002
138 5555 0002
138-5555-0002
138.5555.0002
138·5555·0002
138　5555　0002
138—5555—0002
138 - 5555 - 0002
1385555 0002
138-55550002
138 555 50002
138 55 55 00 02
1 3 8 5 5 5 5 0 0 0 2
(138)5555-0002
（138）5555 0002
+86 138 5555 0002
+86-138-5555-0002
+8613855550002
(+86)13855550002
（0086）138-5555-0002
0086 138 5555 0002
008613855550002
8613855550002
013855550002
１３８５５５５０００２
１３８－５５５５－０００２
＋８６１３８５５５５０００２
电话：138，5555，0002
电话138、5555、0002
手机幺三八五五五五〇〇〇二
wx13855550002
13855550002@qq.com
https://example.org/people?phone=13855550002
(028) 8555 1234
（028）85551234
028-85551234
028 85551234
02885551234
028-8555-1234
028-85551234-801
028-85551234转801
+86 28 8555 1234
+86-028-85551234
0571-88861234
０２８－８５５５１２３４
85551234
8555-1234
电话 8555123
座机：855 5123""".splitlines()

OTHERS = [
    ("身份证510104199001011230", "身份证510***********1230"),
    ("510104 19900101 1230", "510***********1230"),
    ("身份证号51010419900101123x", "身份证号510***********123x"),
    ("５１０１０４１９９００１０１１２３４", "510***********1234"),
    ("证号510104900101123", "证号510********1123"),
    ("卡号6222021234567890128", "卡号6222***********0128"),
    ("6222 0212 3456 7890 128", "6222***********0128"),
    ("4111-1111-1111-1111", "4111********1111"),
    ("车牌川A12345", "车牌川A·***45"),
    ("川A·12345", "川A·***45"),
    ("川A 12345", "川A·***45"),
    ("川Ａ１２３４５", "川A·***45"),
    ("川AD12345", "川A·***45"),
    ("川A1234警", "川A·***4警"),
    ("川A·1234学", "川A·***4学"),
    ("川A1234挂", "川A·***4挂"),
    ("3栋2单元1201室", "3栋***"),
    ("3栋2单元1201", "3栋***"),
    ("3栋1201", "3栋***"),
    ("３栋２单元１２０１室", "３栋***"),
    ("三栋二单元1201号", "三栋***"),
    ("12号楼1单元502", "12号楼***"),
    ("12号楼1单元502户", "12号楼***"),
    ("A座1502室", "A座***"),
    ("3#2单元501", "3#***"),
    ("3号楼二单元十二楼1202号", "3号楼***"),
    ("建设路12号3单元502室", "建设路12号***"),
    ("7-2-1201", "7-***"),
    ("7-2-1201室", "7-***"),
    ("锦江苑3-1201", "锦江苑3-***"),
    ("1201室", "***室"),
    ("2单元502", "***"),
    ("1201的业主", "***的业主"),
]

STAYS = """017003-261124-0001
柳荫社信〔2026〕12号
柳荫社急〔2026〕138号-续2
2026-11-20 09:30
2026年11月20日 9:30
2026/11/20
20261120
139 2026-11-20
18:00-20:00
2025-2026年
影响320户1200人
3栋120户居民停水
3栋2单元楼道灯不亮
3栋12楼的消防栓
3栋2号电梯困人
150、1200、1300元
1200000元
3000-5000元
损失约85000000元
编号 85551234
400-812-3123
拨打12345
104.06567812,30.65981234
131.12345678
建设路12号
510104001003
510104001003001
共1201住户
第1385次
https://example.org/items/019385a0-1111-7000-8000-138555500021/
https://example.org/r/7-2-1201-a13855550002b
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855""".splitlines()


def digits(value: str) -> str:
    return "".join(str(int(c)) for c in value if c.isdigit())


@pytest.mark.parametrize("spelling", PHONES)
def test_every_spelling_of_a_phone_is_masked(spelling: str) -> None:
    shown = mask_within(f"居民来电，{spelling}，请回复")
    assert "****" in shown
    assert "5555000" not in digits(shown) and "5551" not in digits(shown) and "五五五五" not in shown
    assert shown.startswith("居民来电，") and shown.endswith("，请回复")


@pytest.mark.parametrize(("words", "expected"), OTHERS)
def test_other_marks_of_a_person_are_masked(words: str, expected: str) -> None:
    assert mask_within(words) == expected
    assert mask_within(f"上午{words}，已登记") == f"上午{expected}，已登记"


@pytest.mark.parametrize("words", STAYS)
def test_numbers_of_things_stay(words: str) -> None:
    assert mask_within(words) == words
    assert mask_within(f"上午{words}。") == f"上午{words}。"


def test_names_of_the_parties_are_masked_wherever_they_occur() -> None:
    names = ["张三丰", "李娜", "欧阳娜娜", "John Smith", "阿依古丽·买买提", "居民", "王", ""]
    message = "张三丰和李娜说，欧阳娜娜（John Smith）与阿依古丽·买买提在场；张 三 丰又来，居民王某也在。Johnson 不在。"
    assert mask_within(message, names) == "张*和李*说，欧阳*（J*）与阿*在场；张*又来，居民王某也在。Johnson 不在。"
    assert mask_within("李娜娜来了", ["李娜", "李娜娜"]) == "李*来了"
    assert mask_name("司空图") == "司空*" and mask_phone("028-85551234") == "0288****34"


def test_no_names_no_digits_no_work() -> None:
    message = "楼道灯坏了，居民希望尽快修好。"
    assert mask_within(message) is message
    began = time.perf_counter()
    for _n in range(1000):
        mask_within("3栋楼道灯坏了两天没人修", ["张三丰", "李娜"])
    assert time.perf_counter() - began < 0.5  # half a second for a thousand titles: a page has fifty


def test_check_digits() -> None:
    assert valid_id_number("510104199001011230") and not valid_id_number("510104199001011235")
    assert luhn("4111111111111111") and not luhn("4111111111111112")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("（电话：13855550002；住３＃楼２单元５０１室）", "（电话：138****0002；住３＃楼***）"),
        ("张三丰（13855550002），（＋86 13855550002）", "张*（138****0002），（138****0002）"),
        ("（028 85551234）与（028）85551234；", "（028****34）与028****34；"),
        ("共３户（Ａ座１５０２室除外）：６月１日", "共３户（Ａ座***除外）：６月１日"),
        ("(13855550002)，~～－—", "(138****0002)，~～－—"),
        ("👩🏽‍🚒 cafe\u0301 ５．５％ １３８５５５５０００２ ﹙ﾊ﹚", "👩🏽‍🚒 cafe\u0301 ５．５％ 138****0002 ﹙ﾊ﹚"),
        ("https://example.org/ｐ－１?t=13855550002 （ＯＫ）", "https://example.org/ｐ－１?t=138****0002 （ＯＫ）"),
    ],
)
def test_what_is_not_masked_stays_as_it_was_typed(typed: str, shown: str) -> None:
    assert mask_within(typed, ["张三丰"]) == shown
    assert mask_within(shown, ["张三丰"]) == shown


WORDS = st.text(alphabet="居民来电反映漏水今晨，。；的和在（） \n", max_size=12)
SEPARATOR = st.sampled_from(["", " ", "-", "—", "－", "·", "　", " - "])
PREFIX = st.sampled_from(["", "+86", "+86 ", "0086", "0086-", "86", "(+86)", "0"])
MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(WORDS, PREFIX, MOBILES, SEPARATOR, WORDS, st.booleans())
@settings(max_examples=400, deadline=None)
def test_any_mobile_in_any_words(before: str, prefix: str, number: str, sep: str, after: str, wide: bool) -> None:
    written = f"{prefix}{number[:3]}{sep}{number[3:7]}{sep}{number[7:]}"
    shown = mask_within(before + (written.translate(FULL_WIDTH) if wide else written) + after)
    assert number[3:7] not in digits(shown) or "****" in shown
    assert number not in digits(shown)
    assert f"{number[:3]}****{number[7:]}" in shown


@given(st.dates(date(1930, 1, 1), date(2020, 12, 31)), st.integers(0, 999), WORDS)
@settings(deadline=None)
def test_any_id_number(born: date, serial: int, words: str) -> None:
    first = f"510104{born:%Y%m%d}{serial:03d}"
    total = sum(int(c) * (2 ** (17 - i) % 11) for i, c in enumerate(first))
    number = first + "10X98765432"[total % 11]
    assert valid_id_number(number)
    assert f"{born:%Y%m%d}" not in mask_within(words + number + words)


@given(st.integers(0, 999_999), st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(1, 9999), WORDS)
@settings(max_examples=400, deadline=None)
@example(510104, date(2026, 11, 24), 1, "")
def test_any_item_number_date_and_time_stay(code: int, day: date, n: int, words: str) -> None:
    text = (
        f"{words} {code:06d}-{day:%y%m%d}-{n:04d} 于 {day:%Y-%m-%d} 09:30、"
        f"{day.year}年{day.month}月{day.day}日上报{words}"
    )
    assert mask_within(text) == text


@given(st.text(alphabet="（）：；，。“”＋－～　０９ＡＺａ漏水e\u0301🔥\u200d%", max_size=12), st.booleans())
@settings(deadline=None)
def test_a_masked_number_leaves_every_other_sign(words: str, bracketed: bool) -> None:
    before, after = (words + "（", "）" + words) if bracketed else (words + "，", "，" + words)
    shown = mask_within(f"{before}13855550002{after}")
    assert shown == f"{mask_within(before)}138****0002{mask_within(after)}" and shown.startswith(before)


@given(st.text(max_size=80), st.lists(st.text(max_size=4), max_size=3))
@settings(max_examples=500, deadline=None)
def test_no_text_breaks_it(words: str, names: list[str]) -> None:
    mask_within(words, names)


@given(
    st.lists(
        st.sampled_from([*PHONES, *STAYS, *(w for w, _m in OTHERS), "张三丰", "，", "。", " ", "和", "\n"]), max_size=8
    )
)
@settings(max_examples=500, deadline=None)
def test_masking_twice_is_masking_once(parts: list[str]) -> None:
    once = mask_within("。".join(parts), ["张三丰"])
    assert mask_within(once, ["张三丰"]) == once
    assert not re.search(r"张三丰", once)


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("（+86 138 1234 5678）", "（138****5678）"),
        ("（138 1234 5678）；其余（见附件１２）", "（138****5678）；其余（见附件１２）"),
        ("👩‍👩‍👧（13812345678）é", "👩‍👩‍👧（138****5678）é"),
        ("（028）85551234", "028****34"),
    ],
)
def test_nothing_but_the_number_changes(typed: str, kept: str) -> None:
    assert mask_within(typed) == kept
