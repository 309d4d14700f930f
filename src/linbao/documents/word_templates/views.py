"""`/admin/templates/`: the department's own layout of the weekly report (4.1.2)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linbao.core.inputs import posted
from linbao.core.permissions import allow
from linbao.core.problems import Invalid, NotFound
from linbao.documents.inputs import SwitchTemplate, UploadTemplate
from linbao.documents.models import Template
from linbao.documents.word_templates import services as custom
from linbao.organisation.models import UnitKind
from linbao.organisation.requests import AuthenticatedRequest
from linbao.organisation.tree import tree
from linbao.platform import files
from linbao.platform.protection.reauthentication import dangerous, require_proof

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dangerous("template.upload")
@require_http_methods(["GET", "POST"])
@login_required
def index(request: AuthenticatedRequest) -> HttpResponse:
    """The templates of one's units, and uploading one."""
    user = request.user
    allow(user, "documents.templates")
    managed = user.rights.units("manager", "administrator")
    kinds = (UnitKind.COMMUNITY, UnitKind.SUBDISTRICT, UnitKind.DISTRICT)
    units = sorted(
        (u for u in (tree().get(i) for i in managed) if u is not None and u.kind in kinds),
        key=lambda u: (u.order, u.code),
    )[:500]
    errors: dict[str, list[str]] = {}
    data: dict[str, str] = {}
    if request.method == "POST":
        require_proof(request)
        data = {name: str(value) for name, value in request.POST.items()}
        file = request.FILES.get("file")
        try:
            if file is not None and (file.size or 0) > custom.LARGEST:
                raise Invalid(fields={"file": [_("请选择不超过 5 MB 的 .docx 文件。")]})
            content = file.read() if file is not None else b""
            custom.upload(user, posted(UploadTemplate, request.POST), file=content)
            messages.success(request, _("模板已启用，下一份周报起使用。"))
            return redirect("documents:templates")
        except Invalid as e:
            errors = e.fields or {"": [e.message]}
    rows = (
        Template.objects.filter(unit__in=managed)
        .select_related("unit", "uploaded_by")
        .order_by("-active", "-uploaded_at")
    )
    context: dict[str, Any] = {
        "rows": rows[:100],
        "units": units,
        "errors": errors,
        "values": data,
        "known": custom.KNOWN,
    }
    return render(request, "documents/templates.html", context, status=422 if errors else 200)


@require_GET
@login_required
def file(request: AuthenticatedRequest, template_id: UUID, form: str) -> HttpResponse:
    """The template as uploaded (`template`), or a sample made with it (`sample`)."""
    row = custom.get(request.user, template_id)
    if form not in ("sample", "template"):
        raise NotFound(_("没有这个文件。"))
    data = files.get(row.file)
    data = custom.fill(data, custom.SAMPLE) if form == "sample" else data
    return HttpResponse(
        data,
        content_type=DOCX,
        headers={"Content-Disposition": f'attachment; filename="{form}.docx"', "Cache-Control": "private"},
    )


@dangerous("template.upload")
@require_POST
@login_required
def switch(request: AuthenticatedRequest, template_id: UUID) -> HttpResponse:
    """Use this one, or go back to the built-in layout."""
    custom.get(request.user, template_id)
    require_proof(request)
    custom.switch(request.user, template_id, on=posted(SwitchTemplate, request.POST).on)
    messages.success(request, _("已更改，下一份周报起生效。"))
    return redirect("documents:templates")
