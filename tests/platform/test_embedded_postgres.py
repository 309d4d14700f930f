"""The PostgreSQL that Linbao brings along: made, started again, stopped; private wherever its folder lies."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from linbao.platform.server import postgres


@pytest.fixture(params=["pg", "x" * 60 + "/" + "y" * 60], ids=["short", "longer than a socket's path"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / request.param / "postgres"
    yield place
    postgres.stop(place)


@pytest.mark.clause("6.1.1")
def test_a_cluster_is_made_serves_and_starts_again(folder: Path) -> None:
    url = postgres.start_apart(folder)
    with psycopg.connect(url, autocommit=True) as connection:
        durable = connection.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchone()
        assert durable == ("on", "on")
        assert connection.execute("SELECT '甲' < '乙' COLLATE \"default\", lower('ÄĢ中')").fetchone() == (False, "äģ中")
        connection.execute("CREATE TABLE note (words text)")
    assert postgres.start_apart(folder) == url == postgres.url(folder)  # it runs already
    postgres.stop(folder)
    assert postgres.pid(folder) is None
    with psycopg.connect(postgres.start_apart(folder)) as connection:
        assert connection.execute("SELECT count(*) FROM note").fetchone() == (0,)


@pytest.mark.clause("6.1.1")
def test_nobody_else_reaches_its_socket(folder: Path) -> None:
    place = Path(postgres.start_apart(folder, hasty=True).rpartition("host=")[2])
    sockets = list(place.glob(".s.PGSQL.*"))
    assert sockets and stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.clause("6.1.1")
def test_a_folder_that_is_no_cluster_is_left_alone_and_named(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter.txt").write_text("mine")
    with pytest.raises(postgres.CannotStart, match=r"无法.*启动"):
        postgres.start_apart(tmp_path / "postgres")
    assert (tmp_path / "postgres" / "letter.txt").read_text() == "mine"
