"""Whatever is sent to a page is answered with a redirect or a 4xx, never with a fault of ours; typed text is kept.

No list of fields is kept here: a first request notes which keys the page reads, and each of these is then broken.
"""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils.datastructures import MultiValueDict

from linbao.handling.models import ResidentLink
from tests.access.places import address
from tests.access.table import PAGES
from tests.access.test_pages import BY_KEY
from tests.access.who import PERSONAS, Access
from tests.access.world import World, whole

EVERYTHING = os.environ.get("LINBAO_TEST_EVERYTHING") == "1"
TURNS = 2  # how many values each field sees in the gate; all of them with LINBAO_TEST_EVERYTHING=1
BROKEN: dict[str, str] = {
    "empty": "",
    "blank": " \u3000\t",
    "word": "不是数",
    "superscript": "²",
    "full width": "１２３",
    "huge number": "9" * 400,
    "beyond bigint": "9223372036854775808",
    "negative": "-1",
    "float": "1e999",
    "nan": "NaN",
    "no uuid": "00000000-0000-0000-0000-00000000000g",
    "another uuid": "00000000-0000-7000-8000-000000000000",
    "last moment": "9999-12-31T23:59",
    "first moment": "0001-01-01T00:00",
    "last day": "9999-12-31",
    "first day": "0001-01-01",
    "no day": "2026-02-30",
    "offset": "2026-11-20T09:30+99:99",
    "path": "../../../etc/passwd",
    "markup": "<script>alert(1)</script>",
    "template": "{{ 7|add:7 }}%(title)s{0}%s",
    "sql": "' OR 1=1 --",
    "direction": "\u202eabc\ufeff\u200b",
    "long": "长" * 100_000,
    "json": '{"a": [1, {"b": null}]}',
    "list": "[[[[[[[[]]]]]]]]",
    "cursor": "MHwyMDI2LTExLTIwVDAwOjAwOjAwKzAwOjAwfHg",
    "formula": '=cmd|"/c calc"!A1',
}
# What cannot be written as text of a form: sent as bytes.
RAW: dict[str, bytes] = {
    "NUL": b"%00",
    "half a surrogate": b"%ED%A0%80",
    "broken UTF-8": b"%C3%28%FF",
    "not encoded": b"\xff\xfe",
}


