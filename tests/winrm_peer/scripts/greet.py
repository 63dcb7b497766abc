"""What a machine says to the script `greet`."""

from collections.abc import Callable, Mapping

from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import TokenKind


def answer(machine: PeerMachine, _told: Mapping[str, object], say: Callable[[Mapping[str, object]], None]) -> None:
    """Who is logged in, and what the machine is."""
    named = machine.runs[-1].user
    user = machine.find_user(named)
    say(
        {
            "schema": 1,
            "user": f"{machine.domain or machine.name}\\{user.name if user else named}",
            "host": machine.name,
            "caption": machine.caption,
            "version": machine.version,
            "revision": str(machine.ubr),
            "powershell": machine.powershell,
            "is_admin": user is None or user.token is TokenKind.ADMINISTRATOR,
        }
    )
