"""What a resident sees by the private link, without an account, on any phone, without scripts (2.4.1, 2.4.2).

The token is the only secret, and stands in the address: so no referrer, no cache, no index. Nothing
here shows personal data, names of staff, or what the item was called inside.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from linbao.core.http import as_uuid
from linbao.core.inputs import posted
from linbao.core.problems import Invalid, NotFound, Problem, TooMany
from linbao.handling import links
from linbao.handling.informing import plain
from linbao.handling.inputs import EvaluateByLink
from linbao.handling.models import Evaluation, Verdict
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import AttachmentKind, Category, Entry, Item, Sensitivity, Status
from linbao.organisation.tree import tree
from linbao.platform import files
from linbao.platform.models import count

VIEWS_A_MINUTE, JUDGEMENTS_A_MINUTE = 60, 10  # per address


def for_residents(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Limits how often, turns problems into a kind page, and keeps the address to itself."""

    @wraps(page)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            _limit(request)
            response = page(request, *args, **kwargs)
        except Problem as e:
            message = e.text
            response = render(
                request, "handling/public_problem.html", {"message": message, "code": e.code}, status=e.status
            )
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answered


# The token in the address proves more than a cookie would, and old phones may refuse cookies.
@csrf_exempt
@for_residents
@require_http_methods(["GET", "HEAD", "POST"])
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """Steps and result of one matter; three buttons to judge it. Judging again changes nothing."""
    row = links.find(token)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            links.evaluate_by_link(token, posted(EvaluateByLink, request.POST))
        except Invalid as e:
            problem = e
        else:
            return redirect("handling:public", token)
    item = links.carrier(row)
    judged = Evaluation.objects.filter(item=item, round=item.round).first()
    units = tree()
    done = item.status in (Status.RESOLVED, Status.INFORMED, Status.EVALUATED, Status.CLOSED)
    context = {
        "token": token,
        "number": row.item.number,
        "matter": matter(item),
        "title": "" if row.item.restricted or item.restricted else plain(row.item, row.item.title),
        "community": units.get(item.community_id),
        "phone": units.setting(item.community_id, "duty_phone"),
        "steps": _steps(item),
        "result": plain(item, item.result) if done else "",
        "photos": _photos(item) if done else [],
        "may_judge": item.status in (Status.RESOLVED, Status.INFORMED) and judged is None,
        "judged": judged if judged is not None and judged.verdict != Verdict.NONE else None,
        "done": done,
        "withdrawn": item.status == Status.WITHDRAWN,
        "verdicts": [(v.value, v.label) for v in (Verdict.SATISFIED, Verdict.MOSTLY_SATISFIED, Verdict.UNSATISFIED)],
        "post": request.POST if problem else None,
        "messages_of": problem.sentences if problem else [],
        "zone": units.setting(item.community_id, "time_zone") or "",
    }
    return render(request, "handling/public.html", context, status=problem.status if problem else 200)


@for_residents
@require_GET
def photo(request: HttpRequest, token: str, attachment_id: UUID) -> HttpResponse:
    """A photo of the result, where the item is public; as it is shown, without what the camera wrote."""
    item = links.carrier(links.find(token))
    result = next((p for p in _photos(item) if p.pk == attachment_id), None)
    if result is None:
        raise NotFound(_("没有这张照片。"))
    try:
        data = files.get(result.shown)
    except FileNotFoundError as e:
        raise NotFound(_("没有这张照片。")) from e
    return HttpResponse(data, content_type="image/jpeg")


def matter(item: Item) -> str:
    """What kind of matter it is, for the resident's page and slip; of a restricted one the category alone."""
    name = "" if item.restricted else catalogue().name(item.subcategory)
    return name or str(Category(item.category).label)


def _photos(item: Item) -> list[Any]:
    if item.sensitivity != Sensitivity.PUBLIC:
        return []
    return list(item.attachments.filter(stage="result", kind=AttachmentKind.PHOTO).exclude(shown="")[:6])


def _steps(item: Item) -> list[dict[str, Any]]:
    """The steps so far, in plain language: no names of people, nothing that staff wrote to each other."""
    units = tree()
    labels = {
        "submit": _("社区已收到"),
        "approve": _("已核实，安排办理"),
        "assign": _("已交给%(unit)s办理"),
        "transfer": _("已转给%(unit)s办理"),
        "progress": _("办理有新进展"),
        "resolve": _("已办结"),
        "reopen": _("社区决定重新办理"),
        "evaluate": _("已收到评价"),
        "close": _("已归档"),
    }
    rows: list[dict[str, Any]] = []
    for line in Entry.objects.filter(item_id=item.pk, at__gte=item.created_at, verb__in=list(labels)).order_by(
        "at", "id"
    ):
        unit = units.get(as_uuid(line.data.get("unit")))
        label = (
            labels[line.verb] % {"unit": unit.name if unit else _("有关单位")}
            if "%" in labels[line.verb]
            else labels[line.verb]
        )
        if line.verb == "progress" and rows and rows[-1]["verb"] == "progress":
            rows[-1] |= {"at": line.at}
            continue
        rows.append({"verb": line.verb, "label": label, "at": line.at})
    return rows


def _limit(request: HttpRequest) -> None:
    """So many requests a minute from one address (`behind_proxies` has set it right), over all processes; one
    statement."""
    most = JUDGEMENTS_A_MINUTE if request.method == "POST" else VIEWS_A_MINUTE
    if count(f"resident:{request.method}:{request.META.get('REMOTE_ADDR', '')}", 60) > most:
        raise TooMany(_("打开得太频繁了，请过一分钟再试。"))
