"""What pages and endpoints for signed-in people declare: the request, and how many rows of a list it asks for."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.params import P, QueryEx

from linbao.organisation.models import User

Limit = QueryEx[int, P(ge=1, le=200)]  # rows of one page of a list


class AuthenticatedRequest(HttpRequest):
    """A request behind `login_required` or the API's authentication, so that `user` is a person.

    For types only: Django makes the requests, and pages that anybody may open declare `HttpRequest`.
    """

    user: User  # narrower than Django's, whose user may be anonymous
