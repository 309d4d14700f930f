"""The words on screen: compile the translations (`.po` to `.mo`), or gather them anew with `--extract`.

Sources speak Chinese. Compiling needs no gettext tools; gathering needs GNU gettext (`apt-get install gettext`).
A room may keep its words in a catalogue of its own (`<room>/locale`); all others stand in `linbao/locale`.
Chinese gets a catalogue as well, in which every string stands for itself: without it a server whose default
language is English would answer a Chinese reader in English. `locale/zh_Hans/…/django.po` holds the few strings
of libraries that they left untranslated.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "linbao"
LOCALE = PACKAGE / "locale"
PO = Path("LC_MESSAGES") / "django.po"


def locales() -> list[Path]:
    """The folders that hold catalogues: the common one first."""
    return [LOCALE, *sorted(PACKAGE.glob("*/locale"))]


def _read(path: Path, locale: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as f:
        return read_po(f, locale=locale)


def compile_all() -> None:
    """Write the `.mo` files of both languages."""
    for folder in locales():
        english, chinese = _read(folder / "en" / PO, "en"), _read(folder / "zh_Hans" / PO, "zh_Hans")
        for message in english:
            if message.id and chinese.get(message.id, message.context) is None:
                same = message.id[:1] if isinstance(message.id, tuple | list) else message.id
                chinese.add(message.id, same, context=message.context)
        for catalogue, name in ((english, "en"), (chinese, "zh_Hans")):
            _write(catalogue, (folder / name / PO).with_suffix(".mo"))


def _write(catalogue: Catalog, to: Path) -> None:
    """In one step: a server or a test that starts meanwhile never reads half a file."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=to.parent, delete=False) as f:
        write_mo(f, catalogue)
    os.chmod(f.name, 0o644)
    os.replace(f.name, to)


def _undated(catalogue: str) -> str:
    return re.sub(r'"(POT-Creation|PO-Revision)-Date:.*\n', "", catalogue)


def extract() -> int:
    """Bring the strings of the sources into the English catalogues; returns how many lack English."""
    import django
    from django.conf import settings
    from django.core.management.commands import makemessages

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linbao.settings")
    os.environ["LINBAO_DATA_DIR"] = tempfile.mkdtemp()
    django.setup()
    # In a copy: gathering leaves files beside the templates while it works.
    copy = Path(tempfile.mkdtemp()) / "linbao"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("node_modules", "static", "__pycache__", "*.mo"))
    os.chdir(copy)
    settings.LOCALE_PATHS = [copy / "locale"]
    command = makemessages.Command()
    command.xgettext_options = [*command.xgettext_options, "--keyword=lazy", "--keyword=worded"]
    # A guess of gettext's would look like a translation: nobody guesses here.
    command.msgmerge_options = [*command.msgmerge_options, "--no-fuzzy-matching", "--quiet"]
    command.run_from_argv(["django-admin", "makemessages", "-l", "en", "--no-location", "--no-wrap", "--no-obsolete"])
    lacking: list[object] = []
    common: Catalog | None = None
    for folder in locales():
        po = folder / "en" / PO
        gathered = copy / po.relative_to(PACKAGE)
        if not gathered.exists():
            continue
        before = po.read_text() if po.exists() else ""
        subprocess.run(["msgattrib", "--no-wrap", "--no-obsolete", "-o", po, gathered], check=True)
        catalogue = _read(po, "en")
        if common is None:
            common = catalogue
        else:  # what is common has its English already
            for message in catalogue:
                known = common.get(message.id, message.context) if message.id else None
                if known is not None and not any(message.string):
                    message.string = known.string
            with po.open("wb") as f:
                write_po(f, catalogue, width=0, omit_header=False)
        if _undated(po.read_text()) == _undated(before):
            po.write_text(before)
        lacking += [m.id for m in catalogue if m.id and not (all(m.string) and m.string)]
    shutil.rmtree(copy.parent)
    for words in lacking:
        print("no English yet:", words)
    return len(lacking)


if __name__ == "__main__":
    lacking = extract() if "--extract" in sys.argv else 0
    compile_all()
    sys.exit(1 if lacking else 0)
