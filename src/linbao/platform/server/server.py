"""Between the sockets and Django: requests are read whole, with a time limit, before any thread works on them (6.1.3).

granian speaks HTTP and calls `Server` in one event loop; Django works in a few threads. A body that comes slowly, or
never ends, costs a socket and at most 128 kB of memory, never a thread, also where no proxy stands before us. Uploads
take turns by sender in a lane of their own, so that they never hold all threads; and an answer is written out by the
loop, so that a slow reader holds none either.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import io
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import CookieError, SimpleCookie
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.utils.translation import gettext as _

from linbao.core import problems
from linbao.core.uploads import MOST
from linbao.platform.observability import health, security_log
from linbao.platform.server import answers, middleware

THREADS = 4  # that work on requests
UPLOADS = 2  # of them, at most, on what may hold files
SPARE = 4  # that may be stuck in requests whose time was over; with one more the process starts anew
IN_MEMORY = 128_000  # bytes of a body, beyond which it waits on disk
GRACE, LEAST_RATE = 15.0, 8_000  # seconds that any body may take, and bytes a second that earn it more
BODIES, BODIES_OF_ONE = 400, 48  # that are being read at once: of all, of one address
BUFFERED = 2_000_000_000  # bytes of all bodies that are read or wait
# A body that is too large is read on and thrown away within these bounds: most clients hear no answer before they have
# sent all of it, and a connection that is closed before is reset.
DISCARDED, DISCARDING = 1_000_000_000, 120.0  # bytes, seconds
REQUEST = 90.0  # seconds until there is an answer; `statement_timeout` and the box's limits are shorter
TURN, WAITING_OF_ONE = 45.0, 16  # seconds that an upload waits for its turn; uploads of one sender that wait
PIECE = 65_536

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Stopped(Exception):
    """The request ends here, with this status and these words."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(status)
        self.status, self.message = status, message


