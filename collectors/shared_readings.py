"""What machines print alike is read once: pure readings of sections, remembered by what the sections hold.

A fleet is full of machines that were made from one image: their inventories, plans and version tables are the same to
the byte, and reading them is most of what an assessment costs here. What is read is shared, so it is never changed.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Generic, ParamSpec, TypeVar

from collectors.sections import Section

# A fleet has few kinds of machines, and each is asked for again and again while they answer.
MOST_READINGS = 64
# A machine that floods must neither fill the memory nor drive out the others.
MOST_SECTION_BYTES = 512 * 1024
MOST_BYTES = 8 * 1024 * 1024

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def shared(read: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """``read``, a pure function of sections and other hashable values, done once for all that are equal.

    What it raises is not remembered. Safe to call from several threads.
    """
    readings: _Readings[_Result] = _Readings()

    @wraps(read)
    def read_or_recall(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        size_bytes = sum(len(value.stdout) + len(value.stderr) for value in args if isinstance(value, Section))
        if kwargs or size_bytes > MOST_SECTION_BYTES:
            return read(*args, **kwargs)
        found = readings.find(args)
        if found is None:
            found = (read(*args, **kwargs),)
            readings.keep(args, found, size_bytes)
        return found[0]

    return read_or_recall


class _Readings(Generic[_Result]):
    """The last readings by their arguments, the oldest forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[tuple[_Result], int]] = OrderedDict()
        self._size_bytes = 0
        self._lock = Lock()

    def find(self, arguments: tuple[object, ...]) -> tuple[_Result] | None:
        with self._lock:
            kept = self._kept.get(arguments)
            if kept is None:
                return None
            self._kept.move_to_end(arguments)
            return kept[0]

    def keep(self, arguments: tuple[object, ...], found: tuple[_Result], size_bytes: int) -> None:
        with self._lock:
            if arguments in self._kept:
                return
            self._kept[arguments] = found, size_bytes
            self._size_bytes += size_bytes
            while len(self._kept) > MOST_READINGS or self._size_bytes > MOST_BYTES:
                _, (_, forgotten_bytes) = self._kept.popitem(last=False)
                self._size_bytes -= forgotten_bytes
