"""`/verify/`: is this document genuine? For anyone who holds one; tells nothing of what it says."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linbao.documents import actions

LARGEST = 30 * 1024 * 1024


def verify(request: HttpRequest) -> HttpResponse:
    """By code (in the address or typed) or by the PDF itself."""
    code = (request.POST.get("code") or request.GET.get("code") or "").strip()[:40]
    upload = request.FILES.get("file")
    context: dict[str, object] = {"code": code}
    if upload is not None and upload.size and upload.size > LARGEST:
        return render(
            request, "documents/verify.html", context | {"error": _("文件超过 30 MB，请改用验证码。")}, status=413
        )
    if code or upload is not None:
        context |= {"asked": True, "found": actions.check(code=code, pdf=upload.read() if upload is not None else None)}
    return render(request, "documents/verify.html", context)
