"""An import on screen: uploaded, its columns mapped, tried, then filed by a job (2.2.1, 6.1.3).

The file is only ever opened by jobs (`read`, `work`), which may be started again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.utils.translation import gettext as _

from linbao.core import clock, text
from linbao.core.permissions import allow
from linbao.core.problems import Conflict, Invalid, NotFound, Problem
from linbao.items.imports import columns
from linbao.items.imports import services as importing
from linbao.items.imports.inputs import StartImport, UploadSheet
from linbao.items.imports.rows import Report
from linbao.items.models import ImportRun
from linbao.organisation.models import Role, Unit, User
from linbao.organisation.tree import tree
from linbao.platform import files, queue

MOST_BYTES = 100_000_000
WORKING = ("reading", "waiting", "running")


def communities(user: User) -> list[Unit]:
    """The communities that `user` may import into, by code."""
    units = tree()
    ids = user.rights.communities(Role.REVIEWER, Role.MANAGER, Role.ADMINISTRATOR)
    return sorted((units.by_id[c] for c in ids), key=lambda u: u.code)


def get(user: User, run_id: UUID) -> ImportRun:
    """One's own import. Raises `NotFound`, `NotAllowed`."""
    allow(user, "item.import")
    row = ImportRun.objects.select_related("community").filter(pk=run_id, user=user).first()
    if row is None:
        raise NotFound(_("没有这次导入。"))
    return row


def upload(user: User, data: UploadSheet, file: UploadedFile[Any] | None) -> ImportRun:
    """Store a spreadsheet and read its columns in a job. Raises `Invalid`, `NotAllowed`."""
    allow(user, "item.import")
    if file is None or not file.size:
        raise Invalid(fields={"file": [_("请选择要导入的表格文件。")]})
    if file.size > MOST_BYTES:
        raise Invalid(fields={"file": [_("文件超过 100 MB，请分成几个文件导入。")]})
    own = communities(user)
    unit = next((u for u in own if u.id == data.community), own[0] if len(own) == 1 else None)
    if unit is None:
        raise Invalid(fields={"community": [_("请选择导入到哪个社区。")]})
    name = text.clean(Path(file.name or "").name)[-120:] or "sheet"
    run = ImportRun.objects.create(user=user, community=unit, name=name, sha256=files.put(file.read()), state="reading")
    queue.defer("items.read_import", run=run.pk)
    return run


def start(user: User, run_id: UUID, data: StartImport) -> ImportRun:
    """Try an import or file it, in a job. One that was not tried with these columns is tried first: nothing is filed
    before it was shown how the file is understood (`dry` of the result). While a job works on it nothing changes.

    Raises `Invalid` without a column of titles or texts, `Conflict` where no columns were read, `NotFound`.
    """
    run = get(user, run_id)
    if run.state in WORKING:
        return run
    mapping = {name: column for name, column in data.mapping.items() if column in run.columns}
    tried = run.state == "tried"
    if data.mapping or not run.mapping:
        tried = tried and mapping == run.mapping
        run.mapping = mapping
    if not run.columns:
        raise Conflict(_("这个文件没有读出列名，不能导入；请检查后重新上传。"))
    if not {"title", "text"} & set(run.mapping):
        raise Invalid(fields={"text": [_("请至少指明标题或内容是哪一列。")]})
    run.dry = data.dry or not tried
    run.state, run.report, run.problem, run.changed_at = "waiting", {}, "", clock.now()
    run.save()
    queue.defer("items.run_import", run=run.pk)
    return run


def read(run_id: UUID) -> None:
    """The first job: read the names of the columns and guess what they hold. Safe to start again."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state != "reading":
        return
    try:
        with _opened(run) as path:
            _row, names = columns.header(path)
    except Problem as e:
        run.state, run.problem = "failed", _message(e)
    except Exception:
        _broken(run)
        raise
    else:
        run.state, run.columns = "mapping", [n for n in names if n][:200]
        run.mapping = columns.guess(names)
    run.changed_at = clock.now()
    run.save()


def work(run_id: UUID) -> None:
    """The second job: try or file all rows, renewing the report meanwhile. Safe to start again."""
    run = ImportRun.objects.select_related("user").get(pk=run_id)
    run.state = "running"
    run.save(update_fields=["state"])

    def progress(report: Report) -> None:
        ImportRun.objects.filter(pk=run.pk).update(report=report.as_dict(), changed_at=clock.now())

    try:
        with _opened(run) as path:
            report = importing.run(
                path, mapping=run.mapping, community=run.community_id, user=run.user, dry=run.dry, progress=progress
            )
        run.state = "tried" if run.dry else "done"
        run.report = {**report.as_dict(), "errors": report.errors}
        run.changed_at = clock.now()
        run.save()
    except Problem as e:
        ImportRun.objects.filter(pk=run.pk).update(state="failed", problem=_message(e), changed_at=clock.now())
    except Exception:
        _broken(run)
        raise


def _broken(run: ImportRun) -> int:
    """Mark a run as failed by a fault of the product; the page shows it. Returns 1."""
    return ImportRun.objects.filter(pk=run.pk).update(
        state="failed",
        problem=_("系统出错，导入没有完成；已导入的不会重复。请重新上传，仍不成请联系管理员。"),
        changed_at=clock.now(),
    )


_LOST = """
    SELECT r.id FROM items_importrun r WHERE r.state = ANY (%s) AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs j WHERE j.queue_name = 'imports' AND j.status IN ('todo', 'doing')
           AND j.args ->> 'run' = r.id::text)
"""


def end_lost() -> int:
    """Imports whose job is no more (its worker died too often, or an administrator took it away) are
    marked as failed. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, [list(WORKING)])
        lost = [id for (id,) in cursor.fetchall()]
    return queue.each(ImportRun.objects.filter(pk__in=lost, state__in=WORKING), _broken)


@contextmanager
def _opened(run: ImportRun) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(files.get(run.sha256))
        yield path


def _message(e: Problem) -> str:
    return e.text[:300]
