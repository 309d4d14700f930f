"""`/verify/`: is this document genuine? For anyone who holds one; tells nothing of what it says."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linbao.documents import verification

LARGEST = 30 * 1024 * 1024  # bytes


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """By code (in the address or typed) or by the PDF itself; a file over 30 MB gets 413 (4.2.2)."""
    code = (request.POST.get("code") or request.GET.get("code") or "").strip()[:40]
    upload = request.FILES.get("file")
    context: dict[str, object] = {"code": code}
    if upload is not None and (upload.size or 0) > LARGEST:
        context["error"] = _("文件超过 30 MB，请改用验证码。")
        return render(request, "documents/verify.html", context, status=413)
    if upload is not None:
        context["verdict"] = verification.by_file(upload.read())
    elif code:
        context["verdict"] = verification.by_code(code)
    return render(request, "documents/verify.html", context)
