from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "linbao.review"
    label = "review"
