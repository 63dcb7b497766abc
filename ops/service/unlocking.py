"""The duty of secrets: says from the start that what is kept stays locked, not only when a machine needs it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from fleet.errors import PatchdeckError
from ops.credentials.session import session_of
from ops.credentials.vault import SecretsClosed
from ops.home import Home
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post

_Stamp = tuple[str | None, tuple[str, ...], int | None]


class UnlockingDuty:
    """Looks whether the home's encrypted secrets can be opened: once, and again when what opens them has changed."""

    name = "secrets"

    def __init__(self, post: Post) -> None:
        self._post = post
        self._stamp: _Stamp | None = None
        self._problem = ""

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: a command that unlocks them is asked, as it is when a secret is needed."""
        settings = look.settings
        stamp = (settings.secrets_identity_file, settings.secrets_unlock_command, _changed_at(self._post.home))
        if stamp != self._stamp:
            self._stamp = stamp
            self._problem = await asyncio.to_thread(describe_locked, self._post.home)
        return None

    def activities(self) -> Sequence[Activity]:
        """It is done in a moment."""
        return ()

    def troubles(self) -> Sequence[Trouble]:
        """That what is kept cannot be opened, and why."""
        return [Trouble(self.name, self._problem)] if self._problem else []

    async def end(self) -> None:
        """Nothing goes on."""


def describe_locked(home: Home) -> str:
    """Why what is kept cannot be opened now without anybody typing; empty where it can, where nothing is kept, and for
    whoever does not own the home. Blocking.
    """
    session = session_of(home)
    try:
        opens, why = session.standing() if session.vault.entries() else (None, "")
        needs_typing = opens is False and session.needs_passphrase()
    except SecretsClosed:
        return ""
    except PatchdeckError as error:
        opens, why, needs_typing = False, str(error), False
    if opens is not False:
        return ""
    reason = "nobody typed the passphrase" if needs_typing else why.rstrip(".")
    return (
        f"the secrets in {session.vault.folder} are locked ({reason}): machines and channels that need them will fail. "
        "Start the service from a terminal, or set secrets.unlock_command."
    )


def _changed_at(home: Home) -> int | None:
    try:
        return home.secrets_dir.stat().st_mtime_ns
    except OSError:
        return None
