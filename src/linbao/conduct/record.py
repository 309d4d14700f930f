"""What stands in a reporter's work file about rewards and discipline (5.3.2); every line leads to its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from linbao.conduct.models import Award, Case, Share
from linbao.units.models import User


@dataclass(frozen=True)
class Part:
    """`points` are those confirmed in the period; `cases` only those that the viewer is concerned with."""

    awards: Sequence[Award]
    shares: Sequence[Share]
    points: Decimal
    cases: Sequence[Case]


def of(person: User, since: datetime, until: datetime, viewer: User) -> Part:
    """Rewards, confirmed contributions and cases of `person` in [since, until), as `viewer` may see them.

    Three statements, whatever there is. Expired cases are left out.
    """
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
    cases = list(
        Case.objects.visible_to(viewer)
        .filter(person=person, opened_at__gte=since, opened_at__lt=until, expired_at__isnull=True)
        .defer("allegation", "statement", "reasons", "appeal", "answer")
        .order_by("-opened_at", "-id")
    )
    return Part(awards, shares, sum((s.points for s in shares), Decimal(0)), cases)
