"""Jump hosts on the way to a machine, as they are written: ``user@host:port``, several separated by commas."""

from fleet.errors import BadInput
from fleet.machines import check_address, check_port, check_user


def check_jump_hosts(text: str) -> str:
    """``text``, if each of the jump hosts in it can be used.

    Raises:
        BadInput: one is malformed.
    """
    for hop in text.split(","):
        _check_hop(hop)
    return text


def _check_hop(text: str) -> None:
    user, at, rest = text.rpartition("@")
    host, colon, port = rest.rpartition(":") if rest.count(":") == 1 or "]:" in rest else (rest, "", "")
    if at:
        check_user(user)
    if colon and not (port.isascii() and port.isdecimal() and len(port) <= 5):
        raise BadInput(f"Jump host {text!r} is malformed: write user@host:port, several separated by commas.")
    check_address(host.removeprefix("[").removesuffix("]"))
    if colon:
        check_port(int(port))
