from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class PlatformConfig(AppConfig):
    name = "linbao.platform"
    label = "platform"

    def ready(self) -> None:
        autodiscover_modules("permissions")
        post_migrate.connect(_keys_for_all, sender=self)


def _keys_for_all(sender: AppConfig, **options: Any) -> None:
    """A database without data keys could seal nothing."""
    from django.db import connection

    from linbao.platform.encryption import key_lifecycle

    if "platform_datakey" in connection.introspection.table_names():
        key_lifecycle.ensure()
