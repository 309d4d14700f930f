from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "linbao.outbox"
    label = "outbox"

    def ready(self) -> None:
        from linbao.outbox import audit_roots, sending  # noqa: F401  (audit_roots connects its receivers)
        from linbao.platform.observability import health

        health.CHECKS.append(sending.troubles)
