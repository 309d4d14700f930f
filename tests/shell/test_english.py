"""Every page speaks the reader's language, and only that: the catalogue is whole, and no page leaks the other."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.translation import override
from django.utils.translation.template import templatize

from linbao.handling import assigning, links, loop, work
from linbao.handling.inputs import AssignItem, CloseItem, EvaluateItem, InformResident, ResolveItem
from linbao.items import services as item_services
from linbao.organisation.models import Unit, User
from linbao.outbox.models import Notice
from tests.loop import Town, _tuesday, build  # noqa: F401

SOURCE = Path(settings.LOCALE_PATHS[0].parent)
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "lazy": None,
    "gettext_noop": None,
    "worded": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
NOT_ENGLISH = re.compile(CHINESE.pattern + r"|[\u3001\u3002\u300a-\u3011\uff01-\uff5e“”]")  # punctuation too
LATIN = re.compile(r"[A-Za-z]{2,}")
# Names of formats, standards and things that are called so in Chinese as well.
CALLED_SO = set(
    re.findall(
        r"\w+",
        "PDF DOCX XLSX XLS ODS CSV Word Excel PPT JPG PNG HEIC WebP m4a mp3"
        " wav amr ogg txt MB kB km API URL QR PKCS RSA EC "
        "GB WGS GeoJSON Open311 Asia Shanghai Urumqi Linbao LINBAO NOTIFY HOSTS id WeCom SMTP ID",
    )
) | {"Open", "street_light", "street", "light", "Light", "zhanghong"}  # the last: examples of codes and names
THEIR_OWN = {"中文", "English"}  # a language's name in itself
EXAMPLES = re.compile("轻|桂花园|标题|内容")  # of what an administrator of a Chinese office writes
Words = tuple[str, str]  # context, and singular


def _extracted() -> Iterator[Words]:
    """What the sources hand to gettext: Python files as they are, templates after Django's own conversion."""
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in (".py", ".html", ".txt") or {"node_modules", "static", "migrations"} & set(path.parts):
            continue
        text = path.read_text()
        if path.suffix != ".py":
            if "templates" not in path.parts:
                continue
            text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines()) + "\n"
        for _line, name, message, _comments in extract_python(
            io.BytesIO(text.encode()), KEYWORDS, [], {"encoding": "utf-8"}
        ):
            if name is None:
                continue
            values = [message] if isinstance(message, str) else [w for w in message or () if isinstance(w, str)]
            if values and values[0]:
                yield (values[0], values[1]) if str(name).startswith(("pgettext", "npgettext")) else ("", values[0])


def _english() -> dict[Words, list[str]]:
    result: dict[Words, list[str]] = {}
    for path in [SOURCE / "locale/en/LC_MESSAGES/django.po", *SOURCE.glob("*/locale/en/LC_MESSAGES/django.po")]:
        with path.open("rb") as f:
            result |= {
                (m.context or "", m.id if isinstance(m.id, str) else m.id[0]): (
                    [m.string] if isinstance(m.string, str) else list(m.string or ())
                )
                for m in read_po(f, locale="en")
                if m.id and not m.fuzzy
            }
    return result


def test_every_string_has_english_words_with_the_same_placeholders() -> None:
    """Red when somebody adds a string without English: `make messages`, then translate what it names."""
    result, english = set(_extracted()), _english()
    assert len(result) > 1500
    assert sorted(w for w in result if not all(english.get(w) or [""])) == []
    assert sorted(set(english) - result) == []  # nothing stale either
    for (_context, source), data in english.items():
        for message in data:
            assert set(PLACEHOLDER.findall(message)) == set(PLACEHOLDER.findall(source)), source
            assert message.count("\n") == source.count("\n"), source
    leaks = [w for data in english.values() for w in data if CHINESE.search(EXAMPLES.sub("", w))]
    assert leaks == []


