"""Hostile text in every field of every table of state.db, found by looking at the tables: a new one is spoilt, too."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import Any  # values of JSON
from zlib import crc32

from fleet.alerts.records import RuleMemory
from fleet.deployments.notices import Notice
from fleet.enrol_tokens import EnrolToken
from fleet.machines import Machine
from fleet.retired import RetiredMachine
from ops.feeds.book import Feed
from ops.state.client_settings import KeptSettings
from ops.state.documents import Codec
from tests.tui.hostile_values import NOW, PAYLOADS, Maker

# What has a form of its own: another text there is damage, which is another test's: times, ids, hashes, ids of runs.
_FORMED = re.compile(
    r"\d{4}-\d\d-\d\d([T ].*)?|[0-9a-f]{8}-[0-9a-f]{4}-.*|[0-9a-f]{16,}|\d{8}T\d{6}Z-[0-9a-f]+|FREQ=.*|UTC|\w+/\w+|"
)
# A machine's name in a run names the folder of what it said, too, and was checked when it was enrolled.
_FORMED_FIELDS = re.compile(r"(.*[._])?(id|hash|token|plan|source_format|machine_name)")
# Names that only Patchdeck gives; and the audit, whose entries nobody changes: `spoil_home` records its own.
KINDS: dict[str, type] = {
    "feeds": Feed,
    "enrol_tokens": EnrolToken,
    "retired": RetiredMachine,
    "alert_memories": RuleMemory,
    "notices": Notice,
    "client_settings": KeptSettings,
    "source_claims": Machine,
}
GIVEN = {"action": "pause", "outcome": "Missed", "requester": "{}", "doing": "", "phase": "begun"}
OURS = {"meta", "duties", "sqlite_sequence", "audit"}


def hostile_for(text: str) -> str:
    """Another text in the place of ``text``, for each the same: which payload comes first depends on it."""
    number = crc32(text.encode())
    at = number % len(PAYLOADS)
    # The number first: where SQLite compares without regard to case, it does so up to a NUL.
    return " ".join((f"{number % 46_656:04x}", *PAYLOADS[at:], *PAYLOADS[:at], text))


def spoil_state(path: Path, maker: Maker) -> None:
    """Puts hostile text wherever state.db at ``path`` has a text of no particular form, and rows where it has none."""
    enums = frozenset(str(each.value) for each in _members(Enum))
    with closing(sqlite3.connect(path)) as connection:
        _fill(connection, maker)
        for table, columns in text_columns(connection).items():
            chosen = ", ".join(columns)
            changed = ", ".join(f"{each} = ?" for each in columns)
            primary = " AND ".join(f"{each} IS ?" for each in columns)
            for row in connection.execute(f"SELECT {chosen} FROM {table}").fetchall():  # our names
                spoilt = [_spoil(each, column, enums) for each, column in zip(row, columns, strict=True)]
                connection.execute(f"UPDATE {table} SET {changed} WHERE {primary}", (*spoilt, *row))
        connection.commit()


def text_columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The columns of text of every table that somebody may write into."""
    tables = [each for (each,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        table: [name for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})") if kind == "TEXT"]
        for table in tables
        if table not in OURS
    }
    return {table: columns for table, columns in found.items() if columns}


def _fill(connection: sqlite3.Connection, maker: Maker) -> None:
    """A row in each table that has none."""
    for table in text_columns(connection):
        if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:  # our names
            continue
        row: dict[str, object] = {}
        for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})"):
            row[name] = GIVEN[name] if name in GIVEN else NOW.isoformat() if name.endswith("_at") else 1
            if name == "document":
                row[name] = Codec(KINDS[table]).dump(maker.make(KINDS[table]))
            elif kind == "TEXT" and row[name] == 1:
                row[name] = name
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", (*row.values(),))


def _spoil(text: str | None, field: str, enums: frozenset[str]) -> str | None:
    if text is None or field == "origin":  # who did it, as the kernel says
        return text
    if text.startswith("{"):
        return json.dumps(_spoil_plain(json.loads(text), field, enums))
    return text if _is_formed(text, field, enums) else hostile_for(text)


def _spoil_plain(value: Any, field: str, enums: frozenset[str]) -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {key: _spoil_plain(each, key, enums) for key, each in value.items()}
    if isinstance(value, list):
        return [_spoil_plain(each, field, enums) for each in value]
    if isinstance(value, str) and not _is_formed(value, field, enums):
        return hostile_for(value)
    return value


def _is_formed(text: str, field: str, enums: frozenset[str]) -> bool:
    return text in enums or PAYLOADS[0] in text or bool(_FORMED.fullmatch(text) or _FORMED_FIELDS.fullmatch(field))


def _members(kind: type[Enum]) -> Iterator[Enum]:
    for each in kind.__subclasses__():
        yield from each
        yield from _members(each)
