"""What every test stands on: a real PostgreSQL, made for the run, and files in a folder of its own.

Each run has a server of its own (`tests/postgres.py`), hasty (nothing needs to outlive a power cut), in a folder that
nobody else can guess or enter; it ends with the run. Processes that share the tests share it, each with a database
named after it, copied from one template.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests import postgres  # noqa: E402

_server: postgres.Server | None = None
if "LINBAO_TEST_DATABASE_URL" not in os.environ:
    # The processes of xdist inherit the address; whoever started the server ends it.
    _server = postgres.Server()
    os.environ["LINBAO_TEST_DATABASE_URL"] = _server.url
os.environ["LINBAO_DATABASE_URL"] = os.environ["LINBAO_TEST_DATABASE_URL"]
os.environ["LINBAO_DATA_DIR"] = tempfile.mkdtemp(prefix="linbao-test-data-")
os.environ["DJANGO_SETTINGS_MODULE"] = "linbao.settings"
os.environ["LINBAO_LOG_FORMAT"] = "text"
os.environ.setdefault("LINBAO_BASE_URL", "http://testserver")

import django.db  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

settings.MIDDLEWARE = ["tests.answers.AnswersAsDescribed", *settings.MIDDLEWARE]

import whitenoise.middleware  # noqa: E402

import linbao.platform.reference  # noqa: E402

# On a slow machine a poll for versions fell between the statements that a test counts; each test begins anew anyway.
linbao.platform.reference.CHECK_EVERY = 3600.0

_files: dict[str, Any] = {}
_find = whitenoise.middleware.WhiteNoiseMiddleware.add_files_from_finders


def _find_once(self: whitenoise.middleware.WhiteNoiseMiddleware) -> None:
    """A server looks for its static files once; each test client is a server of its own, and 650 files took half of a
    page's time."""
    if not _files:
        _find(self)
        _files.update(self.files)
    self.files.update(_files)


whitenoise.middleware.WhiteNoiseMiddleware.add_files_from_finders = _find_once

pytest_plugins = ["tests.clauses", "tests.mailbox"]


PROCESSES = {"subprocess", "postgres", "supervise", "Serve", "backups"}  # names of modules whose tests start servers


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test by what it uses: `host`, `browser`, `db` or `unit`, the first that holds.

    `host`: asks for a tool of the machine (`find` and `has` of tests/intrusion/guards.py), itself or by a fixture.
    `browser`: has a live server, in a file that drives Chromium. `db`: has a database, or starts processes of Linbao.
    `unit`: none of these.
    """
    for item in items:
        assert isinstance(item, pytest.Function)
        functions = list(_functions(item))
        if item.get_closest_marker("host"):  # where it cannot be seen from here
            continue
        if "intrusion" in item.path.parts and any({"find", "has"} & set(_names(f.__code__)) for f in functions):
            item.add_marker("host")
        elif "live_server" in item.fixturenames and _drives_chromium(item.module):
            item.add_marker("browser")
        elif (
            "django_db_setup" in item.fixturenames
            or item.get_closest_marker("django_db")
            or any(PROCESSES & set(f.__globals__) for f in functions)
        ):
            item.add_marker("db")
        else:
            item.add_marker("unit")


def _functions(item: pytest.Function) -> Iterator[FunctionType]:
    """The test and those of its fixtures that stand in the tests' folders."""
    yield item.function
    definitions = item._fixtureinfo.name2fixturedefs
    for name in item.fixturenames:
        for definition in definitions.get(name, ()):
            function = definition.func
            module = getattr(function, "__module__", "")
            if isinstance(function, FunctionType) and module.startswith("tests.") and module != __name__:
                yield function


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function uses, and the functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _drives_chromium(module: ModuleType) -> bool:
    return any(str(getattr(value, "__module__", "")).startswith("playwright") for value in vars(module).values())


def pytest_unconfigure() -> None:
    """Files and server end with the run; of a run that is killed the server's own process notices the end."""
    shutil.rmtree(os.environ["LINBAO_DATA_DIR"], ignore_errors=True)
    if _server is not None:
        _server.end()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process that shares the tests begins as this one did. Told of the settings by the environment, Django would
    read them before this file has given the process a folder of its own, and all would keep their files in this
    one's."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_test_environment: None, django_db_blocker: Any) -> None:
    """A database of this process's own, copied from one that was migrated once for these very migrations."""
    from django.conf import settings

    database: dict[str, Any] = settings.DATABASES["default"]
    database["OPTIONS"].pop("pool", None)  # threads of a test keep no connection behind
    test = database.setdefault("TEST", {})
    with django_db_blocker.unblock():
        _make_template()
    test["NAME"], test["TEMPLATE"] = f"linbao_test_{os.getpid()}", postgres.TEMPLATE


def _make_template() -> None:
    """Migrate a new database and call it `postgres.TEMPLATE`, once for all processes of this run: the others wait."""
    from django.db import connection

    from linbao.platform import schema

    with connection._nodb_cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # whoever comes second waits for the first
        cursor.execute("SELECT pg_advisory_lock(1)")  # let go with this connection
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [postgres.TEMPLATE])
        if cursor.fetchone():
            return
        before = connection.settings_dict["NAME"]
        unfinished = f"{postgres.TEMPLATE}_{os.getpid()}"
        cursor.execute(f'DROP DATABASE IF EXISTS "{unfinished}"')
        cursor.execute(f'CREATE DATABASE "{unfinished}"')
        connection.close()  # whoever opened it asked for another database
        connection.settings_dict["NAME"] = unfinished
        schema.migrate()
        with connection.cursor() as inside:
            # Sealed with keys of this process, which no other has: each makes its own.
            inside.execute("TRUNCATE platform_datakey, audit_key CASCADE")
            inside.execute("SELECT current_database()")
            assert inside.fetchone() == (unfinished,), "a template without tables: every run would migrate anew"
        connection.close()
        connection.settings_dict["NAME"] = before
        cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{postgres.TEMPLATE}"')


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Connections that threads or a browser's loop left open do not keep the database from being removed."""
    yield
    with django_db_blocker.unblock():
        django.db.connections.close_all()
        with django.db.connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        django.db.connections.close_all()


@pytest.fixture(autouse=True)
def _fresh_reference() -> None:
    """Units and catalogue are kept per process; a test's rollback must not leave them behind."""
    from django.conf import settings
    from django.utils import translation

    from linbao.platform.reference import Reference

    translation.activate(settings.LANGUAGE_CODE)  # whatever language the last page was in
    for reference in Reference.all.values():
        reference.drop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A test with transactions of its own leaves an empty database to whatever comes next in its process: what
    migrations put there is put there again."""
    yield
    marker = item.get_closest_marker("django_db")
    own = marker is not None and (marker.kwargs.get("transaction") or marker.args[:1] == (True,))
    own = own or bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())))
    if nextitem is None or not own:
        return
    from django.core.cache import cache

    from linbao.items.catalogue import catalogue
    from linbao.items.models import Subcategory
    from linbao.review import reasons
    from linbao.review.models import StandardReason

    with item.config.stash[blocking_manager_key].unblock():
        cache.clear()
        if not Subcategory.objects.exists():
            catalogue.seed()
        if not StandardReason.objects.exists():
            reasons.seed()
