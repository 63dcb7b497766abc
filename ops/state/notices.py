"""The notice book: of which starts people were told, so that each is told of once, and taken back if it falls away."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from fleet.deployments.notices import Notice
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_CODEC = Codec(Notice)


class NoticeBook:
    """The notices of one home that were given. A connection is for one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[Notice]:
        """All of them by the time of the start."""
        rows = self._connection.execute("SELECT document FROM notices ORDER BY due_at, deployment")
        return [load_stored(_CODEC, document) for (document,) in rows]

    def keep(self, notice: Notice) -> bool:
        """Note that people were told; False, and nothing noted, where they were before."""
        with transaction(self._connection):
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO notices (deployment, due_at, document) VALUES (?, ?, ?)",
                (notice.deployment, _text(notice.at), _CODEC.dump(notice)),
            )
        return cursor.rowcount == 1

    def forget(self, notice: Notice) -> bool:
        """Forget the notice; False where somebody else did."""
        with transaction(self._connection):
            cursor = self._connection.execute(
                "DELETE FROM notices WHERE deployment = ? AND due_at = ?", (notice.deployment, _text(notice.at))
            )
        return cursor.rowcount == 1


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
