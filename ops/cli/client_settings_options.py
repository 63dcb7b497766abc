"""What the options of `patchdeck windows configure` say, read before any machine is asked."""

from collections.abc import Sequence

from fleet.errors import BadInput
from fleet.update_client.held import Held
from fleet.update_client.values import find_settable
from fleet.update_client.wishes import parse_group, parse_server, parse_value

_NONE = "none"


def parse_server_or_none(said: str | None) -> str | None:
    """The URL of a server, empty where ``none`` was said.

    Raises:
        BadInput: it is no such URL, or holds a password.
    """
    if said is None:
        return None
    return "" if said.casefold() == _NONE else parse_server(said)


def parse_group_or_none(said: str | None) -> str | None:
    """The name of a group in WSUS, empty where ``none`` was said.

    Raises:
        BadInput: no group can be called so.
    """
    if said is None:
        return None
    return "" if said.casefold() == _NONE else parse_group(said)


def parse_values(set_to: Sequence[str], unset: Sequence[str]) -> dict[str, Held | None]:
    """Single values by their names; None for those that are taken away.

    Raises:
        BadInput: there is no such setting, it cannot have that value, or it is named twice.
    """
    found: dict[str, Held | None] = {}
    for name, held in (*map(parse_value, set_to), *((find_settable(name).name, None) for name in unset)):
        if name in found:
            raise BadInput(f"{name} is named twice by --set and --unset: say it once.")
        found[name] = held
    return found
