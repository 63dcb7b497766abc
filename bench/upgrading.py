"""One upgrade of many machines by one tool, looked at while it goes on: when updates begin, and what CPU is used."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.contestants import Contestant
from bench.crowd import Crowd

_MOST_SECONDS = 1_800.0
_LOOK_SECONDS = 0.5
# Until all machines have noticed that they are to talk; and until the last beginning is dealt with.
_SETTLE_SECONDS = 11.0
# Hundreds of machines share the cores of one: some cannot be logged in to in time, and are left out of the figures.
_FEWEST_SHARE = 0.9
_NO_MORE_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Phases:
    """For how long it is looked at the tool while updates are installed that say nothing, and then talk; in seconds."""

    silent: float
    talking: float


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What one tool did on ``machines``, those where an update began. CPU is the client's alone, in seconds: its
    process and all that it started.

    ``first`` and ``last`` are when an update began, seconds after the tool did; ``silent_rate`` and ``talking_rate``
    are CPU seconds a second while all updates go on.
    """

    machines: int
    first: float
    last: float
    wall: float
    cpu_to_last: float
    silent_rate: float
    talking_rate: float
    cpu_after: float
    peak_mib: float

    def minute(self, rate: float) -> float:
        """Milliseconds of CPU a machine-minute."""
        return rate * 60 * 1000 / self.machines

    @property
    def cpu_beside_following(self) -> float:
        """Milliseconds of CPU a machine, from the beginning until all updates went on, and after they ended."""
        return (self.cpu_to_last + self.cpu_after) * 1000 / self.machines


def upgrade(contestant: Contestant, crowd: Crowd, work: Path, phases: Phases) -> Upgrade:
    """Has ``contestant`` upgrade ``crowd``; ends the program where it did not do that wherever an update began."""
    began, wall_began = time.monotonic(), time.time()
    with (work / "printed").open("w+b") as printed:
        process = subprocess.Popen(
            contestant.argv, cwd=work, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed,
            env={**os.environ, **contestant.environment},
        )  # fmt: skip
        times = _await_most(process, crowd, lambda: _tail(printed.name))
        time.sleep(_SETTLE_SECONDS)
        cpu_to_last = cpu_of(process.pid)
        silent = _rate(process.pid, phases.silent)
        crowd.let_talk()
        time.sleep(_SETTLE_SECONDS)
        talking = _rate(process.pid, phases.talking)
        cpu_then = cpu_of(process.pid)
        crowd.let_end()
        _, status, usage = os.wait4(process.pid, 0)
    upgraded = crowd.upgraded()
    if (status and len(times) == len(crowd.places)) or upgraded != len(times):
        raise SystemExit(f"{contestant.name}: {upgraded} upgraded, status {status}:\n{_tail(printed.name)}")
    return Upgrade(
        machines=len(times),
        first=min(times.values()) - wall_began,
        last=max(times.values()) - wall_began,
        wall=time.monotonic() - began,
        cpu_to_last=cpu_to_last,
        silent_rate=silent,
        talking_rate=talking,
        cpu_after=usage.ru_utime + usage.ru_stime - cpu_then,
        peak_mib=usage.ru_maxrss / 1024,
    )


def cpu_of(pid: int) -> float:
    """Seconds of CPU that the process used, with all those that it started, living or waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = [word for task in Path(f"/proc/{pid}/task").iterdir() for word in _read(task / "children").split()]
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS + sum(cpu_of(int(child)) for child in children)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _rate(pid: int, seconds: float) -> float:
    began, cpu = time.monotonic(), cpu_of(pid)
    time.sleep(seconds)
    return (cpu_of(pid) - cpu) / (time.monotonic() - began)


def _await_most(process: "subprocess.Popen[bytes]", crowd: Crowd, said: Callable[[], str]) -> dict[str, float]:
    """When the update began on each machine: on all of them, or on most where for a minute it began on no other."""
    count = len(crowd.places)
    give_up_at = time.monotonic() + _MOST_SECONDS
    times: dict[str, float] = {}
    changed_at = time.monotonic()
    while len(times) < count:
        now = time.monotonic()
        before, times = len(times), crowd.began_at()
        changed_at = now if len(times) != before else changed_at
        if len(times) >= _FEWEST_SHARE * count and now - changed_at > _NO_MORE_SECONDS:
            break
        if process.poll() is not None or now > give_up_at:
            process.kill()
            raise SystemExit(f"{len(times)} of {count} began, status {process.poll()}:\n{said()}")
        time.sleep(_LOOK_SECONDS)
    return times


def _tail(path: str) -> str:
    return Path(path).read_text(errors="replace")[-3_000:]
