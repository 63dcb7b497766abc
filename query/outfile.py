"""Files written whole or not at all: aside first, then renamed into place."""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from fleet.errors import PatchdeckError, QueryFailed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Their links lead to what is open in this process; a file in their place would stay, for every program of the system.
_FOLDERS_OF_DEVICES = tuple(Path(name) for name in ("/dev", "/proc", "/sys"))
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (named as a folder of ordinary files, not as a place for ours)


@contextmanager
def written_aside(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path`` when the block ends well, and is removed when it does not.

    Where ``path`` is a link, it stays one, and what it leads to is replaced.

    Raises:
        QueryFailed: ``path`` cannot be written; says why.
    """
    target = _ordinary(path)
    try:
        descriptor, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    except OSError as error:
        raise _unwritable(path, error) from error
    file = _NotingFile(descriptor, "wb")
    try:
        with io.BufferedWriter(file) as buffered:
            yield cast("BinaryIO", buffered)
            buffered.flush()
            os.fsync(file.fileno())
        _publish(Path(aside), target)
    except OSError as error:
        raise _unwritable(path, error) from error
    except PatchdeckError as error:
        if file.error is not None:  # which an engine that wrote for us told in words of its own
            raise _unwritable(path, file.error) from error
        raise
    finally:
        Path(aside).unlink(missing_ok=True)


class _NotingFile(io.FileIO):
    """A file that keeps the error which writing to it came to."""

    error: OSError | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        """As a file does."""
        try:
            return super().write(data)
        except OSError as error:
            self.error = error
            raise


def _ordinary(path: Path) -> Path:
    """Where ``path`` leads, links followed: an ordinary file, or none yet."""
    try:
        target = path.resolve()
        is_usable = target.is_file() or not target.exists()
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links that lead in a circle
        raise QueryFailed(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from error
    if target.is_dir():
        raise QueryFailed(f"{path} cannot be written: it is a folder; name a file in it.")
    if not is_usable or _is_device(path.absolute()):
        raise QueryFailed(
            f"{path} cannot be written: it is no ordinary file. Without a file the answer goes to standard output."
        )
    return target


def _is_device(path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in _FOLDERS_OF_DEVICES) and not path.is_relative_to(
        _SHARED_MEMORY
    )


def _publish(aside: Path, path: Path) -> None:
    # mkstemp makes files that only their owner reads; an export is to be handed on, within the user's umask.
    umask = os.umask(0)
    os.umask(umask)
    aside.chmod(0o666 & ~umask)
    aside.replace(path)


def _unwritable(path: Path, error: OSError) -> QueryFailed:
    return QueryFailed(f"{path} cannot be written: {error.strerror or error}.")
