"""A file of metrics for node_exporter's textfile collector: whole at each moment, and readable for everybody."""

import os
import secrets
import stat
import time
from contextlib import suppress
from glob import escape
from pathlib import Path

from fleet.errors import PatchdeckError

# The collector runs as a user of its own.
_MODE = 0o644
# Nobody writes for so long: whoever began it was killed.
_LEFT_OVER_SECONDS = 600.0


class TextfileUnwritable(PatchdeckError):
    """The file of metrics cannot be written; says why. What was there before stays."""


def write_textfile(path: Path, text: str) -> None:
    """Puts ``text`` in the place of the file at ``path``; a link there is replaced, not followed.

    It is not forced to the disk: after a power failure the next one comes within a minute.

    Raises:
        TextfileUnwritable: it cannot be written.
    """
    # Not ending in .prom: the collector reads all such files.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.aside")
    try:
        _require_replaceable(path)
        _remove_left_over(path)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                os.fchmod(file.fileno(), _MODE)
            aside.replace(path)
        except BaseException:
            with suppress(OSError):
                aside.unlink()
            raise
    except OSError as error:
        raise TextfileUnwritable(f"Cannot write the metrics to {path}: {error.strerror or error}.") from error


def _remove_left_over(path: Path) -> None:
    for aside in path.parent.glob(f".{escape(path.name)}.*.aside"):
        with suppress(OSError):
            if time.time() - aside.lstat().st_mtime > _LEFT_OVER_SECONDS:
                aside.unlink()


def _require_replaceable(path: Path) -> None:
    """Let pass a file, a link or nothing: a device or a folder in its place is no file of metrics."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise TextfileUnwritable(f"Cannot write the metrics to {path}: it is no ordinary file.")
