"""The reporter informs the resident: call, visit, message or slip, and records what they say (2.4.1, 2.4.2)."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, Problem
from linbao.duties.models import Obligation
from linbao.handling import limits, links, loop
from linbao.handling.informing import plain, residents, reveal
from linbao.handling.inputs import EvaluateItem, InformResident, ShowNumber
from linbao.handling.models import Evaluation, Informing, Method, Outcome, ResidentLink, Verdict
from linbao.handling.public import matter
from linbao.items import parties
from linbao.items import services as item_services
from linbao.items.catalogue.catalogue import catalogue
from linbao.items.models import AttachmentKind, Item, Status
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree


@login_required
@require_GET
def inform(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """What to tell the resident, and how it went: two taps (2.4.1)."""
    return _show(request, item_services.get(request.user, item_id))


@login_required
@require_POST
def show_number(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """One resident's number, on the audit log, so that it can be called."""
    party = posted(ShowNumber, request.POST).party
    revealed = reveal(request.user, item_id, party, address=request.META.get("REMOTE_ADDR"))
    return _show(request, item_services.get(request.user, item_id), revealed=revealed)


@login_required
@require_POST
def record(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Record how an attempt to inform the resident went (2.4.1)."""
    try:
        data = posted(InformResident, request.POST)
        item = loop.inform(request.user, item_id, data)
    except (Invalid, Conflict) as problem:
        return _show(request, item_services.get(request.user, item_id), problem=problem, form="inform")
    messages.success(
        request,
        _INFORMED.get(Status(item.status), _("已记录。"))
        if data.outcome != Outcome.NO_ANSWER
        else _("已记录，未联系上的次数会累计。"),
    )
    return (
        redirect("handling:inform", item_id)
        if item.status in (Status.INFORMED, Status.RESOLVED)
        else redirect("handling:item", item_id)
    )


@login_required
@require_POST
def evaluate(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Record the judgement that the resident gave by word of mouth (2.4.2)."""
    try:
        loop.evaluate(request.user, item_id, posted(EvaluateItem, request.POST))
    except (Invalid, Conflict) as problem:
        return _show(request, item_services.get(request.user, item_id), problem=problem, form="evaluate")
    messages.success(request, _("评价已记录，并已反馈给管理部门。"))
    return redirect("handling:item", item_id)


@login_required
@require_POST
def link(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Make the private link, or end it (`end`)."""
    if request.POST.get("end"):
        links.revoke_link(request.user, item_id)
        messages.success(request, _("链接已停用。"))
    else:
        links.link_of(request.user, item_id)
    return redirect("handling:inform", item_id)


@login_required
@require_GET
def slip(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """A slip for the letter box (A5, or A4 with larger type): what was done, and a code to judge it by."""
    item = item_services.get(request.user, item_id)
    allow(request.user, "item.inform", item)
    row = ResidentLink.objects.filter(item=item, revoked_at__isnull=True).first()
    if row is None:
        raise Conflict(_("请先生成居民链接，再打印反馈单。"))
    units = tree()
    context = {
        "item": item,
        "title": "" if item.restricted else plain(item, item.title),
        "result": "" if item.restricted else plain(item, item.result),  # paper lies in a letter box
        "community": units.get(item.community_id),
        "phone": units.setting(item.community_id, "duty_phone"),
        "subcategory": matter(item),
        "qr": _qr(links.url(row)),
        "url": links.url(row),
        "restricted": item.restricted,
        "size": "a4" if request.GET.get("size") == "a4" else "a5",
    }
    response = render(request, "handling/slip.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


_INFORMED = {
    Status.INFORMED: gettext_lazy("已告知居民，接着请居民评价。"),
    Status.EVALUATED: gettext_lazy("已记录，转管理部门归档。"),
    Status.HANDLING: gettext_lazy("进展已反馈并记录。"),
}


def _qr(address: str) -> str:
    return mark_safe(segno.make(address, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True))


def _show(
    request: AuthenticatedRequest,
    item: Item,
    *,
    revealed: UUID | None = None,
    problem: Problem | None = None,
    form: str = "",
) -> HttpResponse:
    user = request.user
    allow(user, "item.inform", item)
    people = residents(item)
    shown = parties.masked(people, revealed)
    result = next((p for p in shown if p.revealed), None)
    row = ResidentLink.objects.filter(item=item, revoked_at__isnull=True).first()
    address = links.url(row) if row is not None else ""
    community = tree().get(item.community_id)
    sms = _sms(item, address, community.name if community else "")
    kinds = ("inform_resident", "inform_progress", "evaluate")
    due = (
        Obligation.objects.open()
        .filter(subject_id=item.pk, kind__in=kinds)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )
    days = loop.tries(item)
    evaluation = Evaluation.objects.filter(item=item, round=item.round).select_related("recorded_by").first()
    context = {
        "item": item,
        "subcategory": catalogue().name(item.subcategory),
        "result": plain(item, item.result),
        "photos": [f for f in item.attachments.all() if f.stage == "result" and f.kind == AttachmentKind.PHOTO],
        "people": shown,
        "revealed": result,
        "nobody": not people,
        "anonymous": bool(item.details.get("anonymous")),
        "reply_wanted": item.details.get("reply_wanted", ""),
        "link": row,
        "address": address,
        "sms": sms,
        "sms_href": f"sms:{result.phone if result else ''}?body={quote(sms)}" if address else "",
        "qr": _qr(address) if address else "",
        "due_at": due,
        "tries": len(days),
        "needed": limits.TRIES,
        "unreachable": len(days) >= limits.TRIES,
        "attempts": list(Informing.objects.filter(item=item).select_related("by").order_by("-at")[:20]),
        "methods": Method.choices,
        "evaluation": evaluation,
        "verdicts": [(v.value, v.label) for v in (Verdict.SATISFIED, Verdict.MOSTLY_SATISFIED, Verdict.UNSATISFIED)],
        "handling": item.status == Status.HANDLING,
        "resolved": item.status == Status.RESOLVED,
        "informed": item.status == Status.INFORMED,
        "may_evaluate": item.status == Status.INFORMED and user.has_perm("item.evaluate", item),
        "problem": problem,
        "messages_of": problem.sentences if problem else [],
        "post": request.POST if problem else None,
        "form": form,
    }
    response = render(request, "handling/inform.html", context, status=problem.status if problem else 200)
    response["Cache-Control"] = "private, no-store"
    return response


def _sms(item: Item, address: str, community: str) -> str:
    if not address:
        return ""
    if item.status == Status.HANDLING:
        return _("您好，您向%(community)s反映的事情正在办理，进展请看：%(url)s 。这是您的专用链接，请勿转发。") % {
            "community": community,
            "url": address,
        }
    return _("您好，您向%(community)s反映的事情已经办结，结果请看并评价：%(url)s 。这是您的专用链接，请勿转发。") % {
        "community": community,
        "url": address,
    }
