"""The entry point for `linbao web`: bodies are read before a thread is taken (`linbao.platform.server.server`)."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linbao.settings")

from django.core.wsgi import get_wsgi_application

wsgi = get_wsgi_application()

from linbao.platform.server.server import Server  # noqa: E402 - settings are read by now

application = Server(wsgi)
