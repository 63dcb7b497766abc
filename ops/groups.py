"""Groups of a home: who is in them now, who refers to them, and how they are defined, changed and removed."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase

from fleet.deployments.runs import RunStatus
from fleet.errors import BadInput, UnknownName
from fleet.globs import has_signs
from fleet.groups.expression import parse_expression
from fleet.groups.group import Group, check_group
from fleet.groups.membership import GroupRoster, readable_references
from fleet.status import MachineStatus
from fleet.targets import GroupMembers, find_machines
from ops.config import load_settings
from ops.edit_conflicts import explain_removal, require_unchanged
from ops.group_queries import ask_members
from ops.home import Home
from ops.state.audit import utc_now
from ops.state.database import opened, transaction
from ops.state.deployments import DeploymentBook
from ops.state.groups import GroupBook
from ops.state.report_schedules import ReportScheduleBook
from ops.state.runs import RunBook
from ops.state.scope import ScopeBook
from ops.state.statuses import StatusBook

_PREFIX = "group:"


class NotAsked(BadInput):
    """Who is in a group hangs on a saved query that is not asked here."""


def open_roster(
    home: Home,
    now: datetime | None = None,
    *,
    asks_queries: bool = True,
    tried: Group | None = None,
    known: Sequence[MachineStatus] | None = None,
) -> GroupRoster:
    """The groups and machines as they are now; queries are asked when a group needs them.

    ``asks_queries`` False: a group that needs one is told to be counted later. ``tried`` is one more group, not kept,
    in the place of any of its name. ``known`` are the machines, for who has read them already. Blocking, but short.
    """
    with opened(home.state_file) as connection:
        groups = GroupBook(connection).list()
        statuses = StatusBook(connection).list_statuses() if known is None else known
    groups += [] if tried is None else [tried]
    asked: dict[str, Collection[str]] = {}

    def query_ids(name: str) -> Collection[str]:
        if not asks_queries:
            raise NotAsked(f"Who is in the rows of query {name} shows when it is used.")
        if name not in asked:
            asked[name] = ask_members(home, name, statuses)
        return asked[name]

    return GroupRoster(groups, statuses, now or utc_now(), query_ids)


def group_members(home: Home, *, asks_queries: bool = True) -> GroupMembers:
    """Who is in a group of ``home``, for `fleet.targets`; nothing is read before the first group is asked for."""
    roster: list[GroupRoster] = []

    def members(name: str) -> Collection[str]:
        if not roster:
            roster.append(open_roster(home, asks_queries=asks_queries))
        return roster[0].members(name)

    return members


def list_groups(home: Home) -> list[Group]:
    """Every group, by name."""
    with opened(home.state_file) as connection:
        return GroupBook(connection).list()


def select_groups(home: Home, patterns: Sequence[str]) -> list[Group]:
    """The groups that any of ``patterns`` names, whatever the case, by name; globs may name none.

    Raises:
        UnknownName: no group has this name.
    """
    groups = list_groups(home)
    wanted = [pattern.casefold() for pattern in patterns]
    known = {group.name.casefold() for group in groups}
    for pattern, folded in zip(patterns, wanted, strict=True):
        if folded not in known and not has_signs(folded):
            raise UnknownName("group", pattern, [group.name for group in groups])
    return [group for group in groups if any(fnmatchcase(group.name.casefold(), each) for each in wanted)]


def find_group(home: Home, name: str) -> Group:
    """The group called ``name``, whatever the case.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection:
        return GroupBook(connection).find(name)


def check_definition(home: Home, group: Group) -> Group:
    """``group``, unless it is of what would be found unusable only later: an expression, a query that is not there.

    Raises:
        BadInput: what is wrong with it; an `ExpressionMistake` has the place.
    """
    check_group(group)
    if group.expression:
        parse_expression(group.expression)
    find_machines(group.targets, ())
    if group.query:
        from ops.questions import find_query

        if problem := find_query(home, group.query).problem:
            raise BadInput(problem)
    return group


def define_group(home: Home, group: Group, *, replace: bool = False, seen: Group | None = None) -> bool:
    """Keeps ``group``; whether that changed anything. ``seen`` is the one that is edited, as it was read.

    Raises:
        BadInput: it cannot be used, or without ``replace`` there is another definition of that name.
        EditConflict: it is not as it was ``seen`` any more; BadInput where it was removed.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = GroupBook(connection)
        existing = book.get(group.name)
        if seen is not None and existing is None:
            raise explain_removal(connection, "group", group.name)
        if existing is not None:
            require_unchanged(connection, ("group", existing.name), seen, existing, group)
        if existing is not None and existing != group and not replace:
            raise BadInput(
                f"There is already a group {existing.name!r}, of {existing.definition or 'nothing'}: use --replace, or "
                f"`patchdeck groups edit {existing.name}`."
            )
        return book.put(group)


def remove_group(home: Home, name: str) -> Group:
    """Removes the group called ``name``.

    Raises:
        UnknownName: there is none.
        BadInput: something refers to it.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = GroupBook(connection)
        group = book.find(name)
        if users := _users(connection, home).get(group.name.casefold()):
            raise BadInput(f"Group {group.name!r} is in use: {', '.join(users)}. Nothing was removed.")
        return book.remove(name)


def users_of(home: Home, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What refers to each of the groups: ``deployment web``, ``group prod``, ``the scope``."""
    with opened(home.state_file) as connection:
        users = _users(connection, home)
    return {name: tuple(users.get(name.casefold(), ())) for name in names}


def _users(connection: sqlite3.Connection, home: Home) -> Mapping[str, Sequence[str]]:
    """What refers to each group, by its name in lower case; read once, however many groups there are."""
    users: dict[str, list[str]] = {}
    for group in GroupBook(connection).list():
        for name in readable_references(group):
            users.setdefault(name, []).append(f"group {group.name}")
    deployments = [
        (stored.deployment, f"deployment {stored.deployment.name}") for stored in DeploymentBook(connection).list()
    ]
    # It was made of a deployment that may be another one by now, or none.
    waiting = RunBook(connection).list(statuses=[RunStatus.WAITING])
    named = [
        ((*deployment.targets, *(wave.target for wave in deployment.rollout.waves)), called)
        for deployment, called in (*deployments, *((r.deployment, f"the run {r.id}, which waits") for r in waiting))
    ]
    reports = ReportScheduleBook(connection).list()
    named += [(report.schedule.targets, f"the scheduled report {report.name}") for report in reports]
    for targets, called in named:
        for name in dict.fromkeys(_groups_in(targets)):
            users.setdefault(name, []).append(called)
    overrides = (text.rpartition(" ")[0] for text in load_settings(home).service_assess_every)
    for name in dict.fromkeys(_groups_in(overrides)):
        users.setdefault(name, []).append("the setting service.assess_every")
    scope = ScopeBook(connection).get()
    for name in scope.groups if scope is not None else ():
        users.setdefault(name.casefold(), []).append("the scope")
    return users


def _groups_in(targets: Iterable[str]) -> Iterator[str]:
    for target in targets:
        if target.casefold().startswith(_PREFIX):
            yield target[len(_PREFIX) :].strip().casefold()
