"""One service a home: held by one process, let go when it dies, believed of other hosts while they write."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.home import Home
from ops.service.changes import ChangeWatch
from ops.service.lease import LeaseHeld, find_holder, take_lease
from ops.state import Audit, connect
from ops.state.lease import Lease, LeaseBook

_ROOT = Path(__file__).parents[3]
_HOLDER = """
import sys, time
from pathlib import Path
from ops.home import open_home
from ops.service.lease import LeaseHeld, take_lease
try:
    take_lease(open_home(Path(sys.argv[1])))
except LeaseHeld as error:
    print(f"held {error.holder.pid}", flush=True)
else:
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are ended with the test."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def _start(home: Home, processes: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    processes.append(process)
    return process


def _says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _foreign(home: Home, seen_at: datetime) -> Lease:
    lease = Lease("token", 4711, "elsewhere", "root", seen_at, seen_at, "0.1.0")
    with closing(connect(home.state_file)) as connection:
        LeaseBook(connection).take(lease)
    return lease


def test_ten_processes_race_and_one_wins(home: Home, processes: list[subprocess.Popen[str]]) -> None:
    """The others learn which process it is."""
    racing = [_start(home, processes) for _ in range(10)]
    said = [_says(process) for process in racing]
    winner = racing[said.index("mine")]
    assert sorted(said) == sorted([f"held {winner.pid}"] * 9 + ["mine"])


def test_a_killed_holder_is_followed_at_once(home: Home, processes: list[subprocess.Popen[str]]) -> None:
    """kill -9 leaves nothing that stands in the way of the next; the audit says whom it followed."""
    first = _start(home, processes)
    assert _says(first) == "mine"
    holder = find_holder(home)
    assert holder is not None
    assert holder.pid == first.pid
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert find_holder(home) is None
    second = _start(home, processes)
    assert _says(second) == "mine"
    with closing(connect(home.state_file)) as connection:
        entry = Audit(connection).list_entries(1)[0]
    assert entry.action == "service.begin"
    assert json.loads(entry.before or "")["pid"] == first.pid


def test_a_lease_that_is_let_go_leaves_nothing(home: Home) -> None:
    """Neither lock nor row."""
    held = take_lease(home)
    with pytest.raises(LeaseHeld):
        take_lease(home)
    held.close()
    assert find_holder(home) is None
    take_lease(home).close()


def test_a_silent_service_of_another_host_is_followed(home: Home) -> None:
    """However old or new its row looks by our clock: only that it does not change counts."""
    _foreign(home, datetime(2037, 1, 1, tzinfo=UTC))
    held = take_lease(home, watch_seconds=0.05)
    assert held.lease.host != "elsewhere"
    held.close()


def test_a_living_service_of_another_host_is_believed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row changes while it is watched, though its clock is years behind."""
    lease = _foreign(home, datetime(2020, 1, 1, tzinfo=UTC))
    watched = threading.Event()

    def beat(_seconds: float) -> None:
        if not watched.is_set():
            watched.set()
            with closing(connect(home.state_file)) as connection:
                LeaseBook(connection).take(replace(lease, seen_at=datetime(2020, 1, 1, 0, 1, tzinfo=UTC)))

    monkeypatch.setattr("ops.service.lease.time.sleep", beat)
    with pytest.raises(LeaseHeld, match="process 4711 of root on elsewhere"):
        take_lease(home, watch_seconds=60.0)


def test_a_service_that_was_taken_for_dead_learns_it(home: Home) -> None:
    """Its next beat finds the token of another."""
    held = take_lease(home)
    watch = ChangeWatch(home, held.lease.token)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert watch.beat(now, "")
    _foreign(home, now)
    assert not watch.beat(now, "")
    watch.close()
    held.close()


def test_changes_of_others_are_noticed_and_our_own_beats_are_not(home: Home) -> None:
    """A look tells of a change once."""
    held = take_lease(home)
    watch = ChangeWatch(home, held.lease.token)
    assert watch.has_changed()
    assert not watch.has_changed()
    watch.beat(datetime(2026, 11, 20, tzinfo=UTC), "busy")
    assert not watch.has_changed()
    with closing(connect(home.state_file)) as connection:
        Audit(connection).record("test", "something")
    assert watch.has_changed()
    assert not watch.has_changed()
    watch.close()
    held.close()
