"""The weekly reports divide all that was ever submitted, at the times that the regulation allows (2.3.1, 4.1.1)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from linbao.core import clock
from linbao.documents.models import Document
from linbao.duties import services as duties
from linbao.duties.models import Leave, Obligation
from linbao.items import services as item_services
from linbao.items.inputs import SubmitItem, WithdrawItem
from linbao.items.models import Item
from linbao.management import leave
from linbao.organisation.models import CalendarDay, RoleGrant, Unit
from linbao.organisation.tree import reference
from linbao.outbox.models import Delivery
from linbao.review.inputs import Approve, Merge
from linbao.weekly_reports import assembly, services, weeks
from linbao.weekly_reports.inputs import ReviewReport
from linbao.weekly_reports.models import WeeklyReport
from tests.loop import OVERRULED, Town, build

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK_1, WEEK_2 = date(2026, 11, 16), date(2026, 11, 23)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at(16, 9), tick=False) as traveller:
        yield traveller


@pytest.fixture
def time(_clock: time_machine.Traveller) -> time_machine.Traveller:
    return _clock


@pytest.fixture
def town(db: Any) -> Town:
    made = build()
    Unit.objects.filter(pk=made.community.pk).update(mailbox="weekly@demo.invalid")
    RoleGrant.objects.filter(user__username="reporter2").update(starts=WEEK_1)
    reference.changed()
    return made


class Api:
    """The interface as one person's program uses it."""

    def __init__(self, town: Town, name: str) -> None:
        self.client = Client(**town.token(name))

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.client.post(
            f"/api/v1/weekly-reports{path}", json.dumps(body or {}), content_type="application/json"
        )

    def assemble(self, week: date) -> dict[str, Any]:
        answer = self.post("", {"week": str(week)})
        assert answer.status_code == 200, answer.content
        result: dict[str, Any] = answer.json()
        return result

    def confirm(self, week: date, **body: Any) -> dict[str, Any]:
        answer = self.post(f"/{self.assemble(week)['id']}/confirm", body)
        assert answer.status_code == 200, answer.content
        result: dict[str, Any] = answer.json()
        return result


def numbers(report: dict[str, Any]) -> set[str]:
    return {i["number"] for i in report["facts"]["items"]}


@pytest.mark.clause("2.3.1", "4.1.1")
def test_what_arrives_after_friday_14_00_stands_in_the_next_report_and_makes_it_no_nil_report(
    town: Town, time: time_machine.Traveller
) -> None:
    api = Api(town, "reporter")
    time.move_to(at(18, 10))
    wednesday = town.submitted()
    time.move_to(at(20, 14))
    first = api.confirm(WEEK_1)
    time.move_to(at(20, 16))
    friday = town.submitted()
    time.move_to(at(21, 10))
    saturday = town.submitted()
    time.move_to(at(25, 10))
    offline = item_services.create(town.reporter, town.body(occurred_at=at(19, 10), seen_at=at(19, 12)))
    item_services.submit(town.reporter, offline.pk, SubmitItem(reported_at=at(20, 13).replace(tzinfo=SHANGHAI)))
    offline.refresh_from_db()
    time.move_to(at(27, 14))
    second = api.confirm(WEEK_2)
    assert numbers(first) == {wednesday.number}
    assert numbers(second) == {friday.number, saturday.number, offline.number}
    assert second["nil_reason"] == ""
    assert datetime.fromisoformat(second["covers_from"]) == at(20, 14)
    assert datetime.fromisoformat(second["covers_until"]) == at(27, 14)
    late = {i["number"] for i in second["facts"]["items"] if i["late"]}
    assert offline.reported_at is not None
    assert late == {friday.number, saturday.number} | ({offline.number} if offline.reported_at < at(23, 0) else set())
    content = assembly.content(WeeklyReport.objects.get(pk=second["id"]))
    message = json.dumps(content, ensure_ascii=False)
    assert "2026年11月20日14时00分至2026年11月27日14时00分" in message
    assert "补报：2026年11月20日16时00分上报，2026年11月20日16时00分到达" in message