class Page(HTMLParser):
    """The words that a page shows or reads aloud, without those marked as another language, code or keys."""

    VOID = {"input", "img", "br", "hr", "meta", "link", "source", "wbr", "col", "area"}
    READ = {"title", "alt", "placeholder", "aria-label", "label", "content", "data-confirm"}

    def __init__(self, text: str, language: str) -> None:
        super().__init__()
        self.language = language
        self.stack: list[Any] = []
        self.words: list[Any] = []
        self.links: list[Any] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        data = dict(attrs)
        foreign = "lang" in data and not str(data["lang"]).lower().startswith(self.language[:2])
        skip = (
            foreign or tag in ("script", "style", "code", "kbd", "textarea") or bool(self.stack and self.stack[-1][1])
        )
        if tag == "a" and data.get("href"):
            self.links.append(str(data["href"]))
        if not skip:
            self.words += [
                str(v)
                for k, v in attrs
                if v
                and (k in self.READ or k.startswith("data-"))
                and not (tag == "meta" and data.get("name") != "description")
                and (k == "title" or k in self.READ or data.get("id") == "lb-words")
            ]
        if tag not in self.VOID:
            self.stack.append((tag, skip))

    def handle_endtag(self, tag: str) -> None:
        while self.stack:
            if self.stack.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not (self.stack and self.stack[-1][1]):
            self.words.append(" ".join(data.split()))


LEAVE = re.compile(
    r"logout|export|/file|\.csv|\.xlsx|\.pdf|\.docx|/static/|/api/|errors$|photo|/thumb|sw\.js|webmanifest"
)


def walk(client: Client, language: str, start: Iterable[str], accept: str = "") -> Iterator[tuple[str, Page]]:
    """Every kind of page that can be reached by links: once each."""
    todo, seen = list(start), set()
    kinds: dict[str, int] = {}
    while todo:
        url = todo.pop(0)
        if url in seen or LEAVE.search(url):
            continue
        seen.add(url)
        try:
            kind = resolve(urlsplit(url).path).route
        except Resolver404:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] > 1:
            continue
        answer = client.get(url, follow=True, HTTP_ACCEPT_LANGUAGE=accept or language)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        page = Page(answer.content.decode(), language)
        yield url, page
        for link in page.links:
            onward = urljoin(url, link).partition("#")[0]
            if onward.startswith("/") and not onward.startswith("//"):
                todo.append(onward)


START = ("/", "/me/", "/me/settings", "/notices/", "/offline", "/accounts/2fa/", "/accounts/password/change/")
PEOPLE = ("reporter", "leader", "reviewer", "handler", "manager", "trainer", "security", "auditor", "administrator")


def _everybody(town: Town) -> None:
    town.person("auditor", "auditor", town.parent_unit)
    town.person("security", "security_officer", town.community)


def _english_town(town: Town) -> None:
    """The same town with data in Latin letters: whatever Chinese is left was written by the product."""
    for n, unit in enumerate(Unit.objects.all()):
        Unit.objects.filter(pk=unit.pk).update(name=f"Unit {n}", short_name=f"U{n}")
    from linbao.platform.reference import Reference

    for reference in Reference.all.values():
        reference.drop()


def _told(n: int) -> dict[str, Any]:
    return {
        "title": f"Matter {n}",
        "narrative": f"Narrative of the matter {n}, long enough to be one.",
        "place": {"text": f"Building {n}"},
        "key_points": [f"Point {n}"],
        "analysis": "Too few rounds.",
        "suggestion": "More rounds.",
        "parties": [{"role": "proposer", "name": "Zhang", "phone": f"1381234{n:04d}"}],
        "details": {
            "area": f"Building {n}",
            "factor": "frequency",
            "factor_words": "Twice a week",
            "severity": "middle",
        },
    }


