"""This room's section of a reporter's work file: rewards and cases (5.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from linbao.conduct.models import Award, Case, Share
from linbao.organisation.models import User


@dataclass(frozen=True)
class Rewards:
    """`points` are those confirmed in the period."""

    awards: Sequence[Award]
    shares: Sequence[Share]
    points: Decimal


def rewards(person: User, since: datetime, until: datetime, viewer: User) -> Rewards:
    """Rewards and confirmed contributions of `person` in [since, until), as `viewer` may see them; two statements."""
    awards = list(
        Award.objects.visible_to(viewer)
        .filter(person=person, decided_at__gte=since, decided_at__lt=until)
        .order_by("-decided_at", "-id")
    )
    led = Q(contribution__community__in=viewer.rights.communities("manager", "reviewer"))
    shares = list(
        Share.objects.filter(person=person, contribution__confirmed_at__gte=since, contribution__confirmed_at__lt=until)
        .filter(led | Q(person=viewer))
        .select_related("contribution__item")
        .order_by("-contribution__confirmed_at", "-id")
    )
    return Rewards(awards, shares, sum((s.points for s in shares), Decimal(0)))


def cases(person: User, since: datetime, until: datetime, viewer: User) -> list[Case]:
    """Cases of `person` opened in [since, until) that have not expired, for viewers who are concerned with them; one
    statement."""
    rows = Case.objects.visible_to(viewer).filter(person=person, opened_at__gte=since, opened_at__lt=until)
    rows = rows.filter(expired_at__isnull=True).defer("allegation", "statement", "reasons", "appeal", "answer")
    return list(rows.order_by("-opened_at", "-id"))