@pytest.mark.clause("2.3.1", "4.1.1")
def test_every_item_stands_in_exactly_one_report_withdrawn_and_merged_ones_too(
    town: Town, time: time_machine.Traveller
) -> None:
    from linbao.review import services as review

    api = Api(town, "reporter")
    stored, twin, gone = town.submitted(), town.submitted(), town.submitted()
    item_services.withdraw(town.reporter, gone.pk, WithdrawItem(reason="弄错了地址"))
    review.approve(town.reviewer, stored.pk, Approve(checks=OVERRULED))
    review.merge(town.reviewer, twin.pk, Merge(into=stored.pk, reason="同一处垃圾"))
    time.move_to(at(20, 14))
    first = api.confirm(WEEK_1)
    time.move_to(at(27, 14))
    second = api.confirm(WEEK_2, nil_reason="本周参加培训")
    assert numbers(first) == {stored.number, twin.number, gone.number} and numbers(second) == set()
    assert set(Item.objects.values_list("weekly_report", flat=True)) == {WeeklyReport.objects.get(week=WEEK_1).pk}
    sections = assembly.content(WeeklyReport.objects.get(week=WEEK_1))["sections"]
    matters = "".join(b["text"] for b in sections[1]["blocks"])
    assert matters.count(stored.title) == 1 and twin.title not in matters  # merged duplicates stand once
    assert f"同一事项另有 {twin.number}" in matters


@pytest.mark.clause("4.1.1")
@pytest.mark.parametrize(
    ("moment", "week", "body", "field"),
    [
        (at(16, 2, 36), WEEK_1, {}, "reason"),  # Monday night of the running week
        (at(20, 11, 59), WEEK_1, {}, "reason"),
        (at(20, 18, 1), WEEK_1, {}, "reason"),
        (at(20, 14), WEEK_2, {}, "week"),
        (at(20, 14), date(2100, 1, 4), {}, "week"),
        (at(20, 14), date(2026, 11, 9), {}, "week"),  # before the reporter's first
    ],
)
def test_a_week_is_confirmed_in_its_time_or_with_a_reason_and_never_ahead_or_before_the_first(
    town: Town, time: time_machine.Traveller, moment: datetime, week: date, body: dict[str, str], field: str
) -> None:
    api = Api(town, "reporter2")
    time.move_to(moment)
    answer = api.post("", {"week": str(week)})
    if field == "reason":
        town.submitted("reporter2")
        answer = api.post(f"/{answer.json()['id']}/confirm", body)
    assert answer.status_code == 422 and field in answer.json()["fields"], answer.content
    assert not WeeklyReport.objects.exclude(status="assembled").exists()
    if field == "reason":
        report = api.confirm(week, reason="外出培训")
        assert report["status"] == "confirmed" and report["timing_reason"] == "外出培训"


@pytest.mark.clause("4.1.1")
def test_a_confirmation_can_be_taken_back_for_five_minutes_and_only_then_number_duty_and_mail_follow(
    town: Town, time: time_machine.Traveller
) -> None:
    weeks.open_week(WEEK_1)
    item = town.submitted()
    duty = Obligation.objects.get(kind="weekly_report", owner=town.reporter)
    time.move_to(at(20, 17, 57))
    api = Api(town, "reporter")
    report = api.confirm(WEEK_1)
    assert (report["number"], report["sent_at"]) == (None, None)
    assert datetime.fromisoformat(report["take_back_until"]) == at(20, 18, 2)
    time.move_to(at(20, 18, 1))
    duties.tick()
    assert services.send_due() == 0
    page = town.browser("reporter").get(f"/weekly/{report['id']}/").content.decode()
    assert "撤回修改" in page
    assert "审阅通过" not in town.browser("reviewer").get(f"/weekly/{report['id']}/").content.decode()
    assert api.post(f"/{report['id']}/take-back").json()["status"] == "assembled"
    assert Item.objects.get(pk=item.pk).weekly_report is None
    time.move_to(at(20, 18, 5))
    assert services.send_due() == 0 and not Document.objects.exists()
    assert api.post(f"/{report['id']}/confirm").status_code == 422  # now it is late, and asks why
    api.confirm(WEEK_1, reason="核对后重报")
    time.move_to(at(20, 18, 10))
    assert services.send_due() == 1 and services.send_due() == 0
    sent = WeeklyReport.objects.get()
    assert re.fullmatch(r"桂花园社信〔2026〕1号", sent.number)
    duty.refresh_from_db()
    assert duty.met_at == at(20, 18, 5) and duty.state == "late"
    for _ in range(2):
        services.make_documents(sent.pk, 1)
    assert Delivery.objects.count() == 1
    assert api.post(f"/{report['id']}/take-back").status_code == 409


