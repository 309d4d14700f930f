"""Half a year of tasks, meetings, opinions, problems and leave in the demo community."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from linbao.core import clock
from linbao.management import leave
from linbao.management.inputs import AskLeave, DecideLeave
from linbao.management.meetings import minutes, opinions
from linbao.management.meetings import services as meetings
from linbao.management.meetings.inputs import (
    AnswerOpinion,
    CallMeeting,
    CloseProblem,
    Decide,
    GiveOpinion,
    HoldMeeting,
    MarkAttendance,
    RaiseProblem,
    Report,
)
from linbao.management.models import Meeting, Task
from linbao.management.work_tasks import repetition
from linbao.management.work_tasks import services as tasks
from linbao.management.work_tasks.inputs import AddNote, FinishShare, GiveTask, RepeatTask, TickPoints
from linbao.organisation.models import Unit, User

Moves = Iterator[tuple[datetime, Callable[[], Any]]]

# days ago, title, words, who, days to do it, check list, what was said (by whom, words), who finished it
TASKS: list[tuple[int, str, str, list[str], int, list[str], list[tuple[str, str]], list[str]]] = [
    (
        150,
        "汛前排查低洼院落",
        "雨季将至，请把地下车库、低洼院落和雨水篦子都看一遍，拍照留底。",
        ["reporter1", "reporter3", "reporter6"],
        5,
        ["地下车库入口", "雨水篦子", "临时用电"],
        [
            ("reporter1", "1 号院雨水篦子被落叶堵住，已请环卫所清理。"),
            ("reporter3", "车库没有挡水板，要不要先借沙袋？"),
            ("manager1", "先到社区领 40 只沙袋，挡水板已报街道。"),
        ],
        ["reporter1", "reporter3", "reporter6"],
    ),
    (
        96,
        "独居老人夏季走访",
        "高温期间逐户看望独居老人，重点看空调能不能用、有没有人照看。",
        ["reporter2", "reporter5", "reporter9"],
        7,
        [],
        [("reporter5", "三户空调不制冷，已联系爱心维修队。"), ("manager1", "很好，修好后请再回访一次。")],
        ["reporter2", "reporter5", "reporter9"],
    ),
    (
        40,
        "更新楼栋公示栏",
        "公示栏上的网格员电话有三处是旧的，请核对后更换。",
        ["reporter7", "reporter8"],
        6,
        ["核对电话", "更换公示页", "拍照"],
        [("reporter7", "旧公示页已全部取下。")],
        ["reporter7", "reporter8"],
    ),
    (
        6,
        "飞线充电专项排查",
        "逐栋查看楼道和一层窗户，发现飞线先劝离，再登记上报。",
        ["reporter4", "reporter10", "reporter11", "reporter12"],
        9,
        ["楼道", "一层窗户", "地下室"],
        [
            ("reporter4", "3 网格发现两处，业主答应今晚收线。"),
            ("reporter11", "业主不开门怎么登记？"),
            ("manager1", "先登记楼栋门牌，不强行入户，改天与物业一起去。"),
        ],
        ["reporter4"],
    ),
    (3, "整理第四季度走访台账", "按户补齐走访时间和诉求，姓名电话仍按规定脱敏。", ["reporter6"], 8, [], [], []),
]

MEETINGS: list[tuple[int, str, list[tuple[str, str]], str, list[tuple[str, str, int]]]] = [
    (
        155,
        "六月工作会议",
        [("reporter1", "五月走访 62 户，诉求集中在停车和噪声。"), ("reporter5", "二组完成消防通道摸底。")],
        "听取三个小组工作汇报；分析五月退回补正的原因，主要是地点写得不清；部署汛前排查。",
        [("各组补报低洼点位照片", "reporter1", 5)],
    ),
    (
        120,
        "七月工作会议",
        [("reporter9", "三组新增志愿者 6 人。")],
        "通报上半年情况；研究高温期间走访安排，要求避开正午。",
        [("排出高温走访轮班", "reporter5", 4)],
    ),
    (90, "八月工作会议", [("reporter2", "暑期儿童安全宣传 4 场。")], "总结汛期工作；对两起积水事件逐项复盘。", []),
    (
        62,
        "九月工作会议",
        [("reporter6", "开学季路口秩序好转。")],
        "听取汇报；讨论居民对停车划线的不满意评价，决定重新征求意见。",
        [("停车划线方案征求意见", "reporter7", 10)],
    ),
    (
        29,
        "十月工作会议",
        [("reporter10", "七网格路灯全部修好。"), ("reporter12", "八网格垃圾房异味减轻。")],
        "听取汇报；逐条答复会前收到的意见建议；强调冬季用火用电安全。",
        [("冬季用电安全入户宣传", "reporter11", 12)],
    ),
]

# days ago, who, words, anonymous, answer, problem (title, owner, days, result)
OPINIONS: list[tuple[int, str, str, bool, str, tuple[str, str, int, str] | None]] = [
    (
        118,
        "reporter3",
        "走访时手机没有信号，地下室里的情况只能出来再记，建议给一份纸质速记单。",
        False,
        "系统可以离线记录，已安排培训；纸质速记单也印好了，到社区领取。",
        None,
    ),
    (
        75,
        "reporter8",
        "希望周五的报告时间和接孩子时间错开一点。",
        True,
        "12 点起就可以报送，做完随时交，不必等到傍晚。",
        None,
    ),
    (
        58,
        "reporter7",
        "5 网格的监控探头坏了半个月，物业一直说在修。",
        False,
        "已列入问题清单，由平安办牵头。",
        ("5 网格监控探头损坏，物业迟迟未修", "handler4", 15, "平安办现场督办，9 月底已更换三只探头，回看正常。"),
    ),
    (24, "reporter2", "夜间巡查两个人一组更安全。", True, "同意，11 月起夜间巡查一律两人同行。", None),
    (12, "reporter9", "三组的反光背心旧了，晚上看不清。", False, "", ("三组反光背心老化", "reporter9", 20, "")),
    (4, "reporter5", "建议把常见退回原因贴在办公室。", True, "", None),
]


def moves(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Moves:
    """What management did, at its moments (see `shell.demo`)."""
    yield from _tasks(people, units, now)
    yield from _meetings(people, units, now)
    yield from _opinions(people, units, now)
    yield from _leave(people, now)


def _at(now: datetime, days: float, hour: int) -> datetime:
    local = clock.local(now - timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return min(local, now - timedelta(minutes=5))


def _tasks(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Moves:
    manager, home = people["manager1"], units["c"]
    for days, title, label, who, length, points, message, finished in TASKS:
        made: dict[str, Any] = {}
        start = _at(now, days, 9)

        def give(made: dict[str, Any] = made, values: tuple[Any, ...] = (title, label, who, length, points)) -> None:
            title, label, who, length, points = values
            made["task"] = tasks.give(
                manager,
                GiveTask(
                    unit=home.pk,
                    title=title,
                    requirements=label,
                    checklist=points,
                    people=[people[w].pk for w in who],
                    due_at=clock.now() + timedelta(days=length, hours=8),
                ),
            )

        yield start, give
        span = min(timedelta(days=length) * 0.8, now - start - timedelta(minutes=10))
        for n, (name, line) in enumerate(message, 1):
            at = start + span * (n / (len(message) + 2))
            yield at, partial(lambda m, u, w: tasks.note(people[u], m["task"].pk, AddNote(text=w)), made, name, line)
        for name in finished:
            yield start + span, partial(lambda m, u: _finish(m["task"].pk, people[u]), made, name)
    group = units["w1"]

    def again() -> None:
        repetition.start(
            people["reporter1"],
            RepeatTask(
                unit=group.pk,
                title="每周查看小广场健身器材",
                requirements="松动、断裂的先围挡再上报。",
                rhythm="weekly",
                weekday=4,
                hour=17,
                starts=clock.today(),
                whole_group=True,
            ),
        )

    yield _at(now, 20, 10), again
    for back in (14, 7, 0.1):
        yield _at(now, back, 8), repetition.make_all
    for back in (16, 9, 2):
        yield _at(now, back, 16), lambda: _finish_series(group)


def _finish_series(group: Unit) -> None:
    """What comes again each week is done by the whole group; the newest is left to be done."""
    due = Task.objects.filter(
        unit=group, series__isnull=False, state="open", due_at__lt=clock.now() + timedelta(days=3)
    )
    for task in due.order_by("due_at")[:1]:
        for person in User.objects.filter(pk__in=task.parts.values("person")):
            _finish(task.pk, person)


def _finish_decided(made: dict[str, Any], person: User) -> None:
    for task in made["row"].decisions.filter(state="open"):
        _finish(task.pk, person)


def _finish(task_id: Any, person: User) -> None:
    task = tasks.find(person, task_id)
    part = task.parts.get(person=person)
    tasks.tick(person, part.pk, TickPoints(points=list(range(len(task.checklist)))))
    tasks.done(person, part.pk, FinishShare(result="已按要求完成。"))


def _meetings(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Moves:
    manager, home = people["manager1"], units["c"]
    for days, title, reports, summary, decided in MEETINGS:
        made: dict[str, Meeting] = {}
        start = _at(now, days, 15)

        def call(made: dict[str, Meeting] = made, title: str = title, start: datetime = start) -> None:
            meetings.open_month()
            made["row"] = meetings.call(
                manager,
                CallMeeting(
                    unit=home.pk,
                    title=title,
                    starts_at=start,
                    place="社区二楼会议室",
                    everybody=True,
                    points=["各组工作汇报"],
                ),
            )

        def hold(made: dict[str, Meeting] = made, values: tuple[Any, ...] = (reports, summary, decided)) -> None:
            reports, summary, decided = values
            row = made["row"]
            for name, message in reports:
                meetings.report(people[name], row.pk, Report(report=message))
            came = [p.person_id for n, p in enumerate(row.people.all()) if n % 9 != 5]
            meetings.mark(manager, row.pk, MarkAttendance(present=came, excused=[]))
            meetings.hold(
                manager, row.pk, HoldMeeting(summary=summary, points={p.pk: "已逐项讨论。" for p in row.agenda.all()})
            )
            for title, name, length in decided:
                due_at = clock.now() + timedelta(days=length)
                meetings.decide(manager, row.pk, Decide(title=title, people=[people[name].pk], due_at=due_at))
            minutes.issue(manager, row.pk)

        yield start - timedelta(days=3), call
        yield start + timedelta(hours=2), hold
        for _title, name, length in decided:
            yield (start + timedelta(days=length * 0.7), partial(_finish_decided, made, people[name]))
    soon = clock.local(now + timedelta(days=3)).replace(hour=15, minute=0, second=0, microsecond=0)
    yield (
        _at(now, 1, 11),
        lambda: meetings.call(
            manager,
            CallMeeting(
                unit=home.pk,
                title="本月工作会议",
                starts_at=soon,
                place="社区二楼会议室",
                everybody=True,
                points=["冬季安全检查安排", "下季度培训内容"],
            ),
        ),
    )


def _opinions(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Moves:
    manager, home = people["manager1"], units["c"]
    for days, name, message, anonymous, answer, problem in OPINIONS:
        made: dict[str, Any] = {}
        start = _at(now, days, 11)

        def give(made: dict[str, Any] = made, values: tuple[Any, ...] = (name, message, anonymous)) -> None:
            name, message, anonymous = values
            made["row"] = opinions.give(people[name], GiveOpinion(unit=home.pk, comment=message, anonymous=anonymous))

        yield start, give
        if answer:
            yield (
                start + timedelta(days=1),
                partial(lambda m, a: opinions.answer(manager, m["row"].pk, AnswerOpinion(answer=a)), made, answer),
            )
        if problem:
            _, owner, length, result = problem

            def put(made: dict[str, Any] = made, values: tuple[Any, ...] = problem) -> None:
                title, owner, length, _result = values
                made["problem"] = opinions.raise_problem(
                    manager,
                    RaiseProblem(
                        unit=home.pk,
                        title=title,
                        owner=people[owner].pk,
                        opinion=made["row"].pk,
                        due_at=clock.now() + timedelta(days=length),
                    ),
                )

            yield start + timedelta(days=1, hours=1), put
            if result:
                yield (
                    start + timedelta(days=length * 0.8),
                    partial(
                        lambda m, o, r: opinions.close_problem(people[o], m["problem"].pk, CloseProblem(result=r)),
                        made,
                        owner,
                        result,
                    ),
                )


def _leave(people: dict[str, User], now: datetime) -> Moves:
    for days, who, stand_in, kind, length, ahead in (
        (70, "reporter10", "reporter9", "annual", 5, 3),
        (33, "reporter2", "", "sick", 2, 0),
        (1, "reporter12", "reporter11", "family", 4, 1),
    ):
        made: dict[str, Any] = {}

        def ask(made: dict[str, Any] = made, values: tuple[Any, ...] = (who, stand_in, kind, length, ahead)) -> None:
            who, stand_in, kind, length, ahead = values
            first = clock.today() + timedelta(days=ahead)
            made["row"] = leave.ask(
                people[who],
                AskLeave(
                    kind=kind,
                    starts=first,
                    ends=first + timedelta(days=length - 1),
                    stand_in=people[stand_in].pk if stand_in else None,
                ),
            )

        yield _at(now, days, 9), ask
        yield (
            _at(now, days, 10) + timedelta(minutes=1),
            partial(
                lambda m: leave.decide(people["manager1"], m["row"].pk, DecideLeave(approved=True, remark="同意")), made
            ),
        )
    yield (
        _at(now, 0.2, 9),
        lambda: leave.ask(
            people["reporter6"],
            AskLeave(
                kind="personal",
                starts=clock.today() + timedelta(days=5),
                ends=clock.today() + timedelta(days=6),
                stand_in=people["reporter7"].pk,
            ),
        ),
    )
