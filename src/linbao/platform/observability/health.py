"""`/healthz`, `/readyz`, `/metrics`: what the machines around Linbao ask; and the troubles that they, `linbao doctor`
and the administrator's Today tell alike."""

from __future__ import annotations

import ipaddress
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from linbao.core import clock
from linbao.platform import queue
from linbao.platform.models import JobFault
from linbao.platform.protection import box

HEARTBEAT_WITHIN = 60  # seconds: procrastinate's workers beat every 10

REQUESTS = Counter("linbao_requests_total", "Requests by route and status", ["route", "status"])
SECONDS = Histogram(
    "linbao_request_seconds", "Time to answer", ["route"], buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
)
JOBS = Gauge("linbao_jobs", "Jobs by state", ["state"])
DELIVERIES = Gauge("linbao_deliveries", "Deliveries by state", ["state"])
TROUBLES = Gauge("linbao_troubles", "What a person has to see to, by kind", ["kind"])
OLDEST = Gauge("linbao_trouble_seconds", "Age of the oldest of a kind of trouble", ["kind"])
DISK_FREE = Gauge("linbao_disk_free_bytes", "Space left for the data folder")

OLD = timedelta(minutes=10)  # a job or row that waits longer than this waits for somebody
SILENT_CLOCK = timedelta(minutes=5)  # without a periodic job: some are due every minute
DISK_LOW, DISK_FULL = 2 * 1024**3, 200 * 1024**2  # bytes free
FULL_FOR = 60.0  # seconds after a refused write that the disk counts as full
FAULTY_TURNS = 3  # of a periodic task in a row
BACKLOG = 500  # waiting jobs looked at
BOX_FAILURES = 3  # files in a row for which no process could be started

_migrated = False
_refused_at = -FULL_FOR  # monotonic: when the disk or the database had no room for a write


@dataclass(frozen=True)
class Trouble:
    """Something that does not go on by itself. `kind` is one that `label` knows; `oldest`: since when; `stops_work`: a
    machine that asks `/readyz` is to hear of it."""

    kind: str
    count: int = 1
    oldest: datetime | None = None
    stops_work: bool = True


CHECKS: list[Callable[[], Iterator[Trouble]]] = []  # rooms add theirs (`AppConfig.ready`)


def label(trouble: Trouble) -> str:
    """What the trouble is, in words for an administrator."""
    labels = {
        "check_failed": _("%(n)d 项检查没有完成，情况不明"),
        "disk_full": _("磁盘已满，暂时不能保存任何内容"),
        "disk_low": _("磁盘剩余不足 2 GB"),
        "clock_silent": _("定时任务停止了：提醒、督办和发送都不会进行"),
        "jobs_old": _("%(n)d 项后台任务等了 10 分钟以上还没有开始"),
        "jobs_hung": _("%(n)d 项后台任务超过时限仍未结束"),
        "jobs_failed": _("%(n)d 项后台任务失败，不会再自动重试"),
        "periodic_failing": _("%(n)d 项定时任务连续出错"),
        "deliveries_hung": _("%(n)d 件发送停在途中"),
        "deliveries_stopped": _("%(n)d 件发送失败或结果未知，等待处理"),
        "documents_missing": _("%(n)d 份已报送的报告还没有生成文件和邮件"),
        "host_report_broken": _("主机防护的报告无法读取"),
        "host_silent": _("%(n)d 项主机防护没有报告，也没有登记替代措施"),
        "guards_off": _("%(n)d 项主机防护没有运行"),
        "box_failed": _("照片、表格、文件暂时不能处理：拆解文件的进程起不来"),
    }
    return labels[trouble.kind] % {"n": trouble.count}


def advice(trouble: Trouble) -> str:
    """What to do about it."""
    labels = {
        "disk_full": _("请立即清理或扩容；有空间后系统自动恢复。"),
        "disk_low": _("磁盘将满，请扩容或清理。"),
        "check_failed": _("运行 linbao doctor，并查看日志里的 health check failed。"),
        "clock_silent": _("重新启动 linbao serve 或 linbao worker。"),
        "deliveries_hung": _("确认 linbao worker 在运行；发送记录里可以看到停在哪一步。"),
        "deliveries_stopped": _("到“发送记录”逐件核对，决定重发或记为送达。"),
        "host_report_broken": _("运行 linbao doctor 查看原因，核对 LINBAO_HOST_REPORT 和主机上的 linbao-host.timer。"),
        "host_silent": _("在主机上启用主机报告（见部署说明）；主机不能报告的，请安全保密员登记替代措施。"),
        "guards_off": _("运行 linbao doctor 查看是哪一项、怎样恢复。"),
        "box_failed": _("核对服务器剩余内存、进程数和打开文件数的上限；恢复后下一次上传成功即自动消除。"),
    }
    return labels.get(trouble.kind, _("到“后台任务”查看原因，决定重试或放弃。"))


def troubles() -> list[Trouble]:
    """All that does not go on by itself, one for each kind; a check that fails does not hide the others, and is itself
    one."""
    rows: list[Trouble] = []
    failed = 0
    for check in (_disk, _box, _jobs, *CHECKS):
        try:
            rows += check()
        except Exception as e:
            queue.log.error("health check failed", check=check.__qualname__, error=queue.described(e))
            failed += 1
    if failed:
        rows.append(Trouble("check_failed", failed))
    return _by_kind(rows)


