from django.apps import AppConfig


class ShellConfig(AppConfig):
    name = "linbao.shell"
    label = "shell"
