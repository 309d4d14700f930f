"""Days at the ends of the calendar, in every list's address and in the interface: a message, never a fault of ours."""

from __future__ import annotations

import json

import pytest

from linbao.shell.navigation import SIDEBAR, links
from tests.access.world import World

NAMES = ("since", "until", "from", "to", "week", "month", "day", "date", "quarter", "period", "half", "starts", "ends")
CALLERS = ("reporter", "reviewer", "manager", "trainer", "security_officer", "auditor", "administrator")
API = ("/api/v1/items", "/api/v1/obligations", "/api/v1/weekly-reports", "/api/v1/activities")


def test_no_list_falls_over_a_day_at_the_end_of_the_calendar(world: World) -> None:
    for caller in CALLERS:
        browser = world.browser(caller)
        for place in (*(link.href for link in links(SIDEBAR, world.own.people[caller], "/")), *API):
            for data in ("0001-01-01", "9999-12-31", "0001-01"):
                answer = browser.get(place, dict.fromkeys(NAMES, data))
                assert answer.status_code < 500, (caller, place, data)


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31"])
def test_no_report_is_made_of_a_week_at_the_end_of_the_calendar(world: World, week: str) -> None:
    answer = world.browser("reporter").post(
        "/api/v1/weekly-reports",
        json.dumps({"week": week}),
        "application/json",
        headers={"Authorization": f"Bearer {world.tokens['reporter']}"},
    )
    assert answer.status_code == 422 and "1900" in answer.json()["fields"]["week"][0]


def test_whatever_stands_behind_the_interfaces_address_the_answer_is_a_problem(world: World) -> None:
    for path in ("/api/v1/nothing", "/api/v1/items/%0A/merge", "/api/v1/", "/api/v1//"):
        answer = world.browser("reporter").post(path, "{}", "application/json")
        assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json", path
