"""The profile book: how machines are logged in to, without any secret. Every change is audited with it."""

import sqlite3

from fleet.errors import BadInput
from fleet.profiles import Profile, check_profile, unknown_profile
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_CODEC = Codec(Profile)


class ProfileBook:
    """The profiles of one home. Names are unique whatever their case, and stay: others refer to them."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[Profile]:
        """All profiles by name."""
        rows = self._connection.execute("SELECT document FROM profiles ORDER BY name")
        return [load_stored(_CODEC, document) for (document,) in rows]

    def find(self, name: str) -> Profile:
        """The profile called ``name``, whatever the case.

        Raises:
            UnknownName: there is none.
        """
        row = self._connection.execute("SELECT document FROM profiles WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise unknown_profile(name, self.list())
        return load_stored(_CODEC, row[0])

    def put(self, profile: Profile, action: str = "") -> bool:
        """Keep ``profile``, in the place of the one of its name if there is one; whether that changed anything.

        ``action`` is what the audit calls it; by default ``profile.add`` or ``profile.edit``.

        Raises:
            BadInput: it cannot be kept, or is another profile than the one of its name.
        """
        check_profile(profile)
        with transaction(self._connection):
            row = self._connection.execute("SELECT document FROM profiles WHERE name = ?", (profile.name,)).fetchone()
            before, document = row[0] if row else None, _CODEC.dump(profile)
            if document == before:
                return False
            if before is not None and load_stored(_CODEC, before).id != profile.id:
                raise BadInput(f"There is already a profile {profile.name!r}: use `patchdeck profiles edit`.")
            statement = "INSERT OR REPLACE INTO profiles (name, document) VALUES (?, ?)"
            self._connection.execute(statement, (profile.name, document))
            self._audit.record(action or ("profile.edit" if before else "profile.add"), profile.name, before, document)
        return True

    def remove(self, name: str) -> Profile:
        """Remove the profile called ``name``, and return it.

        Raises:
            UnknownName: there is none.
        """
        with transaction(self._connection):
            profile = self.find(name)
            self._connection.execute("DELETE FROM profiles WHERE name = ?", (name,))
            self._audit.record("profile.remove", profile.name, _CODEC.dump(profile), None)
        return profile
