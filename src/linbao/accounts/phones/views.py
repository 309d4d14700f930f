"""Where the phone app asks whether it must clear what it stores, and reports what it is (6.1.2)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from linbao.accounts.inputs import DescribePhone
from linbao.accounts.phones import services as phones
from linbao.core.inputs import posted
from linbao.core.problems import Problem


@require_http_methods(["GET", "POST"])
@never_cache
def contact(request: HttpRequest, device: UUID) -> HttpResponse:
    """GET: what this device must do, asked without a session too, for a lost one has none any more; its id is the
    secret. POST (signed in): the same, after storing what it reports of itself."""
    user = request.user
    if request.method == "POST" and user.is_authenticated:
        try:
            phones.contact(
                user, device, posted(DescribePhone, request.POST, standalone=request.POST.get("standalone") == "1")
            )
        except Problem as e:
            return JsonResponse({"wipe": False, "detail": e.message}, status=e.status)
    return JsonResponse(phones.orders(device))


@csrf_exempt  # after a wipe the app has no session; the id is the permission, and it can only say that it obeyed
@require_POST
def wiped(request: HttpRequest, device: UUID) -> HttpResponse:
    """The device has cleared what it was ordered to."""
    phones.wiped(device)
    return JsonResponse({"wipe": False})