def _too_large() -> Stopped:
    return Stopped(413, _("请求超过 %(n)d MB，请压缩或分开上传。") % {"n": MOST // 1_000_000})


class Answer:
    """What Django said. `body` holds it whole, or `file` where it was long."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.file: IO[bytes] | None = None

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers]


class Server:
    """The ASGI application over Django's WSGI one."""

    def __init__(self, wsgi: WSGI) -> None:
        self._wsgi = wsgi
        self._pool = ThreadPoolExecutor(THREADS + SPARE, thread_name_prefix="request")
        self._threads = asyncio.Semaphore(THREADS)
        self._uploads = asyncio.Semaphore(UPLOADS)
        self._turns: dict[str, asyncio.Lock] = {}
        self._waiting: Counter[str] = Counter()
        self._reading: Counter[str] = Counter()
        self._buffered = 0
        self._stuck = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        environ = _environ(scope)
        address = middleware.real_address(environ["REMOTE_ADDR"], environ.get("HTTP_X_FORWARDED_FOR", ""))
        try:
            async with self._body(environ, address, receive) as body:
                environ["wsgi.input"] = body
                async with self._turn(environ, address):
                    answer = await self._work(environ)
            await _say(answer, send)
        except OSError as e:
            if e.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            health.note_full()
            await _say(_refusal(environ, Stopped(507, str(problems.NoRoom.title))), send)
        except Stopped as e:
            if e.status in (408, 413, 429):
                security_log.event("request.stopped", address=address, path=environ["PATH_INFO"], status=e.status)
            await _say(_refusal(environ, e), send)

    # --- bodies ------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _body(self, environ: dict[str, Any], address: str, receive: Receive) -> AsyncIterator[IO[bytes]]:
        """The whole body, ready to be read. Raises `Stopped` (408, 413, 429, or 400 for one that is cut off)."""
        message = environ.get("CONTENT_LENGTH", "")
        length = int(message) if message.isdigit() and len(message) < 16 else None
        asks_first = environ.get("HTTP_EXPECT", "").lower() == "100-continue"  # it sends nothing before we answer
        if (message and length is None) or (length or 0) > (MOST if asks_first else DISCARDED):
            raise _too_large()
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        if not length and not chunked and not environ["SERVER_PROTOCOL"].startswith("HTTP/2"):
            yield io.BytesIO()
            return
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
            size = 0
            try:
                size = await self._read(body, length, address, receive)
                environ["CONTENT_LENGTH"] = str(size)
                environ.pop("HTTP_TRANSFER_ENCODING", None)
                body.seek(0)
                yield body
            finally:
                self._buffered -= size or body.tell()

    async def _read(self, body: IO[bytes], length: int | None, address: str, receive: Receive) -> int:
        if self._reading.total() >= BODIES or self._reading[address] >= BODIES_OF_ONE or self._buffered > BUFFERED:
            raise Stopped(429, _("正在上传的请求太多，请稍候再试。"))
        self._reading[address] += 1
        began, size, discarded = time.monotonic(), 0, (length or 0) > MOST
        try:
            while True:
                took = time.monotonic() - began
                left = GRACE + size / LEAST_RATE - took
                try:
                    message = await asyncio.wait_for(
                        receive(), max(min(left, DISCARDING - took) if discarded else left, 0.001)
                    )
                except TimeoutError as e:
                    raise (
                        _too_large() if discarded else Stopped(408, _("上传中断或太慢，请检查网络后重新上传。"))
                    ) from e
                if message["type"] != "http.request":  # gone, or speaking no HTTP any more: then it hears this
                    raise Stopped(400, _("请求不完整，请重新发送。"))
                piece = message.get("body", b"")
                size += len(piece)
                if size > MOST and not discarded:
                    discarded = True
                    self._buffered -= body.tell()
                    body.seek(0)
                    body.truncate()
                if discarded:
                    if size > DISCARDED or not message.get("more_body"):
                        raise _too_large()
                    continue
                body.write(piece)
                self._buffered += len(piece)
                if not message.get("more_body"):
                    break
        finally:
            self._reading[address] -= 1
            if not self._reading[address]:
                del self._reading[address]
        if length is not None and size != length:
            raise Stopped(400, _("请求不完整，请重新发送。"))
        return size

    # --- whose turn it is --------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _turn(self, environ: dict[str, Any], address: str) -> AsyncIterator[None]:
        """What may hold files takes turns: one at a time of each sender, and never all threads."""
        if not environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data"):
            yield
            return
        sender = _sender(environ) or address
        if self._waiting[sender] >= WAITING_OF_ONE:
            raise Stopped(429, _("正在上传的请求太多，请稍候再试。"))
        self._waiting[sender] += 1
        lock = self._turns.setdefault(sender, asyncio.Lock())
        try:
            async with contextlib.AsyncExitStack() as stack:
                try:
                    async with asyncio.timeout(TURN):
                        await stack.enter_async_context(lock)
                        await stack.enter_async_context(self._uploads)
                except TimeoutError as e:
                    raise Stopped(429, _("正在上传的请求太多，请稍候再试。")) from e
                yield
        finally:
            self._waiting[sender] -= 1
            if not self._waiting[sender]:
                del self._waiting[sender], self._turns[sender]

    async def _work(self, environ: dict[str, Any]) -> Answer:
        async with self._threads:
            future = asyncio.get_running_loop().run_in_executor(self._pool, self._respond, environ)
            try:
                return await asyncio.wait_for(asyncio.shield(future), REQUEST)
            except TimeoutError as e:
                self._leave(future, environ)
                raise Stopped(503, _("处理超时，请稍后再试。")) from e

    def _leave(self, future: asyncio.Future[Answer], environ: dict[str, Any]) -> None:
        """A thread cannot be ended from outside: it is left to itself, and another takes its place."""
        self._stuck += 1
        security_log.event("request.stuck", path=environ["PATH_INFO"])
        if self._stuck > SPARE:
            print("too many requests without end, the process starts anew", file=sys.stderr)
            os.kill(os.getpid(), signal.SIGKILL)

        def ended(_done: Any) -> None:
            self._stuck -= 1

        future.add_done_callback(ended)

    def _respond(self, environ: dict[str, Any]) -> Answer:
        """In a thread: what Django says, read to its end."""
        answer = Answer()
        message = self._wsgi(environ, answer.start)
        try:
            if getattr(message, "streaming", False):
                answer.file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it was sent
                for piece in message:
                    answer.file.write(piece)
                answer.file.seek(0)
            else:
                answer.body = b"".join(message)
        finally:
            close = getattr(message, "close", None)
            if close is not None:
                close()
        return answer


async def _say(answer: Answer, send: Send) -> None:
    try:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.file is None:
            await send({"type": "http.response.body", "body": answer.body, "more_body": False})
            return
        while piece := answer.file.read(PIECE):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        if answer.file is not None:
            answer.file.close()


PROBLEMS: dict[int, type[problems.Problem]] = {
    e.status: e for e in (problems.TooLarge, problems.TooMany, problems.Unavailable, problems.NoRoom)
}


def _refusal(environ: dict[str, Any], e: Stopped) -> Answer:
    """A problem where Django was not asked: JSON for programs, a page for browsers, else a few words; the connection
    ends with it."""
    problem = PROBLEMS.get(e.status, problems.Problem)(e.message)
    answer = Answer()
    answer.status, accepted = e.status, environ.get("HTTP_ACCEPT", "")
    if environ["PATH_INFO"].startswith("/api/") or "application/json" in accepted:
        kind, body = "application/problem+json", json.dumps(answers.members(problem, e.status), ensure_ascii=False)
    elif "text/html" in accepted:
        kind, body = "text/html; charset=utf-8", answers.bare_page(problem)
    else:
        kind, body = "text/plain; charset=utf-8", e.message
    answer.body = body.encode()
    answer.headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(answer.body)).encode()),
        (b"cache-control", b"private, no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if e.status in (429, 503, 507):
        answer.headers.append((b"retry-after", answers.RETRY_AFTER.encode()))
    return answer


def _sender(environ: dict[str, Any]) -> str:
    """A digest of the credential that came, or empty."""
    value = environ.get("HTTP_AUTHORIZATION", "")
    if not value and "HTTP_COOKIE" in environ:
        with contextlib.suppress(CookieError):
            row = SimpleCookie(environ["HTTP_COOKIE"]).get(settings.SESSION_COOKIE_NAME)
            value = row.value if row is not None else ""
    return hashlib.blake2b(value.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest() if value else ""


def _environ(scope: Scope) -> dict[str, Any]:
    """The request as WSGI has it (PEP 3333)."""
    client, server = scope.get("client") or ("", 0), scope.get("server") or ("", 0)
    path = scope.get("raw_path") or scope["path"].encode()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": str(client[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        if b"_" in raw:
            continue  # could pass for another header's name
        name = raw.decode("latin-1").upper().replace("-", "_")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        message = value.decode("latin-1")
        if key in environ:
            message = f"{environ[key]}{'; ' if name == 'COOKIE' else ','}{message}"
        environ[key] = message
    return environ
