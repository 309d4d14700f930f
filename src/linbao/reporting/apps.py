from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "linbao.reporting"
    label = "reporting"
