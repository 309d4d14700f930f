"""`/verify/`: verify a document by code or file, for anyone who has one; its content is never disclosed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linbao.core.inputs import posted
from linbao.documents import verification
from linbao.documents.inputs import Verify

LARGEST = 30 * 1024 * 1024  # bytes


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """By code (in the address or typed) or by the PDF itself; a file over 30 MB gets 413 (4.2.2)."""
    code = posted(Verify, request.POST).code or posted(Verify, request.GET).code
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
