"""Who was there, from when to when: a code that changes every 30 seconds, a line by hand, the end (5.1.3)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from linbao.audit import services as audit
from linbao.core import clock
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound
from linbao.organisation.models import User
from linbao.training import duty
from linbao.training.inputs import EndSession, RegisterAttendance
from linbao.training.models import Seat, Session, SessionStatus
from linbao.training.sessions.services import get, invitable, seat_of
from linbao.training.sessions.states import SESSION

STEP = 30  # seconds that a code is shown
STEPS = 2  # a code is taken in its own step and the next: never older than 60 seconds
IN, OUT = "in", "out"
OPENS_BEFORE = timedelta(minutes=30)  # of the start
WITHIN = timedelta(hours=12)  # of the start; what was forgotten is entered by hand


def token(session_id: UUID, way: str, *, step: int | None = None) -> str:
    """The code of this half minute for signing `in` or `out`: `in-<step>-<32 hex digits of an HMAC>`."""
    step = _step() if step is None else step
    mac = salted_hmac("linbao.training.sign", f"{session_id}:{way}:{step}", algorithm="sha256").hexdigest()[:32]
    return f"{way}-{step}-{mac}"


def left() -> int:
    """Seconds until the next code, 1 to 30."""
    return STEP - int(clock.now().timestamp()) % STEP


def _step() -> int:
    return int(clock.now().timestamp()) // STEP


def way_of(session_id: UUID, code: str) -> str:
    """`in` or `out` of a code that is genuine and not older than 60 seconds; raises `Conflict` else."""
    way, _dash, rest = code.partition("-")
    number, _dash, _mac = rest.partition("-")
    genuine = (
        way in (IN, OUT)
        and number.isascii()
        and number.isdigit()
        and len(number) < 14
        and constant_time_compare(token(session_id, way, step=int(number)), code)
    )
    if not genuine:
        raise NotFound(_("这个二维码不是本系统签到用的，请扫描现场屏幕上的二维码。"))
    if not 0 <= _step() - int(number) < STEPS:
        raise Conflict(_("二维码已过期（每 30 秒更换），请重新扫描现场屏幕上的二维码。"))
    return way


@transaction.atomic
def sign(user: User, session_id: UUID, code: str) -> Seat:
    """Sign in or out with the code on the screen. In: the first counts; out: the last counts, until the session ends.

    Whoever may attend and was not invited is enrolled by signing in. Raises `Conflict` for a code that is too old,
    for signing out without having signed in, and outside of the session's time.
    """
    row = get(user, session_id, lock=True)
    allow(user, "training.attend", row)
    way, now = way_of(row.pk, code), clock.now()
    SESSION.check(row, "sign")
    if now < row.starts_at - OPENS_BEFORE:
        raise Conflict(_("还没有到签到时间：开始前 30 分钟起可以签到。"))
    if now > row.starts_at + WITHIN:
        raise Conflict(_("签到时间已过，请联系培训专员补登。"))
    if way == IN:
        seat = seat_of(row, user)
        if seat.signed_in_at is None:
            seat.signed_in_at = now
            seat.save(update_fields=["signed_in_at"])
        return seat
    seat = Seat.objects.filter(session=row, person=user).first() or Seat()
    if seat.signed_in_at is None:
        raise Conflict(_("您还没有签到，不能签退；如确已到场，请联系培训专员补登。"))
    seat.signed_out_at = now
    _measure(row, seat)
    seat.save(update_fields=["signed_out_at", "minutes"])
    duty.meet_person(row, seat)
    return seat


@transaction.atomic
def tick(user: User, session_id: UUID, data: RegisterAttendance) -> Seat:
    """Enter somebody's presence by hand, with the reason; also after the end. Never one's own.

    Raises `Invalid` for times outside of the session, `Conflict` when presence stands that meets the duty already.
    """
    row = get(user, session_id, lock=True)
    SESSION.check(row, "supplement", user)
    if data.person == user.pk:
        raise Conflict(_("不能为自己补登，请由其他负责人办理。"))
    errors: dict[str, list[str]] = {}
    last = min(clock.now(), row.ended_at or clock.now())
    if not row.starts_at - OPENS_BEFORE <= data.signed_in_at <= last:
        errors["signed_in_at"] = [_("签到时间须在培训开始前 30 分钟之后、结束之前，且不能在将来。")]
    elif not data.signed_in_at <= data.signed_out_at <= last:
        errors["signed_out_at"] = [_("签退时间须在签到之后、培训结束之前，且不能在将来。")]
    if not invitable(row.community_id).filter(pk=data.person).exists():
        errors["person"] = [_("请从名单中选择。")]
    if errors:
        raise Invalid(fields=errors)
    seat = seat_of(row, User.objects.get(pk=data.person))
    if seat.signed_out_at and duty.counts(row, seat):
        raise Conflict(_("此人的签到签退已经完整，无需补登。"))
    seat.signed_in_at, seat.signed_out_at = data.signed_in_at, data.signed_out_at
    seat.by_hand, seat.hand_reason = user, data.reason
    _measure(row, seat)
    seat.save()
    duty.meet_person(row, seat)
    if row.ended_at:
        duty.meet_community(row, [seat])
    details = {"person": str(data.person), "reason": data.reason}
    audit.record(user, "training.tick", row, unit_id=row.community_id, **details)
    return seat


@transaction.atomic
def end(user: User, session_id: UUID, data: EndSession) -> Session:
    """The session is over: when it ended and what was done. From here on it counts, if it was
    two hours or longer. Once more by the same hand corrects the summary. Raises `Invalid`, `Conflict`."""
    row = get(user, session_id, lock=True)
    SESSION.check(row, "supplement", user)
    if row.status == SessionStatus.HELD:
        row.summary = data.summary or row.summary
        row.save(update_fields=["summary"])
        return row
    now = clock.now()
    if row.starts_at >= now:
        raise Conflict(_("培训还没有开始，不能结束。"))
    seats = list(row.seats.select_for_update())
    ended_at = data.ended_at or min(now, max([s.signed_out_at for s in seats if s.signed_out_at] or [now]))
    if not row.starts_at < ended_at <= now or ended_at > row.starts_at + WITHIN:
        raise Invalid(fields={"ended_at": [_("结束时间须在开始之后 12 小时内，且不能在将来。")]})
    SESSION.move(row, "end", ended_at=ended_at, summary=data.summary, version=row.version + 1)
    for seat in seats:
        if seat.signed_out_at and seat.signed_out_at > ended_at:
            _measure(row, seat)
            seat.save(update_fields=["minutes"])
    duty.meet_community(row, seats)
    audit.record(user, "training.session.end", row, unit_id=row.community_id, rows=sum(s.enough for s in seats))
    return row


def _measure(row: Session, seat: Seat) -> None:
    """Minutes of presence, from the sign-in (not before the start) to the sign-out (not after the end)."""
    assert seat.signed_in_at is not None and seat.signed_out_at is not None
    since = max(seat.signed_in_at, row.starts_at)
    until = min(seat.signed_out_at, row.ended_at) if row.ended_at else seat.signed_out_at
    seat.minutes = max(0, int((until - since).total_seconds() // 60))


def may_sign(row: Session) -> bool:
    """Whether the screen may show a code now."""
    return SESSION.allows(row, "sign") and row.starts_at - OPENS_BEFORE <= clock.now() <= row.starts_at + WITHIN
