from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "linbao.collection"
    label = "collection"
