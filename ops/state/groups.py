"""The group book: which groups of machines are defined. Every change is audited with it."""

import sqlite3
from collections.abc import Collection

from fleet.errors import BadInput, UnknownName
from fleet.groups.group import Group, check_group
from fleet.groups.membership import find_circle, readable_references, references_of
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored
from ops.state.profiles import ProfileBook

_CODEC = Codec(Group)


class GroupBook:
    """The groups of one home. Names are unique whatever their case, and stay: others refer to them."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[Group]:
        """All groups by name."""
        rows = self._connection.execute("SELECT document FROM groups ORDER BY name")
        return [load_stored(_CODEC, document) for (document,) in rows]

    def find(self, name: str) -> Group:
        """The group called ``name``, whatever the case.

        Raises:
            UnknownName: there is none.
        """
        if (group := self.get(name)) is None:
            raise UnknownName("group", name, [each.name for each in self.list()])
        return group

    def get(self, name: str) -> Group | None:
        """The group called ``name``, whatever the case; None where there is none."""
        row = self._connection.execute("SELECT document FROM groups WHERE name = ?", (name,)).fetchone()
        return load_stored(_CODEC, row[0]) if row is not None else None

    def put(self, group: Group) -> bool:
        """Keep ``group``, in the place of the one of its name if there is one; whether that changed anything.

        Raises:
            BadInput: it cannot be kept, its profile is not there, or with it groups would refer to each other in a
                circle.
        """
        check_group(group)
        with transaction(self._connection):
            before = self.get(group.name)
            if before == group:
                return False
            if group.profile is not None and (before is None or before.profile != group.profile):
                ProfileBook(self._connection, self._audit).find(group.profile)
            if circle := find_circle(self._with_referred(group)):
                raise BadInput(f"Groups would refer to themselves: {' → '.join(circle)}.")
            statement = "INSERT OR REPLACE INTO groups (name, document) VALUES (?, ?)"
            self._connection.execute(statement, (group.name, _CODEC.dump(group)))
            known = _CODEC.dump(before) if before else None
            self._audit.record("group.edit" if before else "group.add", group.name, known, _CODEC.dump(group))
        return True

    def remove(self, name: str) -> Group:
        """Remove the group called ``name``, and return it.

        Raises:
            UnknownName: there is none.
        """
        with transaction(self._connection):
            group = self.find(name)
            self._connection.execute("DELETE FROM groups WHERE name = ?", (name,))
            self._audit.record("group.remove", group.name, _CODEC.dump(group), None)
        return group

    def _with_referred(self, group: Group) -> Collection[Group]:
        """``group`` and all that it refers to, through however many others: what of a thousand can close a circle."""
        found = {group.name.casefold(): group}
        waiting = [*references_of(group)]
        while waiting:
            name = waiting.pop()
            if name not in found and (known := self.get(name)) is not None:
                found[name] = known
                waiting += readable_references(known)
        return found.values()
