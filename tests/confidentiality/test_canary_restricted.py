"""Words planted in sensitive and confidential items come out to nobody who may not open the item: every page, every
operation of the interface, every document, mail, notice, print and export, with every role (1.3.4, 6.2.2).

Who may open what is domain.md §2: sensitive ones the reporter, reviewer, handler and manager in charge, confidential
ones their reporter and the named persons.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from linbao.core import clock
from linbao.documents.models import Document
from linbao.duties.models import Obligation
from linbao.emergencies import document as urgent_document
from linbao.emergencies import services as emergencies
from linbao.emergencies.inputs import FileVersion, RecordCall
from linbao.emergencies.models import Alarm, UrgentReport
from linbao.handling import assigning, loop, oversight, work
from linbao.handling.inputs import (
    AdoptItem,
    AssignItem,
    CloseItem,
    EvaluateItem,
    InformResident,
    RecordProgress,
    RemindHandler,
    ResolveItem,
)
from linbao.handling.models import CallBack
from linbao.items import services as item_services
from linbao.items.models import Attachment, Item
from linbao.organisation.models import Role, RoleGrant, Unit, User
from linbao.outbox import notices_by_mail
from linbao.outbox.models import Delivery, Notice
from linbao.platform import files
from linbao.platform.reference import Reference
from linbao.review import services as review
from linbao.review.inputs import Approve, ReturnItem
from linbao.weekly_reports import services as weekly_reports
from linbao.weekly_reports.inputs import ConfirmReport
from linbao.weekly_reports.models import WeeklyReport
from tests.access.places import address, endpoint, pages
from tests.access.table import API, PAGES
from tests.access.who import HANDLER, MANAGER, PERSONAS, REVIEWER
from tests.access.world import Side, World, whole
from tests.items import samples
from tests.loop import OVERRULED

pytestmark = pytest.mark.clause("1.3.4", "6.2.2")
SENSITIVE, CONFIDENTIAL, RAISED = "青鸾衔枝", "玄龟负匣", "白泽踏雪"
READERS = {SENSITIVE: {REVIEWER, HANDLER, MANAGER}, CONFIDENTIAL: {REVIEWER}, RAISED: {REVIEWER}}
FINDINGS = [{"field": "narrative", "check": "accuracy", "words": "请核对时间"}]


def body(side: Side, word: str, **changes: Any) -> dict[str, Any]:
    """An item with `word` in every field of words."""
    return {
        "category": "event",
        "subcategory": "family",
        "title": f"{word}家中夜间争吵",
        "narrative": f"邻居反映{word}一家夜间争吵，已有一周，孩子在哭。",
        "occurred_at": clock.now() - timedelta(hours=5),
        "seen_at": clock.now() - timedelta(hours=2),
        "place": {"text": f"{word}巷三号院内", "lat": 30.65, "lon": 104.08},
        "grid": side.grid.code,
        "source": {"method": "visit"},
        "key_points": [f"{word}家需要上门调解"],
        "analysis": f"{word}一家长期不和，需要社区关注。",
        "suggestion": f"请社工上门看望{word}一家并调解。",
        "details": {
            "course": f"{word}家昨夜争吵到天亮",
            "casualties": {"dead": 0, "injured": 0, "missing": 0},
            "present_state": "in_progress",
            "measures_taken": f"已到{word}家劝解",
            "none_involved": True,
        },
        **changes,
    }


def submitted(side: Side, word: str, **changes: Any) -> Item:
    item = item_services.create(side.colleague, body(side, word, **changes), submit=True)
    Attachment.objects.create(
        item=item,
        owner=side.people["colleague"],
        kind="photo",
        name=f"{word}.jpg",
        caption=f"{word}家门口",
        content_type="image/jpeg",
        size=3,
        sha256=files.put(samples.jpeg(41, 40)),
        shown=files.put(samples.jpeg(42, 40)),
        thumb=files.put(samples.jpeg(43, 40)),
    )
    return item


def closed(side: Side, word: str, **changes: Any) -> Item:
    """An item through the loop, the word in all that is written on the way; drawn for a call-back."""
    pk = submitted(side, word, **changes).pk
    review.return_(side.reviewer, pk, ReturnItem(findings=FINDINGS, remark=f"{word}一事请核对时间"))
    item_services.submit(side.colleague, pk)
    review.approve(side.reviewer, pk, Approve(checks=OVERRULED, remark=f"{word}一事属实"))
    assigning.assign(
        side.reviewer,
        pk,
        AssignItem(unit=side.department.id, handler=side.people["another_handler"].pk, instruction=f"请调解{word}家"),
    )
    work.remind(side.reviewer, pk, RemindHandler(note=f"{word}家请尽快"))
    work.progress(side.another_handler, pk, RecordProgress(text=f"已到{word}家"))
    work.resolve(side.another_handler, pk, ResolveItem(result=f"{word}一家已经和好，社工每周回访一次。"))
    loop.inform(side.colleague, pk, InformResident(outcome="no_resident", message=f"{word}家无需告知"))
    loop.evaluate(side.colleague, pk, EvaluateItem(verdict="none", reason=f"{word}一事没有提出人"))
    oversight.adopt(side.reviewer, pk, AdoptItem(kind="measure", note=f"{word}一事促成社工回访"))
    item = loop.close(side.reviewer, pk, CloseItem(reason=f"{word}一事已办结"))
    CallBack.objects.create(item=item, community=side.community)
    return item


def emergency(side: Side, word: str, **changes: Any) -> UrgentReport:
    """An urgent item with its call and first written report, its document made and mailed."""
    item = submitted(side, word, urgent=True, **changes)
    assert item.occurred_at is not None
    emergencies.record_call(side.colleague, item.pk, RecordCall(message=f"{word}家出事了", answered_by="值班员"))
    content = {
        "kind": "dispute",
        "subcategory": "family",
        "occurred_at": item.occurred_at.isoformat(),
        "place": f"{word}巷三号院内",
        "course": f"{word}家争吵升级，惊动四邻。",
        "dead": 0,
        "injured": 0,
        "missing": 0,
        "persons": 3,
        "households": 1,
        "area": "",
        "loss": "",
        "impact": f"{word}家四邻不安",
        "measures": f"已把{word}家的人分开",
        "reported_to": ["police"],
        "present_state": "in_progress",
        "present": f"{word}家仍有人情绪激动",
        "help": "请派社工",
        "level": "general",
        "none_involved": True,
    }
    made = emergencies.write(side.colleague, item.pk, FileVersion(content=content))
    urgent_document.make_document(made.pk)
    return UrgentReport.objects.get(pk=item.pk)


@pytest.fixture
def planted(world: World) -> dict[str, dict[str, Any]]:
    """For each word the objects that bear it, as `Side` names them."""
    side = world.own
    RoleGrant.objects.create(
        user=side.people["colleague"], role=Role.REPORTER, unit=side.group, starts=date(2026, 1, 1)
    )
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.cn")
    Unit.objects.filter(pk=side.community.pk).update(mailbox="weekly@example.cn")
    for reference in Reference.all.values():
        reference.drop()
    named = [str(side.people["reviewer"].pk)]
    result: dict[str, dict[str, Any]] = {}
    for word, level in (
        (SENSITIVE, {"sensitivity": "sensitive"}),
        (CONFIDENTIAL, {"sensitivity": "confidential", "named": named}),
    ):
        item, report = closed(side, word, **level), emergency(side, word, **level)
        result[word] = {
            "item": item,
            "call_back": item.call_back,
            "emergency": report,
            "open": submitted(side, word, **level),
        }
    raised = submitted(side, RAISED)
    review.return_(side.reviewer, raised.pk, ReturnItem(findings=FINDINGS))
    monday = clock.monday(clock.today())
    week = weekly_reports.assemble_week(side.colleague, monday)
    weekly_reports.confirm(
        side.colleague,
        week.pk,
        ConfirmReport(texts={"analysis": f"1. {RAISED}一家长期不和，需要社区关注。"}, reason="外出培训"),
    )
    # Everything was internal until here; now it is confidential, before the report leaves the house.
    more = {"sensitivity": "confidential", "named": named, "title": f"{RAISED}的事", "analysis": "已核对时间。"}
    item_services.change(side.colleague, raised.pk, more)
    item_services.submit(side.colleague, raised.pk)
    result[RAISED] = {"item": raised}
    with clock.at(clock.now() + timedelta(minutes=6)):
        weekly_reports.send_due()
        weekly_reports.make_documents(week.pk, 1)
    for objects in result.values():
        objects["report"] = WeeklyReport.objects.get(pk=week.pk)
    with clock.at(clock.now() + timedelta(days=2)):
        notices_by_mail.send_due()
    return result


def words_of(data: bytes) -> str:
    """All text of a file: of a PDF its words, of packages (DOCX, XLSX) what every part says."""
    if data[:5] == b"%PDF-" and len(data) > 100:
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    if data[:2] == b"PK":
        package = zipfile.ZipFile(io.BytesIO(data))
        return "\n".join(package.read(name).decode(errors="replace") for name in package.namelist())
    return data.decode(errors="replace")


def said_in(answer: Any) -> str:
    """The text of an answer; what scripts read of it (JSON in a page) with its escapes resolved."""
    text = words_of(b"".join(answer) if answer.streaming else answer.content)
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)


# Searches by a part of the word (a page repeats what was searched for), and every form of the exports.
SEARCHED = [f"{path}{word[:2]}" for word in READERS for path in ("/archive/?q=", "/me/?q=", "/api/v1/items?q=")]
EXPORTED = [
    f"/{path}/export?format={form}"
    for path, forms in (
        ("archive", ("csv", "xlsx", "geojson")),
        ("handling", ("csv", "xlsx")),
        ("weekly", ("csv", "xlsx")),
    )
    for form in forms
]


def addresses(side: Side, planted: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Every page and operation to read, with each planted object in its address, once for each persona let in."""
    places = {p.key: p for p in pages()}
    asked: set[tuple[str, str]] = set()
    yield from ((persona, url) for persona in PERSONAS for url in (*SEARCHED, *EXPORTED))
    for objects in planted.values():
        for item in (objects["item"], objects.get("open", objects["item"])):
            side.__dict__["items"] = dict.fromkeys(side.__dict__["items"], item)
            side.__dict__["photos"] = dict.fromkeys(side.__dict__["photos"], item.attachments.get())
            side.__dict__["duty"] = Obligation.objects.filter(subject_id=item.pk).first()
            for name in ("report", "call_back", "emergency"):
                side.__dict__[name] = objects.get(name, side.__dict__[name])
            side.__dict__["alarm"] = Alarm.objects.filter(report=side.emergency).first() or side.alarm
            side.__dict__["delivery"] = Delivery.objects.filter(subject_id=side.report.pk).first() or side.delivery
            for persona in PERSONAS:
                urls = [
                    address(places[key.partition("#")[0]], side, access.item, persona) + access.query(side)
                    for key, access in PAGES.items()
                    if persona in (access.get or ())
                ]
                urls += [
                    endpoint(key, side, access.item, persona)
                    for key, access in API.items()
                    if key.startswith("GET ") and persona in (access.get or ())
                ]
                for url in urls:
                    if not url.startswith("/accounts/") and (persona, url) not in asked:
                        asked.add((persona, url))
                        yield persona, url


