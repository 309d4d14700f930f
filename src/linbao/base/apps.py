from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BaseConfig(AppConfig):
    name = "linbao.base"
    label = "base"

    def ready(self) -> None:
        post_migrate.connect(_keys_for_all, sender=self)


def _keys_for_all(sender: AppConfig, **given: Any) -> None:
    """A database without data keys could seal nothing."""
    from django.db import connection

    from linbao.base import key_lifecycle

    if "base_datakey" in connection.introspection.table_names():
        key_lifecycle.ensure()
