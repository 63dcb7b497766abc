"""Sessions over SSH in the audit: opened, ended, refused; strangers cannot fill it."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Mapping

from fleet.audit_origin import Origin
from fleet.errors import PatchdeckError
from fleet.hostile import clean
from fleet.ssh_logins import SIGN, Login
from ops.home import Home
from ops.logs import log_error, log_event
from ops.serve_ssh.open_sessions import OpenSession, SessionFolder, close_left_sessions, remove_folder
from ops.state.audit import Actor, Audit, utc_now
from ops.state.database import opened

# A minute: somebody who mistypes is seen; a flood is counted, and told with the next one.
_MOST_REFUSALS = 20
_WITHIN_SECONDS = 60.0
_COMMAND = "patchdeck serve-ssh"
_IS_ENDED = "SELECT id FROM audit WHERE action = 'serve-ssh.end' AND after LIKE ? LIMIT 1"
# Which algorithms were offered, of which none is taken.
_LONGEST_WHY = 400


class Told:
    """How much of what strangers do is written down: so many a minute, and how many more there were with the next."""

    def __init__(self) -> None:
        self._since = -_WITHIN_SECONDS
        self._written = 0
        self._untold = 0

    def next(self) -> int | None:
        """How many were left untold before this one; None where this one is."""
        now = time.monotonic()
        if now - self._since >= _WITHIN_SECONDS:
            self._since, self._written = now, 0
        if self._written >= _MOST_REFUSALS:
            self._untold += 1
            return None
        self._written += 1
        untold, self._untold = self._untold, 0
        return untold


class SessionAudit:
    """Writes what becomes of logins into the audit of ``home``."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._refusals, self._failures = Told(), Told()
        self._folder = SessionFolder(home)

    def close(self) -> None:
        """The server ends."""
        self._folder.close()

    async def close_left(self) -> int:
        """Writes the ends of sessions that a killed server left open, and removes what is left of them; how many."""
        try:
            return await asyncio.to_thread(close_left_sessions, self._home, self._record_left)
        except (PatchdeckError, OSError) as error:
            log_error("sessions of a killed server not closed", error)
            return 0

    def who_ends(self, session: str) -> tuple[str, str] | None:
        """Who on the host wants ``session`` to end, and why; None where nobody does."""
        return self._folder.who_ends(session)

    async def opened(self, login: Login, terminal: str, folder: str) -> None:
        """A session is about to begin; its app writes in ``folder`` for itself.

        Raises:
            PatchdeckError, OSError: it cannot be written down, and so is not to begin.
        """
        await asyncio.to_thread(self._folder.begin, login, utc_now(), terminal, folder)
        after = {"session": login.session, "role": login.role.word, "key": login.fingerprint, "terminal": terminal}
        await asyncio.to_thread(self._record, "serve-ssh.open", login.user, login.client, login.name, after)

    async def ended(self, login: Login, why: str, seconds: float, folder: str) -> None:
        """A session is over, and with it its ``folder``."""
        after = {"session": login.session, "why": why, "seconds": round(seconds, 1), "key": login.fingerprint}
        is_written = await self._attempt("serve-ssh.end", login.user, login.client, login.name, after)
        await asyncio.to_thread(remove_folder, folder)
        if is_written:  # else the next start does it
            self._folder.end(login.session)

    async def refused(self, client: str, said_user: str, why: str, keys: tuple[str, ...] = (), user: str = "") -> None:
        """Somebody was not let in; ``user`` is a login's, where a key proved that."""
        if (untold := self._refusals.next()) is None:
            return
        after: dict[str, object] = {"why": why, "as": clean(said_user, 64), "keys": list(keys)}
        if untold:
            after["refused_before_and_not_told"] = untold
        log_event("login refused", client=client, why=why, user=said_user[:64], untold=untold)
        await self._attempt("serve-ssh.refuse", user or f"{SIGN}?", client, clean(said_user, 64), after)

    def failed(self, client: str, why: str) -> None:
        """Somebody was cut off before they said who they are: for the log alone, since scanners do nothing else."""
        if (untold := self._failures.next()) is not None:
            log_event("connection failed", client=client, why=clean(why, _LONGEST_WHY), untold=untold)

    async def _attempt(self, action: str, user: str, client: str, target: str, after: Mapping[str, object]) -> bool:
        try:
            await asyncio.to_thread(self._record, action, user, client, target, after)
        except (PatchdeckError, OSError) as error:
            log_error("session not audited", error, action=action, user=user, client=client)
            return False
        return True

    def _record_left(self, left: OpenSession) -> None:
        """The end of a session that nobody saw; once, also where we are killed between this and forgetting it."""
        login = left.login
        with opened(self._home.state_file) as connection:
            is_known = connection.execute(_IS_ENDED, (f'%"{login.session}"%',)).fetchone() is not None
        if not is_known:
            after = {
                "session": login.session,
                "why": "ended with the server",
                "seconds": None,
                "key": login.fingerprint,
            }
            self._record("serve-ssh.end", login.user, login.client, login.name, after)

    def _record(self, action: str, user: str, client: str, target: str, after: Mapping[str, object]) -> None:
        name = user.removeprefix(SIGN)
        login = "" if name == "?" else name
        origin = Origin(os.geteuid(), None, "", socket.gethostname(), os.getpid(), login)
        with opened(self._home.state_file) as connection:
            Audit(connection, Actor(user, client, _COMMAND, origin)).record(action, target, None, json.dumps(after))