@pytest.mark.clause("4.1.1")
def test_a_duty_met_within_its_time_is_met_in_time_though_it_is_sent_after(
    town: Town, time: time_machine.Traveller
) -> None:
    weeks.open_week(WEEK_1)
    town.submitted()
    time.move_to(at(20, 17, 59))
    Api(town, "reporter").confirm(WEEK_1)
    time.move_to(at(20, 18, 4))
    duties.tick()
    services.send_due()
    assert Obligation.objects.get(kind="weekly_report", owner=town.reporter).state == "met"


@pytest.mark.clause("4.1.1")
def test_missed_is_monday_noon_also_when_the_day_moved_to_thursday(town: Town, time: time_machine.Traveller) -> None:
    CalendarDay.objects.create(unit=town.community, day=date(2026, 11, 20), working=False)
    reference.changed()
    weeks.open_week(WEEK_1)
    duty = Obligation.objects.get(kind="weekly_report", owner=town.reporter)
    assert duty.due_at == at(19, 18)
    for moment, state in ((at(22, 13), "overdue"), (at(23, 11, 59), "overdue"), (at(23, 12, 0), "missed")):
        time.move_to(moment)
        duties.tick()
        duty.refresh_from_db()
        assert duty.state == state, moment


@pytest.mark.clause("4.1.1")
def test_whoever_is_appointed_in_mid_week_owes_it_and_whoever_leaves_leaves_nothing_unreported(
    town: Town, time: time_machine.Traveller
) -> None:
    weeks.open_week(WEEK_1)
    time.move_to(at(18, 9))
    newcomer = town.person("newcomer", "reporter", town.grid)
    RoleGrant.objects.filter(user=newcomer).update(starts=date(2026, 11, 18))
    item = town.submitted("reporter2")
    RoleGrant.objects.filter(user__username="reporter2").update(ends=date(2026, 11, 17))
    weeks.open_week(WEEK_1)
    weeks.open_week(WEEK_1)
    assert Obligation.objects.filter(kind="weekly_report", owner=newcomer).count() == 1
    moved = Obligation.objects.get(kind="weekly_report", moved_from=town.people["reporter2"])
    assert moved.owner_id in (town.people["manager"].pk, town.people["manager2"].pk)
    time.move_to(at(20, 14))
    services.assemble_due(WEEK_1)
    report = WeeklyReport.objects.get(reporter__username="reporter2")
    name = next(n for n in ("manager", "manager2") if town.people[n].pk == moved.owner_id)
    page = town.browser(name).get("/weekly/").content.decode()
    assert "代 reporter2 报送" in page
    assert town.browser(name).post(f"/weekly/{report.pk}/", {"analysis": "无"}).status_code == 302
    time.shift(timedelta(minutes=6))
    services.send_due()
    moved.refresh_from_db()
    assert moved.state == "met"
    assert Item.objects.get(pk=item.pk).weekly_report == report.pk


@pytest.mark.clause("2.3.1", "1.3.1")
def test_nothing_is_said_that_nobody_wrote_or_computed(town: Town, time: time_machine.Traveller) -> None:
    for _ in range(2):
        town.submitted(
            analysis="",
            suggestion="",
            category="construction",
            subcategory="drainage",
            details={"project": "雨水管改造", "content": "更换管道", "stage": "building", "problems": "工期延误"},
        )
    time.move_to(at(20, 14))
    report = Api(town, "reporter").confirm(WEEK_1, words={"analysis": "", "suggestion": ""})
    sections = assembly.content(WeeklyReport.objects.get(pk=report["id"]))["sections"]
    message = json.dumps(sections, ensure_ascii=False)
    assert "平稳" not in message
    assert [b["text"] for b in sections[2]["blocks"]] == [assembly.NOT_WRITTEN]


