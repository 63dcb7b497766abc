"""Questions and answers as bytes between this process and its own reader, which the same user began."""

import copyreg
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, Any  # Any: arguments and answers of any question

from fleet.ssh_logins import Login


@dataclass(frozen=True, slots=True)
class Question:
    """``work``, as module:function, asked of the home at ``home``; ``read_only``: nothing in it may be changed;
    ``login``: whom a session over SSH serves that asks.
    """

    work: str
    home: str
    read_only: bool
    arguments: tuple[Any, ...] = ()
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question: its result, or the error of ours that it raised, or what nobody foresaw."""

    result: Any = None
    error: str = ""
    error_type: str = ""
    broke: str = ""


def send(stream: IO[bytes], message: Question | Answer) -> None:
    """Writes ``message`` to ``stream``.

    Raises:
        OSError: nobody reads it any more.
        TypeError, pickle.PicklingError: it holds what cannot be handed over; nothing is written then.
    """
    pickler = _Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dump(message)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next message of ``stream``.

    Raises:
        EOFError, OSError, pickle.UnpicklingError: the other side has ended, or was ended within a message.
    """
    return pickle.load(stream)  # noqa: S301 - what our own process writes, over a pipe that nobody else has


def read_only(mapping: dict[Any, Any]) -> Mapping[Any, Any]:
    """``mapping``, which nobody changes; what `receive` calls."""
    return MappingProxyType(mapping)


def _reduced(mapping: Mapping[Any, Any]) -> tuple[Callable[[dict[Any, Any]], Mapping[Any, Any]], tuple[dict[Any, Any]]]:
    return read_only, (dict(mapping),)


class _Pickler(pickle.Pickler):
    # Settings of machines and definitions are read-only mappings, which pickle does not know.
    dispatch_table = copyreg.dispatch_table | {MappingProxyType: _reduced}
