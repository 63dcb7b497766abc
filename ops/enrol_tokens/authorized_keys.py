"""Lines of an authorized_keys file: one is added or taken out by its key, and all others stay as they are."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from collectors.known_hosts_file import only_writer
from collectors.whole_files import read_whole, write_whole
from fleet.errors import BadInput

_DEFAULT = Path(".ssh") / "authorized_keys"
_MOST_BYTES = 16 * 1024 * 1024


def default_file() -> Path:
    """The file that sshd reads for whoever runs this, unless its configuration says otherwise."""
    return Path.home() / _DEFAULT


def put_line(path: Path, line: str, public_key: str) -> bool:
    """Have ``line`` in the file at ``path`` in the place of any other with ``public_key``; whether that changed it.

    The file and its folder are made where they are missing, for their owner alone.

    Raises:
        BadInput: the file cannot be written, or is a link: then something else looks after it.
    """
    return _edit(path, lambda lines: [*_without(lines, public_key), line])


def drop_line(path: Path, public_key: str) -> bool:
    """Take every line with ``public_key`` out of the file at ``path``; whether there was one.

    Raises:
        BadInput: the file cannot be written, or is a link.
    """
    return path.exists() and _edit(path, lambda lines: _without(lines, public_key))


def _edit(path: Path, change: Callable[[list[str]], list[str]]) -> bool:
    if path.is_symlink():
        raise BadInput(f"{path} is a link: change {path.resolve()} by hand, or however it is looked after.")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700)
        with only_writer(path.parent):
            return _rewrite(path, change)
    except OSError as error:
        raise BadInput(f"Cannot change {path}: {error.strerror or error}.") from error


def _rewrite(path: Path, change: Callable[[list[str]], list[str]]) -> bool:
    old = read_whole(path, _MOST_BYTES).decode("utf-8", errors="surrogateescape") if path.exists() else ""
    lines = old.removesuffix("\n").split("\n") if old else []
    new = change(lines)
    if new == lines:
        return False
    before = path.stat() if path.exists() else None
    write_whole(path, "".join(f"{line}\n" for line in new))
    if before is not None and before.st_uid != os.geteuid():  # root, for another user: sshd wants it to be theirs
        os.chown(path, before.st_uid, before.st_gid)
    if before is not None:
        path.chmod(stat.S_IMODE(before.st_mode))
    return True


def _without(lines: list[str], public_key: str) -> list[str]:
    blob = public_key.split()[1]
    return [line for line in lines if blob not in line.split()]
