from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "linbao.archive"
    label = "archive"

    def ready(self) -> None:
        """Declare the figures of this room (`base.figures`)."""
        from linbao.archive import compliance, overview  # noqa: F401
