"""The demo community loads, is whole, and looks alive (1.3.3)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from linbao.appraisal.metrics import METRICS
from linbao.appraisal.models import Appraisal, Cycle, Rating
from linbao.archive.statistics import overview, rollups
from linbao.core import clock
from linbao.handling.models import CallBack, Evaluation
from linbao.items.models import Entry, Item
from linbao.organisation.models import Unit, User
from linbao.shell import demo
from linbao.shell.demo_content import events, history, opinions, works
from tests.appraisal.by_hand import agree
from tests.archive.by_hand import by_hand

STORIES = [*opinions.ITEMS, *events.ITEMS, *works.ITEMS]


def test_the_stories_are_different_and_told_in_words_that_fit() -> None:
    assert len(STORIES) >= 60
    assert len({s["narrative"] for s in STORIES}) == len(STORIES)
    assert all(len(s["title"]) <= 60 and s["key_points"] for s in STORIES)


@pytest.mark.clause("1.3.3")
def test_the_demo_community_covers_every_subcategory_and_every_state(db: Any) -> None:
    count = demo.load()
    assert count == len(STORIES) + 1 + history.how_many(clock.now())  # and the fire that was called in, and the past
    assert demo.check() == []
    states = Counter(Item.objects.values_list("status", flat=True))
    assert {
        "draft",
        "submitted",
        "returned",
        "approved",
        "handling",
        "resolved",
        "informed",
        "evaluated",
        "closed",
        "withdrawn",
    } <= set(states)
    assert states["closed"] > count / 2
    assert Entry.objects.count() > 3 * count
    for name in ("reporter1", "reviewer1", "handler1", "manager1"):
        browser = Client()
        browser.force_login(
            User.objects.get(username=name), backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        for path in ("/", "/notices/", "/me/settings", "/me/"):
            assert browser.get(path).status_code == 200, (name, path)
    _appraised()


def _appraised() -> None:
    """One finished half-year with figures to look at, and one in which the people of the demo have something to do."""
    ended, now = Cycle.objects.order_by("half")
    assert (ended.state, now.state) == ("closed", "open") and now.peer_due > clock.now()
    people = list(Appraisal.objects.filter(cycle=ended))
    assert len(people) == 12 and not any(p.small for p in people)
    assert all(p.figures[m]["score"] is not None for p in people for m in METRICS)
    assert len({p.facts_score for p in people}) > 6 and {p.grade for p in people} >= {"excellent", "competent"}
    assert next(p for p in people if p.person.username == "reporter12").months < 6
    for row in (*people, *Appraisal.objects.filter(cycle=now)):
        agree(row, judged=row.cycle_id == ended.pk)
    waits = Rating.objects.filter(appraisal__cycle=now, submitted_at__isnull=True)
    asked = set(waits.values_list("rater__username", "kind"))
    assert {("reporter1", "self"), ("reporter1", "peer"), ("reporter2", "peer"), ("reporter1", "superior")} <= asked
    assert Rating.objects.filter(appraisal__cycle=now, submitted_at__isnull=False, kind="peer").exists()


@pytest.mark.clause("2.4.2")
def test_the_demo_has_judgements_as_events_and_call_backs_mostly_without_them(db: Any) -> None:
    """Its figures are those of a second arithmetic; call-backs are there, as they are drawn each Monday."""
    demo.load()
    closed = Item.objects.filter(status="closed")
    assert not closed.exclude(pk__in=Evaluation.objects.values("item")).exists()
    rollups.everything()
    home = Unit.objects.get(kind="community")
    until = clock.today()
    since = until - timedelta(days=180)
    row = overview.as_json(home, overview.Period(since, until))["figures"]
    assert row == by_hand([home.pk], since, until)
    drawn = list(CallBack.objects.select_related("item"))
    assert len(drawn) >= 3 and any(c.done_at for c in drawn) and any(c.matches is False for c in drawn)
    assert sum(c.item.verdict == "none" for c in drawn) * 2 > len(drawn)
