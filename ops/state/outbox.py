"""The outbox: messages that wait for their channels, written together with what they tell of, so that none is lost."""

import sqlite3
from collections.abc import Iterable

from fleet.messages import Message
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_MESSAGES = Codec(Message)


class Outbox:
    """The messages of one home."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def post(self, message: Message, channels: Iterable[str]) -> None:
        """Keep ``message`` for each of ``channels``, by their names; a second time it changes nothing, and without any
        nothing is kept.

        Inside a transaction it is kept or lost with the rest of it.
        """
        names = list(dict.fromkeys(channels))
        if not names:
            return
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR IGNORE INTO messages (id, at, document) VALUES (?, ?, ?)",
                (message.id, message.at.isoformat(), _MESSAGES.dump(message)),
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO deliveries (message_id, channel, status, next_at, document) "
                "VALUES (?, ?, 'waiting', ?, '{}')",
                [(message.id, channel, message.at.isoformat()) for channel in names],
            )

    def find(self, message_id: str) -> Message | None:
        """The message with that id; None where it is not kept any more."""
        row = self._connection.execute("SELECT document FROM messages WHERE id = ?", (message_id,)).fetchone()
        return None if row is None else load_stored(_MESSAGES, row[0])
