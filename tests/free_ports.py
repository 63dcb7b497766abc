"""Ports of loopback for servers that a test starts."""

import random
import socket
from contextlib import suppress

# Above what Linux takes for connections that go out (net.ipv4.ip_local_port_range ends at 60999): a port that the
# system gave for a moment may be that of somebody's connection a moment later, and the server then does not start.
# Not below it: there ports are fixed ones of every machine of the lab, which is on the same network, and one that
# reboots is waited for until all that listened listens again.
_FIRST, _END = 61_000, 65_500


def free_port() -> int:
    """A port at which nobody listens and which no connection gets; by chance, so that no two tests take the same."""
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(_FIRST, _END)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
