"""Who saw personal data, tracing a leak, periods of storage and limits of access: on screen (1.3.4, 6.2.2)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.audit import services as audit
from linbao.confidentiality import retention
from linbao.confidentiality.access_monitoring import presentation
from linbao.confidentiality.access_monitoring import services as watching
from linbao.confidentiality.disclosures import tracing
from linbao.confidentiality.disclosures.inputs import TraceLeak
from linbao.confidentiality.inputs import HoldItem, SetPeriods, SetThresholds
from linbao.confidentiality.models import Hold, Removal
from linbao.core.http import progress
from linbao.core.inputs import posted
from linbao.core.listing import Choice, Column, Listing, Period
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, Problem, TooLarge
from linbao.items import services as item_services
from linbao.organisation.models import Role, User
from linbao.organisation.requests import AuthenticatedRequest

PAGE = 30
LIMITS = {
    "hour": gettext_lazy("一小时内查看超过（次）"),
    "day": gettext_lazy("一天内查看超过（次）"),
    "factor": gettext_lazy("超过本人平时的（倍）"),
    "night": gettext_lazy("深夜查看达到（次）"),
    "foreign": gettext_lazy("职责以外网格达到（次）"),
    "night_from": gettext_lazy("深夜自（时）"),
    "night_to": gettext_lazy("深夜至（时）"),
}
CAUSES = {
    "contacts": gettext_lazy("联系方式到期"),
    "drafts": gettext_lazy("草稿到期"),
    "records": gettext_lazy("其他记录到期"),
    "ordinary": gettext_lazy("条目到期"),
    "urgent": gettext_lazy("紧急条目到期"),
    "agreements": gettext_lazy("离岗人员亲属信息到期"),
    "request": gettext_lazy("居民请求删除"),
}
COUNTS = {
    "items": gettext_lazy("条目"),
    "persons": gettext_lazy("人员"),
    "contacts": gettext_lazy("联系方式"),
    "files": gettext_lazy("附件"),
    "texts": gettext_lazy("改写文字"),
    "links": gettext_lazy("查询链接"),
    "remarks": gettext_lazy("居民意见"),
    "relatives": gettext_lazy("亲属"),
    "documents": gettext_lazy("换成去标识化版本的文件"),
    "rows": gettext_lazy("其他记录"),
    "failed": gettext_lazy("未能清除"),
}


@login_required
@require_http_methods(["GET", "POST"])
def accesses(request: AuthenticatedRequest, item_id: UUID) -> HttpResponse:
    """Who saw this item's persons; here too the manager sets and ends a legal hold."""
    user = request.user
    item = item_services.get(user, item_id)
    allow(user, "accesses.view", item)
    problem: Problem | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "release":
                retention.release(user, item_id)
            else:
                retention.hold(user, item_id, posted(HoldItem, request.POST))
        except (Invalid, Conflict) as e:
            problem = e
        else:
            messages.success(request, _("已保存。"))
            return redirect("confidentiality:accesses", item_id)
    result = watching.list_accesses(user, item)
    if request.method == "GET":
        audit.record(user, "accesses.view", item, unit_id=item.community_id)
    context = {
        "item": item,
        "accesses": result,
        "hold": Hold.objects.filter(item=item, released_at__isnull=True).select_related("by").first(),
        "errors": presentation.error_messages(problem),
        "post": request.POST,
    }
    return render(request, "confidentiality/accesses.html", context, status=problem.status if problem else 200)


@login_required
@require_http_methods(["GET", "POST"])
def trace(request: AuthenticatedRequest) -> HttpResponse:
    """Have a leaked text or file compared with what was given out, by a job."""
    user = request.user
    allow(user, "trace.use")
    problem: Problem | None = None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is not None and (file.size or 0) > tracing.LARGEST:
                raise TooLarge(_("文件超过 20 MB。"))
            data = posted(
                TraceLeak,
                request.POST,
                file=file.read() if file is not None else None,
                name=file.name or "" if file is not None else "",
            )
            return redirect("confidentiality:trace-run", tracing.begin(user, data).pk)
        except (Invalid, TooLarge) as e:
            problem = e
    context = {
        "tabs": presentation.tabs(request),
        "post": request.POST,
        "errors": presentation.error_messages(problem),
        "traces": tracing.recent(user),
    }
    return render(request, "confidentiality/trace.html", context, status=problem.status if problem else 200)


