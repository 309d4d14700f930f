"""Assign, take up, hand over, progress, resolve, extend, supervise, remind (4.3.2)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client

from linbao.core import clock, ids
from linbao.core.inputs import checked
from linbao.core.problems import Conflict, Invalid, NotAllowed, NotFound, Problem
from linbao.duties.models import Obligation, State
from linbao.handling import assigning, oversight, work
from linbao.handling.inputs import (
    AdoptItem,
    AnswerSupervision,
    AssignItem,
    AssistItem,
    DecideExtension,
    RecordProgress,
    RemindHandler,
    RequestExtension,
    ResolveItem,
    SuperviseItem,
    TransferItem,
)
from linbao.handling.models import Adoption, Assignment, Extension, Supervision
from linbao.items.models import Attachment, Entry, Item
from linbao.organisation.models import Unit
from linbao.outbox.models import Notice
from linbao.review import services as review
from linbao.review.inputs import Approve
from tests.loop import Town, build

SHANGHAI = ZoneInfo("Asia/Shanghai")


def open_duty(item: Item, kind: str) -> Obligation | None:
    return Obligation.objects.open().filter(subject_id=item.pk, kind=kind).first()


def told(town: Town, name: str, kind: str) -> int:
    return Notice.objects.filter(user=town.people[name], kind=kind).count()


@pytest.mark.clause("4.3.2")
def test_an_approved_item_is_assigned_with_the_catalogues_limit_and_everybody_concerned_is_told(town: Town) -> None:
    item = assigning.assign(
        town.manager, town.approved().pk, AssignItem(unit=town.department.id, instruction="请尽快清运")
    )
    assert (item.status, item.handling_unit_id, item.handler_id) == ("handling", town.department.id, None)
    # Three working days after Tuesday 10:00: Friday 10:00.
    assert item.due_at is not None and item.due_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") == "11-27 10:00"
    handle = open_duty(item, "handle")
    assert (
        handle is not None
        and handle.owner_id is None
        and handle.unit_id == town.department.id
        and handle.due_at == item.due_at
    )
    assert open_duty(item, "assign") is None and open_duty(item, "inform_progress") is not None
    assert told(town, "reporter", "item.assigned") == 1
    assert told(town, "handler", "item.to_handle") == told(town, "handler2", "item.to_handle") == 1


@pytest.mark.clause("1.3.2", "4.3.2")
def test_an_urgent_item_is_handled_within_a_day_of_real_time(town: Town, time: Any) -> None:
    time.move_to(datetime(2026, 11, 28, 22, 0, tzinfo=SHANGHAI))  # a Saturday night
    item = town.assigned(urgent=True)
    assert item.due_at is not None and timedelta(hours=23, minutes=59) < item.due_at - clock.now() <= timedelta(
        hours=24
    )


@pytest.mark.clause("4.3.2")
def test_assigning_again_changes_nothing_and_another_assignment_is_refused(town: Town) -> None:
    item = town.assigned()
    assigning.assign(town.manager, item.pk, AssignItem(unit=town.department.id, handler=town.people["handler"].pk))
    assert Assignment.objects.filter(item=item).count() == 1
    with pytest.raises(Conflict):
        assigning.assign(town.manager, item.pk, AssignItem(handler=town.people["handler2"].pk))


@pytest.mark.clause("4.3.2")
def test_an_item_is_given_only_to_somebody_who_is_there_to_handle_it(town: Town) -> None:
    from linbao.organisation.models import RoleGrant

    item = town.approved()
    for errors in (
        {"handler": town.people["reporter"].pk},
        {"unit": town.elsewhere.id},
        {"unit": town.department.id, "handler": town.people["reviewer"].pk},
        {"unit": item.pk},
        {"due_at": clock.now() - timedelta(hours=1)},
        {"due_at": clock.now() + timedelta(days=900)},
    ):
        with pytest.raises(Invalid):
            assigning.assign(town.manager, item.pk, checked(AssignItem, errors))
    RoleGrant.objects.filter(role="handler").delete()
    with pytest.raises(Invalid) as caught:
        assigning.assign(town.manager, item.pk, checked(AssignItem, {"unit": town.department.id}))
    assert "没有在岗的办理人" in str(caught.value.fields)


@pytest.mark.clause("4.3.2")
@pytest.mark.parametrize("name", ["reporter", "leader", "handler", "trainer", "administrator", "stranger"])
def test_only_the_department_assigns(town: Town, name: str) -> None:
    item = town.approved()
    with pytest.raises((NotAllowed, NotFound)):
        assigning.assign(getattr(town, name), item.pk, AssignItem(unit=town.department.id))


@pytest.mark.clause("4.3.2")
@pytest.mark.django_db(transaction=True)
def test_of_two_who_assign_at_once_one_wins() -> None:
    town = build()
    item = town.approved()
    gate, message = threading.Barrier(2), []

    def assign(name: str, handler: str) -> None:
        try:
            user, to = getattr(town, name), town.people[handler].pk
            gate.wait(10)
            assigning.assign(user, item.pk, AssignItem(unit=town.department.id, handler=to))
            message.append("done")
        except Problem as e:
            message.append(e.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=assign, args=a) for a in (("manager", "handler"), ("reviewer", "handler2"))]
    for t in threads:
        t.start()
    for t in threads:
        t.join(20)
    assert sorted(message) == ["conflict", "done"]
    assert Assignment.objects.filter(item=item).count() == 1


@pytest.mark.clause("4.3.2")
def test_a_handler_of_the_unit_takes_it_up_and_the_duty_becomes_theirs(town: Town) -> None:
    item = assigning.assign(town.manager, town.approved().pk, AssignItem(unit=town.department.id))
    with pytest.raises((NotAllowed, NotFound)):
        assigning.take_up(town.stranger, item.pk)
    item = assigning.take_up(town.handler, item.pk)
    duty = open_duty(item, "handle")
    assert item.handler_id == town.people["handler"].pk and duty is not None and duty.owner_id == item.handler_id
    assert assigning.take_up(town.handler, item.pk).handler_id == item.handler_id
    with pytest.raises(Conflict):
        assigning.take_up(town.handler2, item.pk)


@pytest.mark.clause("4.3.2")
def test_progress_and_result_are_the_handlers_and_the_reporter_hears_of_both(town: Town) -> None:
    item = town.assigned()
    for name in ("handler2", "reporter", "reviewer", "manager"):
        with pytest.raises((NotAllowed, NotFound)):
            work.progress(getattr(town, name), item.pk, RecordProgress(text="做了"))
        with pytest.raises((NotAllowed, NotFound)):
            work.resolve(getattr(town, name), item.pk, ResolveItem(result="已经清运干净"))
    work.progress(town.handler, item.pk, RecordProgress(text="已联系环卫所"))
    work.progress(town.handler, item.pk, RecordProgress(text="已联系环卫所"))
    assert Entry.objects.filter(item_id=item.pk, verb="progress").count() == 1
    assert told(town, "reporter", "item.progress") == 1
    for message in ("", "  ", "长" * 2001):
        with pytest.raises(Invalid):
            work.progress(town.handler, item.pk, checked(RecordProgress, {"text": message}))
    with pytest.raises(Invalid):
        work.resolve(town.handler, item.pk, checked(ResolveItem, {"result": "好"}))
    item = work.resolve(town.handler, item.pk, ResolveItem(result="已经清运干净，联系人 13812345678 已告知。"))
    assert item.status == "resolved" and "138****5678" in item.result
    assert open_duty(item, "handle") is None and open_duty(item, "inform_progress") is None
    inform = open_duty(item, "inform_resident")
    assert inform is not None and inform.owner_id == town.people["reporter"].pk and inform.clause == "2.4.1"
    assert inform.due_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") == "11-26 10:00"
    assert told(town, "reporter", "item.resolved") == 1
    work.resolve(town.handler, item.pk, ResolveItem(result="已经清运干净，联系人 13812345678 已告知。"))
    assert Entry.objects.filter(item_id=item.pk, verb="resolve").count() == 1


@pytest.mark.clause("4.3.2")
def test_files_of_another_item_cannot_be_named(town: Town) -> None:
    item, other = town.assigned(), town.assigned()
    foreign = Attachment.objects.create(
        item=other, owner=town.handler, kind="photo", name="a.jpg", content_type="image/jpeg", size=1, sha256="0" * 64
    )
    with pytest.raises(Invalid):
        work.progress(town.handler, item.pk, checked(RecordProgress, {"text": "拍了照", "attachments": [foreign.pk]}))


@pytest.mark.clause("4.3.2")
def test_handing_over_keeps_the_limit_and_what_was_late_stays_late(town: Town, time: Any) -> None:
    item = town.assigned()
    due = item.due_at
    with pytest.raises(Invalid):
        assigning.transfer(
            town.handler, item.pk, checked(TransferItem, {"handler": town.people["handler2"].pk, "reason": ""})
        )
    with pytest.raises(NotAllowed):
        assigning.transfer(town.handler, item.pk, TransferItem(unit=town.community.id, reason="不归我管"))
    item = assigning.transfer(town.handler, item.pk, TransferItem(handler=town.people["handler2"].pk, reason="出差"))
    assert item.due_at == due and item.handler_id == town.people["handler2"].pk
    duty = open_duty(item, "handle")
    assert duty is not None and duty.owner_id == town.people["handler2"].pk
    assert Obligation.objects.filter(subject_id=item.pk, kind="handle").count() == 1
    time.shift(timedelta(days=6))
    assigning.transfer(
        town.manager,
        item.pk,
        TransferItem(handler=town.people["handler"].pk, reason="超期改派", due_at=clock.now() + timedelta(days=1)),
    )
    late = Obligation.objects.get(subject_id=item.pk, kind="handle", met_at__isnull=False)
    assert late.owner_id == town.people["handler2"].pk and late.state == State.LATE
    assert list(Assignment.objects.filter(item=item).values_list("outcome", flat=True)) == [
        "transferred",
        "transferred",
        "",
    ]


@pytest.mark.clause("4.3.2")
def test_co_handlers_record_progress_but_not_the_result(town: Town) -> None:
    item = town.assigned()
    with pytest.raises(Invalid):
        assigning.assist(town.manager, item.pk, checked(AssistItem, {"handlers": [town.people["reporter"].pk]}))
    with pytest.raises(Invalid):
        assigning.assist(town.manager, item.pk, checked(AssistItem, {"handlers": [town.people["handler"].pk]}))
    assigning.assist(town.handler, item.pk, AssistItem(handlers=[town.people["handler2"].pk], note="请带水车"))
    work.progress(town.handler2, item.pk, RecordProgress(text="水车已到"))
    with pytest.raises(NotAllowed):
        work.resolve(town.handler2, item.pk, ResolveItem(result="已经清运干净"))


@pytest.mark.clause("4.3.2")
def test_an_extension_is_asked_once_before_the_limit_and_decided_by_somebody_else(town: Town, time: Any) -> None:
    from linbao.organisation.models import RoleGrant

    item = town.assigned()
    assert item.due_at is not None
    until = item.due_at + timedelta(days=2)
    for errors, reason in ((until, ""), (item.due_at, "早了"), (until + timedelta(days=200), "太久")):
        with pytest.raises(Invalid):
            oversight.request_extension(
                town.handler, item.pk, checked(RequestExtension, {"until": errors, "reason": reason})
            )
    with pytest.raises(NotAllowed):
        oversight.request_extension(town.manager, item.pk, RequestExtension(until=until, reason="代办"))
    oversight.request_extension(town.handler, item.pk, RequestExtension(until=until, reason="等配件"))
    with pytest.raises(Conflict):
        oversight.request_extension(town.handler, item.pk, RequestExtension(until=until, reason="再要几天"))
    RoleGrant.objects.create(user=town.people["handler"], role="manager", unit=town.community)
    with pytest.raises(NotAllowed):
        oversight.decide_extension(town.handler, item.pk, DecideExtension(granted=True))
    with pytest.raises(Invalid):
        oversight.decide_extension(town.manager, item.pk, checked(DecideExtension, {"granted": False}))
    oversight.decide_extension(town.manager, item.pk, DecideExtension(granted=True))
    assert oversight.decide_extension(town.manager, item.pk, DecideExtension(granted=True)).granted
    with pytest.raises(Conflict):
        oversight.decide_extension(town.manager2, item.pk, DecideExtension(granted=False, remark="不行"))
    item.refresh_from_db()
    duty = open_duty(item, "handle")
    assert duty is not None and item.due_at == until == duty.due_at
    other = town.assigned()
    time.shift(timedelta(days=9))
    with pytest.raises(Conflict):
        oversight.request_extension(
            town.handler, other.pk, RequestExtension(until=clock.now() + timedelta(days=3), reason="忘了")
        )
    assert Extension.objects.count() == 1


@pytest.mark.clause("4.3.2")
def test_a_manager_supervises_with_a_limit_of_its_own_and_the_handler_answers(town: Town) -> None:
    item = town.assigned()
    for name in ("reviewer", "handler", "reporter"):
        with pytest.raises(NotAllowed):
            oversight.supervise(getattr(town, name), item.pk, SuperviseItem(requirements="抓紧"))
    with pytest.raises(Invalid):
        oversight.supervise(town.manager, item.pk, checked(SuperviseItem, {"requirements": " "}))
    row = oversight.supervise(town.manager, item.pk, SuperviseItem(requirements="请说明为何三天未动"))
    assert oversight.supervise(town.manager, item.pk, SuperviseItem(requirements="请说明为何三天未动")).pk == row.pk
    duty = Obligation.objects.get(subject_id=row.pk, kind="supervise")
    assert duty.owner_id == town.people["handler"].pk and duty.due_at == row.due_at
    with pytest.raises(NotAllowed):
        oversight.answer_supervision(town.manager, AnswerSupervision(supervision=row.pk, answer="替他答"))
    oversight.answer_supervision(town.handler, AnswerSupervision(supervision=row.pk, answer="车辆已安排，明早到"))
    duty.refresh_from_db()
    assert duty.state == State.MET
    second = oversight.supervise(town.manager, item.pk, SuperviseItem(requirements="限今日完成"))
    work.resolve(town.handler, item.pk, ResolveItem(result="已经清运干净。"))
    assert Supervision.objects.get(pk=second.pk).answered_at is not None


@pytest.mark.clause("4.3.2")
def test_reminding_is_for_department_and_reporter_and_not_every_minute(town: Town, time: Any) -> None:
    item = town.assigned()
    with pytest.raises((NotAllowed, NotFound)):
        work.remind(town.handler2, item.pk, RemindHandler())
    work.remind(town.reporter, item.pk, RemindHandler(note="居民又来问了"))
    with pytest.raises(Conflict):
        work.remind(town.reporter, item.pk, RemindHandler())
    work.remind(town.reviewer, item.pk, RemindHandler())
    assert told(town, "handler", "item.reminded") == 2
    time.shift(timedelta(hours=5))
    work.remind(town.reporter, item.pk, RemindHandler())


@pytest.mark.clause("2.2.2")
def test_an_adoption_counts_once_a_manager_has_confirmed_it(town: Town) -> None:
    item = town.resolved()
    for errors in ({"kind": "prize", "words": "x"}, {"kind": "measure", "words": ""}):
        with pytest.raises(Invalid):
            oversight.adopt(town.reviewer, item.pk, checked(AdoptItem, errors))
    with pytest.raises(NotAllowed):
        oversight.adopt(town.reporter, item.pk, AdoptItem(kind="measure", note="我的功劳"))
    row = oversight.adopt(town.reviewer, item.pk, AdoptItem(kind="measure", note="清运改为每日一次"))
    item.refresh_from_db()
    assert not item.adopted and row.confirmed_at is None
    with pytest.raises(NotAllowed):
        oversight.confirm_adoption(town.reviewer, row.pk)
    oversight.confirm_adoption(town.manager, row.pk)
    oversight.confirm_adoption(town.manager2, row.pk)
    item.refresh_from_db()
    row = Adoption.objects.get(pk=row.pk)
    assert item.adopted and row.confirmed_by_id == town.people["manager"].pk
    assert told(town, "reporter", "item.adopted") == 1


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize("status", [200, 404])
def test_assigning_tells_of_nobody_elsewhere(town: Town, client: Client, status: int) -> None:
    """A handler or unit of another community is refused with the words for one that does not exist."""
    department = Unit.objects.get(code="D2")
    away = town.person("away", "handler", department)
    item = town.approved()
    path = f"/api/v1/items/{item.pk if status == 200 else ids.new()}/assign"
    headers = town.token("manager")

    def refused(**body: str) -> str:
        answer = client.post(path, body, content_type="application/json", **headers)
        assert answer.status_code == (422 if status == 200 else 404)
        return answer.content.decode()

    for field, data in (
        ("handler", ["away", str(away.pk), "nobody", str(ids.new()), "trainer"]),
        ("unit", ["D2", str(department.pk), "D9", str(ids.new())]),
    ):
        answers = {refused(**{field: value}) for value in data}
        assert len(answers) == 1 and "away" not in (details := answers.pop()) and "银杏" not in details


@pytest.mark.clause("1.3.4")
def test_a_confidential_item_goes_to_a_named_person_who_can_then_see_it(town: Town) -> None:
    item = town.submitted()
    Item.objects.filter(pk=item.pk).update(sensitivity="confidential", named=[town.people["reviewer"].pk])
    review.approve(
        town.reviewer,
        item.pk,
        Approve(
            checks={c: {"pass": True, "overruled": "已核实"} for c in ("truth", "completeness", "accuracy", "format")}
        ),
    )
    with pytest.raises(Invalid):
        assigning.assign(town.reviewer, item.pk, checked(AssignItem, {"unit": town.department.id}))
    assigning.assign(town.reviewer, item.pk, AssignItem(unit=town.department.id, handler=town.people["handler"].pk))
    assert Item.objects.visible_to(town.handler).filter(pk=item.pk).exists()
    assert not Item.objects.visible_to(town.handler2).filter(pk=item.pk).exists()
    work.progress(town.handler, item.pk, RecordProgress(text="已到场"))
