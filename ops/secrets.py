"""Secrets that somebody types: asked for once at the start of a scan, and never written anywhere.

Where they are kept otherwise, and found again, is in `ops.credentials`. A secret is never an argument, an environment
variable, a line of a log or a row of the state.
"""

import getpass
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from collectors.secrets import NoSecrets, Secret, SecretSource
from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.profiles import Credentials, SecretKind
from ops.credentials.finding import PASSPHRASE, HomeSecrets, Wanted
from ops.credentials.keeping import forget_everywhere, machine_entry
from ops.credentials.session import session_of
from ops.credentials.vault import SecretsClosed
from ops.home import Home

_LONGEST_PASSWORD = 4096


@dataclass(frozen=True, slots=True)
class GivenSecrets:
    """Passwords that were given once and hold for every machine of a scan; ``otherwise`` has the rest."""

    login: Secret | None
    sudo: Secret | None
    otherwise: SecretSource

    async def credentials(self, machine: Machine, /) -> Credentials:
        """See `SecretSource.credentials`."""
        return await self.otherwise.credentials(machine)

    def password(self, machine: Machine, /) -> Secret | None:
        """The password to log in with."""
        return self.login or self.otherwise.password(machine)

    def sudo_password(self, machine: Machine, /) -> Secret | None:
        """The password for `sudo`."""
        return self.sudo or self.otherwise.sudo_password(machine)

    def passphrase(self, machine: Machine, /) -> Secret | None:
        """What opens the machine's key file."""
        return self.otherwise.passphrase(machine)


def ask_secrets(*, login: bool, sudo: bool, otherwise: SecretSource | None = None) -> SecretSource:
    """Asks for what is wanted, once: without echo on a terminal, else one line of standard input each.

    The login password comes first. Call it before anything else writes to the terminal.

    Raises:
        BadInput: standard input ended before a password came.
    """
    rest = otherwise or NoSecrets()
    if not login and not sudo:
        return rest
    return GivenSecrets(
        login=read_secret("Password for the machines: ") if login else None,
        sudo=read_secret("Password for sudo on the machines: ") if sudo else None,
        otherwise=rest,
    )


def type_secrets(source: SecretSource, machines: Iterable[Machine]) -> None:
    """Asks on the terminal for what the profiles of ``machines`` want typed; nobody is asked where nobody sits.

    Call it before anything else writes to the terminal.

    Raises:
        BadInput: nothing was typed.
        SecretUnavailable: the passphrase that was typed does not unlock.
    """
    found = source.otherwise if isinstance(source, GivenSecrets) else source
    if not isinstance(found, HomeSecrets) or not sys.stdin.isatty():
        return
    for wanted in found.wanted(machines):
        if not _is_given(source, wanted):
            found.give(wanted, read_secret(wanted.prompt))


def type_passphrase(home: Home) -> None:
    """Asks on the terminal for what unlocks the home's secrets, if only that can; nobody is asked where nobody sits.

    Raises:
        BadInput: nothing was typed.
        SecretUnavailable: it does not unlock.
    """
    if not sys.stdin.isatty() or not session_of(home).needs_passphrase():
        return
    HomeSecrets(home).give(PASSPHRASE, read_secret(PASSPHRASE.prompt))


def read_secret(prompt: str) -> Secret:
    """One password: without echo on a terminal, else a line of standard input.

    Raises:
        BadInput: nothing came, more than a password can be, or what is no text.
    """
    try:
        text = getpass.getpass(prompt, sys.stderr) if sys.stdin.isatty() else _line_of_input()
        text.encode()
    except UnicodeError:
        # Without its cause: that holds what was typed.
        raise BadInput("What came is no text in UTF-8: nothing was changed.") from None
    if not text:
        raise BadInput("No password came: type it at the prompt, or give it as a line of standard input.")
    if "\0" in text:
        raise BadInput("What came holds a NUL, which no password can: nothing was changed.")
    return Secret(text)


def read_new_secret(prompt: str) -> Secret:
    """A secret that is new: on a terminal it is asked for twice.

    Raises:
        BadInput: nothing came, or the two differ.
    """
    first = read_secret(prompt)
    if sys.stdin.isatty() and read_secret("The same again: ").reveal() != first.reveal():
        raise BadInput("The two differ: nothing was changed.")
    return first


def forget_secrets(home: Home, machine: Machine) -> str:
    """Removes every secret that is kept for ``machine`` itself, where there is a place for them at all.

    Gives why they are kept on, where another has to remove them; the machine is gone all the same.
    """
    try:
        for kind in SecretKind:
            forget_everywhere(home, machine_entry(machine, kind))
    except SecretsClosed as error:
        return f"{machine.name}: passwords of its own, {machine.id}:*.age, stay if there are any. {error}"
    return ""


def _is_given(source: SecretSource, wanted: Wanted) -> bool:
    if not isinstance(source, GivenSecrets) or wanted.profile is None:
        return False
    by_kind = {SecretKind.PASSWORD: source.login, SecretKind.BECOME: source.sudo}
    return by_kind.get(wanted.kind) is not None


def _line_of_input() -> str:
    line = sys.stdin.readline(_LONGEST_PASSWORD + 1)
    if len(line) > _LONGEST_PASSWORD:
        raise BadInput(f"The line on standard input is longer than {_LONGEST_PASSWORD} characters: not a password.")
    return line.rstrip("\r\n")
