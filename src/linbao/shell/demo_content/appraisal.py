"""The demo community's appraisal: one half-year from its opening to an answered objection, and one that people judge
now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from linbao.appraisal import cycles, enrolment, grading, proposals
from linbao.appraisal.inputs import Calibrate, DecideObjection, DecideProposal, Object, OpenCycle, Rate
from linbao.appraisal.models import Appraisal, Cycle, Grade, Proposal, Rating
from linbao.appraisal.rating import services as rating
from linbao.core import clock
from linbao.core.inputs import checked
from linbao.organisation.models import Unit, User
from linbao.shell.demo_content import history

# How people are judged: marks of the four aspects, facts, words of others, words of one's own.
JUDGED: tuple[tuple[tuple[int, ...], str, str, str], ...] = (
    (
        (5, 4, 5, 4),
        "独居老人名册逐月更新，三次隐患都当天上报并跟到办结。",
        "做事踏实，居民信得过。",
        "想多学一点调解的办法。",
    ),
    ((4, 4, 4, 5), "周报按时，暴雨前后连续两天巡查排水口。", "与同组配合好，愿意带新人。", "分析还可以写得更深一些。"),
    ((4, 3, 4, 4), "走访记录齐全，但有退回补正，地点写得不够细。", "分析部分可以再具体些。", "以后先核对楼栋再上报。"),
    ((3, 3, 4, 3), "周报迟交过，反馈居民有超期。", "态度好，时间安排需要改进。", "晚上值班多，周报要早点动笔。"),
)
# Which of them fits whom; everybody else takes turns between the second and the third.
FITS = {"reporter1": 0, "reporter9": 0, "reporter4": 2, "reporter8": 3}
OBJECTION = "那次周报迟交，是因为当天晚上在车棚火情现场，组长知道情况，请核实。"
WAITING = ("reporter1", "reporter2", "reporter5", "reporter7", "reporter11")  # whose peers wait for them
REPLY = "核对值班记录和组长说明，情况属实；迟交已注明原因，等次按综合情况改变。"


def moves(people: dict[str, User], units: dict[str, Unit], now: datetime) -> Iterator[tuple[datetime, Any]]:
    """The half-year before the last one from its opening to its end; the last one opened some days ago, judged by
    some."""
    home = next(u for u in units.values() if u.kind == "community")
    first, second = history.halves(clock.local(now).date())
    details = _opened(first)
    yield details, lambda: cycles.open_(people["manager1"], OpenCycle(unit=home.pk, half=first))
    yield details + timedelta(days=3), lambda: _rate(first, kinds=("self", "peer"))
    yield details + timedelta(days=12), lambda: _rate(first, kinds=("superior",))
    yield details + timedelta(days=31), lambda: _calibrate(people["manager1"], first)
    yield details + timedelta(days=32), lambda: cycles.publish(people["manager1"], _cycle(first).pk)
    yield (
        details + timedelta(days=33),
        lambda: grading.object_(people["reporter8"], _of(first, "reporter8").pk, Object(grounds=OBJECTION)),
    )
    yield details + timedelta(days=35), lambda: _answer(first)
    yield details + timedelta(days=36), lambda: _decide(people["manager1"], first)
    yield details + timedelta(days=44), cycles.close_expired_phases
    begins = max(_opened(second), clock.local(now - timedelta(days=5)).replace(hour=9, minute=10))
    if begins < now:  # not yet on the first days of January and July
        yield begins, lambda: cycles.open_(people["manager1"], OpenCycle(unit=home.pk, half=second))
        yield begins + (now - begins) / 3, lambda: _rate(second, kinds=("self",), but=("reporter1", "reporter5"))
        yield begins + (now - begins) / 2, lambda: _rate(second, kinds=("peer",), but=WAITING)
        yield begins + (now - begins) * 2 / 3, lambda: _rate(second, kinds=("superior",), but=("reporter1", "manager1"))


def _opened(half: date) -> datetime:
    """When January or July would have opened it."""
    return datetime.combine(enrolment.bounds(half)[1] + timedelta(days=2), time(9, 10), clock.zone())


def _cycle(half: date) -> Cycle:
    return Cycle.objects.get(half=half)


def _of(half: date, username: str) -> Appraisal:
    return Appraisal.objects.select_related("cycle").get(cycle__half=half, person__username=username)


def _rate(half: date, *, kinds: tuple[str, ...], but: tuple[str, ...] = ()) -> None:
    rows = Rating.objects.filter(appraisal__cycle__half=half, kind__in=kinds).exclude(rater__username__in=but)
    for n, row in enumerate(
        rows.select_related("rater", "appraisal__person").order_by("appraisal__person__username", "kind")
    ):
        username = row.appraisal.person.username
        marks, facts, others, own = JUDGED[FITS.get(username, 1 + int(username[-1]) % 2)]
        data = dict(zip(("duty", "skill", "people", "together"), marks, strict=True))
        if row.kind == "peer" and n % 5 == 4:
            continue  # one in five peers never answered
        rating.rate(
            row.rater,
            row.pk,
            checked(Rate, {**data, "evidence": facts, "remark": own if row.kind == "self" else others}),
        )


def _calibrate(manager: User, half: date) -> None:
    """Two are 优秀, one is set lower; each with the reason that the manager gave."""
    cycles.recalculate(manager, _cycle(half).pk)
    first = ("reporter1", "reporter9")
    others = Appraisal.objects.filter(cycle__half=half, suggested=Grade.EXCELLENT).exclude(person__username__in=first)
    for row in others:
        grading.calibrate(
            manager, row.pk, Calibrate(grade=Grade.COMPETENT, reason="优秀名额有限，综合比较后定为称职。")
        )
    for username, grade, reason in (
        ("reporter1", Grade.EXCELLENT, "车棚火情报告及时，全程配合处置，居民反映好。"),
        ("reporter9", Grade.EXCELLENT, "独居老人走访扎实，建议两次被采用。"),
        ("reporter8", Grade.BASIC, "周报迟交两次，反馈居民有超期。"),
    ):
        grading.calibrate(manager, _of(half, username).pk, Calibrate(grade=grade, reason=reason))


def _answer(half: date) -> None:
    objection = _of(half, "reporter8").objection
    decider = objection.decider
    assert decider is not None
    grading.decide(decider, objection.pk, DecideObjection(decision="change", reply=REPLY, grade=Grade.COMPETENT))


def _decide(manager: User, half: date) -> None:
    for row in Proposal.objects.filter(appraisal__cycle__half=half, state="proposed", kind="commendation"):
        proposals.decide_proposal(manager, row.pk, DecideProposal(decision="accept", reason="同意，报表彰会通报表扬。"))
