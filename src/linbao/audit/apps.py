from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "linbao.audit"
    label = "audit"

    def ready(self) -> None:
        from linbao.audit import events
        from linbao.base import watch

        if events.keep not in watch.SINKS:
            watch.SINKS.append(events.keep)
        post_migrate.connect(_key, sender=self)


def _key(sender: AppConfig, **given: Any) -> None:
    """The keys of the chain stand before the first line is written; the data keys that seal them stand by now."""
    from django.db import connection

    from linbao.audit import keys

    if "audit_key" in connection.introspection.table_names():
        keys.make()