def _in_every_state(town: Town, told: Any, words: str) -> None:
    """One item in each state; `words` is what people write on the way."""
    town.submitted(urgent=True, **told(1))
    item_services.create(town.reporter, town.body(**told(2)), submit=False)
    town.approved(**told(3))
    for n in range(4, 9):
        item = assigning.assign(
            town.manager,
            town.approved(**told(n)).pk,
            AssignItem(unit=town.department.id, handler=town.handler.pk, instruction=words),
        )
        if n > 4:
            item = work.resolve(town.handler, item.pk, ResolveItem(result=words))
        if n > 5:
            item = loop.inform(town.reporter, item.pk, InformResident(outcome="reached", method="phone"))
        if n > 6:
            item = loop.evaluate(town.reporter, item.pk, EvaluateItem(verdict="satisfied"))
        if n > 7:
            loop.close(town.manager, item.pk, CloseItem())


@pytest.fixture
def english(db: Any) -> Town:
    town = build()
    _everybody(town)
    User.objects.update(language="en")
    _english_town(town)
    _in_every_state(town, _told, "Emptied the bins and added another.")
    return town


@pytest.mark.parametrize("name", PEOPLE)
def test_pages_in_english_show_no_chinese_of_the_products_own(english: Town, name: str) -> None:
    leaks, kinds = [], 0
    for url, page in walk(english.browser(name), "en", START):
        kinds += 1
        leaks += [(url, w) for w in page.words if NOT_ENGLISH.search(EXAMPLES.sub("", w)) and w not in THEIR_OWN]
    assert kinds >= 3
    assert not leaks, "\n".join(sorted({f"{w} at {url}" for url, w in leaks}))


@pytest.fixture
def chinese(db: Any) -> Town:
    town = build()
    _everybody(town)
    for n, user in enumerate(User.objects.all()):
        User.objects.filter(pk=user.pk).update(name=f"张三{n}", language="zh-hans")
    _in_every_state(town, lambda n: {}, "已经清运干净，并加装一只垃圾桶。")
    return town


# Addresses, ids, and the last six signs of an id as the audit log shows them.
NO_WORDS = r"[\w.+-]+@[\w.-]+|https?://\S+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{6}\b"


@pytest.mark.parametrize("name", PEOPLE)
def test_pages_in_chinese_show_no_english_of_the_products_own(chinese: Town, name: str) -> None:
    leaks = []
    # Whatever the browser prefers: the account's language goes first.
    for url, page in walk(chinese.browser(name), "zh-hans", START, accept="en-US,en;q=0.9"):
        for message in page.words:
            result = set(LATIN.findall(re.sub(NO_WORDS, "", message))) - CALLED_SO - set(PEOPLE) - chinese.people.keys()
            if result and message not in THEIR_OWN:
                leaks.append((url, message))
    assert not leaks, "\n".join(sorted({f"{w} at {url}" for url, w in leaks}))


def test_who_has_not_chosen_reads_the_offices_language_and_a_visitor_the_browsers(db: Any) -> None:
    town = build()
    door = Client().get("/accounts/login/", HTTP_ACCEPT_LANGUAGE="en-GB,en;q=0.9").content.decode()
    assert "Sign in" in door and '<html lang="en"' in door
    item = work.resolve(town.handler, town.assigned().pk, ResolveItem(result="已经清运干净。"))
    link = f"/r/{links.link_of(town.reporter, item.pk).token}"
    assert '<html lang="en"' in Client().get(link, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    staff = town.browser("reporter")
    assert '<html lang="zh-CN"' in staff.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    staff.post("/language", {"language": "en", "next": "/"})
    again = town.browser("reporter")  # another device
    assert '<html lang="en"' in again.get("/", HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()


def test_a_notice_is_written_for_its_reader_not_for_who_acts(db: Any) -> None:
    town = build()
    User.objects.filter(username="reporter").update(language="en")
    with override("en"):  # the manager reads English too, the handler does not
        town.assigned()
    text = dict(
        Notice.objects.filter(kind__in=("item.assigned", "item.to_handle")).values_list("user__username", "text")
    )
    assert not CHINESE.search(re.sub(r"“.*”|\".*\"", "", text["reporter"]).replace("环境办公室", ""))
    assert "请办理" in text["handler"]
