from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "linbao.duties"
    label = "duties"