@login_required
@require_GET
def trace_run(request: AuthenticatedRequest, trace_id: UUID) -> HttpResponse:
    """The state of a comparison, then the copies that match or why it could not be done."""
    user = request.user
    row = tracing.get(user, trace_id)
    context = {
        "tabs": presentation.tabs(request),
        "trace": row,
        "answer": tracing.result(user, row),
        "problem": str(tracing.PROBLEMS.get(row.problem, "")),
    }
    page, part = "confidentiality/trace_run.html", "confidentiality/trace_state.html"
    response = progress(request, page, part, context, working=row.state in tracing.WORKING)
    response["Cache-Control"] = "private, no-store"
    return response


def _counted(row: Removal) -> str:
    return "；".join(f"{COUNTS.get(k, k)} {v}" for k, v in row.counts.items())


OVERSEEN_BY = (Role.SECURITY_OFFICER, Role.MANAGER, Role.AUDITOR)
REMOVALS = Listing(
    name="removals",
    title=gettext_lazy("清除记录"),
    permission="processing.view",
    action="list.export",
    url="confidentiality:processing",
    size=PAGE,
    rows=lambda user, values: Removal.objects.filter(unit__in=user.rights.units(*OVERSEEN_BY)).select_related("unit"),
    filters=(
        Choice("cause", gettext_lazy("原因"), "cause", every=gettext_lazy("全部原因"), options=CAUSES.items()),
        Period("at", gettext_lazy("清除时间")),
    ),
    columns=(
        Column("cause", gettext_lazy("原因"), lambda r: CAUSES.get(r.cause, r.cause), 24),
        Column("at", gettext_lazy("清除时间"), lambda r: r.at, 18, sort="at"),
        Column("unit", gettext_lazy("单位"), lambda r: r.unit.name, 20),
        Column("counts", gettext_lazy("清除数量"), _counted, 40),
    ),
    sort="-at",
)


@login_required
@require_GET
def processing(request: AuthenticatedRequest) -> HttpResponseBase:
    """The record of processing: periods of storage, what was removed, what is retained by law. `?format=` exports
    the removals."""
    user = request.user
    if request.GET.get("format"):
        return REMOVALS.export(request)
    allow(user, "processing.view")
    return _processing(request, user)


def _processing(request: AuthenticatedRequest, user: User, problem: Problem | None = None) -> HttpResponse:
    roles = OVERSEEN_BY
    unit = presentation.unit_of(request, *roles)
    units = user.rights.units(*roles)
    page = REMOVALS.page(request)
    for row in page.rows:
        row["counted"] = [(COUNTS.get(k, k), v) for k, v in row.row.counts.items()]
    typed = request.POST
    periods, limits = retention.days(unit.pk if unit else None), watching.thresholds(unit.pk if unit else None)
    context = {
        "tabs": presentation.tabs(request),
        "unit": unit,
        "units": presentation.units_of(user, *roles)[:200],
        "categories": [(c, typed.get(c.code, periods[c.code])) for c in retention.CATEGORIES],
        "fixed": retention.FIXED,
        "limits": [(code, name, typed.get(code, limits[code])) for code, name in LIMITS.items()],
        "holds": list(
            Hold.objects.filter(unit__in=units, released_at__isnull=True)
            .select_related("item", "by")
            .order_by("-at")[:100]
        ),
        "page": page,
        "may_set": unit is not None and user.has_perm("retention.set", unit),
        "errors": presentation.error_messages(problem),
    }
    status = problem.status if problem else page.status
    return render(request, "confidentiality/processing.html", context, status=status)


@login_required
@require_POST
def settings(request: AuthenticatedRequest) -> HttpResponse:
    """Change periods or limits of a unit."""
    user = request.user
    allow(user, "retention.set")
    unit = presentation.unit_of(request, presentation.OFFICER)
    try:
        if unit is None:
            raise Invalid(fields={"unit": [_("请选择单位。")]})
        if request.POST.get("what") == "limits":
            retention.set_thresholds(user, unit.pk, posted(SetThresholds, request.POST))
        else:
            retention.set_days(user, unit.pk, posted(SetPeriods, request.POST))
    except Invalid as e:
        return _processing(request, user, e)
    messages.success(request, _("已保存。"))
    return redirect("confidentiality:processing")
