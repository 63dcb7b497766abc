"""The client's side of a login: watches the stages, offers the keys, answers with the password at last."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from asyncssh import SSHClient, SSHClientConnection, SSHKey, SSHKeyPair
from asyncssh.auth import PasswordChangeResponse
from asyncssh.misc import MaybeAwait

from collectors.secrets import Secret
from collectors.transports.ssh_journey import BANNER_SECONDS, LOGIN_SECONDS, Journey, Stage
from collectors.transports.ssh_keys import KeyOffer
from fleet.errors import PatchdeckError

_MESSAGE_CHARACTERS = 300

AskSecret = Callable[[], Awaitable[Secret | None]]


@dataclass(slots=True)
class OfferedKey:
    """What a server that is not trusted showed: its key, that of the authority of its certificate, and all as sent."""

    key: SSHKey | None = None
    authority: SSHKey | None = None
    raw: bytes = b""


class Login(SSHClient):
    """Public keys in their order, then the password: once by ``keyboard-interactive``, once by ``password``.

    A host key that is not trusted is kept in ``offered``, and refused. Why a secret could not be had is kept in
    ``secret_problem``: asyncssh then finds no way to log in, and whoever waits tells that in its place.
    """

    def __init__(self, journey: Journey, offers: tuple[KeyOffer, ...], ask_password: AskSecret) -> None:
        self.offered = OfferedKey()
        self.secret_problem = ""
        self._journey = journey
        self._offers = list(offers)
        self._ask_password = ask_password
        self._has_answered_prompt = False
        self._has_asked = False
        self._secret: Secret | None = None
        self._connection: SSHClientConnection | None = None

    def connection_made(self, conn: SSHClientConnection) -> None:
        """The TCP connection, or the channel of the jump host, is there."""
        self._connection = conn
        self._journey.enter(Stage.BANNER, BANNER_SECONDS)
        _watch_first_bytes(conn, self._journey)
        _hear_the_end_last(conn)

    def auth_banner_received(self, msg: str, lang: str) -> None:  # noqa: ARG002 asyncssh's signature
        """What the server shows before a login."""
        self._journey.server_message = msg[:_MESSAGE_CHARACTERS]

    def validate_host_public_key(self, host: str, addr: str, port: int, key: SSHKey) -> bool:  # noqa: ARG002
        """Never: asked only for a key that is not among the known ones."""
        self.offered.key = key
        return False

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: SSHKey) -> bool:  # noqa: ARG002
        """Never: asked only for an authority that is not among the known ones."""
        self.offered.authority = key
        return False

    def note_host_key(self, raw: bytes) -> None:
        """What the server shows as its key, as it was sent."""
        self.offered.raw = raw

    def public_key_auth_requested(self) -> SSHKeyPair | None:
        """The next key to try."""
        self._note_methods()
        if not self._offers:
            return None
        offer = self._offers.pop(0)
        self._journey.methods_tried.append(f"key {offer.label}")
        return offer.pair

    async def password_auth_requested(self) -> str | None:
        """The password, once."""
        self._note_methods()
        return await self._begin("password")

    async def kbdint_auth_requested(self) -> str | None:
        """Yes, once, where there is a password to answer with."""
        self._note_methods()
        return "" if await self._begin("keyboard-interactive") is not None else None

    def kbdint_challenge_received(
        self,
        name: str,  # noqa: ARG002
        instructions: str,  # noqa: ARG002
        lang: str,  # noqa: ARG002
        prompts: Sequence[tuple[str, bool]],
    ) -> list[str] | None:
        """The password to the first prompt without echo; nothing to anything else that is asked."""
        if not prompts:
            return []
        text, is_echoed = prompts[0]
        if len(prompts) > 1 or is_echoed or self._has_answered_prompt or self._secret is None:
            self._journey.server_message = text[:_MESSAGE_CHARACTERS]
            return None
        self._has_answered_prompt = True
        return [self._secret.reveal()]

    def password_change_requested(self, prompt: str, lang: str) -> MaybeAwait[PasswordChangeResponse]:
        """Never: whose password it is, they choose a new one."""
        self._journey.server_message = "the password has expired"
        return super().password_change_requested(prompt, lang)

    async def _begin(self, method: str) -> str | None:
        """The password to try ``method`` with, or None where it was tried or there is no password."""
        if method in self._journey.methods_tried:
            return None
        if not self._has_asked:
            self._has_asked = True
            # A keyring may ask its owner first: that time is not the server's.
            self._journey.enter(Stage.LOGIN)
            try:
                self._secret = await self._ask_password()
            except PatchdeckError as error:
                self.secret_problem = str(error)
            self._journey.enter(Stage.LOGIN, LOGIN_SECONDS)
        if self._secret is None:
            return None
        self._journey.methods_tried.append(method)
        return self._secret.reveal()

    def _note_methods(self) -> None:
        if self._connection is not None:
            self._journey.methods_offered.update(self._connection.get_server_auth_methods())


def _watch_first_bytes(conn: SSHClientConnection, journey: Journey) -> None:
    """Keep what comes before the server's SSH banner, and enter the next stage with it.

    asyncssh drops what is no banner, so that a web server and a silent one would look alike.
    """
    receive = conn.data_received

    def watch(data: bytes, datatype: int | None = None) -> None:
        journey.note_bytes(data)
        receive(data, datatype)
        if conn.get_extra_info("server_version") is not None and journey.stage is Stage.BANNER:
            vars(conn).pop("data_received", None)
            journey.enter(Stage.LOGIN, LOGIN_SECONDS)

    vars(conn)["data_received"] = watch


def _hear_the_end_last(conn: SSHClientConnection) -> None:
    """Let what came before the end of the stream be read before the end is.

    asyncssh 2.24 reads a KEXINIT in a task and an EOF at once. sshd ends the connection as soon as it finds no common
    algorithm: both often come together, and the reason would be lost.
    """
    end = conn.eof_received

    def hold() -> bool:
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, end)
        return True

    vars(conn)["eof_received"] = hold
