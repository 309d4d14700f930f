"""The one door for connections that somebody's input leads to (6.1.3): channels, webhooks, time stamps, key services.

What is checked is the address that is connected to, at the moment of connecting, not the spelling that led to it:
`2130706433`, `0x7f000001`, a name that resolves inside, a redirect and a name that changes its address between check
and use all end at the same place. An address that is not global is refused unless it belongs to a host that whoever
runs the server has named (`LINBAO_NOTIFY_HOSTS`, or the setting in which the address itself stands).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import sys
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _

SECONDS = 10  # to connect, and for each answer
MOST_ANSWER = 65_536  # bytes read of an answer
NAT64 = ipaddress.ip_network("64:ff9b::/96")
UNICAST = ipaddress.ip_network("2000::/3")  # all that has ever been given out of IPv6
RESERVED = [ipaddress.ip_network(n) for n in ("192.88.99.0/24", "3fff::/20")]  # which the library takes for global

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """The address lies in an internal network and nobody has allowed it. The words are for people. No `OSError`:
    libraries would try again, or hide it in one of their own."""

    def __init__(self) -> None:
        super().__init__(_("这个地址在内部网络中；确需使用的，请管理员把主机名列入 LINBAO_NOTIFY_HOSTS。"))


_guard: ContextVar[frozenset[str] | None] = ContextVar("outgoing_guard", default=None)


@contextmanager
def guarded(allowed: Collection[str] = ()) -> Iterator[None]:
    """Within it every connection of this thread leads to a global address, or to one of the hosts `allowed`; any
    other raises `Refused` before a byte is sent."""
    # A proxy that the server's environment names stands inside, and was named by whoever runs it.
    token = _guard.set(frozenset(allowed) | _proxies())
    try:
        yield
    finally:
        _guard.reset(token)


def _proxies() -> frozenset[str]:
    result = (urlsplit(p if "://" in p else f"//{p}").hostname or "" for p in urllib.request.getproxies().values())
    return frozenset(result) - {""}


def check(host: str, allowed: Collection[str] = ()) -> None:
    """Raise `Refused` when `host`, however it is written, leads to an internal address and is not `allowed`. One that
    cannot be resolved now passes: it is checked again when it is connected to."""
    if host in allowed:
        return
    result = resolve(host)
    # Behind a proxy it is the proxy that connects: a name that only it knows cannot be checked here.
    if any(not is_global(a) for a in result) or (not result and _proxies()):
        raise Refused


def resolve(host: str) -> set[Address]:
    """The addresses of a host as the system's resolver has them; numbers in any base are addresses too."""
    try:
        return {_address(str(i[4][0])) for i in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError, ValueError):
        return set()


def is_global(address: Address) -> bool:
    """Whether an address lies in the public internet, also the IPv4 address that an IPv6 one carries inside."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_global(inner)
        if address not in UNICAST:
            return False
    if any(address in network for network in RESERVED):
        return False
    return address.is_global and not address.is_multicast


def _address(text: str) -> Address:
    return ipaddress.ip_address(text.split("%")[0])


def _audit(event: str, args: tuple[Any, ...]) -> None:
    """Python's audit hook: asked by every `connect` and `sendto` of this process, whichever library calls it."""
    if event not in ("socket.connect", "socket.sendto"):
        return
    allowed = _guard.get()
    if allowed is None:
        return
    place = args[1]
    try:
        address = _address(str(place[0])) if isinstance(place, tuple) else None
    except ValueError:
        address = None  # a name that connect() would resolve by itself: nobody has checked where it leads
    if address is None:
        raise Refused
    if not is_global(address) and not any(address in resolve(host) for host in allowed):
        raise Refused


sys.addaudithook(_audit)


@dataclass(frozen=True)
class Answer:
    """What a server said: its HTTP status, and its body where that is a JSON object."""

    status: int
    body: dict[str, Any]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None  # urllib then raises HTTPError with the redirect's own status


def opener(tls: ssl.SSLContext | None) -> urllib.request.OpenerDirector:
    """urllib without redirects and proxies: a request that carries a token goes where it was meant to, or nowhere."""
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), _NoRedirect, urllib.request.HTTPSHandler(context=tls)
    )


def post_json(url: str, payload: Any, *, params: dict[str, str] | None = None, allowed: Collection[str] = ()) -> Answer:
    """POST `payload` as JSON over http or https; no redirect is followed. Raises `Refused`, `OSError`."""
    import orjson

    headers = {"Content-Type": "application/json; charset=utf-8"}
    return _post(url, orjson.dumps(payload), headers, params, allowed)


def post_form(url: str, fields: dict[str, str], *, allowed: Collection[str] = ()) -> Answer:
    """POST `fields` as a form, as `post_json` does."""
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return _post(url, urlencode(fields).encode(), headers, None, allowed)


def _post(
    url: str, data: bytes, headers: dict[str, str], params: dict[str, str] | None, allowed: Collection[str]
) -> Answer:
    import orjson
    import requests

    if not url.startswith(("https://", "http://")):
        raise Refused
    with guarded(allowed):
        response = requests.post(
            url, data=data, params=params, headers=headers, timeout=SECONDS, allow_redirects=False, stream=True
        )
        with response:
            data = next(response.iter_content(MOST_ANSWER), b"")
    try:
        body = orjson.loads(data)
    except ValueError:
        body = {}
    return Answer(response.status_code, body if isinstance(body, dict) else {})
