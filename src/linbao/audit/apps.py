from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "linbao.audit"
    label = "audit"

    def ready(self) -> None:
        from linbao.audit import events, receivers, signals  # noqa: F401  (receivers connect themselves)
        from linbao.platform.backup import backups
        from linbao.platform.observability import security_log

        if events.keep not in security_log.SINKS:
            security_log.SINKS.append(events.keep)
        if _backup not in backups.HEARS:
            backups.HEARS.append(_backup)
        post_migrate.connect(_key, sender=self)
        connection_created.connect(_session)
        signals.pair_opened.connect(_pair_opened)


def _backup(action: str, **facts: Any) -> None:
    """Backups by night, by command and by hand stand on the log alike (6.1.1)."""
    from linbao.audit import services

    services.record(None, action, **facts)


def _key(sender: AppConfig, **options: Any) -> None:
    """The keys of the chain stand before the first line is written; the data keys that seal them stand by now."""
    from django.db import connection

    from linbao.audit import keys

    if "audit_key" in connection.introspection.table_names():
        keys.forget()
        keys.current()


def _pair_opened(sender: Any, **options: Any) -> None:
    from django.db import connection

    _session(sender, connection)


def _session(sender: Any, connection: BaseDatabaseWrapper, **options: Any) -> None:
    from linbao.audit import sessions

    sessions.begin(connection)
