"""The channel book: ways on which messages reach people, without any secret. Every change is audited with it."""

import sqlite3
from collections.abc import Iterable

from fleet.channels import Channel, check_channel, unknown_channel
from fleet.errors import BadInput
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_CODEC = Codec(Channel)


class ChannelBook:
    """The channels of one home. Names are unique whatever their case, and stay: others refer to them."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[Channel]:
        """All channels by name."""
        rows = self._connection.execute("SELECT document FROM channels ORDER BY name")
        return [load_stored(_CODEC, document) for (document,) in rows]

    def find(self, name: str) -> Channel:
        """The channel called ``name``, whatever the case.

        Raises:
            UnknownName: there is none.
        """
        channel = self.get(name)
        if channel is None:
            raise unknown_channel(name, self._names())
        return channel

    def get(self, name: str) -> Channel | None:
        """The channel called ``name``, whatever the case; None where there is none."""
        row = self._connection.execute("SELECT document FROM channels WHERE name = ?", (name,)).fetchone()
        return None if row is None else load_stored(_CODEC, row[0])

    def edition(self, name: str) -> str:
        """A text that is another once the channel called ``name`` is; empty where there is none."""
        row = self._connection.execute("SELECT document FROM channels WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def check(self, names: Iterable[str]) -> tuple[str, ...]:
        """``names`` as their channels are spelt, each once.

        Raises:
            UnknownName: there is no channel of one of the names.
        """
        known = {name.casefold(): name for name in self._names()}
        found = []
        for name in names:
            if name.casefold() not in known:
                raise unknown_channel(name, known.values())
            found.append(known[name.casefold()])
        return tuple(dict.fromkeys(found))

    def put(self, channel: Channel, action: str = "") -> bool:
        """Keep ``channel``, in the place of the one of its name if there is one; whether that changed anything.

        ``action`` is what the audit calls it; by default ``channel.add`` or ``channel.edit``.

        Raises:
            BadInput: it cannot be kept, or is another channel than the one of its name.
        """
        check_channel(channel)
        with transaction(self._connection):
            row = self._connection.execute("SELECT document FROM channels WHERE name = ?", (channel.name,)).fetchone()
            before, document = row[0] if row else None, _CODEC.dump(channel)
            if document == before:
                return False
            if before is not None and load_stored(_CODEC, before).id != channel.id:
                raise BadInput(f"There is already a channel {channel.name!r}: use `patchdeck channels edit`.")
            statement = "INSERT OR REPLACE INTO channels (name, document) VALUES (?, ?)"
            self._connection.execute(statement, (channel.name, document))
            self._audit.record(action or ("channel.edit" if before else "channel.add"), channel.name, before, document)
        return True

    def note_new_secret(self, channel: Channel) -> None:
        """Have the audit tell that ``channel`` got another secret, which it never holds itself."""
        document = _CODEC.dump(channel)
        self._audit.record("channel.set-secret", channel.name, document, document)

    def remove(self, name: str) -> Channel:
        """Remove the channel called ``name``, and return it.

        Raises:
            UnknownName: there is none.
        """
        with transaction(self._connection):
            channel = self.find(name)
            self._connection.execute("DELETE FROM channels WHERE name = ?", (name,))
            self._audit.record("channel.remove", channel.name, _CODEC.dump(channel), None)
        return channel

    def _names(self) -> tuple[str, ...]:
        return tuple(name for (name,) in self._connection.execute("SELECT name FROM channels ORDER BY name"))
