"""Who looked, and what is unusual (1.3.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from linbao.audit import services as audit
from linbao.confidentiality import retention
from linbao.confidentiality.access_monitoring import services as watching
from linbao.confidentiality.inputs import SetThresholds
from linbao.confidentiality.models import Relative
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound
from linbao.items import parties
from linbao.items.inputs import RevealParty
from linbao.items.models import Party
from linbao.outbox.models import Notice
from linbao.platform.encryption.crypto import blind_index
from linbao.security.alerts import services as alerts
from linbao.security.alerts.inputs import CloseAlert
from linbao.security.models import Alert
from tests.loop import Town

pytestmark = pytest.mark.clause("1.3.4")


def reveal(town: Town, by: str, item: Any, times: int = 1) -> None:
    party = Party.objects.get(item=item)
    for _n in range(times):
        parties.reveal(
            getattr(town, by), item.pk, RevealParty(party=party.pk, reason="核对联系方式"), address="10.0.0.7"
        )


def kinds() -> set[tuple[str, str]]:
    return {(who, kind.removeprefix("looking.")) for who, kind in Alert.objects.values_list("about__username", "kind")}


def test_the_manager_sees_who_looked(town: Town) -> None:
    item = town.submitted()
    reveal(town, "reviewer", item)
    audit.record(town.reviewer2, "export", unit_id=town.community.pk, filters="category=sanitation", searched=False)
    audit.record(town.reviewer2, "export", unit_id=town.community.pk, filters="category=event", searched=False)
    result = watching.list_accesses(town.manager, item)
    assert [(f.person, f.sure) for f in result] == [("reviewer2", False), ("reviewer", True)]
    page = town.browser("manager").get(f"/confidentiality/accesses/{item.pk}/").content.decode()
    assert "核对联系方式" in page
    assert "10.0.0.7" in page
    for name in ("reviewer", "reporter"):
        assert town.browser(name).get(f"/confidentiality/accesses/{item.pk}/").status_code == 403


def test_a_sheet_of_the_board_that_can_hold_the_item_is_among_the_looks(town: Town) -> None:
    item = town.assigned()
    assert item.number
    for query in ("category=event", f"category={item.category}"):
        answer = town.browser("manager").get(f"/handling/export?format=csv&tab=handling&{query}")
        assert answer.status_code == 200 and (item.number in answer.getvalue().decode()) is (query[9:] == item.category)
    sheets = [f for f in watching.list_accesses(town.manager, item) if not f.sure]
    assert [f.person for f in sheets] == ["manager"]


def test_the_item_leads_the_manager_there(town: Town) -> None:
    item = town.submitted()
    link = f"/confidentiality/accesses/{item.pk}/"
    assert link in town.browser("manager").get(f"/items/{item.pk}/").content.decode()
    assert link not in town.browser("reviewer").get(f"/items/{item.pk}/").content.decode()


def test_ordinary_looking_raises_nothing(town: Town) -> None:
    reveal(town, "reviewer", town.submitted(), 8)
    assert watching.watch() == 0
    assert kinds() == set()


def test_volume_raises_once_and_tells_the_officer_nothing_personal(town: Town) -> None:
    item = town.submitted()
    reveal(town, "reviewer", item, 21)
    assert watching.watch() == 2  # more than twenty an hour, and more than usual
    assert kinds() == {("reviewer", "hour"), ("reviewer", "unusual")}
    assert watching.watch() == 0
    reveal(town, "reviewer", item, 3)
    watching.watch()
    assert Alert.objects.get(kind="looking.hour").times == 24
    lines = Notice.objects.filter(user=town.officer, kind="security.alert")
    assert lines.count() == 2
    assert all("reviewer" not in n.text for n in lines)


def test_ones_own_habit_is_the_measure(town: Town, time: Any) -> None:
    item = town.submitted()
    for _day in range(3):
        reveal(town, "reviewer", item, 9)
        time.shift(timedelta(days=1))
    reveal(town, "reviewer", item, 15)
    assert watching.watch() == 0


def test_night_raises(town: Town, time: Any) -> None:
    item = town.submitted()
    time.shift(timedelta(hours=12, minutes=30))  # 22:30
    reveal(town, "reviewer", item, 5)
    watching.watch()
    assert kinds() == {("reviewer", "night")}


def test_foreign_grids_raise(town: Town) -> None:
    from linbao.organisation.models import Unit
    from linbao.organisation.tree import reference

    far = Unit.objects.create(kind="grid", code="510104017003002", name="第二网格", parent=town.community)
    reference.drop()
    town.person("far", "reporter", far)
    item = town.submitted()
    for _n in range(5):
        audit.record(
            town.far, "party.reveal", item, unit_id=town.community.pk, party=str(Party.objects.get(item=item).pk)
        )
        audit.record(town.reporter2, "party.reveal", item, unit_id=town.community.pk)
    watching.watch()
    assert kinds() == {("far", "foreign")}


def test_looking_for_oneself_ones_family_and_relatives_raises(town: Town) -> None:
    town.people["reviewer"].name = "赵文斌"
    town.people["reviewer"].save(update_fields=["name"])
    assert town.browser("reviewer").get("/archive/?person=赵小兰").status_code == 200
    Relative.objects.create(user=town.manager, name="张桂兰", name_index=blind_index("张桂兰"))
    reveal(town, "manager", town.submitted())
    watching.watch()
    assert kinds() == {("reviewer", "own"), ("manager", "relative")}
    from linbao.audit.models import Record

    stored = Record.objects.get(action="party.search")
    assert "赵小兰" not in str(stored.data)


def test_an_alert_is_looked_into_and_closed_by_somebody_else(town: Town) -> None:
    reveal(town, "reviewer", town.submitted(), 21)
    watching.watch()
    row = Alert.objects.get(kind="looking.hour")
    browser = town.browser("officer")
    here = f"/security/alerts/{row.pk}/"
    page = browser.get(here).content.decode()
    assert "核对联系方式" in page and "10.0.0.7" in page and "一小时内查看过多" in page
    assert browser.post(here + "take").status_code == 302
    town.person("officer2", "security_officer", town.community)
    with pytest.raises(Conflict):
        alerts.take(town.officer2, row.pk)
    with pytest.raises(Invalid) as without:
        alerts.close(town.officer, row.pk, CloseAlert(outcome="与值班记录相符"))
    assert "justified" in without.value.fields
    assert browser.post(here + "close", {"outcome": "与值班记录相符"}).status_code == 422
    assert browser.post(here + "close", {"justified": "no", "outcome": "与值班记录不符"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.justified) == ("closed", False)
    assert "/security/incidents/new" in browser.get(here).content.decode()
    # What comes after is counted on the same alert, and told to nobody again.
    reveal(town, "reviewer", town.submitted(), 2)
    assert watching.watch() == 0 and Alert.objects.get(kind="looking.hour").times == 23
    for name in ("manager", "auditor", "administrator"):
        assert town.browser(name).get("/security/alerts/").status_code == 403
    # Of one's own looking one is told nothing.
    Alert.objects.filter(pk=row.pk).update(about=town.officer)
    with pytest.raises(NotFound):
        alerts.close(town.officer, row.pk, CloseAlert(outcome="是我自己看的", justified=True))
    assert browser.get(here).status_code == 404


def test_the_alerts_of_all_rooms_are_one_list_counted_on_today(town: Town) -> None:
    reveal(town, "reviewer", town.submitted(), 21)
    watching.watch()
    alerts.alert(kind="device.lost", unit_id=town.community.pk, message="一台手机丢失")
    browser = town.browser("officer")
    page = browser.get("/security/alerts/").content.decode()
    assert "一小时内查看过多" in page and "一台手机丢失" in page
    looking = browser.get("/security/alerts/?kind=looking").content.decode()
    assert looking.count("lb-row-title") == 2 and "一台手机丢失" not in looking
    assert 'href="/security/alerts/?kind=looking"' in browser.get("/confidentiality/").content.decode()
    today = browser.get("/").content.decode()
    assert "待处理警报" in today and 'href="/security/alerts/"' in today
    assert "待处理警报" not in town.browser("manager").get("/").content.decode()


def test_limits_are_the_units_own(town: Town) -> None:
    data = {k: str(v) for k, v in watching.THRESHOLDS.items()} | {"hour": "3"}
    with pytest.raises(NotAllowed):
        retention.set_thresholds(town.manager, town.community.pk, checked(SetThresholds, data))
    with pytest.raises(Invalid):
        checked(SetThresholds, data | {"night_to": "99"})
    retention.set_thresholds(town.officer, town.community.pk, checked(SetThresholds, data))
    reveal(town, "reviewer", town.submitted(), 4)
    watching.watch()
    assert kinds() == {("reviewer", "hour")}


def test_prints_downloads_and_opening_what_is_sensitive_stand_on_the_log(town: Town) -> None:
    from linbao.audit.models import Record
    from linbao.security import documents
    from linbao.security.checks import services as checks
    from linbao.security.checks.inputs import PlanCheck, RecordResult
    from linbao.security.models import CheckKind

    item = town.submitted()
    reviewer, officer = town.browser("reviewer"), town.browser("officer")
    reviewer.get(f"/items/{item.pk}/")
    assert not Record.objects.filter(action="sheet.look").exists()
    type(item).objects.filter(pk=item.pk).update(sensitivity="sensitive")
    assert reviewer.get(f"/items/{item.pk}/").status_code == 200
    assert town.browser("reporter").get(f"/items/{item.pk}/").status_code == 200  # its author
    assert reviewer.get(f"/items/{item.pk}/print").status_code == 200
    seen = Record.objects.filter(subject_id=str(item.pk), action__startswith="sheet.").order_by("at")
    assert [(r.action, r.actor_id) for r in seen] == [
        ("sheet.look", town.reviewer.pk),
        ("sheet.print", town.reviewer.pk),
    ]
    page = town.browser("manager").get(f"/confidentiality/accesses/{item.pk}/").content.decode()
    assert "打印条目" in page and "打开敏感条目" in page
    data = PlanCheck(unit=town.community.pk, kind=CheckKind.CHECK, title="季度安全检查", due_on=clock.today())
    check = checks.plan(town.officer, data)
    checks.record(town.officer, check.pk, RecordResult(passed=True, result="逐项检查，没有发现问题"))
    documents.make("check", check.pk)
    assert officer.get(f"/security/checks/{check.pk}/pdf").status_code == 200
    taken = Record.objects.get(action="document.take")
    assert (taken.actor_id, taken.subject_id) == (town.officer.pk, str(check.pk))