@pytest.mark.clause("2.2.2", "2.3.1")
def test_part_three_begins_with_computed_facts_as_an_editable_draft(town: Town, time: time_machine.Traveller) -> None:
    for day in (2, 3, 9):
        time.move_to(at(day, 10))
        town.submitted(place={"text": "桂花巷7栋"}, urgent=False)
    time.move_to(at(17, 10))
    town.submitted(place={"text": "桂花巷7栋"})
    time.move_to(at(20, 14))
    report = Api(town, "reporter").assemble(WEEK_1)
    lines = report["words"]["analysis"].split("\n")
    # Three in the four weeks before: 0.75 a week; all four in this first report.
    assert lines[0].startswith("本期信息 4 条（环境卫生 4 条），此前四周平均每周 0 条")
    assert any("垃圾清理" in line and "4 条" in line for line in lines)
    page = town.browser("reporter").get(f"/weekly/{report['id']}/").content.decode()
    assert lines[0] in page
    time.move_to(at(20, 14, 1))
    stored = town.browser("reporter").post(f"/weekly/{report['id']}/preview", {"analysis": "自己写的结论"})
    assert stored.status_code == 200 and "data:image/png;base64," in stored.content.decode()
    assert Api(town, "reporter").assemble(WEEK_1)["words"]["analysis"] == "自己写的结论"


@pytest.mark.clause("4.1.2")
def test_letters_that_no_font_has_are_told_before_the_report_is_sent(town: Town, time: time_machine.Traveller) -> None:
    town.submitted(narrative="住户\U0003fffd某反映门口积水，已经三天没有退去，请派人处理。")
    time.move_to(at(20, 14))
    report, browser = Api(town, "reporter").assemble(WEEK_1), town.browser("reporter")
    for page in (browser.get(f"/weekly/{report['id']}/"), browser.post(f"/weekly/{report['id']}/preview", {})):
        assert "“\U0003fffd”在已安装的字体中没有字形" in page.content.decode()


@pytest.mark.clause("1.3.4", "2.3.1")
def test_sensitive_and_confidential_items_stand_by_number_and_category_only(
    town: Town, time: time_machine.Traveller
) -> None:
    secret = town.submitted(
        sensitivity="sensitive", title="某户家庭暴力线索", narrative="三单元某户夜间争吵，疑有家庭暴力，邻居担心。"
    )
    time.move_to(at(20, 14))
    report = Api(town, "reporter").confirm(WEEK_1)
    row = WeeklyReport.objects.get(pk=report["id"])
    everything = json.dumps([row.facts, assembly.content(row)], ensure_ascii=False)
    assert secret.number and secret.number in everything and "家庭暴力" not in everything


@pytest.mark.clause("4.1.1")
def test_a_returned_report_keeps_what_it_took_in(town: Town, time: time_machine.Traveller) -> None:
    api = Api(town, "reporter")
    first = town.submitted()
    time.move_to(at(20, 14))
    report = api.confirm(WEEK_1)
    time.move_to(at(20, 14, 6))
    services.send_due()
    time.move_to(at(20, 16))
    second = town.submitted()
    services.review(
        town.reviewer,
        WeeklyReport.objects.get().pk,
        ReviewReport(accept=False, findings=[{"section": "facts", "words": "太笼统"}]),
    )
    again = api.post(f"/{report['id']}/confirm", {"words": {"analysis": "补充分析"}}).json()
    assert again["version"] == 2 and numbers(again) == {first.number}
    assert Item.objects.get(pk=second.pk).weekly_report is None
    assert clock.now() == at(20, 16)


