from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "linbao.compliance"
    label = "compliance"

    def ready(self) -> None:
        """Declare the figures of this room (`core.figures`)."""
        from linbao.compliance import services as compliance  # noqa: F401
