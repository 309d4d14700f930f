from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "linbao.duties"
    label = "duties"

    def ready(self) -> None:
        from linbao.duties import receivers  # noqa: F401  (connects them)
