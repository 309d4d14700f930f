from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "linbao.audit"
    label = "audit"
