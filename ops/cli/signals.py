"""Signals that end a verb: Ctrl-C, SIGTERM and SIGHUP are one and the same."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def heeded_signals() -> tuple[signal.Signals, ...]:
    """Those of the signals that whoever started us has not told us to ignore, as ``nohup`` does with SIGHUP."""
    return tuple(number for number in STOPPING if signal.getsignal(number) is not signal.SIG_IGN)


@contextmanager
def stopped_alike() -> Iterator[None]:
    """While inside, SIGTERM and SIGHUP raise KeyboardInterrupt as Ctrl-C does, so that nothing half-written stays."""
    before = {number: signal.getsignal(number) for number in heeded_signals() if number is not signal.SIGINT}
    try:
        for number in before:
            signal.signal(number, _interrupt)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
