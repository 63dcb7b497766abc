"""One connection: who it is from, by the key that they prove to have; channels for sessions, and for nothing else."""

import asyncio
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import asyncssh

from fleet.ssh_logins import SIGN, Login, LoginKey
from ops.serve_ssh.app_session import AppSession, with_session
from ops.serve_ssh.desk import Desk

# OpenSSH's MaxAuthTries is 6, and agents offer every key that they hold.
_MOST_KEYS = 16
# Each key is asked after, and then signed with.
_MOST_TRIES = 2 * _MOST_KEYS
_MOST_TOLD = 5
_LOOK_SECONDS = 0.05
# As many sessions as a terminal multiplexer's user may want by one connection; each has room of its own.
_MOST_CHANNELS = 16
# One for each session, and as many that are about to end, or to be told that there is no room.
_CONNECTIONS_A_SESSION = 2


class Connection(asyncssh.SSHServer):
    """A connection to ``desk``. ``environment`` is what every app has of the server's own."""

    # What the kernel's buffer cannot take waits in memory: a client that reads nothing has its app wait.
    MOST_UNSENT = 262_144

    def __init__(self, desk: Desk, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self._desk = desk
        self._link: Any = None  # Any: asyncssh's connection
        self._address, self._client = "", ""
        self._said_user = ""
        self._offered: list[str] = []
        self._tries = 0
        self._proved: LoginKey | None = None
        self._crowded: LoginKey | None = None
        self._is_stranger = False
        self._is_in = False
        self._why = ""
        self._is_lost = False
        self._channels = self._sessions = 0
        self._closing: asyncio.TimerHandle | None = None

    def connection_made(self, conn: Any) -> None:
        """Somebody connects."""
        self._link = conn
        peer, own = conn.get_extra_info("peername") or ("?", 0), conn.get_extra_info("sockname") or ("?", 0)
        self._address = str(peer[0])
        self._client = f"{self._address} {peer[1]} {own[1]}"
        self.environment["SSH_CONNECTION"] = f"{self._address} {peer[1]} {own[0]} {own[1]}"
        if not self._desk.admits_stranger(self._address):
            self._desk.audit.failed(self._client, "too many that have not logged in")
            conn.abort()
            return
        self._is_stranger = True
        self._desk.strangers[self._address] += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone; ``exc`` says why where no agreement was reached on how to speak."""
        if self._is_stranger and not self._said_user and isinstance(exc, asyncssh.DisconnectError):
            self._desk.audit.failed(self._client, exc.reason)
        self._known()
        self._is_lost = True
        if self._closing is not None:
            self._closing.cancel()
        if self._is_in and self._proved is not None:
            self._desk.connected[self._proved.name] -= 1
        if not self._is_in and (self._said_user or self._why):
            why, keys = self._why or "no key that is known", tuple(self._offered[:_MOST_TOLD])
            if self._proved is not None:
                why = self._why or "a known key was named, and not proved"
                keys = (self._proved.fingerprint,)
            name, user = self._said_user, ""
            if (known := self._crowded) is not None:
                name, keys, user = known.name, (known.fingerprint,), f"{SIGN}{known.name}"
            self._desk.later(asyncio.create_task(self._desk.audit.refused(self._client, name, why, keys, user)))

    def begin_auth(self, username: str) -> bool:
        """Everybody has to prove who they are; what they call themselves is for the audit."""
        self._said_user = username
        return True

    def public_key_auth_supported(self) -> bool:
        """The one way in."""
        return True

    def validate_public_key(self, _username: str, key: Any) -> bool:  # Any: asyncssh's key
        """Whether ``key`` is somebody's; asyncssh lets them in once they have signed with it."""
        line = " ".join(key.export_public_key("openssh").decode("ascii").split()[:2])
        self._tries += 1
        if self._tries > _MOST_TRIES:
            self._why = f"{_MOST_TRIES} tries to log in"
            self._link.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many tries")
            return False
        found = self._desk.key_of(line)
        self._proved = found
        if found is not None:
            return True
        if (text := key.get_fingerprint()) not in self._offered:
            self._offered.append(text)
        if len(self._offered) >= _MOST_KEYS:
            self._why = f"{len(self._offered)} keys offered, none of them known"
            self._link.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, "Too many keys")
        return False

    def auth_completed(self) -> None:
        """They are in: the key looked at last is the one that was signed with."""
        self._known()
        if self._proved is None:
            self._link.abort()
            return
        name, limits = self._proved.name, self._desk.limits
        if self._desk.connected[name] >= limits.sessions_of_one * _CONNECTIONS_A_SESSION:
            self._why, self._crowded = f"{self._desk.connected[name]} connections are open already", self._proved
            self._link.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, "You have too many connections open")
            return
        self._is_in = True
        self._desk.connected[name] += 1
        self._close_if_unused()

    def session_requested(self) -> "AppSession | bool":
        """A channel for the app."""
        if self._proved is None or not self._is_in or self._channels >= _MOST_CHANNELS:
            return False
        # As the keys are now: this connection may be hours old.
        key = self._desk.key_of(self._proved.line)
        if key is None or (key.name, key.role) != (self._proved.name, self._proved.role):
            return False
        self._channels += 1
        login = Login(key.name, key.role, key.fingerprint, "", self._client)
        return AppSession(self._desk, self, with_session(login, uuid.uuid4().hex[:12]), key.line)

    def serves(self) -> None:
        """A session has begun by this connection."""
        self._sessions += 1
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None

    def channel_closed(self, *, was_session: bool) -> None:
        """One of its channels is no more; another may be asked for."""
        self._channels -= 1
        self._sessions -= was_session
        if was_session and not self._sessions:
            self._close_if_unused()

    def unsent_bytes(self) -> int:
        """How much waits in memory for the client to take it."""
        # asyncssh looks at the windows of channels only: a client that grants gigabytes and reads none fills memory.
        transport = getattr(self._link, "_transport", None)
        return 0 if transport is None else int(transport.get_write_buffer_size())

    def when_sent(self, go_on: Callable[[], None]) -> None:
        """Calls ``go_on`` in a moment, to look again."""
        asyncio.get_running_loop().call_later(_LOOK_SECONDS, go_on)

    def _known(self) -> None:
        """No stranger any more, or gone."""
        if self._is_stranger:
            self._is_stranger = False
            self._desk.strangers[self._address] -= 1
            if not self._desk.strangers[self._address]:
                del self._desk.strangers[self._address]

    def _close_if_unused(self) -> None:
        """Who wants no session, or no other, keeps no connection."""
        if not self._is_lost:
            seconds = self._desk.limits.login_seconds
            self._closing = asyncio.get_running_loop().call_later(seconds, self._close_unused)

    def _close_unused(self) -> None:
        self._closing = None
        self._link.disconnect(asyncssh.DISC_BY_APPLICATION, "No session was asked for")
