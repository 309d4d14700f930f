"""Acting from outside: people at their browsers, programs with their tokens, the command line."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from typing import Any
from unittest import mock

from django.test import Client

from linbao import cli

PASSWORD = "桂花开了满院香九月里"


class Refused(AssertionError):
    """The product refused what must be possible."""


def command(*argv: str, stdin: str = "") -> str:
    """`linbao …`; returns what it printed. Raises `Refused` when it fails."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "stdin", io.StringIO(stdin)),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = cli.run(list(argv))
    if code:
        raise Refused(f"linbao {' '.join(argv)}: {err.getvalue()}")
    return out.getvalue().strip()


class Hand:
    """One person: a browser that signs in when it must, and a program that acts in their name."""

    def __init__(self, username: str) -> None:
        self.username = username
        self._browser = Client()
        self._program = Client()
        self._token = ""

    def get(self, path: str) -> Any:
        """A page, signed in."""
        return self._page("get", path, {})

    def post(self, path: str, data: dict[str, Any]) -> Any:
        """A form; raises `Refused` where it comes back instead of leading on."""
        answer = self._page("post", path, data)
        if answer.status_code not in (200, 201, 302) or (
            answer.status_code == 200 and b"invalid-feedback" in answer.content
        ):
            raise Refused(f"{self.username} POST {path}: {answer.status_code} {_problem(answer)}")
        return answer

    def _page(self, method: str, path: str, data: dict[str, Any]) -> Any:
        answer = getattr(self._browser, method)(path, data)
        if answer.status_code == 302 and "/accounts/" in answer.url:
            self._sign_in()
            answer = getattr(self._browser, method)(path, data)
        return answer

    def _sign_in(self) -> None:
        self._browser = Client()
        answer = self._browser.post("/accounts/login/", {"login": self.username, "password": PASSWORD})
        if answer.status_code != 302:
            raise Refused(f"{self.username} cannot sign in: {answer.status_code}")

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """`/api/v1` + `path` with a token; the JSON answer. Raises `Refused` with the problem."""
        if not self._token:
            self._token = command("user", "token", self.username, "--days", "400")
        more = {} if method == "get" else {"data": json.dumps(body or {}), "content_type": "application/json"}
        address = f"/api/v1{path}"
        answer = getattr(self._program, method)(address, headers={"Authorization": f"Bearer {self._token}"}, **more)
        if answer.status_code >= 300:
            raise Refused(
                f"{self.username} {method.upper()} {path}: {answer.status_code} {answer.content.decode()[:500]}"
            )
        return json.loads(answer.content)

    def all(self, path: str, name: str, **filters: str) -> list[dict[str, Any]]:
        """Every row of a list that pages by cursor."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            query = "&".join(f"{k}={v}" for k, v in {**filters, "limit": "200", "cursor": cursor}.items() if v)
            page = self.api("get", f"{path}?{query}")
            rows += page[name]
            cursor = page["next"] or ""
            if not cursor:
                return rows


def _problem(answer: Any) -> str:
    message = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(errors="replace"), flags=re.S)
    return " ".join(message.split())[:400]
