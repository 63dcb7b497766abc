"""Files that are written whole or not at all, and read only where they are files."""

import errno
import os
import stat
import tempfile
from pathlib import Path

from collectors.handed_down import file_mode


def read_whole(path: Path, most_bytes: int) -> bytes:
    """What the regular file ``path`` holds; a pipe, which would be waited for, or a device is not read.

    Raises:
        OSError: it cannot be read, is no regular file, or holds more than ``most_bytes``.
    """
    with open(path, "rb", opener=_open_at_once) as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {most_bytes:,} bytes", str(path))
    return content


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


def _open_at_once(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NONBLOCK)
