"""The journal of batches: a batch is accepted once it lies here, and leaves when all of it is in tables and state.

`ID.json` was accepted; `active-NUMBER-ID.json` is the one that is being stored, with the number that its commits carry;
`unreadable-…` was set aside because it could not be read or stored, for someone to look at.
"""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from collectors.handed_down import file_mode, folder_mode
from fleet.errors import HomeUnusable
from ops.store.batch import Batch
from ops.store.batch_text import read_batch, write_batch

_ACTIVE = "active-"
_UNREADABLE = "unreadable-"
_HOUR_NS = 3600 * 10**9


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch in the journal; ``number`` once it is being stored."""

    path: Path
    batch_id: str
    number: int | None = None


class Journal:
    """The journal in ``folder``. Accepting needs no lock; all else is for the holder of the tables' lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # What this process accepted itself need not be read again.
        self._at_hand: dict[str, Batch] = {}

    def accept(self, batch: Batch) -> None:
        """Write ``batch`` down, whole or not at all; afterwards a crash does not lose it.

        Raises:
            HomeUnusable: it cannot be written.
        """
        path = self._folder / f"{batch.id}.json"
        aside = self._folder / f".{batch.id}.{os.getpid()}"
        try:
            self._folder.mkdir(mode=folder_mode(self._folder.parent), exist_ok=True)
            _write_through(aside, (line.encode("ascii") for line in write_batch(batch)))
            aside.replace(path)
            sync_folder(self._folder)
        except OSError as error:
            with suppress(OSError):
                aside.unlink()
            raise HomeUnusable(f"Cannot write the scan to {path}: {error.strerror}. It is not stored.") from error
        self._at_hand[batch.id] = batch

    def entries(self) -> list[Entry]:
        """What is to be stored, in order: the one begun before, then as they were accepted."""
        accepted_at = {path: at for path in self._files() if (at := _changed_at(path)) is not None}
        begun = [_read_name(path) for path in sorted(accepted_at) if path.name.startswith(_ACTIVE)]
        waiting = [path for path in accepted_at if not path.name.startswith((_ACTIVE, _UNREADABLE))]
        in_order = sorted(waiting, key=lambda path: (accepted_at[path], path.name))
        return begun + [Entry(path, path.stem) for path in in_order]

    def begin(self, entry: Entry, number: int) -> Entry:
        """Mark ``entry`` as the one that is being stored, with ``number`` for its commits."""
        path = self._folder / f"{_ACTIVE}{number}-{entry.batch_id}.json"
        entry.path.rename(path)
        sync_folder(self._folder)
        return Entry(path, entry.batch_id, number)

    def read(self, entry: Entry) -> Batch:
        """The batch of ``entry``.

        Raises:
            ValueError, TypeError, KeyError, IndexError: it is not what `accept` writes.
        """
        if (batch := self._at_hand.get(entry.batch_id)) is not None:
            return batch
        with entry.path.open("rb") as file:
            return read_batch(file)

    def remove(self, entry: Entry) -> None:
        """Forget ``entry``: all of it is stored."""
        entry.path.unlink()
        self._at_hand.pop(entry.batch_id, None)

    def set_aside(self, entry: Entry) -> Path:
        """Keep ``entry`` out of the way, and tell where; also one that was begun since it was listed."""
        held = next((each for each in self.entries() if each.batch_id == entry.batch_id), entry)
        aside = held.path.with_name(f"{_UNREADABLE}{entry.batch_id}.json")
        held.path.rename(aside)
        self._at_hand.pop(entry.batch_id, None)
        return aside

    def remove_leftovers(self) -> None:
        """Delete what processes that were killed had begun to write; whoever still writes after an hour is dead."""
        for path in self._folder.glob(".*"):
            at = _changed_at(path)
            if at is not None and time.time_ns() - at > _HOUR_NS:
                path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        try:
            found = [
                path for path in self._folder.iterdir() if path.suffix == ".json" and not path.name.startswith(".")
            ]
        except FileNotFoundError:
            return []
        return [path for path in found if path.is_file()]


def _changed_at(path: Path) -> int | None:
    """When ``path`` was last written, in ns; None if another process has taken it away meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _read_name(path: Path) -> Entry:
    number, _, batch_id = path.stem.removeprefix(_ACTIVE).partition("-")
    if not number.isdecimal() or not batch_id:
        return Entry(path, path.stem)  # not named by us: what is in it decides
    return Entry(path, batch_id, int(number))


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_through(path: Path, lines: Iterable[bytes]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, file_mode(path.parent)), "wb") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())
