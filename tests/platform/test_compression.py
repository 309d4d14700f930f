"""Answers are compressed where the client takes it, and tell an eavesdropper nothing by their length (6.1.3)."""

from __future__ import annotations

import gzip
from typing import Any, cast

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from linbao.platform.server.compression import compressed

PAGE = "<p>周报已经确认，正在生成文件。</p>" * 200


def answer(accepted: str, response: HttpResponseBase) -> HttpResponseBase:
    request = HttpRequest()
    if accepted:
        request.META["HTTP_ACCEPT_ENCODING"] = accepted
    middleware: Any = compressed(lambda _request: cast(HttpResponse, response))  # streams too
    return cast(HttpResponseBase, middleware(request))


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip;q=0.8", "*", "GZIP"])
def test_a_page_is_compressed_for_whoever_takes_it(accepted: str) -> None:
    got = answer(accepted, HttpResponse(PAGE, headers={"ETag": '"1"'}))
    assert isinstance(got, HttpResponse)
    assert gzip.decompress(got.content).decode() == PAGE and len(got.content) < len(PAGE.encode()) / 10
    assert got["Content-Encoding"] == "gzip" and got["Content-Length"] == str(len(got.content))
    assert got["Vary"] == "Accept-Encoding" and got["ETag"] == 'W/"1"'


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity, gzip; q=0.0"])
def test_whoever_does_not_take_it_gets_the_plain_page(accepted: str) -> None:
    got = answer(accepted, HttpResponse(PAGE))
    assert isinstance(got, HttpResponse) and got.content.decode() == PAGE and not got.has_header("Content-Encoding")
    assert got["Vary"] == "Accept-Encoding"  # a cache between must not mix the two up


def test_what_gains_nothing_goes_as_it_is() -> None:
    photo = HttpResponse(b"\xff\xd8" * 5000, content_type="image/jpeg")
    ready = HttpResponse(PAGE, headers={"Content-Encoding": "br"})
    stream = StreamingHttpResponse([PAGE.encode()])
    for response in (photo, ready, stream, HttpResponse("短")):
        before = response.headers.get("Content-Encoding")
        assert answer("gzip", response).headers.get("Content-Encoding") == before


def test_the_same_page_has_no_length_of_its_own() -> None:
    lengths = set()
    for _turn in range(40):
        got = answer("gzip", HttpResponse(PAGE))
        assert isinstance(got, HttpResponse)
        lengths.add(len(got.content))
    assert len(lengths) > 10, "equal content must not have equal length (BREACH)"
