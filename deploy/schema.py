"""Renew src/linbao/platform/schema.sql from the migrations (`make schema`)."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))


def main() -> int:
    from linbao.platform.server import postgres

    with tempfile.TemporaryDirectory(prefix="linbao-schema-") as name:
        folder = Path(name) / "postgres"
        Path(name).chmod(0o755)
        os.environ |= {"LINBAO_DATA_DIR": name, "DJANGO_SETTINGS_MODULE": "linbao.settings"}
        os.environ["LINBAO_DATABASE_URL"] = url = postgres.start(folder, hasty=True)
        try:
            import django

            django.setup()
            from django.core.management import call_command

            from linbao.platform import schema

            call_command("migrate", interactive=False, verbosity=0)
            schema.STORED.write_text(schema.dump(postgres.programs(folder) / "pg_dump", url), encoding="utf-8")
        finally:
            postgres.stop(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
