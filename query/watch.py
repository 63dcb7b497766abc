"""Watches one running query: its time, its memory, its disk, and whether the user has had enough."""

import os
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from query.limits import Limits

# A stopped query is interrupted again and again: DuckDB forgets an interrupt that comes before it starts.
_REPEAT_SECONDS = 0.01
_LOOK_SECONDS = 0.04
# Beside what DuckDB counts stand the rows that Python holds, and the allocator's own overhead.
_SLACK_BYTES = 256 * 2**20
_STATM = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class StopReason(StrEnum):
    """Why a query was stopped."""

    TIME = "time"
    MEMORY = "memory"
    DISK = "disk"
    CANCELLED = "cancelled"


class Watch:
    """A context in which ``interrupt`` is called once the query must stop; then ``reason`` says why.

    Memory is that of the whole process, beyond what it had at the start: DuckDB's own limit does not count the texts
    of a running expression (query.growth). Where /proc is missing, only DuckDB's own limit holds. Disk is that of
    ``spill_dir``: DuckDB 2.0 keeps to its own limit in part of its operators only, and sorts far beyond it.
    """

    def __init__(self, interrupt: Callable[[], None], limits: Limits, spill_dir: Path) -> None:
        self.reason: StopReason | None = None
        self._interrupt = interrupt
        self._ends_at = time.monotonic() + limits.seconds if limits.seconds is not None else None
        self._memory_ceiling = _resident_bytes() + 2 * limits.memory_bytes + _SLACK_BYTES
        self._spill_dir = spill_dir
        self._spill_ceiling = limits.spill_bytes
        self._over = threading.Event()
        # The connection is another question's once this one is over.
        self._until_over = threading.Lock()
        self._thread = threading.Thread(target=self._look, name="query-watch", daemon=True)

    def cancel(self) -> None:
        """Stop the query, from any thread."""
        self._stop(StopReason.CANCELLED)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with self._until_over:
            self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_REPEAT_SECONDS if self.reason else _LOOK_SECONDS):
            if self.reason is None:
                self._judge()
            else:
                self._interrupt_it()

    def _judge(self) -> None:
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            self._stop(StopReason.TIME)
        elif _resident_bytes() > self._memory_ceiling:
            self._stop(StopReason.MEMORY)
        elif _bytes_in(self._spill_dir) > self._spill_ceiling:
            self._stop(StopReason.DISK)

    def _stop(self, reason: StopReason) -> None:
        if self.reason is None and not self._over.is_set():
            self.reason = reason
            self._interrupt_it()

    def _interrupt_it(self) -> None:
        with self._until_over:
            if not self._over.is_set():
                self._interrupt()


def _resident_bytes() -> int:
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0


def _bytes_in(folder: Path) -> int:
    """What the files of ``folder`` take; those that go away meanwhile do not count."""
    try:
        with os.scandir(folder) as entries:
            return sum(entry.stat().st_size for entry in entries)
    except OSError:  # there is none before something is laid aside
        return 0