@pytest.mark.clause("4.1.1", "2.3.1")
def test_a_leader_who_files_something_owes_a_report_of_it(town: Town, time: time_machine.Traveller) -> None:
    weeks.open_week(WEEK_1)
    assert not Obligation.objects.filter(kind="weekly_report", owner=town.leader).exists()
    item = town.submitted("leader")
    weeks.open_week(WEEK_1)
    assert Obligation.objects.filter(kind="weekly_report", owner=town.leader).count() == 1
    time.move_to(at(20, 14))
    assert numbers(Api(town, "leader").confirm(WEEK_1)) == {item.number}


@pytest.mark.clause("4.1.1", "5.3.1")
def test_the_stand_in_finds_the_absent_persons_report_from_noon_on_and_sends_it(
    town: Town, time: time_machine.Traveller
) -> None:
    weeks.open_week(WEEK_1)
    item = town.submitted()
    Leave.objects.create(
        person=town.people["reporter"],
        unit=town.community,
        starts=date(2026, 11, 19),
        ends=date(2026, 11, 20),
        kind="annual",
        stand_in=town.people["reporter2"],
        state="approved",
        decided_by=town.people["manager"],
    )
    time.move_to(at(19, 0, 10))
    leave.apply_all()
    time.move_to(at(20, 12))
    body = {"week": str(WEEK_1), "reporter": "reporter"}
    assert Api(town, "leader").post("", body).status_code == 403
    assert Api(town, "reporter2").post("", body).status_code == 200
    services.assemble_due(WEEK_1)
    client = Client(**town.token("reporter2"))
    rows = client.get(f"/api/v1/weekly-reports?week={WEEK_1}").json()["weekly_reports"]
    mine = next(r for r in rows if r["reporter"]["id"] == str(town.people["reporter"].pk))
    answer = Api(town, "reporter2").post(f"/{mine['id']}/confirm", {})
    assert answer.status_code == 200 and numbers(answer.json()) == {item.number}
    time.move_to(at(20, 12, 6))
    services.send_due()
    assert Obligation.objects.get(kind="weekly_report", moved_from=town.people["reporter"]).state == "met"


@pytest.mark.clause("4.1.1", "5.3.1")
def test_a_stand_in_who_leaves_takes_nobodys_report_along(town: Town, time: time_machine.Traveller) -> None:
    """Found by the lived year: what they stood in for became their own, and the absent person's week was nobody's."""
    weeks.open_week(WEEK_1)
    town.submitted()
    town.submitted("reporter2")
    Leave.objects.create(
        person=town.people["reporter"],
        unit=town.community,
        starts=date(2026, 11, 18),
        ends=date(2026, 11, 20),
        kind="annual",
        stand_in=town.people["reporter2"],
        state="approved",
        decided_by=town.people["manager"],
    )
    time.move_to(at(18, 0, 10))
    leave.apply_all()
    RoleGrant.objects.filter(user__username="reporter2").update(ends=date(2026, 11, 18))
    time.move_to(at(19, 9))
    weeks.open_week(WEEK_1)
    owed = Obligation.objects.filter(kind="weekly_report", period=WEEK_1).values_list("moved_from__username", "owner")
    heirs = {town.people["manager"].pk, town.people["manager2"].pk}
    assert sorted(name for name, owner in owed if owner in heirs) == ["reporter", "reporter2"]


@pytest.mark.clause("1.3.4", "2.3.1")
def test_what_the_reporter_writes_goes_out_without_persons(town: Town, time: time_machine.Traveller) -> None:
    town.submitted()  # its proposer is 张桂兰
    time.move_to(at(20, 19))
    report = Api(town, "reporter").confirm(
        WEEK_1, words={"analysis": "张桂兰（138 5555 0002）家噪声反复"}, reason="陪张桂兰就医，电话 13855550002"
    )
    row = WeeklyReport.objects.get(pk=report["id"])
    everything = json.dumps([row.texts, row.timing_reason, assembly.content(row)], ensure_ascii=False)
    assert "张桂兰" not in everything and "5555" not in everything
    assert "噪声反复" in everything


