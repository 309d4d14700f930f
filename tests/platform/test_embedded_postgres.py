"""The PostgreSQL that Linbao brings along: made, started again, stopped; private wherever its folder lies."""

from __future__ import annotations

import os
import stat
import tempfile
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


@pytest.mark.clause("6.1.1")
def test_a_folder_with_blanks_in_its_name_serves(tmp_path: Path) -> None:
    folder = tmp_path / "数据 盘" / "postgres"
    try:
        with psycopg.connect(postgres.start_apart(folder, hasty=True)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        postgres.stop(folder)


@pytest.mark.clause("6.1.1")
def test_a_link_in_the_sockets_place_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the socket's folder can be guessed; whoever puts a link there must not get a folder of ours."""
    shared, target = tmp_path / "shared", tmp_path / "target"
    shared.mkdir()
    target.mkdir(mode=0o755)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(shared))
    folder = tmp_path / ("x" * 100)
    place = postgres._socket_folder(folder)
    place.rmdir()
    place.symlink_to(target)
    with pytest.raises(RuntimeError):
        postgres._socket_folder(folder)
    assert stat.S_IMODE(target.stat().st_mode) == 0o755 and target.stat().st_uid == os.geteuid()
