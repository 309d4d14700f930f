"""Training in the demo community: three quarters with a session each, a make-up, a short one, one to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.documents.seals import services as seals
from linbao.organisation.models import Unit, User
from linbao.training import duty, quarters
from linbao.training.inputs import (
    AddTeaching,
    AddTopic,
    ArrangeSession,
    AskSessionLeave,
    CancelSession,
    DecideSessionLeave,
    EndSession,
    GiveFeedback,
    HandInQuiz,
    Invite,
    RegisterAttendance,
    SaveCourse,
    SaveLecturer,
    SaveQuestion,
    SetQuiz,
)
from linbao.training.models import Sheet
from linbao.training.planning import services as planning
from linbao.training.quizzes import services as quizzes
from linbao.training.sessions import attendance, minutes
from linbao.training.sessions import services as sessions

Moves = Iterator[tuple[datetime, Callable[[], Any]]]

COURSES = [
    (
        "collection",
        "入户走访与现场核实",
        "一、走访前准备；二、问什么、怎么问；三、现场拍照的角度和要点；四、匿名反映的处理。",
    ),
    ("collection", "把要素一次问全", "时间、地点、经过、涉及人员、目前状态、已采取措施，六项逐一练习。"),
    ("organising", "分类、要点与初步分析", "四类信息怎样归类；一条信息提炼一至五个要点；常见误归类举例。"),
    ("writing", "周报与紧急书面报告写法", "固定格式；一小时内写清四件事；周报里的分析和建议怎样写。"),
    ("law", "个人信息保护与保密义务", "个人信息保护法要点；收集的最小必要；泄露的后果；保密协议条款。"),
]
LECTURERS = [
    {
        "external": True,
        "name": "孟庆华",
        "organization": "街道司法所",
        "title": "所长、人民调解员",
        "profile": "从事基层法律服务二十年，主持调解邻里、物业纠纷六百余件。",
        "phone": "13800000101",
    },
    {
        "external": True,
        "name": "顾雅琴",
        "organization": "市社会工作学院",
        "title": "副教授",
        "profile": "社区调查方法课程主讲，参与编写《城乡社区工作实务》。",
        "phone": "13800000102",
    },
]
QUESTIONS = [
    (
        "law",
        "true_false",
        "居民口头同意后，可以把投诉人的姓名和电话告诉被投诉的一方。",
        [],
        [1],
        "投诉人的身份属于应当保密的个人信息，不得告诉被投诉方；确需联系的由办理人按规定进行。",
    ),
    (
        "law",
        "single",
        "手机里存有现场照片，工作结束后应当怎样处理？",
        ["上报后及时从手机删除", "留在相册以备查", "发到工作群备份", "转存到个人网盘"],
        [0],
        "照片已加密存入系统，手机和个人网盘里不应留存。",
    ),
    (
        "law",
        "multiple",
        "下列哪些信息属于敏感个人信息？",
        ["病历和健康状况", "十四岁以下孩子的信息", "小区名称", "银行账号"],
        [0, 1, 3],
        "健康、未成年人、金融账户信息都属于敏感个人信息；小区名称不是个人信息。",
    ),
    (
        "writing",
        "single",
        "紧急事件电话报告后，书面报告应在多长时间内完成？",
        ["1 小时内", "4 小时内", "当天", "本周五前"],
        [0],
        "制度 4.2.1：随后 1 小时内书面详细报告。",
    ),
    (
        "writing",
        "multiple",
        "书面报告必须写明哪些内容？",
        ["发生时间和地点", "经过", "影响范围", "已采取的措施", "报告员对责任人的评价"],
        [0, 1, 2, 3],
        "只写事实和已采取的措施，不评价责任。",
    ),
    (
        "collection",
        "multiple",
        "记录居民的意见时，哪些内容不能缺？",
        ["具体内容", "提出人及联系方式（匿名的写明原因）", "希望怎样解决", "居民的身份证号"],
        [0, 1, 2],
        "身份证号不需要收集；其余三项是 3.1 的要求。",
    ),
    (
        "collection",
        "true_false",
        "没有亲眼看到、只是听说的情况，也应当先到现场或向当事人核实再上报；紧急情况除外。",
        [],
        [0],
        "真实性是第一原则；紧急情况先电话报告，注明“未核实”。",
    ),
    (
        "organising",
        "single",
        "“楼道堆放杂物，堵住消防通道”应当归入哪一类？",
        ["社区事件类（安全隐患）", "环境卫生类", "社区建设类", "居民意见建议类"],
        [0],
        "堵塞消防通道是安全隐患，按社区事件类上报，便于优先处理。",
    ),
]
CASE = (
    "案例：某楼下水道外溢\n\n第一次上报只写“下水道堵了”，被退回补正；第二次写明位置、开始时间、影响户数、"
    "物业已采取的措施，当天交办，两天办结。\n\n讨论：还有哪些要素可以在现场一次问全？\n"
)
COMMENTS = ["案例很实用，希望多讲怎样拍照。", "法律部分讲得清楚。", "希望把讲义提前发给大家。", "时间再紧凑一点更好。"]


def moves(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Moves:
    """(moment, deed) of the last three quarters and the coming week."""
    home = next(u for u in units.values() if u.kind == "community")
    story = Story(people, home, now)
    present = quarters.of(clock.local(now).date())
    last = quarters.before(present)
    before = quarters.before(last)
    for quarter in (before, last, present):
        yield _at(quarter, 0, 1), duty.open_quarter
    yield _at(before, 3, 9), story.catalogue
    everybody = [p for p in people if p.startswith("reporter")]  # by user name: 1, 10, 11, 12, 2, …
    sessions = [
        ("one", _at(before, 50, 14), "信息收集方法与现场核实", ["collection"], everybody[:8], 0, False),
        ("two", _at(last, 44, 14), "分类整理与报告写法", ["organising", "writing"], everybody[:10], 3, False),
        (
            "again",
            _at(present, 16, 9),
            "分类整理与报告写法（补训）",
            ["organising", "writing"],
            everybody[10:],
            3,
            True,
        ),
        ("three", _at(present, 38, 14), "个人信息保护与保密义务", ["law", "collection"], everybody[:9], 4, False),
    ]
    for key, start, title, subjects, came, course, makes_up in sessions:
        if start + timedelta(hours=3) < now - timedelta(days=1):
            yield from story.session(key, start, title, subjects, came, course, makes_up)
    coming = _at(clock.local(now).date(), 6, 14)
    yield (
        now - timedelta(days=3),
        lambda: story.announce("coming", coming, "把要素一次问全：退回问题讲评", ["collection", "writing"], 1, False),
    )
    yield now - timedelta(days=2), story.answers
    yield now - timedelta(days=4), lambda: story.call_off(_at(clock.local(now).date(), 2, 9))
    yield now - timedelta(hours=20), story.records


def _at(day: date, days: int, hour: int) -> datetime:
    """So many days later, on a weekday unless it is the first of the quarter."""
    result = day + timedelta(days=days)
    if days and result.weekday() >= 5:
        days += 7 - result.weekday()
    return datetime.combine(day + timedelta(days=days), time(hour), clock.zone())


class Story:
    """The trainer's half year, each step a call of the real action."""

    def __init__(self, people: dict[str, User], home: Unit, now: datetime) -> None:
        self.people, self.home, self.now = people, home, now
        self.trainer = people["trainer1"]
        self.courses: list[Any] = []
        self.lecturers: list[Any] = []
        self.questions: list[Any] = []
        self.made: dict[str, Any] = {}

    def catalogue(self) -> None:
        me, home = self.trainer, self.home.pk
        for subject, title, outline in COURSES:
            self.courses.append(
                planning.save_course(
                    me,
                    home,
                    checked(SaveCourse, {"subject": subject, "title": title, "outline": outline, "active": True}),
                )
            )
        for details in [
            *LECTURERS,
            {"external": False, "person": me.pk},
            {"external": False, "person": self.people["reviewer1"].pk, "title": "审核员"},
        ]:
            self.lecturers.append(planning.save_lecturer(me, home, checked(SaveLecturer, {**details, "active": True})))
        for subject, kind, message, options, right, why in QUESTIONS:
            self.questions.append(
                quizzes.save_question(
                    me,
                    home,
                    checked(
                        SaveQuestion,
                        {
                            "subject": subject,
                            "kind": kind,
                            "text": message,
                            "options": options,
                            "right": right,
                            "why": why,
                            "active": True,
                        },
                    ),
                )
            )

    def announce(self, key: str, start: datetime, title: str, subjects: list[str], course: int, makes_up: bool) -> None:
        quarter = quarters.of(clock.local(start).date())
        quarter = quarters.before(quarter) if makes_up else quarter
        topic = None
        if not makes_up:
            topic = planning.add_topic(
                self.trainer,
                self.home.pk,
                quarter,
                checked(
                    AddTopic,
                    {"title": title, "subject": subjects[0], "why": "近期审核退回中这类问题较多，结合实例集中讲评。"},
                ),
            )
        row = self.made[key] = sessions.create(
            self.trainer,
            self.home.pk,
            checked(
                ArrangeSession,
                {
                    "title": title,
                    "subjects": subjects,
                    "place": "社区二楼会议室",
                    "starts_at": start,
                    "minutes": 150,
                    "cases": "选取本季度退回补正的三条信息，隐去个人信息，逐条讲评：缺什么、去哪里问、怎样写。",
                    "makes_up": makes_up,
                    "topic": topic.pk if topic else None,
                    "course": self.courses[course].pk,
                },
            ),
        )
        sessions.add_material(self.trainer, row.pk, data=CASE.encode(), name="案例一：下水道外溢.txt", case=True)
        sessions.invite(self.trainer, row.pk, Invite(whom="owing" if makes_up else "reporters"))
        who = self.lecturers[{"one": 1, "three": 0, "coming": 1}.get(key, 3)]
        fee = "800" if who.external else ""
        sessions.teach(
            self.trainer,
            row.pk,
            checked(
                AddTeaching,
                {"lecturer": who.pk, "about": title, "fee": fee, "fee_note": "转账，凭证已存" if fee else ""},
            ),
        )

    def session(
        self, key: str, start: datetime, title: str, subjects: list[str], came: list[str], course: int, makes_up: bool
    ) -> Moves:
        """Announced ten days before, held, with a quiz, feedback, one who left early and one entered by hand."""
        minute = timedelta(minutes=1)
        yield start - timedelta(days=10), lambda: self.announce(key, start, title, subjects, course, makes_up)
        for n, name in enumerate(came[:2]):
            yield (
                start - timedelta(days=7) + n * minute,
                partial(lambda name: sessions.enrol(self.people[name], self.made[key].pk), name),
            )
        if not makes_up and len(came) < 12:
            away = next(p for p in self.people if p.startswith("reporter") and p not in came)
            yield start - timedelta(days=5), lambda: self.on_leave(key, away)
        by_hand = came[-1] if key == "three" else ""
        for n, name in enumerate(came):
            if name != by_hand:
                early = key == "three" and n == 2
                yield start - (9 - n % 9) * minute, partial(self.sign, key, name, attendance.IN)
                yield (start + (70 if early else 146 + n % 4) * minute, partial(self.sign, key, name, attendance.OUT))
        yield start + 151 * minute, lambda: self.close(key, by_hand, start)
        yield start + 200 * minute, lambda: self.learn(key, came)

    def on_leave(self, key: str, name: str) -> None:
        seat = sessions.ask_leave(
            self.people[name], self.made[key].pk, checked(AskSessionLeave, {"reason": "家中老人住院，需要陪护"})
        )
        sessions.decide_leave(self.trainer, self.made[key].pk, seat.pk, DecideSessionLeave(granted=True))

    def sign(self, key: str, name: str, way: str) -> None:
        pk = self.made[key].pk
        attendance.sign(self.people[name], pk, attendance.token(pk, way))

    def close(self, key: str, by_hand: str, start: datetime) -> None:
        pk = self.made[key].pk
        chosen = [q.pk for q in self.questions[:5]] if key == "three" else [q.pk for q in self.questions[3:]]
        quizzes.set_quiz(self.trainer, pk, checked(SetQuiz, {"questions": chosen}))
        attendance.end(
            self.trainer,
            pk,
            EndSession(
                summary="讲评了退回补正的实例，现场分组练习，每组写出一条完整信息；大家对照片和要素采集提问较多。"
            ),
        )
        if by_hand:
            attendance.tick(
                self.trainer,
                pk,
                RegisterAttendance(
                    person=self.people[by_hand].pk,
                    signed_in_at=start,
                    signed_out_at=start + timedelta(minutes=148),
                    reason="手机没电，现场纸质签名",
                ),
            )

    def learn(self, key: str, came: list[str]) -> None:
        """Some do the quiz, some say what they think."""
        pk = self.made[key].pk
        for n, name in enumerate(came[:4]):
            sheet: Sheet = quizzes.open_sheet(self.people[name], pk)
            answers = [q["right"] for q in sheet.content]
            if n % 3 == 1:
                answers[0] = [(answers[0][0] + 1) % len(sheet.content[0]["options"])]
            quizzes.answer(self.people[name], pk, checked(HandInQuiz, {"answers": answers}))
        for n, name in enumerate(came[:4]):
            marks = {"content": 5 - n % 2, "lecturer": 5, "useful": 4 + n % 2}
            quizzes.give_feedback(self.people[name], pk, checked(GiveFeedback, {**marks, "comment": COMMENTS[n]}))

    def answers(self) -> None:
        """To the coming session: most enrol, one asks for leave."""
        for name in ("reporter1", "reporter3", "reporter4", "reporter6", "reporter9"):
            sessions.enrol(self.people[name], self.made["coming"].pk)
        sessions.ask_leave(
            self.people["reporter7"],
            self.made["coming"].pk,
            checked(AskSessionLeave, {"reason": "当天要陪同街道检查消防"}),
        )

    def call_off(self, start: datetime) -> None:
        row = sessions.create(
            self.trainer,
            self.home.pk,
            checked(
                ArrangeSession,
                {
                    "title": "新系统使用答疑",
                    "subjects": ["other"],
                    "place": "社区一楼大厅",
                    "starts_at": start,
                    "minutes": 60,
                },
            ),
        )
        sessions.invite(
            self.trainer,
            row.pk,
            Invite(whom="chosen", people=[self.people["reporter2"].pk, self.people["reporter8"].pk]),
        )
        sessions.cancel(self.trainer, row.pk, checked(CancelSession, {"reason": "大厅临时用作选民登记，改为线上答疑"}))

    def records(self) -> None:
        """The training records as documents, the newest sealed by the seal's custodian."""
        manager = self.people["manager1"]
        usable = [s for s in seals.usable_by(manager) if s.kind == "unit"]
        for key in ("one", "two", "again", "three"):
            if key in self.made:
                seal = usable[0].pk if usable else None
                minutes.issue(manager, self.made[key].pk, seal_id=seal)
