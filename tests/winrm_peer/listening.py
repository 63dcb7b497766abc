"""A socket that keeps its port while nobody listens at it."""

import socket
from dataclasses import dataclass

BACKLOG = 512


@dataclass(frozen=True, slots=True)
class HeldPort:
    """A port of a machine, taken from the system. ``_held`` never listens: who connects meanwhile is refused.

    Another socket may listen at the same port, and be closed, as often as the machine reboots.
    """

    address: str
    number: int
    _held: socket.socket

    @classmethod
    def take(cls, address: str) -> "HeldPort":
        """A free port at ``address``."""
        held = _bound(address, 0)
        return cls(address, int(held.getsockname()[1]), held)

    def listen(self) -> socket.socket:
        """A new socket that listens there."""
        made = _bound(self.address, self.number)
        made.listen(BACKLOG)
        return made

    def release(self) -> None:
        """Gives the port back."""
        self._held.close()


def _bound(address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    # Both sockets of a port are of one user, so that the system lets them share it, and gives it to no third.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((address, port))
    return made
