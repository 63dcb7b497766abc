"""A process of its own that does one thing to the tables of a home, for tests that kill it.

    caring_process.py HOME compact|vacuum|expire
    caring_process.py HOME load FILE [DIE_AT]

It prints a line when it begins. A load kills itself with SIGKILL when it has done its DIE_AT-th step, counted from 0.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from fleet.tables import HEARTBEAT
from ops.home import Home, open_home
from ops.store.care import compact_table, vacuum_table
from ops.store.loading.load import Loader, LoadOptions
from ops.store.retention import expire_rows

TODAY = date(2026, 11, 20)


def _load(home: Home, file: str, die_at: int) -> None:
    left = die_at

    def step(_: str) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    loader = Loader(home, HEARTBEAT, LoadOptions(), on_step=step)
    loader.load([Path(file)], datetime(2026, 11, 20, tzinfo=UTC), wait_seconds=10.0)


def main(path: str, deed: str, file: str = "", die_at: str = "-1") -> None:
    """See the module."""
    home = open_home(Path(path))
    deeds: dict[str, Callable[[], object]] = {
        "compact": lambda: compact_table(home, HEARTBEAT, 10.0),
        "vacuum": lambda: vacuum_table(home, HEARTBEAT, 0, 10.0, dry_run=False),
        "expire": lambda: expire_rows(home, HEARTBEAT, 20, TODAY, 10.0),
        "load": lambda: _load(home, file, int(die_at)),
    }
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    deeds[deed]()


if __name__ == "__main__":
    main(*sys.argv[1:])
