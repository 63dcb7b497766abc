"""Files and folders as readers of lists see them: bounded, decoded, and nothing but files is ever opened."""

import codecs
import os
import stat
from collections.abc import Iterator, Sequence
from glob import iglob
from itertools import islice
from pathlib import Path

from fleet.errors import BadInput
from fleet.hostile import clean

MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 50_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class DiskFiles:
    """`fleet.importing.list_files.ListFiles` on this machine. ``encoding`` empty: UTF-8, or as a first mark says."""

    def __init__(self, encoding: str = "") -> None:
        self._encoding = encoding
        if encoding:
            try:
                codecs.lookup(encoding)
            except LookupError as error:
                raise BadInput(f"There is no encoding {clean(encoding, 40)!r}: try cp1252 or utf-16.") from error

    def read(self, path: str) -> str:
        """The text of a file; see `ListFiles`."""
        raw = self.read_bytes(path)
        encoding = self._encoding or next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise BadInput(f"{path}:{line}: this is not {encoding} text; say its --encoding, as in cp1252.") from error
        except (UnicodeError, LookupError, AssertionError) as error:  # codecs that give no text: base64
            raise BadInput(f"{path}: it cannot be read as {encoding}.") from error
        if not isinstance(text, str):
            raise BadInput(f"{path}: {encoding} is no encoding of text.")
        if "\0" in text:
            raise BadInput(f"{path}:{text.count(chr(10), 0, text.index(chr(0))) + 1}: it holds a NUL: this is no text.")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def read_bytes(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            BadInput: it is none, is too large, or cannot be read.
        """
        try:
            # Opened without waiting: a pipe would keep us for ever.
            number = os.open(_usable(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(number, "rb") as file:
                if not stat.S_ISREG(os.fstat(number).st_mode):
                    raise BadInput(f"{path}: it is no file.")
                raw = file.read(MOST_BYTES + 1)
        except OSError as error:
            raise BadInput(f"Cannot read {path}: {error.strerror}.") from error
        if len(raw) > MOST_BYTES:
            raise BadInput(f"{path}: it is larger than {MOST_BYTES // 1024 // 1024} MiB, which no list is.")
        return raw

    def is_folder(self, path: str) -> bool:
        """Whether ``path`` is a folder."""
        return _usable(path).is_dir()

    def files_in(self, folder: str) -> Sequence[str]:
        """The files right inside ``folder``, by name."""
        try:
            entries = sorted(_usable(folder).iterdir())
        except OSError:
            return ()
        return [str(entry) for entry in entries[:MOST_FILES] if entry.is_file()]

    def files_below(self, path: str) -> Sequence[str]:
        """``path`` itself, or all files below it."""
        if _usable(path).is_file():
            return [path]
        return list(islice(_walk(_usable(path)), MOST_FILES))

    def matching(self, pattern: str) -> Sequence[str]:
        """The files that ``pattern`` names."""
        found = islice(iglob(str(_usable(pattern))), MOST_FILES)  # noqa: PTH207  Path.glob takes no absolute pattern
        return sorted(path for path in found if Path(path).is_file())


def _walk(folder: Path) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (str(Path(parent) / name) for name in sorted(names) if (Path(parent) / name).is_file())


def _usable(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except (RuntimeError, ValueError) as error:  # ~ of nobody
        raise BadInput(f"The path {clean(path, 200)!r} cannot be used: {error}.") from error
