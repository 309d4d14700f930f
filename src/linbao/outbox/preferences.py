"""How each person wants to hear by mail: at once, as one digest a day, or not at all; never in quiet hours (design
§2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from linbao.core import clock
from linbao.core.problems import Invalid
from linbao.organisation.models import User
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


def choose(user: User, data: Mapping[str, Any]) -> Preference:
    """Keep how `user` wants to hear: by_mail, digest_at, quiet_from and quiet_to as `HH:MM` (both or none).
    Raises `Invalid` beside the field."""
    row, errors = preference(user), {}
    row.by_mail = str(data.get("by_mail") or "")
    if row.by_mail not in ByMail.values:
        errors["by_mail"] = [_("请选择一种方式。")]
    for name in ("digest_at", "quiet_from", "quiet_to"):
        raw = str(data.get(name) or "").strip()
        try:
            value = time.fromisoformat(raw[:8]).replace(tzinfo=None, microsecond=0) if raw else None
        except ValueError:
            errors[name] = [_("请填写时刻，如 08:30。")]
            continue
        if name == "digest_at":
            value = value or time(8, 30)
        setattr(row, name, value)
    if not errors and (row.quiet_from is None) != (row.quiet_to is None):
        errors["quiet_to"] = [_("免打扰时段请填写起止两个时刻，或都不填。")]
    if errors:
        raise Invalid(fields=errors)
    row.save()
    return row
