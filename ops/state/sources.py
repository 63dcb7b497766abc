"""The source book: lists that machines came from, and what each said last. Every change of a source is audited."""

import sqlite3
from collections.abc import Iterable, Mapping

from fleet.errors import UnknownName
from fleet.groups.group import Group
from fleet.importing.judging import Claim
from fleet.importing.listed import ListedMachine
from fleet.importing.source import Source, check_source_name
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_SOURCES = Codec(Source)
_MACHINES = Codec(ListedMachine)
_GROUPS = Codec(Group)
_PUT_CLAIM = (
    "INSERT INTO source_claims (source, kind, name, machine_id, document) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (source, kind, name) DO UPDATE SET machine_id = excluded.machine_id, document = excluded.document "
    "WHERE machine_id <> excluded.machine_id OR document <> excluded.document"
)


class SourceBook:
    """The sources of one home. Names are unique whatever their case."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[Source]:
        """All sources by name, those too that are only remembered."""
        rows = self._connection.execute("SELECT document FROM sources ORDER BY name")
        return [load_stored(_SOURCES, document) for (document,) in rows]

    def find(self, name: str) -> Source:
        """The source called ``name``, whatever the case.

        Raises:
            UnknownName: there is none.
        """
        row = self._connection.execute("SELECT document FROM sources WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise UnknownName("source", name, [source.name for source in self.list()])
        return load_stored(_SOURCES, row[0])

    def put(self, source: Source, action: str) -> None:
        """Keep ``source`` in the place of the one of its name, audited as ``action`` where that changed anything."""
        check_source_name(source.name)
        with transaction(self._connection):
            before = self._document(source.name)
            document = _SOURCES.dump(source)
            if document != before:
                self._write(source.name, document)
                self._audit.record(action, source.name, before, document)

    def note_read(self, source: Source) -> None:
        """Keep how the last reading went; that is no deed of anybody, and is not audited."""
        with transaction(self._connection):
            self._write(source.name, _SOURCES.dump(source))

    def remove(self, name: str) -> Source:
        """Remove the source called ``name`` with all that it said, and return it.

        Raises:
            UnknownName: there is none.
        """
        with transaction(self._connection):
            source = self.find(name)
            self._connection.execute("DELETE FROM sources WHERE name = ?", (source.name,))
            self._connection.execute("DELETE FROM source_claims WHERE source = ?", (source.name,))
            self._audit.record("source.remove", source.name, _SOURCES.dump(source), None)
        return source

    def machine_claims(self, source: str) -> Mapping[str, Claim]:
        """What the source said last of machines, by the folded names that it has for them."""
        rows = self._connection.execute(
            "SELECT name, machine_id, document FROM source_claims WHERE source = ? AND kind = 'machine'", (source,)
        )
        return {name: Claim(machine_id, load_stored(_MACHINES, document)) for name, machine_id, document in rows}

    def group_claims(self, source: str) -> Mapping[str, Group]:
        """The groups as the source said them last, by folded name."""
        rows = self._connection.execute(
            "SELECT name, document FROM source_claims WHERE source = ? AND kind = 'group'", (source,)
        )
        return {name: load_stored(_GROUPS, document) for name, document in rows}

    def put_machine_claims(self, source: str, claims: Iterable[Claim]) -> None:
        """Remember what the source says of machines."""
        rows = (
            (source, "machine", claim.listed.name.casefold(), claim.machine_id, _MACHINES.dump(claim.listed))
            for claim in claims
        )
        with transaction(self._connection):
            self._connection.executemany(_PUT_CLAIM, rows)

    def put_group_claims(self, source: str, groups: Mapping[str, Group]) -> None:
        """Remember what the source says of groups, by the names that it has for them."""
        rows = ((source, "group", name.casefold(), "", _GROUPS.dump(group)) for name, group in groups.items())
        with transaction(self._connection):
            self._connection.executemany(_PUT_CLAIM, rows)

    def _document(self, name: str) -> str | None:
        row = self._connection.execute("SELECT document FROM sources WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def _write(self, name: str, document: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO sources (name, document) VALUES (?, ?)", (name, document))