def test_restricted_words_are_read_by_those_alone_who_may_open_the_item(
    world: World, planted: dict[str, dict[str, Any]], quiet: None
) -> None:
    side, errors, read = world.own, [], set()
    browsers = {p: world.browser(p) for p in PERSONAS}
    programs = {p: world.program(p) for p in PERSONAS}
    for persona, url in addresses(side, planted):
        answer = (programs if url.startswith("/api/") else browsers)[persona].get(url)
        text = said_in(answer)
        for word, readers in READERS.items():
            if word in text:
                read.add((word, persona))
                if persona not in readers:
                    errors.append(f"{persona} {url} ({answer.status_code}): {word}")
    assert not errors, "\n".join(errors)
    # It would have found them.
    assert {(SENSITIVE, MANAGER), (SENSITIVE, HANDLER), (CONFIDENTIAL, REVIEWER), (RAISED, REVIEWER)} <= read


def test_documents_mails_notices_and_duties_name_restricted_items_by_number_and_category(
    world: World, planted: dict[str, dict[str, Any]]
) -> None:
    lines: list[tuple[str, str]] = []
    for document in Document.objects.filter(kind__in=("weekly_report", "urgent_report")):
        lines.append((f"title of {document.kind}", document.title))
        lines += [(f"{document.kind} {d[:6]}", words_of(files.get(d))) for d in (document.pdf, document.docx) if d]
    for mail in Delivery.objects.all():
        lines.append(
            (f"delivery {mail.key}", f"{mail.subject}\n{mail.body}\n{json.dumps(mail.attachments, ensure_ascii=False)}")
        )
    lines += [(f"duty {o.kind}", o.title) for o in Obligation.objects.all()]
    lines += [(f"notice {n.kind}", n.text) for n in Notice.objects.all()]
    errors = [f"{where}: {word}" for where, text in lines for word in READERS if word in text]
    assert not errors, "\n".join(errors)
    report = Document.objects.get(kind="weekly_report", subject_id=planted[RAISED]["report"].pk)
    for text in (words_of(files.get(report.pdf)), words_of(files.get(report.docx))):
        for objects in planted.values():
            assert objects["item"].number in text
        assert "内容须登录系统查阅" in "".join(text.split())
    urgent = planted[SENSITIVE]["emergency"]
    paper = words_of(files.get(Document.objects.get(kind="urgent_report", subject_id=urgent.pk).pdf))
    paper = "".join(paper.split())
    assert urgent.item.number in paper and "社区事件" in paper and "登录系统后查阅" in paper
    assert (
        Delivery.objects.filter(key__startswith="notices:").exists()
        and Delivery.objects.filter(key__startswith="alarm:", channel="mail").exists()
    )


def test_the_author_and_named_persons_read_what_they_may(world: World, planted: dict[str, dict[str, Any]]) -> None:
    side = world.own
    for word, objects in planted.items():
        for name in ("colleague", "reviewer"):
            assert word in whole(side.browser(name).get(f"/items/{objects['item'].pk}/")), (word, name)
    page = whole(side.browser("manager").get(f"/weekly/{planted[RAISED]['report'].pk}/"))
    assert all(objects["item"].number in page for objects in planted.values())
