from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "linbao.outbox"
    label = "outbox"
