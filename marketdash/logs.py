"""Logging: one line an event, for people on a terminal and as JSON where nobody watches."""

from __future__ import annotations

import logging.config
import re
import sys
from typing import Any

import structlog

_OPENS = re.compile(r"(/shared/)[^/?\s'\"]+")
"""Addresses that are secrets themselves: whoever has one sees a portfolio."""


def without_secrets(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Django hands its request on, which is written with all of its address: a token that somebody put
    into the query, which is refused, is still that somebody's token. Path and status stand in the words."""
    if method := getattr(event.get("request"), "method", None):
        del event["request"]
        event["method"] = method
    event["event"] = _OPENS.sub(r"\1…", str(event["event"]))
    return event


_SHARED: tuple[Any, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(),
    without_secrets,
)


LOG_FORMATS = ("auto", "line", "json")


def configuration(level: str, form: str = "auto") -> dict[str, Any]:
    """A ``logging.config`` dictionary; standard loggers and structlog's own end in the same lines.

    ``form`` is one of :data:`LOG_FORMATS`; ``auto`` is lines on a terminal and JSON elsewhere.
    """
    people = form == "line" or (form == "auto" and sys.stderr.isatty())
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": list(_SHARED),
                "processors": _last_processors(people=people),
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            name: {"level": max_level(level, "WARNING")}
            for name in (
                "httpx",
                "httpcore",
                "asyncio",
                "websockets",
            )  # the last one shows what is sent: keys
        },
    }


def max_level(level: str, floor: str) -> str:
    """The stricter of two levels by name: libraries that log each request keep to ``floor``."""
    levels = logging.getLevelNamesMapping()
    return level if levels[level] >= levels[floor] else floor


def apply(settings: dict[str, Any]) -> None:
    """Called once per process, when the settings are loaded (pytest captures its own way first)."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, _for_formatter()],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _for_formatter() -> Any:
    return structlog.stdlib.ProcessorFormatter.wrap_for_formatter


def _last_processors(*, people: bool) -> list[Any]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if people:
        return [remove, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    return [remove, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
