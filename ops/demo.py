"""The demo: a copy of the sample fleet in a temporary home, with the clock at the moment it was made for."""

import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

from fleet.errors import PatchdeckError
from ops.home import Home, open_home

_NOW_FILE = "now.txt"
_HOME_ENTRIES = ("version", "config.toml", "state.db", "tables", "feeds", "queries", "transcripts")


class SampleDataMissing(PatchdeckError):
    """The sample data is not part of this installation."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A home to look around in, gone afterwards, and the moment that stands for now."""

    home: Home
    now: datetime

    def clock(self) -> Callable[[], datetime]:
        """The demo's present: its moment, going on from here, so that what is assessed again is newer than it was."""
        started = time.monotonic()
        return lambda: self.now + timedelta(seconds=time.monotonic() - started)


@contextmanager
def open_demo() -> Iterator[Demo]:
    """A fresh copy of the sample home; whatever is done in it is forgotten.

    Raises:
        SampleDataMissing: this installation has none.
    """
    source = find_sample_data()
    with tempfile.TemporaryDirectory(prefix="patchdeck-demo-") as folder, _removed_when_killed(Path(folder)):
        path = Path(folder)
        for name in _HOME_ENTRIES:
            if (source / name).is_dir():
                shutil.copytree(source / name, path / name)
            elif (source / name).exists():
                shutil.copyfile(source / name, path / name)
        yield Demo(open_home(path), read_now(source))


@contextmanager
def _removed_when_killed(folder: Path) -> Iterator[None]:
    """Removes ``folder`` also when the terminal is closed or the process is told to end; only for the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def remove_and_die(number: int, _frame: FrameType | None) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    before = {number: signal.signal(number, remove_and_die) for number in (signal.SIGHUP, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def find_sample_data() -> Path:
    """The sample home: beside the rooms in a checkout, inside `ops` in an installation.

    Raises:
        SampleDataMissing: it is in neither.
    """
    here = Path(__file__).parent
    for folder in (here / "sample-data", here.parent / "sample-data"):
        if (folder / _NOW_FILE).is_file():
            return folder
    raise SampleDataMissing(
        "The sample data is not part of this installation: install Patchdeck from its wheel or source."
    )


def read_now(folder: Path) -> datetime:
    """The moment for which the sample at ``folder`` was made, aware, in UTC."""
    moment = datetime.fromisoformat((folder / _NOW_FILE).read_text("ascii").strip())
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
