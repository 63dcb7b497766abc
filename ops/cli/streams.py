"""The standard streams, made fit for use: each exists, and takes any text."""

import os
import sys
from contextlib import suppress


def repair_streams() -> None:
    """Stands in for streams that were closed (``>&-``), and lets a terminal's encoding lack characters.

    Without this the next file that is opened would get the number of a closed stream, and be written to by whatever
    writes to that stream. A closed standard input is empty; to write to a closed standard output fails.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        _fill(number, flags)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  (stays open, as streams do)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):
            # A program or a file gets all characters, whatever the terminal that it was started from can show.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")  # type: ignore[union-attr]


def discard_output() -> None:
    """Drops what standard output still holds and is given: Python writes it once more at exit, and would complain."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def discard_failing_output() -> bool:
    """`discard_output`, if standard output takes nothing any more; whether that is so."""
    try:
        sys.stdout.flush()
    except OSError:
        discard_output()
        return True
    return False


def _fill(number: int, flags: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        descriptor = os.open(os.devnull, flags)
        if descriptor != number:
            os.dup2(descriptor, number)
            os.close(descriptor)
