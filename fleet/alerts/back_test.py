"""What a rule would have done in the past."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.alerts.firing import Told
from fleet.alerts.records import AlertEvent, AlertRecord, AlertState
from fleet.alerts.rule import AlertRule


@dataclass(frozen=True, slots=True)
class Telling:
    """A message that there would have been: when, and of which alerts."""

    at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a rule would have done.

    Args:
        begin, end: the time that was gone through; ``end`` is earlier than what was asked for where time ran out.
        step: between evaluations; None where each change was looked at.
        events: what would have become of alerts, in order.
        tellings: the messages that there would have been.
        still_open: the alerts that were open at the end.
        failures: how many evaluations failed; ``problem`` is why the first of them did.
        notes: what of the past is not known, a sentence each.
        is_whole: whether all of it was gone through before the deadline.
    """

    rule: AlertRule
    begin: datetime
    end: datetime
    step: timedelta | None
    evaluations: int
    events: tuple[AlertEvent, ...]
    tellings: tuple[Telling, ...]
    still_open: tuple[AlertRecord, ...]
    failures: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()
    is_whole: bool = True

    @property
    def opened(self) -> int:
        """How many alerts would have opened."""
        return sum(event.state is AlertState.OPENED for event in self.events)

    @property
    def fired(self) -> int:
        """How often people would have been told that something opened."""
        return sum(bool(telling.told.opened) for telling in self.tellings)
