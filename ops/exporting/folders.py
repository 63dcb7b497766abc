"""A folder replaced in one step: what is new is made aside, beside it, and takes its place when it is whole."""

import ctypes
import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from fleet.errors import BadInput, QueryFailed
from ops.permission import require_elsewhere
from ops.store.journal import sync_folder

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h


@contextmanager
def made_aside(folder: Path) -> Iterator[Path]:
    """A new folder beside ``folder``, on the same file system; gone at the end.

    Raises:
        BadInput: none can be made there.
        QueryFailed: what is written into it cannot be.
        NotPermitted: it is in a home that this process does not change.
    """
    require_elsewhere(folder)
    aside = folder.parent / f".{folder.name}.{uuid4().hex[:12]}.part"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists() and not folder.is_dir():
            raise BadInput(f"Cannot write to the folder {folder}: it is a file.")
        aside.mkdir()
    except OSError as error:
        raise BadInput(f"Cannot make the folder {folder}: {error.strerror}.") from error
    try:
        yield aside
    except OSError as error:
        raise QueryFailed(f"{folder} cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def replace_folder(aside: Path, folder: Path, ours: Iterable[str], kept: Iterable[str]) -> None:
    """Put what is in ``aside`` into the place of ``folder``.

    ``ours`` are the entries of ``folder`` that are ours, ``kept`` those of them that stay. Where nothing else is in it,
    all changes in one step: a reader sees the old folder or the new one. Where there are other things, or it is where
    somebody works, entries are exchanged one by one; what fails puts back those before.

    Raises:
        OSError: it cannot be done; the folder is as it was.
    """
    _sync_tree(aside)
    stays, gone = frozenset(kept), frozenset(ours) - frozenset(kept)
    if not folder.exists():
        aside.rename(folder)
    elif not {entry.name for entry in folder.iterdir()} - frozenset(ours) and not _is_in_use(folder):
        for name in stays:
            _link(folder / name, aside / name)
        _exchange(aside, folder)
    else:
        _exchange_entries(aside, folder, gone)
    sync_folder(folder.parent)


def _is_in_use(folder: Path) -> bool:
    """Whether it is a mount point or the working directory, which would be left in the old folder."""
    return folder.is_mount() or folder.resolve() == Path.cwd().resolve()


def _exchange_entries(aside: Path, folder: Path, gone: Iterable[str]) -> None:
    old = aside / ".old"
    old.mkdir()
    done: list[tuple[Path, Path]] = []
    names = [entry.name for entry in aside.iterdir() if entry != old]
    try:
        for name in sorted(names, key=lambda name: (name.startswith("_"), name)):
            _move(aside / name, folder / name, old / name, done)
        for name in gone:
            if name not in names and os.path.lexists(folder / name):
                done.append((folder / name, old / name))
                (folder / name).rename(old / name)
    except OSError:
        for source, target in reversed(done):
            target.rename(source)
        raise


def _move(new: Path, place: Path, old: Path, done: list[tuple[Path, Path]]) -> None:
    if not os.path.lexists(place):
        new.rename(place)
        done.append((new, place))
        return
    _exchange(new, place)
    new.rename(old)
    done += [(place, old), (new, place)]


def _exchange(one: Path, other: Path) -> None:
    """Both swap their names at once, where the file system can; else one after the other."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "renameat2"):
        names = os.fsencode(one), os.fsencode(other)
        if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
            return
        number = ctypes.get_errno()
        if number not in (errno.EINVAL, errno.ENOSYS):  # a file system, or a kernel, that cannot
            raise OSError(number, os.strerror(number), str(other))
    away = one.with_name(f"{one.name}.old")
    other.rename(away)
    one.rename(other)
    away.rename(one)


def _link(old: Path, new: Path) -> None:
    """``old`` under the name ``new`` too, without copying where the file system can."""
    if old.is_dir():
        shutil.copytree(old, new, copy_function=_link_file)
    else:
        _link_file(str(old), str(new))


def _link_file(old: str, new: str) -> str:
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)
    return new


def _sync_tree(folder: Path) -> None:
    for path, _, _ in os.walk(folder):
        sync_folder(Path(path))
