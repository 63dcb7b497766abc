"""Definitions of deployments in a home: kept, changed, switched, removed. The same definition twice is once."""

from dataclasses import dataclass, fields
from enum import Enum

from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.deployments.schedule_checks import check_schedule
from fleet.errors import BadInput
from ops.deployments.calendars import read_blackouts
from ops.deployments.host_files import require_known_files
from ops.edit_conflicts import explain_removal
from ops.home import Home
from ops.state.audit import utc_now
from ops.state.channels import ChannelBook
from ops.state.database import opened, transaction
from ops.state.deployments import NO_SOURCE, DeploymentBook, Source, StoredDeployment


class Outcome(Enum):
    """What became of a definition that was given."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Defined:
    """A deployment as it is kept now, and what became of the definition that was given."""

    stored: StoredDeployment
    outcome: Outcome


def list_deployments(home: Home) -> list[StoredDeployment]:
    """Every deployment, by name."""
    with opened(home.state_file) as connection:
        return DeploymentBook(connection).list()


def find_deployment(home: Home, name: str) -> StoredDeployment:
    """The deployment called ``name``, whatever the case.

    Raises:
        UnknownName: none is.
    """
    with opened(home.state_file) as connection:
        return DeploymentBook(connection).find(name)


def define(home: Home, deployment: Deployment, source: Source = NO_SOURCE, *, replace: bool = False) -> Defined:
    """Keeps a definition: a new one, or with ``replace`` in the place of another of that name.

    Raises:
        BadInput: it cannot be used, or without ``replace`` there is another definition of that name; a new one has no
            start any more, or a calendar of blackouts that cannot be read.
        NotPermitted: it names a script or a calendar that no deployment has yet, and this is a session over SSH.
        UnknownName: it names a channel that there is not.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = DeploymentBook(connection)
        existing = next((each for each in book.list() if _is_called(each, deployment.name)), None)
        ChannelBook(connection).check(deployment.channels)
        if existing is None or replace:
            require_known_files(book.list(), deployment)
        if existing is None:
            _check_schedule(deployment.schedule)
            return Defined(book.add(deployment, source), Outcome.ADDED)
        if replace:
            after = book.replace(deployment, source)
            return Defined(after, Outcome.UNCHANGED if after == existing else Outcome.REPLACED)
    differing = differences(existing.deployment, deployment)
    if differing:
        raise BadInput(
            f"There is already a deployment {existing.deployment.name!r}, which differs in {', '.join(differing)}: "
            f"use --replace, or `patchdeck deployments edit {existing.deployment.name}`."
        )
    return Defined(existing, Outcome.UNCHANGED)


def change(home: Home, seen: StoredDeployment, deployment: Deployment, source: Source = NO_SOURCE) -> StoredDeployment:
    """Puts ``deployment`` in the place of ``seen``, as it is kept then.

    Raises:
        BadInput: it has another name, or somebody else has removed it since it was ``seen``.
        EditConflict: somebody else has changed it since it was ``seen``.
        NotPermitted: it names a script or a calendar that no deployment had, and this is a session over SSH.
        UnknownName: it names a channel that there is not.
    """
    if not _is_called(seen, deployment.name):
        raise BadInput(
            f"A deployment keeps its name, since its history hangs on it: {seen.deployment.name!r} cannot become "
            f"{deployment.name!r}. Add a new one, and remove the old."
        )
    with opened(home.state_file) as connection, transaction(connection):
        ChannelBook(connection).check(deployment.channels)
        book = DeploymentBook(connection)
        if not any(_is_called(each, seen.deployment.name) for each in book.list()):
            raise explain_removal(connection, "deployment", seen.deployment.name)
        require_known_files(book.list(), deployment)
        return book.replace(deployment, source, seen=seen)


def enable_deployment(home: Home, name: str, *, enabled: bool) -> Defined:
    """Enables or disables the deployment called ``name``: of a disabled one the schedule starts nothing.

    Raises:
        UnknownName: none is called that.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = DeploymentBook(connection)
        before = book.find(name)
        after = book.set_enabled(name, enabled=enabled)
    return Defined(after, Outcome.UNCHANGED if after == before else Outcome.REPLACED)


def remove_deployment(home: Home, name: str) -> StoredDeployment:
    """Removes the deployment called ``name``; runs that are made go on, and the history stays.

    Raises:
        UnknownName: none is called that.
    """
    with opened(home.state_file) as connection:
        return DeploymentBook(connection).remove(name)


def differences(one: Deployment, other: Deployment) -> list[str]:
    """The names of the fields in which two definitions differ, as words."""
    names = [field.name for field in fields(Deployment) if field.name != "name"]
    return [name.replace("_", " ") for name in names if getattr(one, name) != getattr(other, name)]


def _check_schedule(schedule: Schedule | None) -> None:
    """Refuses what would be found out at night only; not asked of one that is there, since it may have run already."""
    if schedule is None:
        return
    check_schedule(schedule, utc_now())
    if schedule.blackouts:
        read_blackouts(schedule.blackouts, schedule.time_zone)


def _is_called(stored: StoredDeployment, name: str) -> bool:
    # As SQLite's NOCASE; names are ASCII.
    return stored.deployment.name.casefold() == name.casefold()
