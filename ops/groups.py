"""Groups of a home: who is in them now, who refers to them, and how they are defined, changed and removed."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from fleet.errors import BadInput, PatchdeckError
from fleet.groups.expression import parse_expression
from fleet.groups.group import Group, check_group
from fleet.groups.membership import GroupRoster, references_of
from fleet.status import MachineStatus
from fleet.targets import GroupMembers, find_machines
from ops.config import load_settings
from ops.home import Home
from ops.interrupting import run_interruptibly
from ops.state.audit import utc_now
from ops.state.database import opened, transaction
from ops.state.deployments import DeploymentBook
from ops.state.groups import GroupBook
from ops.state.statuses import StatusBook

_PREFIX = "group:"


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
            raise BadInput(f"Who is in the rows of query {name} shows when it is used.")
        if name not in asked:
            asked[name] = _ask(home, name, statuses)
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


def define_group(home: Home, group: Group, *, replace: bool = False) -> bool:
    """Keeps ``group``; whether that changed anything.

    Raises:
        BadInput: it cannot be used, or without ``replace`` there is another definition of that name.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = GroupBook(connection)
        existing = next((each for each in book.list() if each.name.casefold() == group.name.casefold()), None)
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
        if users := [*_users(connection, home, group.name)]:
            raise BadInput(f"Group {group.name!r} is in use: {', '.join(users)}. Nothing was removed.")
        return book.remove(name)


def users_of(home: Home, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What refers to each of the groups: ``deployment web``, ``group prod``, ``service.assess_every``."""
    with opened(home.state_file) as connection:
        return {name: tuple(_users(connection, home, name)) for name in names}


def _users(connection: sqlite3.Connection, home: Home, name: str) -> Iterator[str]:
    wanted = f"{_PREFIX}{name}".casefold()
    for group in GroupBook(connection).list():
        if name.casefold() in references_of(group):
            yield f"group {group.name}"
    for stored in DeploymentBook(connection).list():
        deployment = stored.deployment
        targets = (*deployment.targets, *(wave.target for wave in deployment.rollout.waves))
        if any(target.casefold() == wanted for target in targets):
            yield f"deployment {deployment.name}"
    if any(text.casefold().startswith(f"{wanted} ") for text in load_settings(home).service_assess_every):
        yield "the setting service.assess_every"


def _ask(home: Home, name: str, statuses: Sequence[MachineStatus]) -> frozenset[str]:
    """The ids of the machines that the rows of the saved query name."""
    from ops.questions import find_query, limits_of, open_engine
    from query.limits import Limits

    settings = load_settings(home)
    usual = limits_of(settings)
    limits = Limits(rows=None, seconds=usual.seconds, memory=usual.memory)
    try:
        saved = find_query(home, name)
        with open_engine(home, settings, limits=limits) as engine:
            values = saved.values({})
            result = run_interruptibly(engine, lambda: engine.run(saved.text, values, language=saved.language))
    except PatchdeckError as error:
        raise BadInput(f"The members of a group cannot be found by query {name}: {error}") from error
    names = [column.name for column in result.columns]
    by_name: dict[str, str] = {status.machine.name: status.machine.id for status in statuses}
    if "SourceComputerId" in names:
        at = names.index("SourceComputerId")
        return frozenset(str(row[at]) for row in result.rows)
    if "Computer" in names:
        at = names.index("Computer")
        return frozenset(by_name[str(row[at])] for row in result.rows if str(row[at]) in by_name)
    raise BadInput(f"Query {name} has neither a column SourceComputerId nor Computer: its rows name no machine.")
