"""``--as-of``: an earlier instant whose state a verb answers from."""

from datetime import datetime
from typing import Annotated

import typer

from fleet.instants import instant_text
from ops.cli.terminal import say
from ops.home import Home

AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="What was known at that time: 2026-11-20T12:00Z, yesterday, '3 days ago', 12h, run:ID.",
        show_default=False,
    ),
]


def read_as_of(home: Home, text: str | None) -> datetime | None:
    """The instant that ``text`` says, None without one.

    Raises:
        BadInput: it says none, or one that is yet to come.
        UnknownName: there is no such run.
    """
    if text is None:
        return None
    from ops.instants import past_instant
    from ops.state.audit import utc_now

    return past_instant(home, text, utc_now())


def say_as_of(home: Home, at: datetime | None) -> None:
    """Says that the answer is of ``at``, and whether what was known then is kept at all; nothing for the present."""
    if at is None:
        return
    say(f"As of {instant_text(at)}. By the groups and the scope of now: who was in them then is not kept.")
    if not_kept := before_all(home, at):
        say(not_kept)


def say_instant(at: datetime | None) -> None:
    """Says that the answer is of ``at``, where all of it is kept; nothing for the present."""
    if at is not None:
        say(f"As of {instant_text(at)}.")


def before_all(home: Home, at: datetime | None) -> str:
    """That nothing is kept of ``at``, so that nothing of then is known; empty where something is."""
    from ops.past.room import first_day

    if at is None:
        return ""
    day = first_day(home)
    if day is not None and at.date() >= day:
        return ""
    since = f"what is stored begins on {day:%Y-%m-%d}" if day else "no assessment is stored"
    return f"What machines said by then is unknown: {since}."
