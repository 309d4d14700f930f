"""What the tests of the platform share."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from linbao.platform import files


@pytest.fixture
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of files of the test's own: what others left is sealed with keys of theirs, or is there already."""
    store = FileSystemStorage(location=tmp_path / "files", file_permissions_mode=0o600)
    monkeypatch.setattr(files, "store", lru_cache(maxsize=1)(lambda: store))
