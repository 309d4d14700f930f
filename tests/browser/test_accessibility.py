"""Every main page for each role, on a phone and on a desktop: no violation of WCAG 2.2 AA that axe can find."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from linbao.items.models import Item, Status
from linbao.organisation.models import User
from linbao.shell import demo
from linbao.weekly_reports.models import WeeklyReport
from tests.browser.conftest import DESK, PHONE, load_demo

pytestmark = pytest.mark.django_db(transaction=True)
AXE = Path(demo.__file__).parent / "assets/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  const wide = document.documentElement.scrollWidth - innerWidth;  // 1.4.10: nothing to scroll sideways
  const errors = found.violations.map(v => ({
    rule: v.id, help: v.help,
    nodes: v.nodes.slice(0, 4).map(n => [
      n.target.join(" "), n.html.slice(0, 160), n.any[0]?.message ?? n.all[0]?.message ?? "",
    ].join(" · ")),
  }));
  if (wide > 1) errors.push({ rule: "reflow", help: `${wide}px too wide`, nodes: [] });
  const squeezed = [...document.querySelectorAll(".lb-row-main")].filter(e => e.offsetWidth && e.offsetWidth < 130);
  if (squeezed.length) errors.push({
    rule: "squeezed", help: "a row's text stands in a strip beside its marks",
    nodes: squeezed.slice(0, 4).map(e => e.textContent.slice(0, 40)),
  });
  return errors;
}"""
PEOPLE = ("reporter1", "reviewer1", "handler1", "manager1", "trainer1", "security1", "auditor1", "admin")


def faults(page: Page, source: str) -> Iterator[str]:
    """What axe finds on the page that is open, at both sizes."""
    for size, viewport in (("phone", PHONE), ("desk", DESK)):
        page.set_viewport_size(viewport)
        # What a bar that sticks covers just now can be scrolled free; what is under it is looked at, too.
        page.evaluate(
            "() => { for (const e of document.querySelectorAll('main *')) if"
            " (getComputedStyle(e).position === 'sticky') e.style.position = 'static'; }"
        )
        page.evaluate("() => { document.querySelectorAll('.lb-toast').forEach(t => t.remove()); }")
        if not page.evaluate("() => !!window.axe"):
            page.evaluate(source)  # straight into the page: it is served to nobody
        for result in page.evaluate(RUN, RULES):
            yield (
                f"{size}"
                f" {page.url.partition('/')[2].partition('/')[2].partition('/')[2] or '/'}"
                f" {json.dumps(result, ensure_ascii=False, indent=1)}"
            )


def places(page: Page, name: str) -> Iterator[str]:
    """The navigation's pages, then the ones behind them that this person works on."""
    page.set_viewport_size(DESK)
    page.goto("/")
    yield from page.evaluate(
        "() => [...new Set([...document.querySelectorAll('.lb-nav a')].map(a => a.getAttribute('href')))]"
    )
    yield from ("/notices/", "/account/", "/me/")
    first = {s: Item.objects.filter(status=s).order_by("-created_at").first() for s in Status.values}
    if name == "reporter1":
        own = {
            s: Item.objects.filter(status=s, reporter__username=name).order_by("-created_at").first()
            for s in Status.values
        }
        yield from (f"/report/new/{c}" for c in ("opinion", "event", "construction", "sanitation"))
        yield from (f"/items/{row.pk}/edit" for s in (Status.DRAFT, Status.RETURNED) if (row := own[s]))
        yield from (f"/items/{row.pk}/" for s in (Status.SUBMITTED, Status.HANDLING, Status.CLOSED) if (row := own[s]))
        yield from (f"/handling/{row.pk}/inform" for s in (Status.RESOLVED, Status.INFORMED) if (row := own[s]))
        yield "/activities/new"
        if report := WeeklyReport.objects.filter(reporter__username=name).order_by("-week").first():
            yield f"/weekly/{report.pk}/"
        yield "/offline"
    if name == "reviewer1" and (row := first[Status.SUBMITTED]):
        yield f"/review/{row.pk}/"
    if name in ("handler1", "manager1"):
        yield from (
            f"/handling/{row.pk}/" for s in (Status.APPROVED, Status.HANDLING, Status.CLOSED) if (row := first[s])
        )
    if name == "admin":
        yield from ("/admin/catalogue/", "/admin/catalogue/sanitation/")


def test_no_page_shuts_anybody_out(phone: Callable[..., BrowserContext], live_server: Any) -> None:
    load_demo()
    source = AXE.read_text()
    rows: list[str] = []
    visited = 0
    page = phone().new_page()
    page.goto("/accounts/login/")
    rows += [f"nobody {f}" for f in faults(page, source)]
    for name in PEOPLE:
        page = phone(User.objects.get(username=name)).new_page()
        for path in dict.fromkeys(places(page, name)):
            page.set_viewport_size(DESK)
            answer = page.goto(path)
            assert answer is not None
            if answer.status in (403, 404):
                continue  # another role's: the refusal is a page too, seen once below
            assert answer.ok, f"{name} {path} {answer.status}"
            visited += 1
            rows += [f"{name} {f}" for f in faults(page, source)]
        page.goto("/nowhere/")
        rows += [f"{name} {f}" for f in faults(page, source)]
    assert visited > 60
    assert rows == [], "\n".join(rows)
