"""The duty of the door: in a home that is shared, or that logins over SSH are served, a socket where operators and
admins ask for what is not theirs to do.
"""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from fleet.audit_masking import mask_text
from fleet.audit_origin import Origin
from fleet.deployments.runs import Requester
from fleet.errors import HomeUnusable, NotPermitted, PatchdeckError, StoreBusy
from fleet.hostile import clean
from fleet.roles import Role
from fleet.ssh_logins import SIGN, login_number
from ops.acl import READ, WRITE, Entry, Tag, set_acl, whole_acl
from ops.audit.origins import describe_user, origin_of
from ops.home import Home
from ops.logs import log_error, log_event
from ops.persons import person_of_login, person_of_peer
from ops.roles import SharedRoles, find_shared_roles, user_name
from ops.serve_ssh.login_keys import read_login_keys, role_of_login
from ops.service.answering import Answering, refuse
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post
from ops.service.peers import Peer, peer_of, socket_address
from ops.service.served_deeds import Served
from ops.service.wire import MOST_REQUEST_BYTES, Request, read_request

_REQUEST_SECONDS = 5.0
_LOOK_AGAIN = timedelta(minutes=1)
_END_SECONDS = 30.0
# Askers are people at terminals.
_MOST_ASKERS = 32
_MOST_OF_ONE = 8
_BACKLOG = 32
# Of one user between two looks, which come once a minute at the latest: nobody washes the log away.
_MOST_REFUSALS_LOGGED = 10


