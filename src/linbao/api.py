"""`/api/v1/`: authentication, errors and the list of rooms' routers (design §6).

Bearer tokens with scopes, or a signed-in browser with its CSRF token. Errors are `application/problem+json` with a
field map, in the words of `core.problems`.
"""

from __future__ import annotations

import codecs
import importlib
from collections import defaultdict
from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from ninja.security import HttpBearer, SessionAuth

from linbao.accounts import signed_in
from linbao.accounts.models import ApiToken
from linbao.confidentiality.agreements import gate
from linbao.core import clock, problems
from linbao.openapi import Description
from linbao.organisation.models import User

DEEPEST = 32  # levels of a body: ours have five


class JsonParser(Parser):
    """Reads bodies with orjson; anything else than JSON, or one nested deeper than `DEEPEST`, is a 400. A byte-order
    mark before it is taken; NUL characters, which no database holds, are left out."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = orjson.loads(request.body.removeprefix(codecs.BOM_UTF8))
        level = [body]
        for _depth in range(DEEPEST):
            level = [
                v
                for one in level
                for v in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            ]
            if not level:
                return _without_nul(body) if b"\\u0000" in request.body else body
        raise ValueError("nested too deep")


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {_without_nul(k): _without_nul(v) for k, v in value.items()}
    return [_without_nul(v) for v in value] if isinstance(value, list) else value


# Token, person, roles and signed agreements in one statement: it is on the path of every request.
_TOKEN = f"""
    SELECT t.scopes, {signed_in.GRANTS}, {gate.SIGNED_SQL}, {signed_in.COLUMNS}
      FROM {ApiToken._meta.db_table} t JOIN {User._meta.db_table} u ON u.id = t.user_id
     WHERE t.digest = %s AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > %s) AND u.is_active
"""


class Token(HttpBearer):
    """A bearer token: one query brings token, person and roles. A scope is `items:read`, `items:write`,
    `items` (both) or `*`; the first segment of the path names it."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        with connection.cursor() as cursor:
            cursor.execute(
                _TOKEN, [clock.today(), clock.today(), clock.today(), ApiToken.digest_of(token), clock.now()]
            )
            row = cursor.fetchone()
        if row is None:
            return None
        scopes, grants, signed, *person = row
        user = signed_in.person_of(grants, person)
        gate.check(user.rights, signed)
        _check_scope(request, scopes)
        request.user = user
        return user


class Session(SessionAuth):
    """A browser that is signed in; must send the CSRF token with every change."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        user = request.user
        if not user.is_authenticated:
            return None
        if user.must_change_password:
            raise problems.NotAllowed(_("请先修改初始口令。"))
        gate.check_browser(request)
        return user


def _check_scope(request: HttpRequest, scopes: list[str]) -> None:
    area = request.path_info.removeprefix("/api/v1/").partition("/")[0]
    wanted = f"{area}:{'read' if request.method in ('GET', 'HEAD') else 'write'}"
    if not {"*", area, wanted} & set(scopes):
        raise problems.NotAllowed(_("此令牌没有“%(scope)s”权限。") % {"scope": wanted})


class Interface(NinjaAPI):
    """The interface, described by `linbao.openapi`."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        return Description(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)


api = Interface(
    title="Linbao 邻报",
    version="1",
    urls_namespace="api",
    docs_url=None,  # its page would load from another host
    openapi_url="/openapi.json",
    auth=[Token(), Session()],
    parser=JsonParser(),
)

# One router per area; each verb calls the same action as its page.
ROUTERS = [
    ("items", "linbao.items.api"),
    ("items", "linbao.review.api"),
    ("items", "linbao.handling.api"),
    ("", "linbao.items.activities.api"),
    ("weekly-reports", "linbao.weekly_reports.api"),
    ("emergencies", "linbao.emergencies.api"),
    ("", "linbao.archive.api"),
    ("", "linbao.compliance.api"),
    ("deliveries", "linbao.outbox.api"),
    ("", "linbao.accounts.api"),
    ("", "linbao.training.api"),
]
for prefix, module in ROUTERS:
    api.add_router(prefix, importlib.import_module(module).router)


def problem(
    request: HttpRequest, status: int, code: str, title: str, detail: str = "", fields: Any = None
) -> HttpResponse:
    """RFC 9457: `type, title, status, detail` and `fields` (path → messages)."""
    body = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "fields": fields or {},
    }
    return HttpResponse(orjson.dumps(body, default=str), status=status, content_type="application/problem+json")


@csrf_exempt  # it changes nothing, and must not answer with a page
def absent(request: HttpRequest) -> HttpResponse:
    """An address that the interface does not have: a problem, not a page."""
    return problem(request, 404, "not_found", str(problems.NotFound.title))


@api.exception_handler(problems.Problem)
def _problem(request: HttpRequest, e: problems.Problem) -> HttpResponse:
    return problem(request, e.status, e.code, str(e.title), e.message, e.fields)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, e: ValidationError) -> HttpResponse:
    fields: dict[str, list[str]] = defaultdict(list)
    for error in e.errors:
        # ("body", <parameter>, "place", "lat") → place.lat; ("query", "limit") → limit
        loc = [str(p) for p in error.get("loc", [])]
        path = ".".join(loc[2:] if loc[:1] in (["body"], ["form"]) else loc[1:])
        fields[path or "body"].append(problems.field_message(error))
    return problem(request, 422, "invalid", str(problems.Invalid.title), fields=fields)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, e: AuthenticationError) -> HttpResponse:
    return problem(request, 401, "not_signed_in", _("请先登录，或提供有效的令牌。"))


@api.exception_handler(HttpError)
def _http(request: HttpRequest, e: HttpError) -> HttpResponse:
    title = _("请求的内容不是有效的 JSON。") if e.status_code == 400 else str(e)
    return problem(request, e.status_code, "bad_request", title)


@api.exception_handler(RawPostDataException)
def _form(request: HttpRequest, e: RawPostDataException) -> HttpResponse:
    """A form in the place of JSON: something read it as a form before, so that its bytes are gone."""
    return problem(request, 400, "bad_request", _("请求的内容不是有效的 JSON。"))


@api.exception_handler(Http404)
def _absent(request: HttpRequest, e: Http404) -> HttpResponse:
    return problem(request, 404, "not_found", str(problems.NotFound.title))


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, e: RequestDataTooBig) -> HttpResponse:
    return problem(request, 413, "too_large", str(problems.TooLarge.title))


@api.exception_handler(SuspiciousOperation)
def _suspicious(request: HttpRequest, e: SuspiciousOperation) -> HttpResponse:
    return problem(request, 400, "bad_request", str(problems.Problem.title))


@api.exception_handler(UnreadablePostError)
def _cut_off(request: HttpRequest, e: UnreadablePostError) -> HttpResponse:
    return problem(request, 400, "bad_request", _("请求未完整送达，请重试。"))