@pytest.mark.clause("4.1.1")
def test_an_overlong_reason_is_told_beside_its_field(town: Town, time: time_machine.Traveller) -> None:
    town.submitted()
    time.move_to(at(20, 19))
    api = Api(town, "reporter")
    answer = api.post(f"/{api.assemble(WEEK_1)['id']}/confirm", {"reason": "久" * 300})
    assert answer.status_code == 200
    page = town.browser("reporter2")
    town.submitted("reporter2")
    opened = page.post("/weekly/open", {"week": "this"})
    refused = page.post(opened["Location"], {"reason": "久" * 301, "analysis": "自己写的"})
    assert refused.status_code == 422 and 'id="error-reason"' in refused.content.decode()
    assert "自己写的" in refused.content.decode()


def told(report: dict[str, Any]) -> str:
    """The document's words."""
    return json.dumps(assembly.content(WeeklyReport.objects.get(pk=report["id"])), ensure_ascii=False)


@pytest.mark.clause("2.3.1", "4.1.1")
def test_a_week_confirmed_after_an_early_next_one_says_what_it_covers(town: Town, time: time_machine.Traveller) -> None:
    api, page = Api(town, "reporter"), town.browser("reporter")
    time.move_to(at(18, 10))
    wednesday = town.submitted()
    time.move_to(at(23, 9))
    early = api.confirm(WEEK_2, reason="明日起外出")
    assert numbers(early) == {wednesday.number} and early["facts"]["items"][0]["late"]
    time.move_to(at(23, 11))
    monday = town.submitted()
    offline = item_services.create(town.reporter, town.body(occurred_at=at(19, 10), seen_at=at(19, 12)))
    item_services.submit(town.reporter, offline.pk, SubmitItem(reported_at=at(19, 13).replace(tzinfo=SHANGHAI)))
    offline.refresh_from_db()
    time.move_to(at(23, 14))
    waiting = api.assemble(WEEK_1)
    shown = page.get(f"/weekly/{waiting['id']}/").content.decode()
    assert "2026年第48周（11月23日—11月29日）的周报已先报送" in shown
    assert shown.count("本周之后") == 1 and shown.count(">补报<") + shown.count("补报</") >= 1
    late = api.confirm(WEEK_1, reason="上周忘记报送")
    marks = {i["number"]: (i["late"], i["after"]) for i in late["facts"]["items"]}
    assert marks == {monday.number: (False, True), offline.number: (True, False)}
    message = told(late)
    assert "2026年第47周（11月16日—11月22日）" in message
    assert "本报告涵盖2026年11月23日9时00分至2026年11月23日14时00分到达的信息" in message
    assert "2026年第48周（11月23日—11月29日）的周报已先行报送，此前到达的信息均在其中" in message
    assert "其中补报的信息 1 条，本周之后上报的信息 1 条。" in message
    assert "（本周之后：2026年11月23日11时00分上报，2026年11月23日11时00分到达）" in message
    assert "（补报：2026年11月19日13时00分上报，2026年11月23日11时00分到达）" in message
    assert "上一份周报为2026年第48周（11月23日—11月29日）。" in message and wednesday.title in message
    assert WeeklyReport.objects.filter(pk=late["id"], version=1).exists()


@pytest.mark.clause("2.3.1", "4.1.1")
def test_a_late_week_marks_what_came_after_it_and_one_in_order_marks_nothing(
    town: Town, time: time_machine.Traveller
) -> None:
    api = Api(town, "reporter")
    time.move_to(at(18, 10))
    wednesday = town.submitted()
    time.move_to(at(23, 9))
    monday = town.submitted()
    late = api.confirm(WEEK_1, reason="周五停电")
    marks = {i["number"]: (i["late"], i["after"]) for i in late["facts"]["items"]}
    assert marks == {wednesday.number: (False, False), monday.number: (False, True)}
    assert "先行报送" not in told(late) and "其中本周之后上报的信息 1 条。" in told(late)
    time.move_to(at(27, 13))
    town.submitted()
    time.move_to(at(27, 14))
    message = told(api.confirm(WEEK_2))
    assert "本周之后" not in message and "先行报送" not in message and "上一份周报" not in message
