from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "linbao.outbox"
    label = "outbox"

    def ready(self) -> None:
        from linbao.base import health
        from linbao.outbox import sending

        health.CHECKS.append(sending.troubles)
