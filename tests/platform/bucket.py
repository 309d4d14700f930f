"""A small S3 server for tests: one bucket in memory, with multipart uploads, as boto3 speaks to it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class Store(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.multipart = 0
        self.refuse = False

    def url(self, prefix: str = "") -> str:
        return f"s3://key:secret@bucket/{prefix}?endpoint=http://127.0.0.1:{self.server_port}&region=us-east-1"


class _Handler(BaseHTTPRequestHandler):
    server: Store
    protocol_version = "HTTP/1.1"

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        return unquote(parts.path).removeprefix("/bucket").lstrip("/"), query

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return data
        result = b""
        while data:
            head, _mark, data = data.partition(b"\r\n")
            size = int(head.split(b";")[0], 16)
            if not size:
                break
            result, data = result + data[:size], data[size + 2 :]
        return result

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self) -> None:
        key, query = self._asked()
        body = self._body()
        if self.server.refuse:
            return self._answer(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
        mark = f'"{hashlib.md5(body).hexdigest()}"'
        if "uploadId" in query:
            self.server.uploads[query["uploadId"]][int(query["partNumber"])] = body
        else:
            self.server.objects[key] = body
        self._answer(200, ETag=mark)

    def do_POST(self) -> None:
        key, query = self._asked()
        self._body()
        if "uploads" in query:
            number = str(len(self.server.uploads) + 1)
            self.server.uploads[number] = {}
            self.server.multipart += 1
            return self._answer(
                200,
                f"<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>{key}</Key><UploadId>{number}</UploadId></InitiateMultipartUploadResult>".encode(),
            )
        parts = self.server.uploads.pop(query["uploadId"])
        self.server.objects[key] = b"".join(parts[n] for n in sorted(parts))
        self._answer(
            200,
            f'<CompleteMultipartUploadResult><Key>{key}</Key><ETag>"x"</ETag></CompleteMultipartUploadResult>'.encode(),
        )

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        key, query = self._asked()
        if not key:
            matches = sorted(k for k in self.server.objects if k.startswith(query.get("prefix", "")))
            rows = "".join(
                f"<Contents><Key>{k}</Key><Size>{len(self.server.objects[k])}</Size><LastModified>2026-11-25T00:00:00Z</LastModified><ETag>x</ETag></Contents>"
                for k in matches
            )
            return self._answer(
                200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode()
            )
        data = self.server.objects.get(key)
        if data is None:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>")
        self._answer(
            200, data, ETag='"x"', Last_Modified="Wed, 25 Nov 2026 00:00:00 GMT", Content_Length=str(len(data))
        )

    def do_DELETE(self) -> None:
        key, query = self._asked()
        if "uploadId" in query:
            self.server.uploads.pop(query["uploadId"], None)
        else:
            self.server.objects.pop(key, None)
        self._answer(204)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def bucket() -> Iterator[Store]:
    store = Store()
    threading.Thread(target=store.serve_forever, daemon=True).start()
    try:
        yield store
    finally:
        store.shutdown()
        store.server_close()
