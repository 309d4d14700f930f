"""Every link that a page shows leads somewhere: nobody is offered what then refuses them (1.3.4)."""

from __future__ import annotations

import re

import pytest

from tests.access.who import HOLDING, NOBODY
from tests.access.world import World

pytestmark = pytest.mark.clause("1.3.4")

LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"#]*)')
SAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|(?<==)[^&]*")  # one page of each kind is enough
ELSEWHERE = ("/static/", "/accounts/logout/", "/language")
MOST = 400


def test_no_page_offers_what_it_then_refuses(world: World, quiet: None) -> None:
    errors: list[str] = []
    for persona in (*HOLDING, NOBODY):
        browser = world.browser(persona)
        seen, waiting, opened = {"/"}, [("/", "")], 0
        while waiting and opened < MOST:
            address, shown_on = waiting.pop(0)
            opened += 1
            with world.undone():
                answer = browser.get(address)
                whole = answer.getvalue()
            # 422 tells what is wrong with the thing itself: the template of this town is no DOCX.
            if answer.status_code >= 400 and answer.status_code != 422:
                errors.append(f"{persona}: {answer.status_code} {address} from {shown_on}")
            if not answer.get("Content-Type", "").startswith("text/html"):
                continue
            for result in LINK.findall(whole.decode()):
                link = result.replace("&amp;", "&")
                kind = SAME.sub("", link)
                if kind not in seen and not link.startswith(ELSEWHERE):
                    seen.add(kind)
                    waiting.append((link, address))
        assert opened > (5 if persona == NOBODY else 25), f"{persona} reached only {opened} pages"
        assert not waiting, f"{persona}: over {MOST} kinds of pages"
    assert not errors, "\n".join(errors)
