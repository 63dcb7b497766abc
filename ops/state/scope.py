"""The scope's place in state.db: at most one. Every change is audited with it."""

import sqlite3

from fleet.scope import Scope
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_CODEC = Codec(Scope)
_TARGET = "scope"


class ScopeBook:
    """The scope of one home."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def get(self) -> Scope | None:
        """The scope; None where there is none, so that every enrolled machine may be touched.

        Raises:
            HomeUnusable: it cannot be read: then nobody knows who may be touched.
        """
        document = self._document()
        return load_stored(_CODEC, document) if document is not None else None

    def put(self, scope: Scope | None) -> bool:
        """Keep ``scope`` in the place of the one before; None: have none any more. Whether that changed anything."""
        with transaction(self._connection):
            before, after = self._document(), _CODEC.dump(scope) if scope is not None else None
            if before == after:
                return False
            if after is None:
                self._connection.execute("DELETE FROM scope")
            else:
                self._connection.execute("INSERT OR REPLACE INTO scope (id, document) VALUES (1, ?)", (after,))
            self._audit.record("scope.edit" if after else "scope.remove", _TARGET, before, after)
        return True

    def _document(self) -> str | None:
        row = self._connection.execute("SELECT document FROM scope WHERE id = 1").fetchone()
        return row[0] if row else None
