"""What refers to machines by their names: groups, deployments, waiting runs, settings; and what a new name changes.

Who is in a group is decided by names too. A machine that is renamed must not fall out of what patches it, and one that
takes an old name must not take its place, without a word.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import RunStatus
from fleet.errors import BadInput
from fleet.groups.membership import GroupRoster
from fleet.status import MachineStatus
from ops.config import last_usable_settings
from ops.home import Home
from ops.state.audit import utc_now
from ops.state.deployments import DeploymentBook
from ops.state.groups import GroupBook
from ops.state.machine_names import holders_of
from ops.state.report_schedules import ReportScheduleBook
from ops.state.retired import RetiredBook
from ops.state.runs import RunBook


@dataclass(frozen=True, slots=True)
class Regrouping:
    """The names of the groups that a machine is in after a change and was not before, and the other way round."""

    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def describe(self) -> Iterator[str]:
        """A sentence for each of the two that is not empty."""
        if self.entered:
            yield f"It is now in {_list_groups(self.entered)}."
        if self.left:
            yield f"It is no longer in {_list_groups(self.left)}."


def references_to(connection: sqlite3.Connection, home: Home, name: str) -> list[str]:
    """What names exactly that machine: ``group web``, ``deployment nightly``, ``the setting …``."""
    found = [f"group {group.name}" for group in GroupBook(connection).list() if name in group.targets]
    deployments = (stored.deployment for stored in DeploymentBook(connection).list())
    found += [f"deployment {each.name}" for each in deployments if name in _targets_of(each)]
    reports = ReportScheduleBook(connection).list()
    found += [f"scheduled report {each.name}" for each in reports if name in each.schedule.targets]
    return [*found, *_kept_elsewhere(connection, home, name)]


def explain_old_name(connection: sqlite3.Connection, home: Home, name: str) -> Iterator[str]:
    """What is said of a new machine called ``name`` where others were called so: nothing of theirs becomes its own."""
    retired, held = RetiredBook(connection).called(name), holders_of(connection, name)
    if retired:
        yield f"Another machine had this name: {retired[0].describe()}. Its history stays with it."
        yield f"If this is the same machine: patchdeck machines remove {name}; patchdeck machines restore {name}"
    elif held:
        until = f" until {held[0].until:%Y-%m-%d}" if held[0].until else ""
        yield f"Another machine (id {held[0].machine_id}) had this name{until}. Its history stays with it."
    if (retired or held) and (references := references_to(connection, home, name)):
        yield f"What names it means this machine now: {', '.join(references)}."


def follow_name(connection: sqlite3.Connection, home: Home, old: str, new: str) -> tuple[list[str], list[str]]:
    """Puts ``new`` in the place of ``old`` where that machine is named exactly: what was changed, what could not be.

    A deployment that was read from a file is left: its text is the administrator's. Inside the caller's transaction.
    """
    book, followed, kept = GroupBook(connection), [], []
    for group in book.list():
        if old in group.targets:
            book.put(replace(group, targets=_renamed(group.targets, old, new)))
            followed.append(f"group {group.name}")
    deployments = DeploymentBook(connection)
    for stored in deployments.list():
        deployment = stored.deployment
        if old not in _targets_of(deployment):
            continue
        if stored.source.text:
            kept.append(f"deployment {deployment.name}, whose file names it")
            continue
        deployments.replace(_with_renamed(deployment, old, new), stored.source)
        followed.append(f"deployment {deployment.name}")
    reports = ReportScheduleBook(connection)
    for report in (each.schedule for each in reports.list() if old in each.schedule.targets):
        reports.replace(replace(report, targets=_renamed(report.targets, old, new)))
        followed.append(f"scheduled report {report.name}")
    return followed, [*kept, *_kept_elsewhere(connection, home, old)]


def groups_with(connection: sqlite3.Connection, status: MachineStatus) -> frozenset[str]:
    """The names of the groups that the machine is in by what is known of it; without those that ask a query."""
    groups = GroupBook(connection).list()
    roster = GroupRoster(groups, [status], utc_now(), _ask_nothing)
    return frozenset(group.name for group in groups if _is_in(roster, group.name, status))


def compare_groups(before: frozenset[str], after: frozenset[str]) -> Regrouping:
    """What is in one of the two only."""
    return Regrouping(tuple(sorted(after - before)), tuple(sorted(before - after)))


def _is_in(roster: GroupRoster, group: str, status: MachineStatus) -> bool:
    try:
        return status.machine.id in roster.members(group)
    except BadInput:
        return False  # it cannot be evaluated, or only by a query: nothing is said of it


def _ask_nothing(name: str) -> frozenset[str]:
    raise BadInput(f"Query {name} is not asked here.")


def _kept_elsewhere(connection: sqlite3.Connection, home: Home, name: str) -> Iterator[str]:
    for run in RunBook(connection).list(statuses=[RunStatus.WAITING]):
        if name in _targets_of(run.deployment):
            yield f"the run {run.id}, which waits"
    if any(text.startswith(f"{name} ") for text in last_usable_settings(home).service_assess_every):
        yield "the setting service.assess_every"


def _targets_of(deployment: Deployment) -> tuple[str, ...]:
    return (*deployment.targets, *(wave.target for wave in deployment.rollout.waves))


def _with_renamed(deployment: Deployment, old: str, new: str) -> Deployment:
    rollout = deployment.rollout
    waves = tuple(replace(wave, target=new if wave.target == old else wave.target) for wave in rollout.waves)
    return replace(deployment, targets=_renamed(deployment.targets, old, new), rollout=replace(rollout, waves=waves))


def _renamed(targets: Sequence[str], old: str, new: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(new if target == old else target for target in targets))


def _list_groups(names: Sequence[str]) -> str:
    return f"{'group' if len(names) == 1 else 'groups'} {', '.join(names)}"
