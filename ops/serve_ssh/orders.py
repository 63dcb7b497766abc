"""What the server of the app over SSH and the parent of the apps say to each other: a message each of JSON, with
descriptors beside it. Both are ours, of one version, and joined by a socket that nobody else has.
"""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fleet.roles import Role
from fleet.ssh_logins import Login

_MOST_BYTES = 65_536
_MOST_DESCRIPTORS = 4


@dataclass(frozen=True, slots=True)
class Order:
    """An app that is wanted: for whom, its whole environment, and a folder to be made for what it writes for itself.
    Its terminal goes beside.
    """

    login: Login
    environment: Mapping[str, str]
    folder: str


@dataclass(frozen=True, slots=True)
class Begun:
    """An app began, or ``error`` says why not; a descriptor of its process goes beside."""

    session: str
    pid: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """An app is gone: with that exit code, negative where a signal ended it."""

    session: str
    code: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The parent has loaded all that apps need."""


Message = Order | Begun | Ended | Ready
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Order, Begun, Ended, Ready)}


def send(connection: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Sends ``message``, with copies of ``descriptors``.

    Raises:
        OSError: nobody is there any more.
    """
    fields = {name: getattr(message, name) for name in message.__slots__}
    if isinstance(message, Order):
        login = message.login
        fields["login"] = [login.name, int(login.role), login.fingerprint, login.session, login.client]
        fields["environment"] = dict(message.environment)
    text = json.dumps([type(message).__name__, fields])
    socket.send_fds(connection, [text.encode()], descriptors)


def receive(connection: socket.socket) -> tuple[Message | None, list[int]]:
    """The next message with its descriptors; None once nobody is there any more.

    Raises:
        OSError: it cannot be read.
    """
    try:
        content, descriptors, _, _ = socket.recv_fds(connection, _MOST_BYTES, _MOST_DESCRIPTORS)
    except ConnectionError:
        return None, []
    if not content:
        return None, []
    name, fields = json.loads(content)
    if name == Order.__name__:
        person, role, fingerprint, session, client = fields["login"]
        fields["login"] = Login(person, Role(role), fingerprint, session, client)
    return _KINDS[name](**fields), descriptors
