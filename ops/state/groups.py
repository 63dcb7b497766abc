"""The group book: which groups of machines are defined. Every change is audited with it."""

import sqlite3

from fleet.errors import BadInput, UnknownName
from fleet.groups.group import Group, check_group
from fleet.groups.membership import find_circle
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

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
        row = self._connection.execute("SELECT document FROM groups WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise UnknownName("group", name, [group.name for group in self.list()])
        return load_stored(_CODEC, row[0])

    def put(self, group: Group) -> bool:
        """Keep ``group``, in the place of the one of its name if there is one; whether that changed anything.

        Raises:
            BadInput: it cannot be kept, or with it groups would refer to each other in a circle.
        """
        check_group(group)
        with transaction(self._connection):
            others = [each for each in self.list() if each.name.casefold() != group.name.casefold()]
            before = next((each for each in self.list() if each.name.casefold() == group.name.casefold()), None)
            if before == group:
                return False
            if circle := find_circle([*others, group]):
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
