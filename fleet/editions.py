"""Editions of a deployment: each time that somebody defined it anew, and how many approvals it asked for then. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.approvals import Barred
from fleet.persons import Person


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition. ``is_added``: the deployment was added with it. ``approved_in`` is the run that first began with it
    and had the approvals that it needed, empty while none had. ``id`` is 0 until it is kept.
    """

    deployment: str
    person: Person
    at: datetime
    needs_approval: int = 0
    is_added: bool = False
    approved_in: str = ""
    id: int = 0


def needed_by(editions: Sequence[Edition]) -> int:
    """How many approvals a run needs, by ``editions`` in their order: the most that any asked for since the last that
    was approved, that one included. So who lowers the number still needs as many for the first run after that.
    """
    last_approved = max((number for number, each in enumerate(editions) if each.approved_in), default=0)
    return max((each.needs_approval for each in editions[last_approved:]), default=0)


def authors_of(editions: Sequence[Edition], run_edition: int = 0) -> tuple[Barred, ...]:
    """Whose approvals do not count: who added the deployment, who edited it last, and whose edition a run has."""
    added = [each for each in editions if each.is_added]
    own = [each for each in editions if each.id == run_edition]
    chosen = (
        *((each.person, "added the deployment") for each in added[-1:]),
        *((each.person, "edited the deployment last") for each in editions[-1:] if not each.is_added),
        *((each.person, "edited what the run does") for each in own if not each.is_added),
    )
    return tuple(Barred(person, why) for person, why in chosen)
