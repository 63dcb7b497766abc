"""Where passwords come from: asked for once at the start of a scan, or kept in the system's keyring.

A password is never an argument, an environment variable, a line of a log or a row of the state.
"""

import contextlib
import getpass
import sys
from dataclasses import dataclass

from collectors.secrets import NoSecrets, Secret, SecretSource
from fleet.errors import BadInput, PatchdeckError
from fleet.machines import Machine

SERVICE = "patchdeck"
_LONGEST_PASSWORD = 4096


class KeyringUnusable(PatchdeckError):
    """There is no keyring to store a password in, or it refused."""


@dataclass(frozen=True, slots=True)
class GivenSecrets:
    """Passwords that were given once and hold for every machine of a scan; ``otherwise`` has the rest."""

    login: Secret | None
    sudo: Secret | None
    otherwise: SecretSource

    def password(self, machine: Machine) -> Secret | None:
        """The password to log in with."""
        return self.login or self.otherwise.password(machine)

    def sudo_password(self, machine: Machine) -> Secret | None:
        """The password for `sudo`."""
        return self.sudo or self.otherwise.sudo_password(machine)


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


def read_secret(prompt: str) -> Secret:
    """One password: without echo on a terminal, else a line of standard input.

    Raises:
        BadInput: nothing came, or more than a password can be.
    """
    text = getpass.getpass(prompt, sys.stderr) if sys.stdin.isatty() else _line_of_input()
    if not text:
        raise BadInput("No password came: type it at the prompt, or give it as a line of standard input.")
    return Secret(text)


def _line_of_input() -> str:
    line = sys.stdin.readline(_LONGEST_PASSWORD + 1)
    if len(line) > _LONGEST_PASSWORD:
        raise BadInput(f"The line on standard input is longer than {_LONGEST_PASSWORD} characters: not a password.")
    return line.rstrip("\r\n")


class KeyringSecrets:
    """Passwords kept in the system's keyring (Secret Service, KWallet, macOS), under the machine's id.

    Without a keyring it has none; storing one then fails with a line that says so. Asked in a thread: a keyring may
    have to be unlocked by its owner.
    """

    def password(self, machine: Machine) -> Secret | None:
        """The stored password to log in with."""
        return _find(f"{machine.id}:login")

    def sudo_password(self, machine: Machine) -> Secret | None:
        """The stored password for `sudo`."""
        return _find(f"{machine.id}:sudo")


def store_secret(machine: Machine, secret: Secret, *, sudo: bool) -> None:
    """Keeps ``secret`` for ``machine``; replaces the one that was kept.

    Raises:
        KeyringUnusable: there is no keyring, or it refused.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, _entry(machine, sudo), secret.reveal())
    except (KeyringError, RuntimeError) as error:
        raise _unusable(error) from error


def forget_secret(machine: Machine, *, sudo: bool) -> bool:
    """Removes the password kept for ``machine``; False where there was none.

    Raises:
        KeyringUnusable: there is no keyring, or it refused.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        if keyring.get_password(SERVICE, _entry(machine, sudo)) is None:
            return False
        keyring.delete_password(SERVICE, _entry(machine, sudo))
    except (KeyringError, RuntimeError) as error:
        raise _unusable(error) from error
    return True


def forget_secrets(machine: Machine) -> None:
    """Removes every password kept for ``machine``, where there is a keyring at all."""
    with contextlib.suppress(KeyringUnusable):
        for sudo in (False, True):
            forget_secret(machine, sudo=sudo)


def _entry(machine: Machine, sudo: bool) -> str:
    return f"{machine.id}:{'sudo' if sudo else 'login'}"


def _find(entry: str) -> Secret | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        text = keyring.get_password(SERVICE, entry)
    except (KeyringError, RuntimeError):
        # No keyring is as good as no password in it: the machine's own failure says that a password was wanted.
        return None
    return Secret(text) if text else None


def _unusable(error: Exception) -> KeyringUnusable:
    return KeyringUnusable(
        f"The keyring cannot be used: {type(error).__name__}. Patchdeck stores passwords nowhere else: "
        "use keys or an agent, or give the password at each scan with --ask-password."
    )
