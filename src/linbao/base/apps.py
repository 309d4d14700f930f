from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "linbao.base"
    label = "base"
