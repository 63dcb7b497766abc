"""Small files that an administrator names: read without waiting for ever, and not further than they may be long."""

import errno
import os
import stat
from pathlib import Path


def read_at_most(path: Path, most_bytes: int) -> bytes:
    """The first ``most_bytes`` of the file. A pipe that somebody writes to (``<(…)`` in bash) is read to its end.

    Raises:
        OSError: it cannot be read; or it is a pipe to which nobody writes, for whom we would wait for ever.
    """
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        os.set_blocking(file.fileno(), True)
        content = file.read(most_bytes)
        if not content and stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.ENXIO, "it is a pipe to which nobody writes", str(path))
        return content
