"""How each person wants to hear by mail: at once, as one digest a day, or not at all; never in quiet hours (design
§2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from linbao.core import clock
from linbao.organisation.models import User
from linbao.outbox.inputs import ChoosePreference
from linbao.outbox.models import ByMail, Preference


def when(user_ids: Iterable[UUID], *, urgent: bool) -> Iterator[tuple[UUID, str, datetime | None]]:
    """For each person the language they read and the moment at which a notice of now goes by mail (hours are meant in
    the installation's zone); one statement."""
    rows = User.objects.filter(pk__in=list(user_ids)).values_list(
        "pk",
        "language",
        "email",
        "notice_preference__by_mail",
        "notice_preference__digest_at",
        "notice_preference__quiet_from",
        "notice_preference__quiet_to",
    )
    now, zone = clock.now(), clock.zone()
    for pk, language, email, by_mail, digest_at, quiet_from, quiet_to in rows:
        at = None
        if email and not urgent:
            at = due(now, zone, by_mail or ByMail.DIGEST, digest_at or time(8, 30), quiet_from, quiet_to)
        yield pk, language or settings.LANGUAGE_CODE, at


def due(
    now: datetime, zone: ZoneInfo, by_mail: str, digest_at: time, quiet_from: time | None, quiet_to: time | None
) -> datetime | None:
    """The moment (UTC) for a notice of `now`: at once, or at the next `digest_at` (in `zone`), after quiet hours."""
    if by_mail == ByMail.NEVER:
        return None
    local = now.astimezone(zone)
    if by_mail == ByMail.DIGEST:
        day = local.date() if local.time() < digest_at else local.date() + timedelta(days=1)
        local = datetime.combine(day, digest_at, zone)
    if quiet_from is not None and quiet_to is not None and quiet_from != quiet_to:
        clock_time = local.time()
        crossing = quiet_from > quiet_to
        quiet = (clock_time >= quiet_from or clock_time < quiet_to) if crossing else quiet_from <= clock_time < quiet_to
        if quiet:
            later = crossing and clock_time >= quiet_from
            local = datetime.combine(local.date() + timedelta(days=later), quiet_to, zone)
    return local.astimezone(clock.UTC)


def preference(user: User) -> Preference:
    """What the person chose, or what stands in its place."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


def choose(user: User, data: ChoosePreference) -> Preference:
    """Store how `user` wants to be notified by mail; the digest comes at 8:30 where no time was chosen."""
    row = preference(user)
    row.by_mail, row.digest_at = data.by_mail, data.digest_at or time(8, 30)
    row.quiet_from, row.quiet_to = data.quiet_from, data.quiet_to
    row.save()
    return row
