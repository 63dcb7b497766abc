"""The server from its first socket to its last session, in the process that calls it."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import asyncssh

from fleet.errors import HomeUnusable
from fleet.listening import ListenPlace
from ops.home import Home
from ops.logs import log_event
from ops.serve_ssh.algorithms import CIPHERS, COMPRESSIONS, EXCHANGES, MACS, SIGNATURES
from ops.serve_ssh.app_parents import AppParents
from ops.serve_ssh.connection import Connection
from ops.serve_ssh.desk import Desk, Limits, ensure_service
from ops.serve_ssh.host_key import server_key
from ops.serve_ssh.sandbox import version

_ALIVE_SECONDS = 30.0
_MOST_SILENCES = 3
_WINDOW_BYTES = 65_536
_BACKLOG = 128
# What of the server's environment is not for apps: the client's terminal is, and no program is begun in them.
_NOT_HANDED_ON = ("DISPLAY", "EDITOR", "VISUAL", "PAGER", "TERM", "COLORTERM", "NO_COLOR", "COLUMNS", "LINES", "LANG")
_NOT_HANDED_ON_KINDS = ("LC_", "SSH_", "SUDO_", "TEXTUAL", "TMUX", "STY", "NOTIFY_", "XDG_SESSION")


@dataclass(frozen=True, slots=True)
class Serving:
    """What a server is about to do: where it listens, and the fingerprint by which clients know it."""

    place: str
    fingerprint: str


def run_server(
    home: Home,
    place: ListenPlace,
    limits: Limits,
    parent_module: str,
    on_ready: Callable[[Serving], None],
    *,
    heeded: Iterable[signal.Signals] = (signal.SIGTERM, signal.SIGINT),
) -> None:
    """Serves the app over ``home`` until a signal of ``heeded`` comes; ``on_ready`` is called once it listens.

    Raises:
        HomeUnusable: its key cannot be used, or the place is not free.
        NoApp: no app can be begun.
    """
    asyncio.run(_serve(home, place, limits, parent_module, on_ready, tuple(heeded)))


async def _serve(
    home: Home,
    place: ListenPlace,
    limits: Limits,
    parent_module: str,
    on_ready: Callable[[Serving], None],
    heeded: tuple[signal.Signals, ...],
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in heeded:
        loop.add_signal_handler(number, stop.set)
    key = server_key(home)
    parents = AppParents(home, parent_module)
    desk = Desk(home, parents, limits, ensure_service)
    try:
        await desk.audit.close_left()
        await parents.start()
        listener = await open_listener(desk, place, key)
        address = listener.get_addresses()[0]
        serving = Serving(str(ListenPlace(str(address[0]), int(address[1]))), key.get_fingerprint())
        log_event("serve-ssh began", place=serving.place, key=serving.fingerprint, landlock=version())
        beginning = asyncio.create_task(ensure_service(home))
        on_ready(serving)
        await stop.wait()
        listener.close()
        await beginning
        await desk.close("The server is being ended.")
    finally:
        await parents.close()
        desk.audit.close()
        log_event("serve-ssh ended")


async def open_listener(desk: Desk, place: ListenPlace, key: Any) -> Any:  # Any: asyncssh's key and listener
    """Lets people connect to ``desk``; port 0 takes any.

    Raises:
        HomeUnusable: the place is not free.
    """
    environment = app_environment(os.environ)
    try:
        return await asyncssh.create_server(
            lambda: Connection(desk, environment),
            place.host,
            place.port,
            backlog=_BACKLOG,
            server_host_keys=[key],
            server_version="Patchdeck",
            # One way in; and nothing of what a user's files or the system's would allow.
            config=None,
            password_auth=False,
            kbdint_auth=False,
            host_based_auth=False,
            gss_kex=False,
            gss_auth=False,
            gss_host=None,
            public_key_auth=True,
            login_timeout=desk.limits.login_seconds,
            allow_pty=True,
            line_editor=False,
            encoding=None,
            x11_forwarding=False,
            agent_forwarding=False,
            sftp_factory=None,
            allow_scp=False,
            window=_WINDOW_BYTES,
            keepalive_interval=_ALIVE_SECONDS,
            keepalive_count_max=_MOST_SILENCES,
            tcp_keepalive=True,
            kex_algs=EXCHANGES,
            encryption_algs=CIPHERS,
            mac_algs=MACS,
            compression_algs=COMPRESSIONS,
            signature_algs=SIGNATURES,
        )
    except OSError as error:
        raise HomeUnusable(
            f"Cannot listen on {place}: {os.strerror(error.errno) if error.errno else error}."
        ) from error


def app_environment(own: Mapping[str, str]) -> dict[str, str]:
    """What apps get of the server's environment."""
    return {
        name: value
        for name, value in own.items()
        if name not in _NOT_HANDED_ON and not name.startswith(_NOT_HANDED_ON_KINDS)
    }
