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
from ops.acting_login import require_own_host

MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 50_000
# As .xlsx and .ods begin too.
_ARCHIVE = b"PK\x03\x04"
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
        if raw.startswith(_ARCHIVE):
            raise BadInput(f"{path}: it is a workbook or an archive, and no text: save the sheet as CSV (UTF-8).")
        encoding = self._encoding or next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            likely = "utf-16-le" if raw[:2].endswith(b"\0") else "cp1252"
            raise BadInput(
                f"{path}:{line}: this is not {encoding} text; say its --encoding, as in {likely}."
            ) from error
        except (UnicodeError, LookupError, AssertionError) as error:  # codecs that give no text: base64
            raise BadInput(f"{path}: it cannot be read as {encoding}.") from error
        if not isinstance(text, str):
            raise BadInput(f"{path}: {encoding} is no encoding of text.")
        if "\0" in text:
            line = text.count("\n", 0, text.index("\0")) + 1
            raise BadInput(f"{path}:{line}: it holds a NUL: this is no text, or one of --encoding utf-16-le.")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def read_bytes(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            BadInput: it is none, is too large, or cannot be read.
            NotPermitted: this is a session over SSH, which has no files.
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

    def files_below(self, path: str) -> Sequence[str]:
        """``path`` itself, or all files below it; see `ListFiles`."""
        if _usable(path).is_file():
            return [path]
        found = list(islice(_walk(_usable(path), frozenset()), MOST_FILES + 1))
        if len(found) > MOST_FILES:
            raise BadInput(f"{path}: it has more than {MOST_FILES:,} files: name the folder of the list itself.")
        return [str(each) for each in found if each.is_file()]

    def matching(self, pattern: str) -> Sequence[str]:
        """The files that ``pattern`` names."""
        found = islice(iglob(str(_usable(pattern))), MOST_FILES)  # noqa: PTH207  Path.glob takes no absolute pattern
        return sorted(path for path in found if Path(path).is_file())


def _walk(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    """All in ``folder`` that is not hidden, its files first. Links are followed, but not back to a folder ``above``."""
    try:
        known = folder.stat()
        entries = sorted(each for each in folder.iterdir() if not each.name.startswith("."))
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadInput(f"Cannot read {folder}: {error.strerror}.") from error
    if (known.st_dev, known.st_ino) in above:
        return
    folders = dict.fromkeys(each for each in entries if each.is_dir())  # found by hash, in their order
    yield from (each for each in entries if each not in folders)
    for each in folders:
        yield each
        yield from _walk(each, above | {(known.st_dev, known.st_ino)})


def _usable(path: str) -> Path:
    require_own_host(f"read {clean(path, 100)}")
    try:
        return Path(path).expanduser()
    except (RuntimeError, ValueError) as error:  # ~ of nobody
        raise BadInput(f"The path {clean(path, 200)!r} cannot be used: {error}.") from error
