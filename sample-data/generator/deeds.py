"""Deeds: what somebody changed in the sample home, in the order in which it was done, so that the audit tells it so."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from generator.people import Admin
from ops.state import Actor, Audit

# What the service does at the time of a schedule.
_SCHEDULE = Actor("schedule", "", "")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that ``by`` did at ``at`` with ``command``; None: the service itself."""

    at: datetime
    by: Admin | None
    command: str
    do: Callable[[sqlite3.Connection, Audit], object]


def perform(connection: sqlite3.Connection, deeds: Iterable[Deed]) -> None:
    """Do all ``deeds``, the oldest first."""
    for deed in sorted(deeds, key=lambda each: each.at):
        actor = _SCHEDULE if deed.by is None else deed.by.actor(deed.at, deed.command)
        deed.do(connection, Audit(connection, actor, clock_at(deed.at)))


def clock_at(moment: datetime) -> Callable[[], datetime]:
    """A clock that stands at ``moment``."""
    return lambda: moment
