"""Who is in over SSH: room for so many, the keys as they are now, idle sessions; where sessions begin and end."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from fleet.name_lists import some_of
from fleet.ssh_logins import LoginKey
from ops.home import Home
from ops.logs import log_error
from ops.serve_ssh.app_parents import AppParents
from ops.serve_ssh.login_keys import read_login_keys
from ops.serve_ssh.session_audit import SessionAudit
from ops.state.database import connect

if TYPE_CHECKING:
    from ops.serve_ssh.app_session import AppSession

_LOOK_SECONDS = 1.0
WARNING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the server gives: sessions in all and of one login, connections that nobody has logged in by, in all
    and of one address, seconds to log in, and seconds without a key typed until a session ends, 0: never.
    """

    sessions: int = 32
    sessions_of_one: int = 4
    strangers: int = 32
    strangers_of_one: int = 8
    login_seconds: float = 30.0
    idle_seconds: float = 3600.0


class Desk:
    """What the connections of one server share. ``have_service`` sees that a service does what outlasts sessions."""

    def __init__(
        self, home: Home, parents: AppParents, limits: Limits, have_service: Callable[[Home], Awaitable[str]]
    ) -> None:
        self.home = home
        self.parents = parents
        self.limits = limits
        self.have_service = have_service
        self.audit = SessionAudit(home)
        self.sessions: set[AppSession] = set()
        self.strangers: Counter[str] = Counter()
        self.connected: Counter[str] = Counter()
        # While it is open, the files beside state.db are there that readers need and confined ones cannot make.
        self._reading = connect(home.state_file)
        self._reading.execute("SELECT count(*) FROM meta").fetchone()
        self._keys: dict[str, LoginKey] = {}
        self._stamp: tuple[int, ...] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def key_of(self, line: str) -> LoginKey | None:
        """Whose key ``line``, ``ALGORITHM BASE64``, is now; None where it lets nobody in."""
        self._look_at_keys()
        return self._keys.get(line)

    def why_full(self, name: str) -> str:
        """Why the login ``name`` gets no session now; empty where it does."""
        here = [session for session in self.sessions if session.is_counted]
        mine = sum(session.login.name == name for session in here)
        if len(here) >= self.limits.sessions:
            return f"{len(here)} sessions are open, which is all that there is room for. Try again later."
        if mine >= self.limits.sessions_of_one:
            return f"You have {mine} sessions open already: leave one with q first."
        return ""

    def admits_stranger(self, address: str) -> bool:
        """Whether another connection of ``address`` may try to log in."""
        here = self.limits
        return self.strangers.total() < here.strangers and self.strangers[address] < here.strangers_of_one

    def entered(self, session: "AppSession") -> None:
        """A session has begun."""
        self.sessions.add(session)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())

    def left(self, session: "AppSession") -> None:
        """A session is over."""
        self.sessions.discard(session)

    def later(self, task: "asyncio.Task[None]") -> None:
        """Keeps ``task`` until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, why: str) -> None:
        """Ends every session, and what is written of it."""
        for session in tuple(self.sessions):
            session.end("server ended", why)
        while self.sessions or self._tasks:
            await asyncio.wait({*self._tasks, *(each.over for each in self.sessions)})
        if self._watching is not None:
            self._watching.cancel()
        self._reading.close()
        self.audit.close()

    async def _watch(self) -> None:
        """While somebody is in: ends whose key is gone, and who has left the room without closing the door."""
        while self.sessions:
            await asyncio.sleep(_LOOK_SECONDS)
            self._look_at_keys()
            now = time.monotonic()
            for session in tuple(self.sessions):
                key = self._keys.get(session.key_line)
                if key is None or (key.name, key.role) != (session.login.name, session.login.role):
                    session.end("key removed", "The key that you logged in with does not let you in any more.")
                elif (ending := self.audit.who_ends(session.login.session)) is not None:
                    words = ": ".join(filter(None, ending)).rstrip(".")
                    session.end(f"ended by {ending[0]}", f"Your session was ended by {words}.")
                elif self.limits.idle_seconds:
                    session.look_at_clock(now, self.limits.idle_seconds)

    def _look_at_keys(self) -> None:
        """Reads the keys where the file is another one; where it cannot be believed nobody gets in, or stays."""
        try:
            found = self.home.login_keys.stat()
            stamp: tuple[int, ...] = (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        except OSError:
            stamp = ()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._keys = {each.line: each for each in read_login_keys(self.home)}
        except PatchdeckError as error:
            self._keys = {}
            log_error("login keys unusable", error)


async def ensure_service(home: Home) -> str:
    """Sees that a service works for ``home``: it does for logins what outlasts them. Why not; empty where one does."""
    from ops.service.starting import ensure_running

    try:
        await asyncio.to_thread(ensure_running, home)
    except PatchdeckError as error:
        log_error("no service for logins", error)
        return str(error)
    return ""


def names_of(keys: tuple[LoginKey, ...]) -> str:
    """Who may log in, in a sentence."""
    return some_of(list(dict.fromkeys(f"{each.name} ({each.role.word})" for each in keys)))
