"""Asking a process of its own: polars and DuckDB take more memory than all of the app, and give little of it back.

A reader is begun at the first question and answers those that follow; it ends by itself (`ops.apart.process`). Where
the heavy libraries are loaded anyway, after the query pane was opened, or no process can be begun, as in sessions over
SSH that the kernel keeps from it, the question is answered here.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pickle import UnpicklingError
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

from fleet.errors import PatchdeckError
from ops.apart.questions import ANSWERED
from ops.apart.wire import Answer, Question, receive, send
from ops.home import Home
from ops.logs import log_error
from ops.permission import refusal

_P = ParamSpec("_P")
_R = TypeVar("_R")
_HEAVY = ("polars", "duckdb")


class ReaderFailed(PatchdeckError):
    """The process that reads the tables did not answer."""


def ask_apart(home: Home, work: Callable[Concatenate[Home, _P], _R], *arguments: _P.args, **none: _P.kwargs) -> _R:
    """What ``work`` gives of ``home`` and ``arguments``, from a process of its own where that saves memory. Blocking.

    Raises:
        PatchdeckError: what ``work`` raises, by its class and words.
        ReaderFailed: the process ended without an answer, twice, or broke.
    """
    name = f"{work.__module__}:{work.__qualname__}"
    if name not in ANSWERED or none:
        raise TypeError(f"{name} is no question that is answered apart, or has arguments by name")
    if any(each in sys.modules for each in _HEAVY):
        return work(home, *arguments, **none)
    question = Question(name, str(home.path), refusal(home.path) is not None, arguments)
    try:
        answer = _READERS.ask(question)
    except PermissionError:  # the kernel lets this process begin none
        return work(home, *arguments, **none)
    if answer.broke:
        log_error("a question apart broke", ReaderFailed(answer.broke), work=name)
        raise ReaderFailed(f"The tables cannot be read: {answer.broke.strip().splitlines()[-1][:200]}")
    if answer.error_type:
        raise _error_of(answer)
    result: _R = answer.result
    return result


class Readers:
    """The processes that answer for this one: as many as there are questions at once, each kept for the next."""

    def __init__(self, words: tuple[str, ...] = ("-P", "-m", "ops.apart.process")) -> None:
        self._words = words
        self._idle: list[subprocess.Popen[bytes]] = []
        self._turn = Lock()

    def ask(self, question: Question) -> Answer:
        """The answer to ``question``; one that a process did not answer because it ended is asked once more.

        Raises:
            PermissionError: no process may be begun.
            ReaderFailed: it could not be begun, or ended without a word.
        """
        while (kept := self._take()) is not None:
            if (answer := self._ask(kept, question)) is not None:
                return answer
        for _ in range(2):
            if (answer := self._ask(self._begin(), question)) is not None:
                return answer
        raise ReaderFailed("The process that reads the tables ended without an answer: is memory short?")

    def _ask(self, reader: "subprocess.Popen[bytes]", question: Question) -> Answer | None:
        """None where it has ended."""
        assert reader.stdin is not None
        assert reader.stdout is not None
        try:
            send(reader.stdin, question)
            answer: Answer = receive(reader.stdout)
        except (EOFError, OSError, UnpicklingError):
            _end(reader)
            return None
        except BaseException:  # what cannot be asked, or a word to stop: what comes next would be another's answer
            _end(reader)
            raise
        with self._turn:
            self._idle.append(reader)
        return answer

    def _take(self) -> "subprocess.Popen[bytes] | None":
        with self._turn:
            return self._idle.pop() if self._idle else None

    def _begin(self) -> "subprocess.Popen[bytes]":
        # The very modules of this process, wherever it was begun; -P: and none that lie where it stands.
        places = os.pathsep.join(each or str(Path.cwd()) for each in sys.path)
        try:
            return subprocess.Popen(
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

    def close(self) -> None:
        """Ends those that wait for a question."""
        while (reader := self._take()) is not None:
            _end(reader)


_READERS = Readers()


def _end(reader: "subprocess.Popen[bytes]") -> None:
    for stream in (reader.stdin, reader.stdout):
        if stream is not None:
            with suppress(OSError):  # of what was not written yet, to one that has ended
                stream.close()
    reader.kill()
    reader.wait()


def _error_of(answer: Answer) -> PatchdeckError:
    """The error of the same class and words: how it was made is not known here."""
    module, _, name = answer.error_type.partition(":")
    kind = getattr(import_module(module), name, PatchdeckError)
    error: PatchdeckError = kind.__new__(kind)
    error.args = (answer.error,)
    return error
