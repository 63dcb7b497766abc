"""Instants that name something of a home: when a run was asked for, and when it ended."""

from datetime import datetime

from fleet.errors import BadInput
from fleet.instants import instant_text, read_instant
from ops.home import Home

_RUN = "run:"
_END = ":end"


def find_instant(home: Home, text: str, now: datetime) -> datetime:
    """The instant that ``text`` says: as `fleet.instants.read_instant`, or ``run:ID`` for when that run was asked for,
    ``run:ID:end`` for when it ended. The beginning of an id is enough. Blocking.

    Raises:
        BadInput: it says none, or the run has not ended.
        UnknownName: there is no such run.
    """
    if not text.strip().startswith(_RUN):
        return read_instant(text, now)
    from ops.deployments.history import find_run

    name = text.strip().removeprefix(_RUN)
    run = find_run(home, name.removesuffix(_END))
    if not name.endswith(_END):
        return run.requested_at
    if run.ended_at is None:
        raise BadInput(f"The run {run.id} has not ended: there is no instant of its end yet.")
    return run.ended_at


def past_instant(home: Home, text: str, now: datetime) -> datetime:
    """As `find_instant`, of what is past.

    Raises:
        BadInput: as `find_instant`; the instant is yet to come.
        UnknownName: there is no such run.
    """
    instant = find_instant(home, text, now)
    if instant > now:
        raise BadInput(f"{instant_text(instant)} is yet to come: nothing is known of it.")
    return instant


def says_instant(text: str, now: datetime) -> bool:
    """Whether ``text`` reads as an instant, rather than as the name of a machine."""
    if text.strip().startswith(_RUN):
        return True
    try:
        read_instant(text, now)
    except BadInput:
        return False
    return True
