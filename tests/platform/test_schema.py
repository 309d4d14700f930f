"""The stored schema is what the migrations make, and a database begun with it is whole (6.1.1)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from linbao.platform import schema
from linbao.platform.server import postgres


@pytest.mark.clause("6.1.1")
def test_the_stored_schema_is_what_the_migrations_make(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    url = postgres.start_apart(folder, hasty=True)
    environment = os.environ | {"LINBAO_DATABASE_URL": url, "LINBAO_DATA_DIR": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "linbao.settings"
    try:
        step_by_step = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(step_by_step, env=environment, check=True)
        made = schema.dump(postgres.programs(folder) / "pg_dump", url)
    finally:
        postgres.stop(folder)
    assert schema.STORED.read_text(encoding="utf-8").splitlines() == made.splitlines(), "run make schema"


@pytest.mark.clause("6.1.1")
def test_an_empty_database_is_begun_at_once_and_whole(tmp_path: Path) -> None:
    url = postgres.start_apart(tmp_path / "postgres", hasty=True)
    environment = os.environ | {"LINBAO_DATABASE_URL": url, "LINBAO_DATA_DIR": str(tmp_path)}
    try:

        def linbao(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "linbao", *arguments]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

        for _twice in range(2):
            assert linbao("migrate").returncode == 0
        plan = subprocess.run(
            [sys.executable, "-m", "django", "showmigrations", "--plan"],
            env=environment | {"DJANGO_SETTINGS_MODULE": "linbao.settings"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert "[X]" in plan and "[ ]" not in plan
        verified = linbao("audit", "verify")  # the guards of tables and log among it
        assert verified.returncode == 0, verified.stdout + verified.stderr
        with psycopg.connect(url) as rows:

            def count(table: str) -> int:
                row = rows.execute(f"SELECT count(*) FROM {table}").fetchone()
                assert row is not None
                return int(row[0])

            assert count("items_subcategory") > 40 and count("review_standardreason") > 10
            assert count("platform_datakey") == 4 and count("auth_permission") > 500
            months = rows.execute(
                "SELECT relname FROM pg_class WHERE relispartition AND relname LIKE 'audit_record_20%'"
            )
            assert len(months.fetchall()) >= 3
    finally:
        postgres.stop(tmp_path / "postgres")
