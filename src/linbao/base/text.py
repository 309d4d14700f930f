"""Chinese text: words and bigrams for search, and how people write phones. Masking is in `base.masking`."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from linbao.base.masking import mask_name as mask_name
from linbao.base.masking import mask_phone as mask_phone
from linbao.base.masking import mask_within as mask_within

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]+")
_WORD = re.compile(r"[a-z0-9]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028\u2029\ufeff]")
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?")
_OF_A_PERSON = re.compile(r"(86)?1[3-9]\d{9}|\d{17}[\dx]")
ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")


def clean(value: str) -> str:
    """Text as it is kept: NFC, no control or invisible characters, line ends as \\n, ends trimmed."""
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", text).strip()


def search_terms(value: str, *, longest: int = 20_000) -> list[str]:
    """The terms of a text for a `simple` tsvector: words, Han bigrams and single Han characters.

    Bigrams make every two-character word findable whatever the cutter made of it. Numbers of people are no
    terms: they are found by the sealed fields' blind index or not at all.
    """
    text = unicodedata.normalize("NFKC", value[:longest]).lower()
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
    text = unicodedata.normalize("NFKC", value[:200]).lower()
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
