from django.apps import AppConfig


class HandlingConfig(AppConfig):
    name = "linbao.handling"
    label = "handling"
