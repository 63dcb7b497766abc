"""The candidate book: machines that are known and not enrolled. Every decision about them is audited with it."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import replace

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

    def with_key(self, host_keys: Collection[str]) -> tuple[Candidate, ...]:
        """The candidates that showed one of the host keys, lines ``ALGORITHM BASE64``; by name, then by id."""
        rows = self._connection.execute(
            "SELECT document FROM candidates WHERE EXISTS ("
            "SELECT 1 FROM json_each(candidates.document, '$.host_keys') AS shown "
            "WHERE shown.value IN (SELECT value FROM json_each(?))) ORDER BY name, id",
            (json.dumps([*host_keys]),),
        )
        return tuple(load_stored(_CODEC, document) for (document,) in rows)

    def with_certificate(self, fingerprint: str) -> tuple[Candidate, ...]:
        """The candidates that showed the certificate ``SHA256:…``; by name, then by id."""
        rows = self._connection.execute(
            "SELECT document FROM candidates WHERE json_extract(document, '$.certificate') = ? ORDER BY name, id",
            (fingerprint,),
        )
        return tuple(load_stored(_CODEC, document) for (document,) in rows)

    def with_machine_id(self, machine_id: str) -> tuple[Candidate, ...]:
        """The candidates that said they have this machine-id; by name, then by id."""
        rows = self._connection.execute(
            "SELECT document FROM candidates WHERE json_extract(document, '$.machine_id') = ? ORDER BY name, id",
            (machine_id,),
        )
        return tuple(load_stored(_CODEC, document) for (document,) in rows)

    def called(self, name: str) -> tuple[Candidate, ...]:
        """The candidates of that name, whatever the case, by id."""
        rows = self._connection.execute("SELECT document FROM candidates WHERE name = ? ORDER BY id", (name,))
        return tuple(load_stored(_CODEC, document) for (document,) in rows)

    def put(self, candidate: Candidate, action: str = "candidate.found") -> bool:
        """Keep ``candidate`` in the place of the one with its id, audited as ``action``; whether that changed it.

        That it was only seen again is kept too, and neither a change nor audited.
        """
        with transaction(self._connection):
            row = self._connection.execute("SELECT document FROM candidates WHERE id = ?", (candidate.id,)).fetchone()
            document, before = _CODEC.dump(candidate), row[0] if row else None
            if document == before:
                return False
            self._connection.execute(
                "INSERT OR REPLACE INTO candidates (id, name, document) VALUES (?, ?, ?)",
                (candidate.id, candidate.name, document),
            )
            if before is not None and replace(load_stored(_CODEC, before), seen_at=candidate.seen_at) == candidate:
                return False
            self._audit.record(action, candidate.name, before, document)
        return True

    def remove(self, candidate_id: str, action: str) -> None:
        """Remove the candidate of that id: it was enrolled, or somebody wants to hear no more of it."""
        with transaction(self._connection):
            candidate = self._get(candidate_id)
            self._connection.execute("DELETE FROM candidates WHERE id = ?", (candidate.id,))
            self._audit.record(action, candidate.name, _CODEC.dump(candidate), None)

    def _get(self, candidate_id: str) -> Candidate:
        row = self._connection.execute("SELECT document FROM candidates WHERE id = ?", (candidate_id,)).fetchone()
        if row is None:
            raise UnknownName("candidate", candidate_id, [])
        return load_stored(_CODEC, row[0])
