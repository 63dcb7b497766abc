"""The candidate book: machines that are known and not enrolled. Every decision about them is audited with it."""

import sqlite3

from fleet.candidates import Candidate
from fleet.errors import BadInput, UnknownName
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_CODEC = Codec(Candidate)


class CandidateBook:
    """The candidates of one home, by id; several may bear one name."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[Candidate]:
        """All candidates by name, then by id."""
        rows = self._connection.execute("SELECT document FROM candidates ORDER BY name, id")
        return [load_stored(_CODEC, document) for (document,) in rows]

    def find(self, name_or_id: str) -> Candidate:
        """The candidate of that id, or the only one of that name, whatever the case.

        Raises:
            UnknownName: there is none.
            BadInput: several bear the name.
        """
        rows = self._connection.execute(
            "SELECT document FROM candidates WHERE id = ? OR name = ?", (name_or_id, name_or_id)
        ).fetchall()
        found = [load_stored(_CODEC, document) for (document,) in rows]
        exact = [candidate for candidate in found if candidate.id == name_or_id] or found
        if not exact:
            raise UnknownName("candidate", name_or_id, [candidate.name for candidate in self.list()])
        if len(exact) > 1:
            ids = ", ".join(candidate.id for candidate in exact)
            raise BadInput(f"{len(exact)} candidates are called {name_or_id!r}: give the id, one of {ids}.")
        return exact[0]

    def put(self, candidate: Candidate, action: str = "candidate.found") -> bool:
        """Keep ``candidate`` in the place of the one with its id, audited as ``action``; whether that changed it."""
        with transaction(self._connection):
            row = self._connection.execute("SELECT document FROM candidates WHERE id = ?", (candidate.id,)).fetchone()
            document, before = _CODEC.dump(candidate), row[0] if row else None
            if document == before:
                return False
            self._connection.execute(
                "INSERT OR REPLACE INTO candidates (id, name, document) VALUES (?, ?, ?)",
                (candidate.id, candidate.name, document),
            )
            self._audit.record(action, candidate.name, before, document)
        return True

    def remove(self, candidate_id: str, action: str) -> None:
        """Remove the candidate of that id: it was enrolled, or somebody wants to hear no more of it."""
        with transaction(self._connection):
            candidate = self.find(candidate_id)
            self._connection.execute("DELETE FROM candidates WHERE id = ?", (candidate.id,))
            self._audit.record(action, candidate.name, _CODEC.dump(candidate), None)
