from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "linbao.web"
    label = "web"
