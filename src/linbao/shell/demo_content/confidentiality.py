"""Half a year of confidentiality in the demo community: an agreement that all signed, information given out, unusual
access, requests of residents (1.3.4, 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from linbao.archive.filters import Filters
from linbao.confidentiality.access_monitoring import services as watching
from linbao.confidentiality.agreements import default_text
from linbao.confidentiality.agreements import services as agreements
from linbao.confidentiality.agreements.inputs import Publish, SaveDraft
from linbao.confidentiality.disclosures import services as disclosures
from linbao.confidentiality.disclosures.inputs import AskDisclosure, DecideDisclosure
from linbao.confidentiality.privacy_requests import services as privacy
from linbao.confidentiality.privacy_requests.inputs import (
    Countersign,
    DecideRequest,
    EnterRequest,
    FileRequest,
    Identify,
)
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.items import parties
from linbao.items.inputs import RevealParty
from linbao.items.models import Item, Party
from linbao.organisation.models import Unit, User
from linbao.security.alerts import services as alerts
from linbao.security.alerts.inputs import CloseAlert
from linbao.security.models import Alert

Step = Callable[[], Any]


def moves(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Iterator[tuple[datetime, Step]]:
    """(moment, step) in no order; steps call the real verbs."""
    home = units["c"]
    begun = _at(now, 175, 10)
    yield begun, lambda: _agree(people, home)
    yield _at(now, 34, 22, 40), lambda: _look(people["reviewer1"], 6, "台风后逐户核实安置情况")
    yield _at(now, 33, 9, 20), lambda: _settle(people["security1"])
    yield _at(now, 1, 22, 50), lambda: _look(people["reviewer2"], 7, "核对联系方式")
    data: dict[str, Any] = {}
    yield _at(now, 16, 10), lambda: data.update(a=_ask(people["reviewer1"], now))
    yield (
        _at(now, 16, 15),
        lambda: disclosures.decide(
            people["manager1"], data["a"].pk, DecideDisclosure(approve=True, comment="范围合适，去除个人身份后提供。")
        ),
    )
    yield _at(now, 15, 9), lambda: disclosures.produce(people["reviewer1"], data["a"].pk)
    yield now - timedelta(hours=5), lambda: _ask_again(people["reviewer2"], now)
    yield _at(now, 26, 10), lambda: data.update(p=_ask_to_see(people["reviewer1"], home))
    yield (
        _at(now, 25, 9, 30),
        lambda: privacy.identify(people["reviewer1"], data["p"].pk, Identify(identity="当面查验身份证，未留存复印件")),
    )
    yield _at(now, 24, 14), lambda: _grant(people["manager1"], data["p"])
    yield _at(now, 23, 16), lambda: privacy.countersign(people["security1"], data["p"].pk, Countersign(agree=True))
    yield now - timedelta(days=2, hours=3), lambda: _ask_to_delete(home)


def _at(now: datetime, days: int, hour: int, minute: int = 0) -> datetime:
    moment = clock.local(now - timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return min(moment, now - timedelta(minutes=1))


def _agree(people: dict[str, User], home: Unit) -> None:
    officer = people["security1"]
    draft = agreements.save(officer, home.pk, SaveDraft(title=default_text.TITLE, body=default_text.BODY))
    row = agreements.publish(officer, draft.pk, Publish())
    bound = set(agreements.bound_people(home.pk))
    for user in people.values():
        if user.pk in bound:
            declared = [("周建平", "13900016688")] if user.username == "reporter1" else []
            agreements.keep_signature(user, row, declared)


def _look(user: User, count: int, reason: str) -> None:
    """Persons looked up late in the evening, then the job that reads the log."""
    seen = Item.objects.visible_to(user).values("pk")
    for party in Party.objects.filter(item__in=seen).exclude(phone_index="").order_by("id")[:count]:
        parties.reveal(user, party.item_id, RevealParty(party=party.pk, reason=reason))
    watching.watch()


def _settle(officer: User) -> None:
    for row in Alert.objects.visible_to(officer).open().filter(kind__startswith="looking."):
        alerts.take(officer, row.pk)
        alerts.close(
            officer,
            row.pk,
            CloseAlert(justified=True, outcome="台风过后夜间逐户核实安置，值班记录相符，与本人和负责人核对无误。"),
        )


def _ask(user: User, now: datetime) -> Any:
    filters = Filters.read({"category": "sanitation"})
    details = {
        "recipient": "云栖区城市管理局",
        "purpose": "汇总本社区环境卫生问题，用于安排秋季集中整治",
        "legal_basis": "区城管局《关于报送环境卫生问题的函》（云城管函〔2026〕18号）",
        "form": "pdf",
        "until": clock.local(now).date() + timedelta(days=45),
    }
    return disclosures.ask(user, checked(AskDisclosure, details), filters)


def _ask_again(user: User, now: datetime) -> None:
    filters = Filters.read({"category": "event"})
    details = {
        "recipient": "桂花园派出所",
        "purpose": "核查近期社区事件中的安全隐患，安排上门走访",
        "legal_basis": "《中华人民共和国人民警察法》第三十四条，派出所协助函",
        "form": "xlsx",
        "until": clock.local(now).date() + timedelta(days=20),
        "identified": True,
        "why_identified": "须逐户上门核实隐患整改，没有姓名和电话无法联系到当事人。",
    }
    disclosures.ask(user, checked(AskDisclosure, details), filters)


def _ask_to_see(user: User, home: Unit) -> Any:
    party = Party.objects.exclude(phone_index="").exclude(name_index="").order_by("id").first()
    assert party is not None
    details = {
        "kind": "see",
        "name": party.name or "",
        "phone": party.phone or "",
        "channel": "visit",
        "note": "想看看社区登记了我的哪些信息。",
    }
    return privacy.enter(user, home, checked(EnterRequest, details))


def _grant(manager: User, row: Any) -> None:
    chosen = [m.party.pk for m in privacy.matches(manager, row) if m.by == "both"]
    privacy.decide(manager, row.pk, DecideRequest(grant=True, parties=chosen))


def _ask_to_delete(home: Unit) -> None:
    party = Party.objects.exclude(phone_index="").exclude(name_index="").order_by("-id").first()
    assert party is not None
    details = {
        "kind": "delete",
        "name": party.name or "",
        "phone": party.phone or "",
        "note": "事情已经解决，请删除我的电话。",
    }
    privacy.receive(home, checked(FileRequest, details))
