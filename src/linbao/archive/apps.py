from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "linbao.archive"
    label = "archive"

    def ready(self) -> None:
        """Declare the figures of this room (`core.figures`)."""
        from linbao.archive.statistics import overview  # noqa: F401