class DoorDuty:
    """Lets members of the home's groups ask, and the server of `serve-ssh`; nothing at all in any other home."""

    name = "door"

    def __init__(self, post: Post) -> None:
        self._post = post
        self._shared: SharedRoles | None = None
        self._server: asyncio.Server | None = None
        self._place: tuple[int, int] | None = None
        self._inside: Counter[int] = Counter()
        self._asking: Counter[int] = Counter()
        self._refused: Counter[int] = Counter()
        self._open: dict[asyncio.Task[None], tuple[asyncio.Event, Activity]] = {}
        self._error = ""

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: opens the door, where the home is shared, and opens it anew where the groups have changed."""
        try:
            self._refused.clear()
            shared = await asyncio.to_thread(_who_may_ask, self._post.home)
            if shared != self._shared or (shared is not None and self._place != _place(self._post.home)):
                self._close()
                if shared is not None:
                    await self._open_door(shared)
            self._error = ""
        except HomeUnusable as error:
            self._close()
            self._error = str(error)
        return look.now + _LOOK_AGAIN if self._shared is not None or self._error else None

    def activities(self) -> Sequence[Activity]:
        """What it does for others now."""
        return [activity for _, activity in self._open.values()]

    def troubles(self) -> Sequence[Trouble]:
        """Why nobody can ask."""
        return [Trouble(self.name, self._error)] if self._error else []

    async def end(self) -> None:
        """See `Duty`: what was assessed for others is stored."""
        self._close()
        for stop, _ in self._open.values():
            stop.set()
        if self._open:
            _, late = await asyncio.wait(set(self._open), timeout=_END_SECONDS)
            for task in late:
                task.cancel()

    async def _open_door(self, shared: SharedRoles) -> None:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            await asyncio.to_thread(_bind, listening, self._post.home, shared)
            self._server = await asyncio.start_unix_server(self._admit, sock=listening, limit=MOST_REQUEST_BYTES)
        except OSError as error:
            listening.close()
            raise HomeUnusable(f"Cannot listen on {self._post.home.service_socket}: {error.strerror}.") from error
        self._shared, self._place = shared, _place(self._post.home)

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            if self._place == _place(self._post.home):
                self._post.home.service_socket.unlink(missing_ok=True)
        self._server, self._shared, self._place = None, None, None

    async def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection: socket.socket = writer.get_extra_info("socket")
        try:
            peer = peer_of(connection)
            with self._admitted(peer):
                await self._require_operator(peer)
                request = read_request(await _read_line(reader))
                await self._require_login(request, peer)
                with self._counted(login_number(request.login) if request.login else peer.user):
                    await self._answer(request, peer, reader, writer)
        except PatchdeckError as error:
            self._note_refusal(peer, error)
            await refuse(writer, error)
        except OSError as error:
            log_error("asker lost", error)
        finally:
            writer.close()

    def _note_refusal(self, peer: Peer, error: PatchdeckError) -> None:
        self._refused[peer.user] += 1
        if self._refused[peer.user] <= _MOST_REFUSALS_LOGGED:
            log_event("request refused", user=user_name(peer.user), why=error)

    @contextmanager
    def _admitted(self, peer: Peer) -> Iterator[None]:
        """Before it is known what, and for whom: as many as there is room for, of one user all of theirs."""
        mine = self._inside[peer.user]
        is_owner = peer.user == self._post.home.path.stat().st_uid
        if self._inside.total() >= _MOST_ASKERS or (mine >= _MOST_OF_ONE and not is_owner):
            raise _busy()
        self._inside[peer.user] += 1
        try:
            yield
        finally:
            self._inside[peer.user] -= 1

    @contextmanager
    def _counted(self, person: int) -> Iterator[None]:
        """What is done for one person: a Unix user, or a login, by their number."""
        if self._asking[person] >= _MOST_OF_ONE:
            raise _busy()
        self._asking[person] += 1
        try:
            yield
        finally:
            self._asking[person] -= 1

    async def _require_operator(self, peer: Peer) -> None:
        """By the file of roles and the group database as they are now, whatever opened the socket to the asker."""
        shared = await asyncio.to_thread(_who_may_ask, self._post.home)
        role = Role.NONE if shared is None else await asyncio.to_thread(shared.role_of, peer.user)
        if role < Role.OPERATOR:
            word = f"a {role.word}" if role is not Role.NONE else "nobody"
            raise NotPermitted(
                f"You ({user_name(peer.user)}) are {word} in the home {self._post.home.path}: its operators and admins "
                "may ask its service. Nothing was changed."
            )

    async def _require_login(self, request: Request, peer: Peer) -> None:
        """Whom the server of `patchdeck serve-ssh` asks for: by the keys of the home as they are now."""
        if not request.login:
            return
        home = self._post.home
        is_server = peer.user in (home.path.stat().st_uid, 0)
        role = await asyncio.to_thread(role_of_login, home, request.login) if is_server else Role.NONE
        if role < Role.OPERATOR:
            raise NotPermitted(f"The key of {SIGN}{clean(request.login, 40)} makes nobody an operator of {home.path}.")

    async def _answer(
        self, request: Request, peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        requester = _requester(request, peer)
        stop, answering = asyncio.Event(), Answering(writer)
        task = asyncio.create_task(
            answering.answer(Served(self._post, request, requester, answering.say, stop), reader)
        )
        text = f"{request.deed.value} for {requester.user}"
        self._open[task] = stop, Activity(self.name, text, self._post.clock())
        self._post.look_again()
        try:
            await task
        finally:
            del self._open[task]
            self._post.look_again()


def _requester(request: Request, peer: Peer) -> Requester:
    """Who asks: the user by the kernel's word, all else by the asker's own."""
    command = f"{clean(request.command) or 'unknown command'} (over the socket, process {peer.pid})"
    if request.login:
        origin, person = Origin(peer.user, pid=peer.pid, login=request.login), person_of_login(request.login)
    else:
        origin, person = origin_of(peer.pid, peer.user), person_of_peer(peer.pid, peer.user)
    command, reason = mask_text(command), mask_text(clean(request.reason))
    return Requester(describe_user(origin), clean(request.ssh_client), command, reason, origin, person)


def _who_may_ask(home: Home) -> SharedRoles | None:
    """The groups of a shared home; of another one nobody but its owner, where logins over SSH ask in their name."""
    if (shared := find_shared_roles(home)) is not None:
        return shared
    return SharedRoles(home.path.stat().st_uid, {}) if read_login_keys(home) else None


def _busy() -> StoreBusy:
    return StoreBusy("The service does as much for others as it can: try again in a while.")


async def _read_line(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(_REQUEST_SECONDS):
            return await reader.readuntil(b"\n")
    except TimeoutError as error:
        raise PatchdeckError(f"No request came within {_REQUEST_SECONDS:g} s.") from error
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise PatchdeckError("The request is cut off, or too long.") from error


def _bind(listening: socket.socket, home: Home, shared: SharedRoles) -> None:
    """Put the socket in place, once only those can connect to it who may."""
    aside = f".service.sock.{os.getpid()}"
    askers = [each for role in (Role.OPERATOR, Role.ADMIN) for each in shared.groups.get(role, ())]
    entries = {Entry(Tag.GROUP, each.number, READ | WRITE) for each in askers}
    with socket_address(home, aside) as address, socket_address(home, home.service_socket.name) as place:
        with suppress(FileNotFoundError):
            os.unlink(address)  # noqa: PTH108 - an address, which leads through a descriptor
        listening.bind(address)
        try:
            if entries:
                set_acl(address, whole_acl(entries, READ | WRITE))
            else:
                os.chmod(address, 0o600)  # noqa: PTH101 - as above
            listening.listen(_BACKLOG)
            os.rename(address, place)  # noqa: PTH104 - as above
        except OSError:
            os.unlink(address)  # noqa: PTH108 - as above
            raise


def _place(home: Home) -> tuple[int, int] | None:
    try:
        found = home.service_socket.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
