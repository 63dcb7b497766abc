"""Files written whole or not at all: aside first, then renamed into place."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from fleet.errors import QueryFailed


@contextmanager
def written_aside(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path`` when the block ends well, and is removed when it does not.

    Raises:
        QueryFailed: ``path`` cannot be written; says why.
    """
    try:
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield cast("BinaryIO", file)
            file.flush()
            os.fsync(file.fileno())
        _publish(Path(aside), path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        Path(aside).unlink(missing_ok=True)


def _publish(aside: Path, path: Path) -> None:
    # mkstemp makes files that only their owner reads; an export is to be handed on, within the user's umask.
    umask = os.umask(0)
    os.umask(umask)
    aside.chmod(0o666 & ~umask)
    aside.replace(path)


def _unwritable(path: Path, error: OSError) -> QueryFailed:
    return QueryFailed(f"{path} cannot be written: {error.strerror or error}.")
