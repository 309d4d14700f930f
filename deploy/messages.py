"""The words on screen: compile the translations (`.po` to `.mo`), or gather them anew with `--extract`.

Sources speak Chinese. Compiling needs no gettext tools; gathering needs GNU gettext (`apt-get install gettext`).
Chinese gets a catalogue as well, in which every string stands for itself: without it a server whose default
language is English would answer a Chinese reader in English. `locale/zh_Hans/…/django.po` holds the few strings
of libraries that they left untranslated.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "linbao"
LOCALE = PACKAGE / "locale"
ENGLISH, CHINESE = (LOCALE / name / "LC_MESSAGES" / "django.po" for name in ("en", "zh_Hans"))


def compile_all() -> None:
    """Write the `.mo` files of both languages."""
    with ENGLISH.open("rb") as f:
        english = read_po(f, locale="en")
    with CHINESE.open("rb") as f:
        chinese = read_po(f, locale="zh_Hans")
    for message in english:
        if message.id and chinese.get(message.id, message.context) is None:
            same = message.id[:1] if isinstance(message.id, tuple | list) else message.id
            chinese.add(message.id, same, context=message.context)
    for catalogue, po in ((english, ENGLISH), (chinese, CHINESE)):
        _write(catalogue, po.with_suffix(".mo"))


def _write(catalogue: Catalog, to: Path) -> None:
    """In one step: a server or a test that starts meanwhile never reads half a file."""
    with tempfile.NamedTemporaryFile(dir=to.parent, delete=False) as f:
        write_mo(f, catalogue)
    os.chmod(f.name, 0o644)
    os.replace(f.name, to)


def extract() -> int:
    """Bring the strings of the sources into the English catalogue; returns how many lack English."""
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
    gathered = copy / ENGLISH.relative_to(PACKAGE)
    subprocess.run(["msgattrib", "--no-wrap", "--no-obsolete", "-o", ENGLISH, gathered], check=True)
    shutil.rmtree(copy.parent)
    with ENGLISH.open("rb") as f:
        lacking = [m.id for m in read_po(f, locale="en") if m.id and not (all(m.string) and m.string)]
    for words in lacking:
        print("no English yet:", words)
    return len(lacking)


if __name__ == "__main__":
    lacking = extract() if "--extract" in sys.argv else 0
    compile_all()
    sys.exit(1 if lacking else 0)
