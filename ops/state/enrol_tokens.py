"""The token book: with which tokens machines may introduce themselves. Every change of what one allows is audited."""

import sqlite3

from fleet.enrol_tokens import EnrolToken
from fleet.errors import UnknownName
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_CODEC = Codec(EnrolToken)


class EnrolTokenBook:
    """The tokens of one home, by id; also those that cannot be used any more."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[EnrolToken]:
        """All tokens, the latest first."""
        rows = self._connection.execute("SELECT document FROM enrol_tokens")
        tokens = [load_stored(_CODEC, document) for (document,) in rows]
        return sorted(tokens, key=lambda token: (token.created_at, token.id), reverse=True)

    def find(self, token_id: str) -> EnrolToken:
        """The token of that id.

        Raises:
            UnknownName: there is none.
        """
        row = self._connection.execute("SELECT document FROM enrol_tokens WHERE id = ?", (token_id,)).fetchone()
        if row is None:
            raise UnknownName("token", token_id, [token.id for token in self.list()])
        return load_stored(_CODEC, row[0])

    def put(self, token: EnrolToken, action: str) -> None:
        """Keep ``token`` in the place of the one with its id, audited as ``action``."""
        with transaction(self._connection):
            row = self._connection.execute("SELECT document FROM enrol_tokens WHERE id = ?", (token.id,)).fetchone()
            self.count(token)
            self._audit.record(action, token.id, row[0] if row else None, _CODEC.dump(token))

    def count(self, token: EnrolToken) -> None:
        """Keep ``token``, of which only counters have changed: what its uses led to is audited by itself."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO enrol_tokens (id, document) VALUES (?, ?)", (token.id, _CODEC.dump(token))
            )
