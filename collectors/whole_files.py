"""Files that are written whole or not at all."""

import os
import tempfile
from pathlib import Path

from collectors.handed_down import file_mode


def write_whole(path: Path, text: str, *, is_shared: bool = False) -> None:
    """Put ``text`` in place of ``path``, for its owner alone to read; a reader or a crash never meets half of it.

    ``is_shared``: for those too to whom its folder hands it down.

    Raises:
        OSError: it cannot be written there; the old content stands.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    aside = Path(name)
    try:
        if is_shared:
            os.fchmod(handle, file_mode(path.parent))
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink()
        raise
