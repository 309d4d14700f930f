"""Bodies that come slowly or never end, heads without end, readers that do not read: sockets wait, threads do not
(6.1.3).

Without a proxy before it; `LINBAO_HOSTILE=long` opens many more connections.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import select
import socket
import subprocess
import time
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from linbao.core import uploads
from linbao.platform.server import server
from tests.hostile.conftest import Live
from tests.items import samples

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
    message = s.recv(4096)
    result = re.match(rb"HTTP/1.1 (\d+)", message)
    return int(result[1]) if result else -1


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
    result: dict[int, int] = {}
    while len(result) < len(slow) and time.monotonic() - began < server.GRACE + 10:
        for n, s in enumerate(slow):
            if n not in result:
                if message := status(s):
                    result[n] = message
                else:
                    s.sendall(b"1\r\nx\r\n" if n % 3 == 2 else b"x")
        time.sleep(0.5)
    assert set(result.values()) == {408}, result
    assert len(result) == len(slow)
    assert time.monotonic() - began >= server.GRACE - 1


def test_one_address_has_only_so_many_bodies_under_way(watched: Live) -> None:
    head = POST.format("/accounts/login/", FORM, "Content-Length: 100000")
    slow = [opened(watched, head) for _n in range(server.BODIES_OF_ONE + 12)]
    time.sleep(2)
    lines = [status(s) for s in slow]
    assert lines.count(429) == 12 and lines.count(0) == server.BODIES_OF_ONE, lines
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


TOO_LARGE = uploads.MOST + 7_000_000
PROBLEM = {"Content-Type": "application/json", "Authorization": "Bearer x"}


def test_who_sends_too_much_hears_why_and_not_a_reset(watched: Live) -> None:
    """Clients that send all before they listen, those that ask first, and those that do not know how much it will
    be."""
    body = b"0" * TOO_LARGE
    details = http.client.HTTPConnection("127.0.0.1", watched.serve.port, timeout=60)
    details.request("POST", "/api/v1/items", body, PROBLEM)
    answer = details.getresponse()
    assert answer.status == 413 and answer.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.read())
    assert problem["status"] == 413 and problem["type"] == "/problems/too_large" and "128 MB" in problem["detail"]

    pieces = http.client.HTTPConnection("127.0.0.1", watched.serve.port, timeout=60)
    chunks = (body[:1_000_000] for _n in range(TOO_LARGE // 1_000_000))
    pieces.request("POST", "/verify/", chunks, {"Content-Type": FILES, "Accept": "text/html"}, encode_chunked=True)
    page = pieces.getresponse()
    assert page.status == 413 and page.headers["Content-Type"].startswith("text/html")
    assert "请求超过 128 MB" in page.read().decode()

    near = http.client.HTTPConnection("127.0.0.1", watched.serve.port, timeout=60)
    near.request("POST", "/api/v1/items", body[: uploads.MOST], PROBLEM)
    assert near.getresponse().status in (401, 403)  # it is read, and refused for another reason


@pytest.mark.parametrize("expect", ["100-continue", ""])
def test_curl_reads_the_refusal(watched: Live, tmp_path: Path, expect: str) -> None:
    with open(tmp_path / "large", "wb") as f:
        f.truncate(TOO_LARGE)
    url = f"{watched.base}/api/v1/items"
    details = subprocess.run(
        [
            "curl",
            "-sS",
            "-H",
            f"Expect: {expect}",
            "-H",
            "Content-Type: application/json",
            "--data-binary",
            f"@{tmp_path}/large",
            "-w",
            "\n%{http_code} %{size_upload}",
            url,
        ],
        capture_output=True,
        text=True,
    )
    assert details.returncode == 0, details.stderr
    *_body, last = details.stdout.splitlines()
    status, sent = last.split()
    assert status == "413" and "128 MB" in details.stdout
    assert (int(sent) == 0) == bool(expect)  # who asks first is spared sending it


def test_a_browser_shows_the_refusal_and_its_scripts_read_it(watched: Live, tmp_path: Path) -> None:
    with open(tmp_path / "large.pdf", "wb") as f:
        f.truncate(TOO_LARGE)
    with sync_playwright() as driver:
        path = os.environ.get("LINBAO_TEST_CHROMIUM") or "/usr/bin/chromium"
        page = driver.chromium.launch(executable_path=path, args=["--no-sandbox"]).new_page()
        page.goto(f"{watched.base}/verify/")
        fetched = page.evaluate(
            "async n => { const a = await fetch('/api/v1/attachments', {method:"
            " 'POST', body: new Blob([new Uint8Array(n)])});"
            " return [a.status, (await a.json()).detail] }",
            TOO_LARGE,
        )
        assert fetched[0] == 413 and "128 MB" in fetched[1]
        page.set_input_files("input[type=file]", tmp_path / "large.pdf")
        page.evaluate("document.querySelector('input[type=file]').form.submit()")
        page.get_by_text("请求超过 128 MB").wait_for(timeout=60_000)


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
