from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "linbao.units"
    label = "units"

    def ready(self) -> None:
        from linbao.units import sign_in_log  # noqa: F401  (its receivers)
