"""What a reason is: its kind, how much it weighs, its words, its evidence, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What a reason does to an update, the most pressing first.

    STOPS: while it holds, nothing installs the update. WENT_WRONG: it kept the last try from succeeding. MAY_STOP: the
    next try may fail because of it. UNDER_WAY: the update is being taken care of. NOTE: good to know, stops nothing.
    """

    STOPS = "stops it"
    WENT_WRONG = "went wrong"
    UNDER_WAY = "under way"
    MAY_STOP = "may stop it"
    NOTE = "note"


class ReasonKind(StrEnum):
    """All reasons that Patchdeck knows; of the same weight, the first of them is told first."""

    NOT_ENROLLED = "not-enrolled"
    MACHINE_DISABLED = "machine-disabled"
    OUTSIDE_SCOPE = "outside-scope"
    UNREACHABLE = "unreachable"
    ASSESSMENT_FAILED = "assessment-failed"
    FOUND_ON_MACHINE = "found-on-machine"
    RESTART_FIRST = "restart-first"
    INSTALLED_SINCE = "installed-since"
    BLOCKED = "blocked"
    WAITS_FOR_APPROVAL = "waits-for-approval"
    RUN_PAUSED = "run-paused"
    RUN_IN_PROGRESS = "run-in-progress"
    WAITS_FOR_WINDOW = "waits-for-window"
    SERVICE_STOPPED = "service-stopped"
    WILL_BE_INSTALLED = "will-be-installed"
    DEPLOYMENT_BROKEN = "deployment-broken"
    LEFT_OUT = "left-out"
    DEPLOYMENT_DISABLED = "deployment-disabled"
    RESTARTS_ONLY = "restarts-only"
    NO_SCHEDULE = "no-schedule"
    NO_MORE_STARTS = "no-more-starts"
    NOT_TARGETED = "not-targeted"
    NO_DEPLOYMENT = "no-deployment"
    FAILED_AGAIN = "failed-again"
    INSTALL_FAILED = "install-failed"
    WINDOW_EXCEEDED = "window-exceeded"
    UNREACHABLE_IN_RUN = "unreachable-in-run"
    MACHINE_FAILED = "machine-failed"
    RUN_CANCELLED = "run-cancelled"
    PLAN_DRIFTED = "plan-drifted"
    BUDGET_EXHAUSTED = "budget-exhausted"
    RUN_FAILED = "run-failed"
    NOT_STARTED = "not-started"
    LEFT_OUT_OF_RUN = "left-out-of-run"
    NOT_IN_RUN = "not-in-run"
    OFFERED_AGAIN = "offered-again"
    START_SKIPPED = "start-skipped"
    WINDOW_TOO_SHORT = "window-too-short"
    NOT_ASSESSED = "not-assessed"
    NOT_SEEN = "not-seen"
    STALE = "stale"
    READ_ONLY = "read-only"
    NOTHING_STOPS = "nothing-stops"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. ``words`` say what is so, in a sentence; ``evidence`` by what that is known, ``remedy`` what to do.

    ``command`` is the command of the remedy, to be typed as it stands; empty where there is none, or where it is one
    for the machine itself. ``about`` is what it is about (a blocker, a deployment, a kind of failure), so that the same
    reason of many machines can be put together; ``run_id`` is the run that shows it.
    """

    kind: ReasonKind
    weight: Weight
    words: str
    evidence: str = ""
    remedy: str = ""
    command: str = ""
    about: str = ""
    run_id: str = ""

    @property
    def stops(self) -> bool:
        """Whether nothing installs the update while it holds."""
        return self.weight is Weight.STOPS


_WEIGHTS = {weight: rank for rank, weight in enumerate(Weight)}
_KINDS = {kind: rank for rank, kind in enumerate(ReasonKind)}


def rank_of(reason: Reason) -> tuple[int, int]:
    """By what reasons are sorted: what stops the update now comes first."""
    return _WEIGHTS[reason.weight], _KINDS[reason.kind]
