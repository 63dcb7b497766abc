"""The one script that an assessment sends: the `.sh` files of ``probes/`` behind a few lines of settings."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from collectors.secrets import Secret
from collectors.shell_text import shorten
from fleet.errors import BadInput
from fleet.machines import Become

_FIRST = ("frame.sh", "become.sh", "linux.sh")
_LAST = ("main.sh",)


@dataclass(frozen=True, slots=True)
class Probe:
    """A script to feed to `sh`, and the marker that frames its answer. The script may hold a password."""

    script: bytes
    marker: str

    def __repr__(self) -> str:
        return f"Probe(marker={self.marker!r})"


def build_probe(
    managers: Sequence[str], *, become: Become = Become.NONE, sudo_password: Secret | None = None, refresh: bool = False
) -> Probe:
    """The script that asks a Linux machine everything, by the probes of ``managers`` (``apt`` is ``apt.sh``).

    Raises:
        BadInput: the password cannot be given to sudo: it holds a line break or a NUL.
    """
    marker = f"patchdeck-{secrets.token_hex(16)}"
    settings = (
        f"marker={marker}",
        f"become={become.value}",
        f"refresh={'yes' if refresh else 'no'}",
        f"managers='{' '.join(managers)}'",
        f"sudo_password={_quote(_check_password(sudo_password))}",
    )
    return Probe("\n".join([*settings, _join_parts(tuple(managers))]).encode(), marker)


@cache
def _join_parts(managers: tuple[str, ...]) -> str:
    return "".join(shorten(read_part(name)) for name in (*_FIRST, *(f"{name}.sh" for name in managers), *_LAST))


@cache
def read_part(name: str) -> str:
    """The text of one file of ``probes/``."""
    return (files("collectors") / "probes" / name).read_text(encoding="utf-8")


def _check_password(password: Secret | None) -> str:
    text = password.reveal() if password else ""
    if any(character in text for character in "\n\r\0"):
        raise BadInput("The sudo password holds a line break or a NUL; sudo reads one line.")
    return text


def _quote(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
