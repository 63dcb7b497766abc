"""Ports of loopback for servers that a test starts."""

import random
import socket
from contextlib import suppress

# Below what Linux takes for connections that go out (net.ipv4.ip_local_port_range begins at 32768): a port that the
# system gave for a moment may be that of somebody's connection a moment later, and the server then does not start.
_FIRST, _END = 12_000, 32_000


def free_port() -> int:
    """A port at which nobody listens and which no connection gets; by chance, so that no two tests take the same."""
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(_FIRST, _END)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
