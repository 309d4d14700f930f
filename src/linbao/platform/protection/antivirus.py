"""Uploads are looked at by ClamAV before anything else reads them (6.1.3), where `LINBAO_CLAMD` names its socket.

Every file of every form and of the interface goes by here: it is sent on to clamd as it arrives (INSTREAM), so that
looking costs no second copy. What is infected is refused; what could not be looked at is refused too, unless
`LINBAO_CLAMD_DOWN` is `accept`.
"""

from __future__ import annotations

import socket
import struct
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from linbao.core.problems import Problem
from linbao.platform.observability import security_log

TIMEOUT = 20.0  # seconds for connecting, and for each step
CHUNK = 65_536  # bytes of one piece


class Infected(Problem):
    """A file that carries malicious code."""

    status = 422
    code = "infected"
    title = _lazy("文件含有恶意代码")


class NotLookedAt(Problem):
    """The scanner is away, and files are not taken without it."""

    status = 422
    code = "not_scanned"
    title = _lazy("文件未经查毒，没有接收")


class Unavailable(Exception):
    """clamd cannot be reached, or gives no verdict."""


class Look:
    """One file on its way to clamd."""

    def __init__(self, address: str) -> None:
        try:
            self._socket = _connect(address)
            self._socket.sendall(b"zINSTREAM\0")
        except (OSError, ValueError) as e:
            raise Unavailable(type(e).__name__) from e

    def send(self, data: bytes) -> None:
        try:
            for n in range(0, len(data), CHUNK):
                piece = data[n : n + CHUNK]
                self._socket.sendall(struct.pack(">I", len(piece)) + piece)
        except OSError as e:
            self.close()
            raise Unavailable(type(e).__name__) from e

    def verdict(self) -> str:
        """What was found, or empty when the file is clean."""
        try:
            self._socket.sendall(struct.pack(">I", 0))
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < 1000:
                more = self._socket.recv(1000)
                if not more:
                    break
                answer += more
        except OSError as e:
            raise Unavailable(type(e).__name__) from e
        finally:
            self.close()
        message = answer.rstrip(b"\0\n").decode(errors="replace")
        if message.endswith(" FOUND"):
            return message.removeprefix("stream: ").removesuffix(" FOUND")[:80]
        if message.endswith(": OK"):
            return ""
        raise Unavailable(message[:80] or "no answer")  # too large for it, or an error of its own

    def close(self) -> None:
        self._socket.close()


def _connect(address: str) -> socket.socket:
    url = urlsplit(address)
    if url.scheme == "unix":
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(TIMEOUT)
        try:
            made.connect(url.path)
        except OSError:
            made.close()
            raise
        return made
    if url.scheme != "tcp" or not url.hostname:
        raise ValueError(address)
    return socket.create_connection((url.hostname, url.port or 3310), timeout=TIMEOUT)


class Scanned(FileUploadHandler):
    """Stands before the handlers that keep files; passes everything on, and stops the upload where it must.

    The verdict on a stopped one is kept on the request: `refused(request)` is asked by the middleware that reads
    the form first.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.look: Look | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.look = None
        if settings.CLAMD:
            try:
                self.look = Look(settings.CLAMD)
            except Unavailable as e:
                self._away(e)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if self.look is not None:
            try:
                self.look.send(raw_data)
            except Unavailable as e:
                self.look = None
                self._away(e)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        look, self.look = self.look, None
        if look is not None:
            try:
                result = look.verdict()
            except Unavailable as e:
                self._away(e)
                return
            if result:
                security_log.event("upload.infected", severity=security_log.MIDDLE, path=self._path(), signature=result)
                self._stop(
                    Infected(_("这个文件含有恶意代码（%(found)s），没有接收。请先在本机查杀病毒。") % {"found": result})
                )

    def upload_interrupted(self) -> None:
        if self.look is not None:
            self.look.close()

    def _away(self, e: Unavailable) -> None:
        accept = settings.CLAMD_DOWN == "accept"
        security_log.event(
            "upload.unscanned", severity=security_log.MIDDLE, path=self._path(), why=str(e), taken=accept
        )
        if not accept:
            self._stop(NotLookedAt(_("查毒服务暂时不可用，文件没有接收；请稍后再试，或联系系统管理员。")))

    def _path(self) -> str:
        return self.request.path if self.request is not None else ""

    def _stop(self, problem: Problem) -> None:
        self.request.__dict__["refused_upload"] = problem
        raise StopUpload(connection_reset=False)


def refused(request: HttpRequest) -> Problem | None:
    """Why the upload in this request was stopped; asked after the form was read."""
    return request.__dict__.get("refused_upload")