def _by_kind(rows: list[Trouble]) -> list[Trouble]:
    """What several rooms tell alike, together: readers and figures know troubles by their kind."""
    merged: dict[str, Trouble] = {}
    for row in rows:
        other = merged.get(row.kind)
        if other is not None:
            oldest = min((at for at in (row.oldest, other.oldest) if at is not None), default=None)
            row = Trouble(row.kind, row.count + other.count, oldest, row.stops_work or other.stops_work)
        merged[row.kind] = row
    return list(merged.values())


def note_full() -> None:
    """A write was refused for want of room, by the disk or the database."""
    global _refused_at
    _refused_at = time.monotonic()


def _disk() -> Iterator[Trouble]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    DISK_FREE.set(free)
    if free < DISK_FULL or time.monotonic() - _refused_at < FULL_FOR:
        yield Trouble("disk_full")
    elif free < DISK_LOW:
        yield Trouble("disk_low", stops_work=False)


def _box() -> Iterator[Trouble]:
    """Decoders that still did not start the last times (`box`); what nobody has tried for long may have recovered."""
    last = [at for times, at in box.failures().values() if times >= BOX_FAILURES and at > clock.now() - OLD]
    if last:
        yield Trouble("box_failed", len(last), min(last))


_WAITING = """
    SELECT count(*), min(since) FROM (
        SELECT greatest(j.scheduled_at, (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id)) AS since
          FROM procrastinate_jobs j
         WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now()) ORDER BY j.id LIMIT %s
    ) waiting WHERE since < now() - make_interval(secs => %s)
"""
_RUNNING = """
    SELECT j.task_name, max(e.at) FROM procrastinate_jobs j
      JOIN procrastinate_events e ON e.job_id = j.id AND e.type = 'started'
     WHERE j.status = 'doing' GROUP BY j.id
"""
_PERIODIC = """
    SELECT to_timestamp(max(defer_timestamp)), EXISTS (
        SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s))
      FROM procrastinate_periodic_defers
"""


def _jobs() -> Iterator[Trouble]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [BACKLOG, OLD.total_seconds()])
        count, oldest = cursor.fetchone()
        if count:
            yield Trouble("jobs_old", count, oldest)
        cursor.execute(_RUNNING)
        hung = [at for name, at in cursor.fetchall() if at < clock.now() - 1.5 * queue.limit(name)]
        if hung:
            yield Trouble("jobs_hung", len(hung), min(hung))
        cursor.execute(_PERIODIC, [HEARTBEAT_WITHIN])
        last, works = cursor.fetchone()
        if works and last is not None and last < clock.now() - SILENT_CLOCK:
            yield Trouble("clock_silent", oldest=last)
    faults = list(JobFault.objects.values_list("job", "ended", "times", "first_at"))
    failed = [at for _job, ended, _times, at in faults if ended]
    if failed:
        yield Trouble("jobs_failed", len(failed), min(failed))
    failing = [at for job, _ended, times, at in faults if job is None and times >= FAULTY_TURNS]
    if failing:
        yield Trouble("periodic_failing", len(failing), min(failing))


def healthz(request: HttpRequest) -> HttpResponse:
    """This process is alive; asks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Database, migrations, a worker's heartbeat, and no trouble that stops work; 503 names what is missing."""
    parts = {"database": False, "migrations": False, "worker": False}
    kinds: list[str] = []
    try:
        parts["migrations"] = _is_migrated()
        parts["database"] = True
        if parts["migrations"]:
            with connection.cursor() as cursor:
                cursor.execute(
                    (
                        "SELECT EXISTS (SELECT 1 FROM procrastinate_workers WHERE"
                        " last_heartbeat > now() - make_interval(secs => %s))"
                    ),
                    [HEARTBEAT_WITHIN],
                )
                parts["worker"] = bool(cursor.fetchone()[0])
            kinds = [t.kind for t in troubles() if t.stops_work]
    except Error:
        pass
    ready = all(parts.values()) and not kinds
    return JsonResponse({"ready": ready, **parts, "troubles": kinds}, status=200 if ready else 503)


def _is_migrated() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for this machine and the trusted addresses only."""
    if not trusted(request.META.get("REMOTE_ADDR", "")):
        return HttpResponse("forbidden", status=403, content_type="text/plain")
    with connection.cursor() as cursor:
        for gauge, table, column in ((JOBS, "procrastinate_jobs", "status"), (DELIVERIES, "outbox_delivery", "state")):
            cursor.execute(
                f"SELECT {column}::text, count(*) FROM {table} WHERE"
                f" {column}::text NOT IN ('succeeded', 'sent') GROUP BY 1"
            )
            gauge.clear()
            for state, count in cursor.fetchall():
                gauge.labels(state).set(count)
    TROUBLES.clear()
    OLDEST.clear()
    for trouble in troubles():
        TROUBLES.labels(trouble.kind).set(trouble.count)
        if trouble.oldest is not None:
            OLDEST.labels(trouble.kind).set((clock.now() - trouble.oldest).total_seconds())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def trusted(address: str) -> bool:
    """Loopback, or an address or network of `LINBAO_TRUSTED_PROXIES`."""
    try:
        ip: Any = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.is_loopback or proxy(address)


def proxy(address: str) -> bool:
    """Whether `address` is one of `LINBAO_TRUSTED_PROXIES`, whose X-Forwarded headers count."""
    try:
        ip: Any = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in ipaddress.ip_network(n, strict=False) for n in settings.TRUSTED_PROXIES)
