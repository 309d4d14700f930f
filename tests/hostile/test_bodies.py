"""Bodies that come slowly or never end, heads without end, readers that do not read: sockets wait, threads do not (6.1.3).

Without a proxy before it; `LINBAO_HOSTILE=long` opens many more connections.
"""

from __future__ import annotations

import os
import re
import select
import socket
import time

import pytest

from linbao.base import server
from tests.collection import samples
from tests.hostile.conftest import Live

pytestmark = [pytest.mark.clause("6.1.3"), pytest.mark.timeout(1800)]
LONG = os.environ.get("LINBAO_HOSTILE") == "long"


def opened(live: Live, head: str, body: bytes = b"") -> socket.socket:
    s = socket.create_connection(("127.0.0.1", live.serve.port), timeout=30)
    s.sendall(head.replace("\n", "\r\n").encode() + body)
    return s


def status(s: socket.socket) -> int:
    """The status that has come, 0 when nothing has."""
    if not select.select([s], [], [], 0)[0]:
        return 0
    said = s.recv(4096)
    found = re.match(rb"HTTP/1.1 (\d+)", said)
    return int(found[1]) if found else -1


POST = "POST {} HTTP/1.1\nHost: 127.0.0.1\nContent-Type: {}\n{}\n\n"
FORM, FILES = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


def test_bodies_without_end_are_given_up_and_hold_nobody(watched: Live) -> None:
    """Twelve of these held the whole site once."""
    heads = [
        POST.format("/accounts/login/", FORM, "Content-Length: 100000"),
        POST.format("/verify/", FILES, "Content-Length: 90000000"),
        POST.format("/api/v1/items", "application/json", "Transfer-Encoding: chunked"),
    ]
    slow = [opened(watched, heads[n % 3]) for n in range(36)]
    began = time.monotonic()
    good = watched.attach(samples.jpeg(), "a.jpg", watched.item())
    assert good.status == 201 and good.seconds < 10, good
    found: dict[int, int] = {}
    while len(found) < len(slow) and time.monotonic() - began < server.GRACE + 10:
        for n, s in enumerate(slow):
            if n not in found:
                if said := status(s):
                    found[n] = said
                else:
                    s.sendall(b"1\r\nx\r\n" if n % 3 == 2 else b"x")
        time.sleep(0.5)
    assert set(found.values()) == {408}, found
    assert len(found) == len(slow)
    assert time.monotonic() - began >= server.GRACE - 1


def test_one_address_has_only_so_many_bodies_under_way(watched: Live) -> None:
    head = POST.format("/accounts/login/", FORM, "Content-Length: 100000")
    slow = [opened(watched, head) for _n in range(server.BODIES_OF_ONE + 12)]
    time.sleep(2)
    said = [status(s) for s in slow]
    assert said.count(429) == 12 and said.count(0) == server.BODIES_OF_ONE, said
    for s in slow:
        s.close()
    until = time.monotonic() + 10
    while watched.attach(samples.jpeg(), "a.jpg", watched.item()).status != 201:
        assert time.monotonic() < until


def test_a_body_that_says_too_much_is_refused_before_it_comes(watched: Live) -> None:
    s = opened(watched, POST.format("/verify/", FILES, "Content-Length: 5000000000"))
    assert select.select([s], [], [], 5)[0] and status(s) == 413
    cut = opened(watched, POST.format("/accounts/login/", FORM, "Content-Length: 100"), b"login=a")
    cut.shutdown(socket.SHUT_WR)  # gone in the middle
    cut.close()


def test_a_form_in_pieces_arrives_whole(watched: Live) -> None:
    """A slow line is no fault: what goes on coming is waited for."""
    body = b"csrfmiddlewaretoken=x&login=nobody&password=" + b"y" * 3000
    s = opened(watched, POST.format("/accounts/login/", FORM, f"Content-Length: {len(body)}"))
    for n in range(0, len(body), 500):
        s.sendall(body[n : n + 500])
        time.sleep(0.2)
    assert select.select([s], [], [], 10)[0] and status(s) == 403  # read whole, and without the form's own cookie
    chunked = opened(watched, POST.format("/accounts/login/", FORM, "Transfer-Encoding: chunked"))
    chunked.sendall(b"7\r\nlogin=a\r\n0\r\n\r\n")
    assert select.select([chunked], [], [], 10)[0] and status(chunked) == 403


def test_heads_without_end_and_readers_that_do_not_read(watched: Live) -> None:
    idle = [opened(watched, "GET / HTTP/1.1\nHost: 127.0.0.1\nX-A: ") for _n in range(3000 if LONG else 1200)]
    page = watched.page("/accounts/login/").body
    script = max(re.findall(r'(?:src|href)="(/static/[^"]+)"', page), key=len)
    lazy = []
    for _n in range(40):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", watched.serve.port))
        s.sendall(f"GET {script} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() * 5)
        lazy.append(s)
    time.sleep(3)
    assert watched.page("/accounts/login/").status == 200
    for s in idle + lazy:
        s.close()


@pytest.mark.parametrize(
    "body", [b"ffffffffffffffffff\r\nabc", b"-5\r\nabc", b"zz\r\nabc\r\n", b"3\r\nabcdef\r\n0\r\n\r\n"]
)
def test_a_body_in_broken_pieces_is_the_senders_mistake(watched: Live, body: bytes) -> None:
    s = opened(watched, POST.format("/api/v1/items", "application/json", "Transfer-Encoding: chunked"), body)
    select.select([s], [], [], 10)
    assert status(s) == 400


def test_who_goes_away_in_the_middle_of_a_body_leaves_nothing_behind(watched: Live) -> None:
    for _n in range(20):
        opened(watched, POST.format("/verify/", FILES, "Content-Length: 1000"), b"x").close()
    good = watched.attach(samples.jpeg(), "a.jpg", watched.item())
    assert good.status == 201 and good.seconds < 10, good
