"""A town's trainer at work: sessions, people who come and go, for the tests of training."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from linbao.core import clock
from linbao.core.inputs import checked
from linbao.training.inputs import ArrangeSession, EndSession
from linbao.training.models import Seat, Session
from linbao.training.sessions import attendance
from linbao.training.sessions import services as sessions
from tests.loop import Town

QUESTION: dict[str, Any] = {
    "subject": "law",
    "kind": "single",
    "text": "照片上报后怎样处理？",
    "options": ["从手机删除", "留着备查", "发到群里"],
    "right": [0],
    "why": "手机里不留存。",
    "active": True,
}


def plan(town: Town, *, start: datetime | None = None, minutes: int = 130, by: str = "trainer", **told: Any) -> Session:
    """A planned session, from now on if no start is told."""
    data = {
        "title": "报告写法",
        "subjects": ["writing"],
        "place": "会议室",
        "starts_at": start or clock.now(),
        "minutes": minutes,
        "cases": "退回实例讲评",
        **told,
    }
    return sessions.create(getattr(town, by), town.community.pk, checked(ArrangeSession, data))


def sign(town: Town, session: Session, name: str, way: str) -> Seat:
    """With the code that the screen shows at this moment."""
    return attendance.sign(getattr(town, name), session.pk, attendance.token(session.pk, way))


def attend(town: Town, time: Any, session: Session, *names: str, minutes: int = 130) -> None:
    """They sign in now and out after so many minutes; the clock stands there."""
    for name in names:
        sign(town, session, name, "in")
    time.shift(timedelta(minutes=minutes))
    for name in names:
        sign(town, session, name, "out")


def held(town: Town, time: Any, *names: str, minutes: int = 130, **told: Any) -> Session:
    """A session from now on that these people attended to its end."""
    session = plan(town, minutes=minutes, **told)
    attend(town, time, session, *names, minutes=minutes)
    return attendance.end(town.trainer, session.pk, EndSession(summary="讲评了实例"))
