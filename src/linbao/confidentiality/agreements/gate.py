"""The gate (6.2.1): where an agreement is in force, a person without a valid one opens nothing but the agreement.

What is in force stands in the units' settings (`agreement`), which every process keeps in memory; what a person
signed comes with the API token's own statement, and is kept in the browser's session: no query of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linbao.accounts.middleware import OPEN
from linbao.confidentiality.models import Signature
from linbao.core import clock
from linbao.core.http import wants_json
from linbao.core.problems import NotAllowed
from linbao.organisation.models import User
from linbao.organisation.rights import Rights
from linbao.organisation.tree import tree

Signed = Iterable[Iterable[str]]  # (unit, number, last day), as the token's statement and the session keep it
KEY = "agreement"  # in the session
# Beside what needs no person: signing in and out, passwords, the agreement itself, what residents use.
FREE = (*OPEN, "/accounts/", "/confidentiality/agreement/", "/verify/", "/privacy/")
SIGNED_SQL = (
    "(SELECT array_agg(ARRAY[s.unit_id::text, s.number::text, s.valid_until::text])"
    " FROM confidentiality_signature s WHERE s.user_id = u.id AND s.valid_until >= %s)"
)


class AgreementNeeded(NotAllowed):
    """The caller has not signed the agreement in force, or it ran out."""

    code = "agreement_needed"
    title = gettext_lazy("请先签订保密协议")


@dataclass(frozen=True)
class InForce:
    """A unit's published agreement. From `since` on, earlier versions do no longer."""

    unit: str
    number: int
    since: date

    def met_by(self, signed: Signed, day: date) -> bool:
        """Whether one of the signatures holds for this agreement on the day."""
        return any(
            unit == self.unit and date.fromisoformat(until) >= day and (int(number) >= self.number or day < self.since)
            for unit, number, until in signed
        )


def in_force(unit_id: UUID | None) -> InForce | None:
    """The agreement that holds for this unit: its own, or that of the nearest unit above; no query."""
    stored = tree().setting(unit_id, "agreement")
    return InForce(stored["unit"], stored["number"], date.fromisoformat(stored["since"])) if stored else None


def required(rights: Rights) -> list[InForce]:
    """The agreements that a person's roles ask for, each once; none where nothing was published."""
    units = {unit for granted in rights.granted.values() for unit in granted}
    return list(dict.fromkeys(result for unit in sorted(units, key=str) if (result := in_force(unit)) is not None))


def lacking(rights: Rights, signed: Signed | None) -> list[InForce]:
    """Those of the required agreements that are not signed, or ran out."""
    wanted = required(rights)
    if not wanted:
        return []
    day, known = clock.today(), [tuple(s) for s in signed or ()]
    return [w for w in wanted if not w.met_by(known, day)]


def signed_by(user: User) -> list[list[str]]:
    """What this person signed and is valid: (unit, number, last day) as texts; one query."""
    rows = Signature.objects.filter(user=user, valid_until__gte=clock.today())
    return [[str(u), str(n), str(d)] for u, n, d in rows.values_list("unit_id", "number", "valid_until")]


def check(rights: Rights, signed: Signed | None) -> None:
    """For the API by token: raises `AgreementNeeded` where a signature is missing. No query."""
    if lacking(rights, signed):
        _refuse()


def check_browser(request: HttpRequest) -> None:
    """The same for the API from a signed-in browser. Raises `AgreementNeeded`."""
    if lacking_here(request):
        _refuse()


def _refuse() -> NoReturn:
    raise AgreementNeeded(_("您还没有签订有效的保密协议（6.2.1）。请用浏览器登录并签订后再使用接口。"))


def lacking_here(request: HttpRequest) -> list[InForce]:
    """What a signed-in person still has to sign: by the session, else by one query."""
    user: Any = request.user
    wanted = required(user.rights)
    if not wanted:
        return []
    stored: dict[str, Any] = request.session.get(KEY) or {}
    if stored.get("user") == str(user.pk) and not lacking(user.rights, stored.get("signed")):
        return []
    signed = signed_by(user)
    missing = lacking(user.rights, signed)
    if not missing:
        request.session[KEY] = {"user": str(user.pk), "signed": signed}
    return missing


def agreement_first(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every page leads to the agreement until it is signed (the API refuses by itself)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(FREE) or not request.user.is_authenticated or not lacking_here(request):
            return get_response(request)
        page = reverse("confidentiality:agreement")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403, headers={"HX-Redirect": page})
        if wants_json(request):
            message = str(AgreementNeeded.title)
            body = {
                "type": "/problems/agreement_needed",
                "code": "agreement_needed",
                "title": message,
                "status": 403,
                "detail": message,
                "fields": {},
            }
            return JsonResponse(body, status=403, content_type="application/problem+json")
        return redirect(page)

    return middleware
