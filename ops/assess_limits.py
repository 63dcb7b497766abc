"""How many machines a scan reaches at once, how fast it opens connections, and how often it tidies the memory."""

import asyncio
import gc
import os
import resource
from dataclasses import dataclass

# A machine that is being assessed mostly waits for its package manager; our own part of it is about 3 ms of CPU
# (lab.md), so a core can look after many. More than this gains nothing and only holds memory.
MACHINES_PER_CORE = 64
# One socket for a connection, or three pipes and a pidfd for a local probe; the jump host's socket on top.
FILES_PER_MACHINE = 5
# A machine that is reached by WinRM is waited for in a thread of its own, for up to minutes, and its socket is open
# twice. 300 of them are 100 MB (docs/performance.md).
MOST_WAITING = 300
FILES_PER_WAITING_MACHINE = 3
# Machines that answer slowly or hang are waited for beside the others; each holds some kilobytes, and files.
MOST_MACHINES = 2_000
PATIENCE_SECONDS = 15.0
# A process more costs 0.4 s of CPU to begin, as much as 100 machines; and two cores are the servers' and ours alike.
MACHINES_PER_WORKER = 250
FEWEST_CORES_FOR_WORKERS = 3
MOST_WORKERS = 16
# What the tables, the state, the log and a jump host's connections need beside the machines.
FILES_RESERVED = 96
# A scan makes some thousand objects a machine and lets go of them at once. Looking for circles among them at every
# 700th, as Python does by default, takes a tenth of its CPU; what connections leave until then is some megabytes.
COLLECT_AFTER = (10_000, 10, 10)
# An SSH handshake costs 3 ms of CPU here and 24 ms on a server (lab.md): a storm of them makes logins time out.
STARTS_PER_SECOND_PER_CORE = 80


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many machines are in work at once: ``usual``, and beside them slow ones, up to ``most`` in all.

    A machine is slow when it is not done after ``patience_seconds``; from then on the others do not wait for it.
    """

    usual: int
    most: int
    patience_seconds: float = PATIENCE_SECONDS


def crowd_of(concurrency: int | None, machines: int, processes: int = 1, waiting: int = 0) -> Crowd:
    """The crowd that was asked for, exactly; None: what cores and the limit of open files allow, at least one.

    ``processes`` share the cores; each has open files of its own. ``waiting`` machines are a `waiting_crowd` beside it.
    """
    if concurrency is not None:
        return Crowd(min(concurrency, machines), concurrency)
    taken = waiting_crowd(waiting).most * FILES_PER_WAITING_MACHINE if waiting else 0
    most = max(1, min(MOST_MACHINES, (_files() - taken) // FILES_PER_MACHINE))
    return Crowd(max(1, min(MACHINES_PER_CORE * _cores() // processes, most, machines)), most)


def waiting_crowd(machines: int) -> Crowd:
    """The crowd of machines that are waited for in threads; a large one, since they cost no CPU meanwhile."""
    most = max(1, min(MOST_WAITING, machines, _files() // FILES_PER_WAITING_MACHINE))
    return Crowd(most, most)


def worker_count(wanted: int | None, concurrency: int | None, machines: int) -> int:
    """How many processes reach ``machines``: as many as ``wanted``, else one for each core but ours that is worth it.

    Never more than machines at once, or machines.
    """
    most = max(1, min(machines, concurrency or machines))
    if wanted is not None:
        return min(wanted, most)
    by_cores = _cores() - 1 if _cores() >= FEWEST_CORES_FOR_WORKERS else 1
    return max(1, min(by_cores, machines // MACHINES_PER_WORKER, MOST_WORKERS, most))


def default_starts_per_second() -> float:
    """How many machines are begun in a second."""
    return float(STARTS_PER_SECOND_PER_CORE * _cores())


def collect_seldom() -> None:
    """Let Python look for objects that are lost in circles less often; from now on, in the whole process."""
    gc.set_threshold(*COLLECT_AFTER)


def _files() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (FILES_PER_MACHINE * MOST_MACHINES * 2 if files == resource.RLIM_INFINITY else files) - FILES_RESERVED


def _cores() -> int:
    # Those this process may use; macOS cannot tell.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class StartPace:
    """Spreads starts evenly: `wait` returns at most ``per_second`` times a second."""

    def __init__(self, per_second: float) -> None:
        self._gap_seconds = 1.0 / per_second
        self._next_start = 0.0

    async def wait(self) -> None:
        """Returns when the caller may start."""
        now = asyncio.get_running_loop().time()
        start = max(now, self._next_start)
        self._next_start = start + self._gap_seconds
        if start > now:
            await asyncio.sleep(start - now)
