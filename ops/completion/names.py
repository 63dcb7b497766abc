"""The names that a home knows, read quickly and without a word where they cannot be read."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from fleet.errors import PatchdeckError
from ops.completion.kinds import Kind
from ops.completion.offer import Offer
from ops.home import Home, open_home

_BUSY_SECONDS = 0.2
_MOST_RUNS = 200
_TAGS = "SELECT DISTINCT tag.key || '=' || tag.value FROM machines, json_each(machines.document, '$.tags') AS tag"
# Names alone, by SQL: the documents of ten thousand machines would take a second to read.
_NAMES = {
    Kind.MACHINE: "SELECT name FROM machines",
    Kind.CANDIDATE: "SELECT name FROM candidates",
    Kind.GROUP: "SELECT name FROM groups",
    Kind.PROFILE: "SELECT name FROM profiles",
    Kind.SOURCE: "SELECT name FROM sources",
    Kind.DEPLOYMENT: "SELECT name FROM deployments",
    Kind.RUN: f"SELECT id FROM runs ORDER BY opens_at DESC LIMIT {_MOST_RUNS}",  # noqa: S608  # a number of ours
    Kind.RULE: "SELECT name FROM alert_rules",
    Kind.CHANNEL: "SELECT name FROM channels",
    Kind.REPORT_SCHEDULE: "SELECT name FROM report_schedules",
    Kind.FEED: "SELECT name FROM feeds",
}


def list_names(kind: Kind, home: Path | None, *, of_machine: str = "") -> Sequence[Offer]:
    """The names of ``kind`` in the home at ``home``, None for the usual one; none where it cannot be read. Of updates
    only those that ``of_machine`` misses, where one is named.
    """
    if kind is Kind.TABLE:
        from fleet.tables import TABLES

        return [Offer(table.name, table.meaning) for table in TABLES]
    if kind is Kind.SETTING:
        from ops.config import list_settings

        return [Offer(setting.name, setting.about.meaning) for setting in list_settings()]
    try:
        opened = open_home(home, create=False, read_only=True)
        if kind is Kind.UPDATE:
            return list(_updates(opened, of_machine))
        return list(_queries(opened) if kind is Kind.QUERY else _from_state(opened, kind))
    except (PatchdeckError, sqlite3.Error, OSError):
        return ()  # what is wrong with the home is told by the verb itself


def _from_state(home: Home, kind: Kind) -> Iterator[Offer]:
    uri = f"{home.state_file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as connection:
        if kind is not Kind.TARGET:
            yield from _named(connection, _NAMES[kind])
            return
        yield from (Offer("all", "every machine"), Offer("os:linux"), Offer("os:windows"))
        yield from (Offer(f"group:{group.value}") for group in _named(connection, _NAMES[Kind.GROUP]))
        yield from (Offer(f"tag:{tag.value}") for tag in _named(connection, _TAGS))
        yield from _named(connection, _NAMES[Kind.MACHINE])


def _named(connection: sqlite3.Connection, statement: str) -> Iterator[Offer]:
    yield from (Offer(name) for (name,) in connection.execute(statement) if isinstance(name, str))


def _queries(home: Home) -> Iterator[Offer]:
    from ops.questions import saved_queries

    yield from (Offer(query.name, query.title) for query in saved_queries(home))


def _updates(home: Home, machine: str) -> Iterator[Offer]:
    from ops.missing_names import list_update_names

    yield from (Offer(name, title) for name, title in list_update_names(home, machine).items())
