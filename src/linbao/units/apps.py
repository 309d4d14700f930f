from django.apps import AppConfig


class UnitsConfig(AppConfig):
    name = "linbao.units"
    label = "units"
