"""The log: one event a line, key=value, in a file; the terminal belongs to the app.

Values are shown by ``str()``, so that a `collectors.secrets.Secret` masks itself. Other libraries' warnings go to the
same file, never to stderr.
"""

import logging
import os
import time
from pathlib import Path

from collectors.handed_down import file_mode
from fleet.hostile import clean
from ops.acting_login import acting_login
from ops.permission import refusal

_LOGGER = logging.getLogger("patchdeck")
_ROTATE_BYTES = 10 * 1024 * 1024
_NEEDS_QUOTES = frozenset(" \"'=\\")


def open_log(path: Path) -> None:
    """Send every event of this process to the file at ``path``; a file over 10 MiB is first set aside as ``.1``.

    Without a log (it cannot be written, or this process does not change the home) events are dropped: a log never
    stops the work. Whomever a session over SSH serves, its log is that of its server.
    """
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _EventFile):
            root.removeHandler(handler)
            handler.close()
    root.addHandler(_open_handler(path))
    root.setLevel(logging.WARNING)
    logging.captureWarnings(True)
    _LOGGER.setLevel(logging.INFO)


def has_log() -> bool:
    """Whether events are kept: not where this process changes nothing, and not before the log is open."""
    return any(isinstance(handler, _EventFile) for handler in logging.getLogger().handlers)


def log_event(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Write one event with its fields, in the order given."""
    if _LOGGER.hasHandlers():  # else Python prints it
        _LOGGER.log(level, "%s", event, extra={"patchdeck_fields": fields})


def log_error(event: str, error: BaseException, **fields: object) -> None:
    """Write an event with an error and where it was raised, for what is caught at the edge of a task."""
    if _LOGGER.hasHandlers():
        _LOGGER.error("%s", event, exc_info=error, extra={"patchdeck_fields": fields})


class _EventFile(logging.FileHandler):
    """A log file for its owner only."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Drop the event: a full disk must not print into the app."""

    def _open(self):  # type: ignore[no-untyped-def]  # logging types its stream privately
        return open(
            self.baseFilename, "a", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, _mode(name))
        )


def _mode(name: str) -> int:
    return file_mode(Path(name).parent)


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One line: time, level, event, source of other libraries' events, fields, error."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields: dict[str, object] = {"level": record.levelname.lower(), "event": record.getMessage()}
        if record.name != _LOGGER.name:
            fields["source"] = record.name
        fields |= getattr(record, "patchdeck_fields", {})
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info).replace("\n", " | ")
        pairs = " ".join(f"{key}={_quote(value)}" for key, value in fields.items())
        return f"{seconds}.{int(record.msecs):03d}Z pid={record.process} {pairs}"


def _open_handler(path: Path) -> logging.Handler:
    if refusal(path.parent) is not None and acting_login() is None:
        return logging.NullHandler()
    try:
        if path.exists() and path.stat().st_size > _ROTATE_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        handler: logging.Handler = _EventFile(path)
    except OSError:
        return logging.NullHandler()
    handler.setFormatter(_Line())
    return handler


def _quote(value: object) -> str:
    text = clean(str(value))
    if text and not _NEEDS_QUOTES.intersection(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
