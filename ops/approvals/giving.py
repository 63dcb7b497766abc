"""Giving and withdrawing approvals. Who may: an admin of the home whom it can be told who they are, and not for their
own deeds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.approvals import Approval, Standing, find_bar, why_over
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from fleet.deployments.runs import Run
from fleet.errors import BadInput, NotPermitted, UnknownName
from fleet.hostile import clean
from fleet.persons import Person
from fleet.roles import Role
from ops.approvals.plans import find_plan
from ops.approvals.standing import standing_of_plan, standing_of_run
from ops.config import load_settings
from ops.deployments.history import OPEN_STATUSES
from ops.home import Home
from ops.permission import require_writable
from ops.persons import current_person, is_disguised, person_called
from ops.roles import standing_of
from ops.state.approvals import ApprovalBook
from ops.state.audit import utc_now
from ops.state.database import opened, transaction
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunBook

_MOST_NOTE_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Given:
    """An approval that was asked for. ``is_new`` is False where the same person had given it before and it holds.

    ``standing`` is what the plan has now, ``runs`` are the open runs that it is of.
    """

    approval: Approval
    is_new: bool
    standing: Standing
    plan: Plan
    runs: tuple[Run, ...]


def approve(
    home: Home,
    deployment: str,
    plan: str,
    note: str = "",
    *,
    person: Person | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Given:
    """Approves the plan with the hash ``plan`` of ``deployment``, as ``person``: by default whoever runs this process.

    Raises:
        UnknownName: there is no such deployment, and no open run of one that was removed.
        BadInput: no such plan is known, or nobody asks for approvals of it; the note is too long.
        NotPermitted: this person may not, because it is their own or they are no admin; says why.
    """
    require_admin(home)
    if len(note) > _MOST_NOTE_CHARACTERS:
        raise BadInput(f"The note is longer than {_MOST_NOTE_CHARACTERS:,} characters.")
    who, settings = person or _whoever_runs_this(), load_settings(home)
    _require_known(who)
    with opened(home.state_file) as connection, transaction(connection):
        runs = RunBook(connection, clock)
        open_runs = [run for run in runs.list(statuses=OPEN_STATUSES) if _is_called(run, deployment)]
        defined = _definition(DeploymentBook(connection), deployment, open_runs)
        known = find_plan(home, runs, defined.name, plan, open_runs)
        standing = standing_of_plan(connection, defined, known.plan.hash, settings, clock())
        if not standing.wanted.needed:
            raise BadInput(f"{defined.name} needs no approval: see --needs-approval of `patchdeck deployments edit`.")
        _require_other(who, standing, known.runs)
        book = ApprovalBook(connection, clock=clock)
        held = _held(book.given(defined.name, known.plan.hash), who, settings.approvals_hours, clock())
        said = clean(note, _MOST_NOTE_CHARACTERS)
        given = held or book.give(Approval(defined.name, known.plan.hash, who, clock(), said))
        after = standing_of_plan(connection, defined, known.plan.hash, settings, clock())
        if known.runs:
            after = standing_of_run(connection, known.runs[0], known.plan.hash, settings, clock())
    return Given(given, held is None, after, known.plan, known.runs)


def withdraw(
    home: Home,
    deployment: str,
    plan: str = "",
    *,
    of_all: bool = False,
    person: Person | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Sequence[Approval]:
    """Withdraws the standing approvals of ``deployment`` that ``person`` gave, of all with ``of_all``; only those of
    plans whose hash begins with ``plan``. Those that were withdrawn, as they are then; a run that has begun goes on.

    Raises:
        UnknownName: there is no such deployment, and no approval of one that was removed.
        NotPermitted: this person is no admin.
    """
    require_admin(home)
    who = person or current_person()
    with opened(home.state_file) as connection, transaction(connection):
        book = ApprovalBook(connection, clock=clock)
        given = book.given(deployment)
        if not given:
            DeploymentBook(connection).find(deployment)
        chosen = [
            each
            for each in given
            if (of_all or each.person.is_among(who.numbers)) and each.plan.startswith(plan.strip().casefold())
        ]
        return book.lapse(chosen, f"{who.name} withdrew it", "approval.withdraw")


def require_admin(home: Home) -> None:
    """Let pass an admin of ``home``.

    Raises:
        NotPermitted: this process is none's.
    """
    require_writable(home.path, "approve plans")
    if (standing := standing_of(home)).role < Role.ADMIN:
        raise NotPermitted(f"Cannot approve plans: that takes an admin; {standing.reason}. Nothing was changed.")


def _whoever_runs_this() -> Person:
    if is_disguised():
        raise NotPermitted(
            "Cannot approve from within a user namespace, such as a container's: there anybody can have the number of "
            "anybody. Approve from outside of it. Nothing was changed."
        )
    return current_person()


def _require_known(who: Person) -> None:
    if not who.is_known:
        raise NotPermitted(
            "Cannot approve as root: nobody can tell who that is. Log in as yourself, and use sudo from there. Nothing "
            "was changed."
        )


def _require_other(who: Person, standing: Standing, runs: Sequence[Run]) -> None:
    """Refuses whose approval could count for nothing."""
    why = find_bar(who, standing.wanted.barred)
    if not why and runs and all(_asked(run, who) for run in runs):
        why = f"asked for the run {runs[0].id}"
    if why:
        raise NotPermitted(f"Cannot approve: {who.name} {why}, and nobody approves their own. Nothing was changed.")


def _asked(run: Run, who: Person) -> bool:
    asker = run.requester.person or person_called(run.requester.user)
    return who.is_among(asker.numbers)


def _is_called(run: Run, deployment: str) -> bool:
    return run.deployment.name.casefold() == deployment.casefold()


def _definition(book: DeploymentBook, name: str, open_runs: Sequence[Run]) -> Deployment:
    """What is defined under ``name``; of a deployment that was removed what an open run has of it."""
    try:
        return book.find(name).deployment
    except UnknownName:
        if not open_runs:
            raise
        return open_runs[0].deployment


def _held(given: Sequence[Approval], who: Person, hours: float, now: datetime) -> Approval | None:
    return next((e for e in given if e.person.is_among(who.numbers) and not why_over(e, hours, now)), None)
