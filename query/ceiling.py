"""A ceiling on the memory of the process while queries run, kept by the kernel.

DuckDB does not count all that a running expression allocates against its memory_limit, and sees no interrupt within
one. At the ceiling the kernel gives no more, DuckDB's allocation fails, and the query ends like any that needs too
much; without it the machine would run out of memory. Only Linux counts so; elsewhere nothing is done.
"""

from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import TracebackType

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

_STATM = Path("/proc/self/statm")
_DATA_PAGES = 5
# Room for everything else in the process: rows on their way, screens, connections to machines.
_SLACK_BYTES = 1024 * 2**20


class Ceiling:
    """The one ceiling of this process, held while any query runs; that of the query that may take most holds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._allowed: list[int] = []
        self._before: tuple[int, int] | None = None
        self._taken = 0

    def raise_for(self, memory_bytes: int) -> "_Held":
        """A context in which the process may take twice ``memory_bytes`` beyond what it has, and some more."""
        return _Held(self, 2 * memory_bytes + _SLACK_BYTES)

    def enter(self, allowed: int) -> None:
        """One more query runs."""
        with self._lock:
            if not self._allowed:
                self._taken = _data_bytes()
                self._before = resource.getrlimit(resource.RLIMIT_DATA) if resource else None
            self._allowed.append(allowed)
            self._apply()

    def leave(self, allowed: int) -> None:
        """One query less runs."""
        with self._lock:
            self._allowed.remove(allowed)
            self._apply()

    def _apply(self) -> None:
        if self._before is None or not self._taken:
            return
        soft, hard = self._before
        if self._allowed:
            wanted = self._taken + max(self._allowed)
            soft = wanted if soft == resource.RLIM_INFINITY else min(soft, wanted)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


class _Held:
    def __init__(self, ceiling: Ceiling, allowed: int) -> None:
        self._ceiling = ceiling
        self._allowed = allowed

    def __enter__(self) -> None:
        self._ceiling.enter(self._allowed)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ceiling.leave(self._allowed)


CEILING = Ceiling()


def _data_bytes() -> int:
    """What counts against the ceiling now; 0 where that cannot be told."""
    try:
        return int(_STATM.read_text().split()[_DATA_PAGES]) * resource.getpagesize()
    except (OSError, IndexError, ValueError, AttributeError):
        return 0
