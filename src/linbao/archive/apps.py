from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "linbao.archive"
    label = "archive"
