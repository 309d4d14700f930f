"""Chinese text: words and bigrams for search, and how people write phones. Masking is in `core.masking`."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache
from pathlib import Path

from linbao.core.masking import mask_name as mask_name
from linbao.core.masking import mask_phone as mask_phone
from linbao.core.masking import mask_within as mask_within

_HAN_RANGES = r"\u3007\u3400-\u9fff\U00020000-\U000323af"
_HAN = re.compile(rf"[{_HAN_RANGES}]+")
_WORD = re.compile(rf"(?:[^\W_{_HAN_RANGES}]|[\u0f00-\u0f0a\u0f18-\u0f39\u0f3e-\u0fbc])+")  # signs of Tibetan besides
# Of a name, 阿卜杜拉·买买提: people write one or another of these, a full stop too, or none.
_DOT = re.compile(rf"(?<=[{_HAN_RANGES}]) ?[·•‧∙⋅・･⸱ꞏ.．] ?(?=[{_HAN_RANGES}])")
_ZERO = re.compile(rf"(?<=[{_HAN_RANGES}])[○◯]|[○◯](?=[{_HAN_RANGES}])")  # 三○一室
_VARIATION = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # which of its forms a character is shown in
# Controls, marks that nobody sees, and those that turn the direction of what follows them.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f"
    r"\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
# Tags that nobody sees may hold a whole sentence; they are of use behind a black flag alone (those of England, Wales).
_TAGS = re.compile(r"(\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f)|[\U000e0000-\U000e007f]")
# What U+200C and U+200D may join or part: emoji, and letters of Arabic, Indic, Tibetan and Mongolian scripts.
_JOINED = (
    r"\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f"
    r"\u0600-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1800-\u18af"
)
_JOINER = re.compile(rf"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?")
_OF_A_PERSON = re.compile(r"(86)?1[3-9]\d{9}|\d{17}[\dx]")
ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


def clean(value: str) -> str:
    """Text as it is kept: NFC, no control or invisible characters and none that turn directions, line ends as \\n, ends
    trimmed. What joins an emoji of several, or letters of scripts that join, stays."""
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    text = _TAGS.sub(lambda m: m[1] or "", _CONTROL.sub("", text))
    if "\u200c" in text or "\u200d" in text:
        text = _JOINER.sub("", text)
    return text.strip()


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    lines = (Path(__file__).parent / "simplified.txt").read_text(encoding="utf-8").splitlines()
    return {ord(pair[0]): pair[1] for line in lines if line[:1] != "#" for pair in line.split()}


def comparable(value: str) -> str:
    """`value` character by character as a search compares it: small and simplified (臺灣 as 台湾). Of the same length,
    so that what is found can be marked in what is shown."""
    low = value.lower()
    return (low if len(low) == len(value) else value).translate(_simplified())


def name_key(value: str) -> str:
    """A name or number as an exact search compares it: without spaces and the dots of a name, in one width and case."""
    plain = _VARIATION.sub("", unicodedata.normalize("NFKC", "".join(value.split()).lower()))
    return _DOT.sub("", plain)


def _folded(value: str) -> str:
    plain = comparable(_VARIATION.sub("", unicodedata.normalize("NFKC", value)))
    return _DOT.sub("", _ZERO.sub("〇", plain))


def search_terms(value: str, *, longest: int = 20_000) -> list[str]:
    """The terms of a text for a `simple` tsvector: words, Han bigrams and single Han characters.

    Bigrams make every two-character word findable whatever the cutter made of it; traditional characters count as
    their simplified ones, and a name's middle dot as nothing. Numbers of people are no terms: they are found by the
    sealed fields' blind index or not at all.
    """
    text = _folded(value[:longest])
    terms = set(_WORD.findall(text))
    for run in _HAN.findall(text):
        terms.update(run)
        terms.update(run[i : i + 2] for i in range(len(run) - 1))
    return [t for t in terms if len(t) <= 64 and not _OF_A_PERSON.fullmatch(t)]


def place_terms(code: str, day: date) -> list[str]:
    """The terms that say where and in which week a text was told (`code`: the community's): a search inside a
    community, a subdistrict or a stretch of time then asks one index alone."""
    return [f"c:{code}", subdistrict_term(code), week_term(day)]


def subdistrict_term(code: str) -> str:
    """A subdistrict is the first nine digits of its communities' codes (domain.md §10)."""
    return f"s:{code[:9]}"


def week_term(day: date) -> str:
    year, week, _day = day.isocalendar()
    return f"t:{year}w{week:02d}"


def query_terms(value: str) -> list[str]:
    """The terms that a text must hold to match `value`: bigrams of Han runs, whole Latin words."""
    text = _folded(value[:200])
    terms = list(_WORD.findall(text))
    for run in _HAN.findall(text):
        terms += [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
    return list(dict.fromkeys(terms))


def phone(value: str) -> str:
    """A phone number without spaces, dashes and +86; raises `ValueError` when it is none."""
    text = re.sub(r"[\s()（）\u2010-\u2015\-]", "", unicodedata.normalize("NFKC", value))
    text = re.sub(r"^(\+86|0086)", "", text)
    if MOBILE.fullmatch(text) or LANDLINE.fullmatch(text):
        return text
    raise ValueError("not a phone number")


def shown_phone(phone: str) -> str:
    """A number as people there write it: a landline with its area code apart, `0571-88860017`."""
    if not phone.isdigit() or not phone.startswith("0") or len(phone) < 10:
        return phone
    area = 3 if phone[1] in "12" else 4
    return f"{phone[:area]}-{phone[area:]}"
