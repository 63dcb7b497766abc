"""Asking a process of its own: polars and DuckDB take more memory than all of the app, and give little of it back.

A reader is begun at the first question and answers those that follow; it ends by itself (`ops.apart.process`), or is
ended where a question takes longer than a query may. Where
the heavy libraries are loaded anyway, after the query pane was opened, or no process can be begun, as in sessions over
SSH that the kernel keeps from it, the question is answered here.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from pickle import UnpicklingError
from threading import Condition, Thread, Timer
from time import monotonic
from typing import Concatenate, ParamSpec, TypeVar

from fleet.errors import PatchdeckError
from ops.acting_login import acting_login
from ops.apart.questions import ANSWERED
from ops.apart.wire import Answer, Question, receive, send
from ops.config import last_usable_settings
from ops.home import Home
from ops.logs import log_error
from ops.permission import refusal

_P = ParamSpec("_P")
_R = TypeVar("_R")
_HEAVY = ("polars", "duckdb")
# Each takes 100 MB: whoever asks more at once waits for the first.
_MOST_READERS = 2
# On top of what a query may take: a start of Python and its imports, on a machine that is busy.
_BEGIN_SECONDS = 10.0


class ReaderFailed(PatchdeckError):
    """The process that reads the tables did not answer."""


class ReaderLate(ReaderFailed):
    """The process that reads the tables did not answer in time, and was ended."""


def ask_apart(home: Home, work: Callable[Concatenate[Home, _P], _R], *arguments: _P.args, **none: _P.kwargs) -> _R:
    """What ``work`` gives of ``home`` and ``arguments``, from a process of its own where that saves memory. Blocking.

    Raises:
        PatchdeckError: what ``work`` raises, by its class and words.
        ReaderFailed: the process ended without an answer, twice, or broke, or this one is about to end.
        ReaderLate: it took longer than a query may.
    """
    name = f"{work.__module__}:{work.__qualname__}"
    if name not in ANSWERED or none:
        raise TypeError(f"{name} is no question that is answered apart, or has arguments by name")
    if any(each in sys.modules for each in _HEAVY):
        return work(home, *arguments, **none)
    question = Question(name, str(home.path), refusal(home.path) is not None, arguments, acting_login())
    limit = last_usable_settings(home).query_time_limit_seconds
    try:
        answer = _READERS.ask(question, limit + _BEGIN_SECONDS)
    except PermissionError:  # the kernel lets this process begin none
        return work(home, *arguments, **none)
    except ReaderLate as late:
        raise ReaderLate(
            f"The tables were not read within {limit + _BEGIN_SECONDS:g} s, and reading was given up. "
            "Where they need longer, raise query.time_limit_seconds."
        ) from late
    if answer.broke:
        log_error("a question apart broke", ReaderFailed(answer.broke), work=name)
        raise ReaderFailed(f"The tables cannot be read: {answer.broke.strip().splitlines()[-1][:200]}")
    if answer.error_type:
        raise _error_of(answer)
    result: _R = answer.result
    return result


def end_readers() -> None:
    """Ends the readers, those at work too, for good: this process is about to end, and waits for none of them."""
    _READERS.close()


class Readers:
    """The processes that answer for this one: a few, each kept for the next question."""

    def __init__(
        self, words: tuple[str, ...] = ("-P", "-m", "ops.apart.process"), *, most: int = _MOST_READERS
    ) -> None:
        self._words = words
        self._most = most
        self._idle: list[subprocess.Popen[bytes]] = []
        self._asked: list[subprocess.Popen[bytes]] = []
        self._questions = 0
        self._is_closed = False
        self._turn = Condition()

    def ask(self, question: Question, seconds: float) -> Answer:
        """The answer to ``question``; one that a process did not answer because it ended is asked once more.

        Raises:
            PermissionError: no process may be begun.
            ReaderFailed: it could not be begun, or ended without a word; or they were closed.
            ReaderLate: there was no answer within ``seconds``; who was asked is ended.
        """
        until = monotonic() + seconds
        with self._one_of_few(until):
            while (kept := self._take()) is not None:
                if (answer := self._ask(kept, question, until)) is not None:
                    return answer
            for _ in range(2):
                if (answer := self._ask(self._begin(), question, until)) is not None:
                    return answer
        raise ReaderFailed("The process that reads the tables ended without an answer: is memory short?")

    @contextmanager
    def _one_of_few(self, until: float) -> Iterator[None]:
        with self._turn:
            is_free = lambda: self._is_closed or self._questions < self._most  # noqa: E731  # used once
            if not self._turn.wait_for(is_free, until - monotonic()):
                raise ReaderLate("The readers are busy with other questions.")
            self._questions += 1
        try:
            yield
        finally:
            with self._turn:
                self._questions -= 1
                self._turn.notify()

    def _ask(self, reader: "subprocess.Popen[bytes]", question: Question, until: float) -> Answer | None:
        """None where it has ended by itself."""
        assert reader.stdin is not None
        assert reader.stdout is not None
        deadline = Timer(max(until - monotonic(), 0), reader.kill)
        deadline.daemon = True
        try:
            self._put_to_work(reader)
            deadline.start()
            send(reader.stdin, question)
            answer: Answer = receive(reader.stdout)
        except (EOFError, OSError, UnpicklingError):
            self._drop(reader)
            if monotonic() >= until:
                raise ReaderLate("There was no answer in time.") from None
            return None
        except BaseException:  # what cannot be asked, or a word to stop: what comes next would be another's answer
            self._drop(reader)
            raise
        finally:
            deadline.cancel()
        with self._turn:
            self._asked.remove(reader)
            self._idle.append(reader)
        return answer

    def _put_to_work(self, reader: "subprocess.Popen[bytes]") -> None:
        with self._turn:
            self._asked.append(reader)
            if self._is_closed:
                raise ReaderFailed("The tables are read no more: Patchdeck is being left.")

    def _drop(self, reader: "subprocess.Popen[bytes]") -> None:
        with self._turn:
            self._asked.remove(reader)
        _end(reader)

    def _take(self) -> "subprocess.Popen[bytes] | None":
        with self._turn:
            return self._idle.pop() if self._idle else None

    def _begin(self) -> "subprocess.Popen[bytes]":
        # The very modules of this process, wherever it was begun; -P: and none that lie where it stands.
        places = os.pathsep.join(each or str(Path.cwd()) for each in sys.path)
        try:
            reader = subprocess.Popen(
                [sys.executable, *self._words],
                env={**os.environ, "PYTHONPATH": places},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except PermissionError:
            raise
        except OSError as error:
            raise ReaderFailed(f"No process can be begun that reads the tables: {error.strerror or error}.") from error
        Thread(target=self._see_out, args=(reader,), name="end of a reader", daemon=True).start()
        return reader

    def _see_out(self, reader: "subprocess.Popen[bytes]") -> None:
        """Once it has ended nothing is left of it; who asks it at the time sees that for themselves."""
        reader.wait()
        with self._turn:
            if reader not in self._idle:
                return
            self._idle.remove(reader)
        _end(reader)

    def close(self) -> None:
        """Ends those that wait for a question and those at work: who asked them is told, and so is who asks now."""
        with self._turn:
            self._is_closed = True
            for reader in self._asked:
                reader.kill()
            self._turn.notify_all()
        while (kept := self._take()) is not None:
            _end(kept)


_READERS = Readers()


def _end(reader: "subprocess.Popen[bytes]") -> None:
    reader.kill()
    for stream in (reader.stdin, reader.stdout):
        if stream is not None:
            with suppress(OSError):  # of what was not written yet, to one that has ended
                stream.close()
    reader.wait()


def _error_of(answer: Answer) -> PatchdeckError:
    """The error of the same class and words: how it was made is not known here."""
    module, _, name = answer.error_type.partition(":")
    kind = getattr(import_module(module), name, PatchdeckError)
    error: PatchdeckError = kind.__new__(kind)
    error.args = (answer.error,)
    return error
