"""The log: one JSON object a line, on standard error. No answer, code, path, query, address or cookie is in it."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

KEPT = frozenset(
    {"event", "level", "at", "request", "method", "route", "status", "ms", "kind", "where", "version", "count"}
)
"""The only fields that a line may have. Another one is left out, whoever wrote it."""


def _only_known(_: Any, __: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name in KEPT}


def make_log(stream: Any = None) -> Any:
    """A log of our own, apart from every other library's."""
    return structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            _only_known,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
        ],
        cache_logger_on_first_use=True,
    )


class _ToLog(logging.Handler):
    """Lines of the server itself, without their values."""

    def __init__(self, log: Any) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """The template of the line, never the arguments: they may be addresses or paths."""
        self._log.info("server", where=record.name, kind=str(record.msg)[:120])


def quiet_server(log: Any) -> None:
    """Take over the server's own log; its lines of access are off."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "fastapi", "asyncio"):
        found = logging.getLogger(name)
        found.handlers, found.propagate = [], False
        if name != "uvicorn.access":
            found.addHandler(_ToLog(log))
            found.setLevel(logging.WARNING)
        else:
            found.disabled = True
