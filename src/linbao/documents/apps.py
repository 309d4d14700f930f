from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "linbao.documents"
    label = "documents"
