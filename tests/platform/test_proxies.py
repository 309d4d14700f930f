"""Whose word counts for where a request comes from."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from linbao.platform.server.middleware import behind_proxies


@pytest.mark.clause("1.3.4")
@pytest.mark.parametrize(
    ("peer", "told", "scheme", "address", "secure"),
    [
        ("10.0.0.2", "203.0.113.9", "https", "203.0.113.9", True),
        ("10.0.0.2", "1.1.1.1, 203.0.113.9", "https", "203.0.113.9", True),  # the first is the client's own invention
        ("10.0.0.2", "203.0.113.9, 10.0.0.3", "http", "203.0.113.9", False),  # a second proxy of ours
        ("10.0.0.2", "nonsense", "", "10.0.0.2", False),
        ("10.0.0.2", "", "https", "10.0.0.2", True),
        ("198.51.100.7", "203.0.113.9", "https", "198.51.100.7", False),  # a stranger's headers count for nothing
        ("", "203.0.113.9", "https", "", False),
    ],
)
def test_only_a_trusted_proxy_tells(
    peer: str, told: str, scheme: str, address: str, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "TRUSTED_PROXIES", ["10.0.0.0/24"])
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": told, "HTTP_X_FORWARDED_PROTO": scheme}
    behind_proxies(lambda r: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address
    assert request.is_secure() is secure
