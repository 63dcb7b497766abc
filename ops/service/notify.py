"""Telling systemd how the service stands, over the socket that it gave us: sd_notify(3)."""

import os
import socket
from contextlib import suppress


def notify(*states: str) -> None:
    """Send ``READY=1``, ``STOPPING=1``, ``WATCHDOG=1``, ``STATUS=…``; whether anybody hears it does not matter."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):  # Linux' abstract namespace
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
        line.settimeout(1.0)
        line.connect(address)
        line.sendall("\n".join(states).encode("utf-8", "replace"))


def watchdog_seconds() -> float | None:
    """How often systemd wants to hear ``WATCHDOG=1``: half of what it allows; None where it does not watch."""
    try:
        allowed = int(os.environ.get("WATCHDOG_USEC", "")) / 1_000_000
        watched = int(os.environ.get("WATCHDOG_PID", os.getpid()))
    except ValueError:
        return None
    return allowed / 2 if allowed > 0 and watched == os.getpid() else None
