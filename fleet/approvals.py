"""Four eyes: who approved which plan of a deployment, and whether that is enough for a run to begin. Pure.

An approval is of one deployment and of one plan, by its hash. It holds for some hours and for one run, until somebody
edits the deployment, or a run finds that the plan has drifted. Nobody approves their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.persons import Person


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's approval of a plan. ``id`` and ``audit_id`` are 0 until it is kept.

    ``lapsed_for`` says why it does not hold any more, and ``used_by`` is the run that began with it; both are empty
    while it holds. ``use_id`` is the audit's entry of its use, 0 before.
    """

    deployment: str
    plan: str
    person: Person
    at: datetime
    note: str = ""
    id: int = 0
    audit_id: int = 0
    lapsed_at: datetime | None = None
    lapsed_for: str = ""
    used_by: str = ""
    use_id: int = 0

    @property
    def is_standing(self) -> bool:
        """Whether nothing has happened that ends it; how old it is apart."""
        return not self.lapsed_for and not self.used_by

    def describe(self) -> str:
        """By whom and when, and the note: ``anna at 2026-12-07 14:02:11Z (ticket 4711)``."""
        note = f" ({self.note})" if self.note else ""
        return f"{self.person.name} at {self.at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}{note}"

    def ends_at(self, hours: float) -> datetime:
        """Until when it holds, where approvals hold for ``hours``."""
        return self.at + timedelta(hours=hours)


@dataclass(frozen=True, slots=True)
class Barred:
    """Somebody whose approval does not count, and why: a clause after "who", such as ``asked for the run``."""

    person: Person
    why: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What approvals a run needs: how many, of which plan, how old they may be in hours, and whose do not count.

    ``later`` is how many the runs after one that began with them need.
    """

    deployment: str
    plan: str
    needed: int
    hours: float
    barred: tuple[Barred, ...] = ()
    run_id: str = ""
    later: int = 0

    @property
    def is_lowered(self) -> bool:
        """Whether more are needed than the deployment asks for by now: it asked for more before."""
        return self.needed > self.later


@dataclass(frozen=True, slots=True)
class Refused:
    """An approval of the plan that does not count, and why."""

    approval: Approval
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a plan is approved: the approvals that count, and those of it that do not."""

    wanted: Wanted
    counted: tuple[Approval, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def missing(self) -> int:
        """How many more are needed."""
        return max(0, self.wanted.needed - len(self.counted))

    @property
    def is_enough(self) -> bool:
        """Whether the run may begin."""
        return not self.missing

    @property
    def worth_telling(self) -> tuple[Refused, ...]:
        """What does not count, and why, where it is the last that its person gave."""
        given = (*self.counted, *(each.approval for each in self.refused))
        return tuple(each for each in self.refused if not any(_is_newer_of(other, each.approval) for other in given))

    def describe(self) -> str:
        """How many there are of how many, and by whom: ``1 of 2 approvals, by anna``."""
        names = ", ".join(approval.person.name for approval in self.counted)
        needed = self.wanted.needed
        words = f"{len(self.counted)} of {needed} approval{'' if needed == 1 else 's'}"
        return f"{words}, by {names}" if names else words


def judge_approvals(wanted: Wanted, approvals: Iterable[Approval], now: datetime) -> Standing:
    """Which of ``approvals`` count for what is ``wanted``, the earliest of each person first.

    Those of other plans are passed over, and those that a run has used, unless it is the run itself.
    """
    counted: list[Approval] = []
    refused: list[Refused] = []
    for approval in sorted(approvals, key=lambda each: (each.at, each.id)):
        if approval.plan != wanted.plan or approval.deployment.casefold() != wanted.deployment.casefold():
            continue
        if why := _find_objection(approval, wanted, counted, now):
            refused.append(Refused(approval, why))
        else:
            counted.append(approval)
    return Standing(wanted, tuple(counted), tuple(refused))


def find_bar(person: Person, barred: Iterable[Barred]) -> str:
    """Why the approval of ``person`` does not count, a clause after "who"; empty if nothing bars it."""
    return next((each.why for each in barred if person.is_among(each.person.numbers)), "")


def why_over(approval: Approval, hours: float, now: datetime) -> str:
    """Why an approval does not hold any more, whatever it is wanted for; empty while it holds."""
    if approval.lapsed_for:
        return f"lapsed: {approval.lapsed_for}"
    if approval.used_by:
        return f"used by run {approval.used_by}"
    # Either way: one that was given while the clock was ahead would hold for as long as it was.
    if abs(now - approval.at) >= timedelta(hours=hours):
        return f"lapsed: older than {hours:g} h"
    return ""


def _is_newer_of(approval: Approval, than: Approval) -> bool:
    """Whether the same person gave ``approval`` after another one."""
    return (approval.at, approval.id) > (than.at, than.id) and approval.person.is_among(than.person.numbers)


def _find_objection(approval: Approval, wanted: Wanted, counted: Sequence[Approval], now: datetime) -> str:
    is_own = approval.used_by and approval.used_by == wanted.run_id and not approval.lapsed_for
    if not is_own and (over := why_over(approval, wanted.hours, now)):
        return over
    if not approval.person.is_known:
        return "root without a login may be anybody"
    if why := find_bar(approval.person, wanted.barred):
        return f"{approval.person.name} {why}"
    twin = next((each for each in counted if approval.person.is_among(each.person.numbers)), None)
    return f"the same person as {twin.person.name}" if twin else ""