@contextmanager
def noting() -> Iterator[set[str]]:
    """The keys that are asked of posted (or queried) data meanwhile."""
    keys: set[str] = set()
    originals = {n: getattr(MultiValueDict, n) for n in ("__getitem__", "getlist", "get", "__contains__")}

    def spy(name: str) -> Any:
        def asked(self: Any, key: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(self, QueryDict) and isinstance(key, str):
                keys.add(key)
            return originals[name](self, key, *args, **kwargs)

        return asked

    had = {n: n in MultiValueDict.__dict__ for n in originals}
    try:
        for n in originals:
            setattr(MultiValueDict, n, spy(n))
        yield keys
    finally:
        for n, original in originals.items():
            if had[n]:
                setattr(MultiValueDict, n, original)
            else:
                delattr(MultiValueDict, n)


def posting() -> list[tuple[str, Access, str]]:
    """Every page that takes a POST, with somebody who is let in."""
    return [
        (key, access, next(p for p in PERSONAS if p in access.post))
        for key, access in PAGES.items()
        if access.post
        and key not in ("healthz", "readyz", "metrics")
        and not BY_KEY[key.partition("#")[0]].route.startswith("accounts/2fa/webauthn/keys")
    ]


class Asked:
    """One page, one person: sends what it is told and collects what went wrong."""

    def __init__(self, world: World, key: str, access: Access, persona: str, method: str) -> None:
        place = BY_KEY[key.partition("#")[0]]
        self.world, self.key, self.access, self.persona, self.method = world, key, access, persona, method
        self.url = address(place, world.own, access.item, persona) + access.query(world.own)
        self.wrong: list[str] = []

    def send(self, what: str, data: Any, content_type: str | None = None, secret: str = "") -> Any:
        client: Client = self.world.browser(self.persona)
        with self.world.undone():
            try:
                if self.method == "get":
                    answer = client.get(
                        self.url
                        + ("&" if "?" in self.url else "?")
                        + (data if isinstance(data, str) else urlencode(data, doseq=True))
                    )
                elif content_type:
                    answer = client.generic("POST", self.url, data, content_type=content_type)
                else:
                    answer = client.post(self.url, data)
                body = whole(answer)
            except Exception as e:
                self.wrong.append(
                    f"{self.method} {self.key} ({self.persona}), {what}: {type(e).__name__}: {str(e)[:160]}"
                )
                return None
        if answer.status_code >= 500:
            self.wrong.append(f"{self.method} {self.key} ({self.persona}), {what}: {answer.status_code}")
        if "<script>alert(1)" in body:
            self.wrong.append(f"{self.method} {self.key} ({self.persona}), {what}: markup is not escaped")
        return answer

    def keys(self) -> list[str]:
        """The keys that this page reads, found by sending and looking."""
        result: set[str] = set(self.access.data(self.world.own)) if self.method == "post" else set()
        for _round in range(2):
            with noting() as read:
                self.send(
                    "a first look",
                    dict.fromkeys(result, "1") | (self.access.data(self.world.own) if self.method == "post" else {}),
                )
            result |= read
        return sorted(k for k in result if k not in ("csrfmiddlewaretoken", "HX-Request") and len(k) < 80)


def broken_fields(asked: Asked) -> None:
    """Each broken value in all fields at once, and one field after the other."""
    keys = asked.keys()
    right = asked.access.data(asked.world.own) if asked.method == "post" else {}
    values = list(BROKEN.items())
    turns = len(values) if EVERYTHING else TURNS
    for turn in range(turns):
        # Every field holds another broken value, and the next one in the next turn.
        start = turn * len(values) // turns
        sent = {k: values[(start + n) % len(values)] for n, k in enumerate(keys)}
        message = ", ".join(f"{k}: {name}" for k, (name, _value) in sent.items())
        asked.send(message[:200], {k: v[:2000] if asked.method == "get" else v for k, (_name, v) in sent.items()})
        # Right but for one field: far enough in for the action to see it.
        for key in right if turns < 9 else keys:
            name, value = values[(start + len(key)) % len(values)]
            asked.send(f"only {key}: {name}", {**right, key: value})
    for name, raw in RAW.items():
        body = b"&".join(quote(k).encode() + b"=" + raw for k in keys)
        if asked.method == "get":
            asked.send(
                name,
                "&".join(quote(k) + "=" + raw.decode("latin-1") for k in keys) if raw.startswith(b"%") else "x=%ff%fe",
            )
        else:
            asked.send(name, body, "application/x-www-form-urlencoded")
    asked.send("twice the same key", {k: ["1", "2"] for k in keys})
    asked.send("unknown keys", {f"x{n}": "y" for n in range(50)})


def broken_bodies(asked: Asked, *, all_of_them: bool) -> None:
    """A file where words belong; and, for some pages, what no page ever sees whole: no form at all, or too large."""
    keys = asked.keys()
    for name in ("../../x", "..\\..\\x.jpg", "a\x00b.jpg", "名" * 300 + ".jpg", ".jpg", "x")[
        :: 1 if all_of_them else 4
    ]:
        asked.send(
            f"a file named {name[:20]!r}",
            {k: SimpleUploadedFile("x", b"no picture", "image/jpeg") for k in keys}
            | {"file": _file(name), "files": _file(name)},
        )
    asked.send("an empty file", {"file": SimpleUploadedFile("a.jpg", b"")})
    if not all_of_them:
        return
    asked.send("10 MB of text", urlencode({(keys or ["x"])[0]: "长" * 3_400_000}), "application/x-www-form-urlencoded")
    asked.send("JSON", '{"a": 1}', "application/json")
    asked.send(
        "broken multipart",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
        "multipart/form-data; boundary=x",
    )
    asked.send("multipart without boundary", b"abc", "multipart/form-data")
    asked.send("unknown charset", b"a=1", "application/x-www-form-urlencoded; charset=klingon")
    asked.send("3,000 fields", {f"k{n}": "1" for n in range(3000)})


def _file(name: str) -> SimpleUploadedFile:
    made = SimpleUploadedFile("x", b"\xff\xd8\xff\xe0 no picture", "image/jpeg")
    made._name = name  # type: ignore[attr-defined]  # as a client of bad will sends it
    return made


@pytest.mark.clause("6.1.1")
def test_a_query_named_like_a_method_is_only_a_query(world: World) -> None:
    """`/archive/?items=1` was a 500: templates look a name up as a key first."""
    with world.undone():
        assert world.browser("manager").get("/archive/", {"items": "1", "keys": "2"}).status_code == 200


def test_a_moment_without_zone_in_a_form_is_an_old_page(world: World) -> None:
    """`shown_at=9999-12-31` was a 500."""
    with world.undone():
        url = f"/activities/{world.own.activity.pk}/edit"
        assert world.browser("reporter").post(url, {"shown_at": "9999-12-31", "people": "3"}).status_code == 422


@pytest.mark.clause("6.1.1")
def test_an_ended_link_and_a_wrong_one_are_told_kindly(world: World) -> None:
    with world.undone():
        ResidentLink.objects.update(expires_at=datetime(2026, 1, 1, tzinfo=UTC))
        for method in ("get", "post"):
            assert getattr(world.browser("resident"), method)(f"/r/{world.own.link}").status_code == 410
    for token in ("x", "长" * 40, "a" * 500, "%00", "..%2F..%2Fx"):
        assert world.browser("resident").get(f"/r/{token}").status_code in (400, 404), token


@pytest.mark.clause("6.1.1")
def test_what_was_typed_stands_on_the_page_that_refuses_it(world: World) -> None:
    """A 422 page holds the words; nobody types twice."""
    message = "刚写好的一段话 <b>&"
    side = world.own
    for persona, url, data in (
        (
            "reporter",
            f"/items/{side.items['draft'].pk}/edit",
            {"title": message, "grid": "nowhere", "action": "submit", "version": "1"},
        ),
        ("reporter", "/activities/new", {"notes": message}),
        ("reviewer", f"/review/{side.items['submitted'].pk}/decide", {"decision": "", "remark-truth": message}),
        ("reviewer", f"/review/{side.items['submitted'].pk}/merge", {"into": "none", "reason": message}),
        (
            "handler",
            f"/handling/{side.items['handling'].pk}/do/transfer",
            {"reason": message, "unit": str(world.foreign.department.pk)},
        ),
        ("manager", f"/handling/{side.items['approved'].pk}/do/assign", {"instruction": message, "due_at": "never"}),
        ("reporter", f"/handling/{side.items['resolved'].pk}/inform/record", {"message": message, "outcome": "?"}),
        ("reporter", f"/handling/{side.items['informed'].pk}/inform/evaluate", {"remark": message, "verdict": "?"}),
        ("resident", f"/r/{side.link}", {"remark": message, "verdict": "?"}),
        ("administrator", "/admin/catalogue/event/field", {"label": message, "code": "!"}),
        ("administrator", "/admin/catalogue/event/subcategory", {"name": message, "code": "!"}),
        ("administrator", "/people/new", {"name": message, "username": "!"}),
    ):
        with world.undone():
            answer = world.browser(persona).post(url, data)
        assert answer.status_code == 422, (url, answer.status_code)
        assert html.escape(message) in answer.content.decode(), url


@pytest.mark.clause("6.1.1")
def test_broken_forms_are_never_a_fault_of_ours(world: World, quiet: None) -> None:
    errors: list[str] = []
    for n, (key, access, persona) in enumerate(posting()):
        asked = Asked(world, key, access, persona, "post")
        broken_fields(asked)
        broken_bodies(asked, all_of_them=EVERYTHING or n % 9 == 0)
        errors += asked.wrong
    assert not errors, "\n".join(errors)


@pytest.mark.clause("6.1.1")
def test_broken_addresses_are_never_a_fault_of_ours(world: World, quiet: None) -> None:
    errors: list[str] = []
    for key, access in PAGES.items():
        if access.get and key != "readyz":
            asked = Asked(
                world, key, access, next(p for p in ("manager", "administrator", *PERSONAS) if p in access.get), "get"
            )
            broken_fields(asked)
            errors += asked.wrong
    assert not errors, "\n".join(errors)
