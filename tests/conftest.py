"""What every test stands on: a real PostgreSQL, made for the run, and files in a folder of its own.

Several runs can go side by side: each has a database named after its process. The server is the
embedded one, hasty (nothing needs to outlive a power cut), kept between runs.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

if "LINBAO_TEST_DATABASE_URL" in os.environ:
    os.environ["LINBAO_DATABASE_URL"] = os.environ["LINBAO_TEST_DATABASE_URL"]
else:
    from linbao.platform.server import postgres

    # A folder that the server's own user can reach, whatever the checkout's parents allow.
    _folder = Path(tempfile.gettempdir()) / f"linbao-tests-{os.getuid()}" / "postgres"
    os.environ["LINBAO_DATABASE_URL"] = postgres.start_apart(_folder, hasty=True)
os.environ["LINBAO_DATA_DIR"] = tempfile.mkdtemp(prefix="linbao-test-data-")
os.environ["DJANGO_SETTINGS_MODULE"] = "linbao.settings"
os.environ["LINBAO_LOG_FORMAT"] = "text"
os.environ.setdefault("LINBAO_BASE_URL", "http://testserver")

import django.db  # noqa: E402

django.setup()

import linbao.platform.reference  # noqa: E402

# On a slow machine a poll for versions fell between the statements that a test counts; each test begins anew anyway.
linbao.platform.reference.CHECK_EVERY = 3600.0

pytest_plugins = ["tests.clauses", "tests.mailbox"]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process that shares the tests begins as this one did. Told of the settings by the environment, Django would
    read them before this file has given the process a folder of its own, and all would keep their files in this one's."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_test_environment: None, django_db_blocker: Any) -> None:
    """A database of this process's own, copied from one that was migrated once for these very migrations."""
    from django.conf import settings

    database: dict[str, Any] = settings.DATABASES["default"]
    database["OPTIONS"].pop("pool", None)  # threads of a test keep no connection behind
    test = database.setdefault("TEST", {})
    template = f"linbao_template_{_migrations()[:20]}"
    with django_db_blocker.unblock():
        if not _exists(template):
            _make_template(template)
    test["NAME"], test["TEMPLATE"] = f"linbao_test_{os.getpid()}", template


def _migrations() -> str:
    """A digest of every migration, ours and the libraries', and of the month (partitions begin with it)."""
    from django.apps import apps

    digest = hashlib.sha256(f"{datetime.now(UTC):%Y-%m}".encode())
    for app in sorted(apps.get_app_configs(), key=lambda a: a.label):
        for file in sorted((Path(app.path) / "migrations").glob("**/*.*")):
            if file.suffix in (".py", ".sql"):
                digest.update(f"{app.label} {file.name}".encode() + file.read_bytes())
    return digest.hexdigest()


def _exists(name: str) -> bool:
    with django.db.connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def _make_template(name: str) -> None:
    """Migrate a new database and give it this name, unless another process was first."""
    from django.db import ProgrammingError, connection

    test = connection.settings_dict["TEST"]
    own = f"{name}_{os.getpid()}"
    test["NAME"] = own
    before = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    with connection.cursor() as cursor:
        # Sealed with keys of this process, which no other has: each makes its own.
        cursor.execute("TRUNCATE platform_datakey, audit_key CASCADE")
    connection.close()
    connection.settings_dict["NAME"] = before
    with connection._nodb_cursor() as cursor:
        try:
            cursor.execute(f'ALTER DATABASE "{own}" RENAME TO "{name}"')
        except ProgrammingError:  # it stands: another was first
            cursor.execute(f'DROP DATABASE "{own}"')


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
