"""`/healthz`, `/readyz`, `/metrics`: what the machines around Linbao ask."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

HEARTBEAT_WITHIN = 60  # seconds: procrastinate's workers beat every 10

REQUESTS = Counter("linbao_requests_total", "Requests by route and status", ["route", "status"])
SECONDS = Histogram(
    "linbao_request_seconds", "Time to answer", ["route"], buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
)
JOBS = Gauge("linbao_jobs", "Jobs by state", ["state"])
DELIVERIES = Gauge("linbao_deliveries", "Deliveries by state", ["state"])

_migrated = False


def healthz(request: HttpRequest) -> HttpResponse:
    """This process is alive; asks nothing else."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Database, migrations and a worker's heartbeat; 503 names the part that is missing."""
    parts = {"database": False, "migrations": False, "worker": False}
    try:
        parts["migrations"] = _is_migrated()
        parts["database"] = True
        if parts["migrations"]:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT EXISTS (SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s))",
                    [HEARTBEAT_WITHIN],
                )
                parts["worker"] = bool(cursor.fetchone()[0])
    except Error:
        pass
    ready = all(parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


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
                f"SELECT {column}::text, count(*) FROM {table} WHERE {column}::text NOT IN ('succeeded', 'sent') GROUP BY 1"
            )
            gauge.clear()
            for state, count in cursor.fetchall():
                gauge.labels(state).set(count)
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
