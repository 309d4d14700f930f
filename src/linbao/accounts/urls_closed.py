"""Addresses of the sign-in library that Linbao does not have: sign-up, mail addresses, reset by mail.

Accounts and forgotten passwords are the administrator's matter; these come before the library's own.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import re_path


def closed(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [re_path(r"^(?:signup|email|confirm-email|inactive|password/reset|password/set)(?:/.*)?$", closed)]
