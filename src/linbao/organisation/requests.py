"""The request of a signed-in person, as pages and endpoints declare it."""

from __future__ import annotations

from django.http import HttpRequest

from linbao.organisation.models import User


class AuthenticatedRequest(HttpRequest):
    """A request behind `answering`, `login_required` or the API's authentication, so that `user` is a person.

    For types only: Django makes the requests, and pages that anybody may open declare `HttpRequest`.
    """

    user: User  # type: ignore[assignment]  # narrower than Django's, whose user may be anonymous
