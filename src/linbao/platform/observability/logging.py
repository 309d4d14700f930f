"""Structured logs: one JSON object (or a readable line) per event, on standard error."""

from __future__ import annotations

import logging
from typing import Any

import structlog


def configure(form: str, security_log: str) -> dict[str, Any]:
    """Django's LOGGING for `json` or `text`; structlog and the standard library write alike. Security events are
    JSON in any case (`platform.observability.security_log`), in their own file and on standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "linbao": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    last,
                ],
                "foreign_pre_chain": shared,
            },
            "plain": {"format": "%(message)s"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "linbao"},
            "security": {
                "class": "linbao.platform.observability.security_log.SecurityFile",
                "filename": security_log,
                "formatter": "plain",
            },
            "security_stderr": {"class": "logging.StreamHandler", "formatter": "plain"},
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "linbao": {"level": "INFO"},
            "linbao.security": {"level": "INFO", "handlers": ["security", "security_stderr"], "propagate": False},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
            "procrastinate": {"level": "WARNING"},
            # A failed job with its arguments and words; platform.queue logs it by kind and place.
            "procrastinate.worker": {"level": "CRITICAL"},
            "axes": {"level": "ERROR"},  # its lines name people
        },
    }
