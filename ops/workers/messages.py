"""What a scan and its worker processes say to each other, and how it is carried.

Both ends are this Patchdeck, on a socket pair that nobody else holds: messages are pickled. Machines that are alike
share their updates and packages in memory; they do so on the other side, too, and are sent once.
"""

import io
import pickle
import socket
import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fleet.assessments import Assessment
from fleet.facts import SearchWay
from fleet.machines import Machine
from fleet.profiles import SecretKind
from fleet.updates import Update

_LENGTH = struct.Struct("!Q")
# As many kinds of machines as are remembered when they are read: `collectors.shared_readings`.
_MOST_SHARED = 64

Installed = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Share:
    """The first message to a worker: what it does. The options are those of a scan, without what lives in memory."""

    home: Path
    batch_id: str
    machines: tuple[Machine, ...]
    concurrency: int | None
    deadline_seconds: float
    max_output_bytes: int
    refresh: bool
    workers: int
    search_ways: Mapping[str, SearchWay] = field(default_factory=dict)
    windows_deadline_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """To a worker: begin nothing more, cancel what is in work, end."""


@dataclass(frozen=True, slots=True)
class Begun:
    """From a worker: a machine is in work."""

    machine_id: str


@dataclass(frozen=True, slots=True)
class Alike:
    """From a worker: what the machines that follow under ``number`` have in common."""

    number: int
    updates: tuple[Update, ...]
    installed: Installed
    sources: Installed


@dataclass(frozen=True, slots=True)
class Done:
    """From a worker: the assessment of a machine, without what it shares under ``number``; None: it shares nothing."""

    number: int | None
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class Asked:
    """From a worker: what is the machine's secret of that kind?"""

    question: int
    machine: Machine
    kind: SecretKind


@dataclass(frozen=True, slots=True)
class Told:
    """To a worker: the secret or None, or in ``problem`` why it cannot be had."""

    question: int
    secret: str | None
    problem: str = ""

    def __repr__(self) -> str:
        return f"Told({self.question})"


@dataclass(frozen=True, slots=True)
class Kept:
    """From a worker, its last message: the evidence that it wrote, and what broke it, if anything did."""

    evidence: tuple[Path, ...]
    error: str = ""


Message = Share | Stop | Begun | Alike | Done | Asked | Told | Kept


class Line:
    """One end of the socket pair. `send` may be called from one thread and `receive` from another."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._incoming = end.makefile("rb")

    def send(self, message: Message) -> None:
        """Send ``message``.

        Raises:
            OSError: the other end is gone.
        """
        buffer = io.BytesIO()
        _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(message)
        content = buffer.getvalue()
        self._end.sendall(_LENGTH.pack(len(content)) + content)

    def receive(self) -> Message | None:
        """The next message, or None when the other end is gone."""
        try:
            head = self._incoming.read(_LENGTH.size)
            if len(head) < _LENGTH.size:
                return None
            (length,) = _LENGTH.unpack(head)
            content = self._incoming.read(length)
        except OSError:
            return None
        # Written by our own worker, see above.
        return pickle.loads(content) if len(content) == length else None  # noqa: S301

    def close(self) -> None:
        """Let go; the other end then hears None."""
        try:
            self._end.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
        finally:
            self._end.close()


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        return (_read_only, (dict(value),)) if isinstance(value, MappingProxyType) else NotImplemented


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)  # its own name is not one that pickle finds


class Sharing:
    """Takes assessments apart into what machines have in common and what is their own."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._numbers: OrderedDict[tuple[int, int, int], Alike] = OrderedDict()
        self._next = 0

    def send(self, assessment: Assessment) -> None:
        """Send ``assessment``, and before it what it shares with others unless that was sent."""
        if not (assessment.updates or assessment.installed or assessment.sources):
            self._send(Done(None, assessment))
            return
        # By identity; `Alike` keeps them alive, so that no id is given again while it is known here.
        key = id(assessment.updates), id(assessment.installed), id(assessment.sources)
        alike = self._numbers.get(key)
        if alike is None:
            alike = Alike(self._next, assessment.updates, assessment.installed, assessment.sources)
            self._next += 1
            self._numbers[key] = alike
            if len(self._numbers) > _MOST_SHARED:
                self._numbers.popitem(last=False)
            self._send(alike)
        self._send(Done(alike.number, replace(assessment, updates=(), installed={}, sources={})))


class Joining:
    """Puts assessments together again."""

    def __init__(self) -> None:
        self._alike: OrderedDict[int, Alike] = OrderedDict()

    def take(self, alike: Alike) -> None:
        """What `Sharing` sent before an assessment."""
        self._alike[alike.number] = alike
        if len(self._alike) > _MOST_SHARED + 1:
            self._alike.popitem(last=False)

    def join(self, done: Done) -> Assessment:
        """The whole assessment."""
        if done.number is None:
            return done.assessment
        alike = self._alike[done.number]
        return replace(done.assessment, updates=alike.updates, installed=alike.installed, sources=alike.sources)
