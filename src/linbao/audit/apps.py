from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "linbao.audit"
    label = "audit"

    def ready(self) -> None:
        from linbao.audit import events
        from linbao.base import watch

        if events.keep not in watch.SINKS:
            watch.SINKS.append(events.keep)
