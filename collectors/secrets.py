"""Passwords on their way to a machine: never in a text that is shown, logged or compared."""

from typing import Protocol

from fleet.errors import PatchdeckError
from fleet.machines import Machine
from fleet.profiles import Credentials, SecretKind, own_credentials

MASK = "•••"


class Secret:
    """A text that shows itself as ``•••`` however it is printed; `reveal` gives it to the one place that needs it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return MASK

    def __str__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return MASK

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not written anywhere")


class SecretUnavailable(PatchdeckError):
    """A secret is wanted, and it is known where it should come from, but it cannot be had: says why, never what."""


class SecretSource(Protocol):
    """What machines are logged in to with, and where their passwords come from.

    The methods that give a secret may block: they are asked in a thread. They give None where there is none.
    """

    async def credentials(self, machine: Machine, /) -> Credentials:
        """What ``machine`` is logged in to with now.

        Raises:
            PatchdeckError: that cannot be said; the machine is then left alone.
        """
        ...

    def password(self, machine: Machine, /) -> Secret | None:
        """The password to log in with.

        Raises:
            SecretUnavailable: there should be one.
        """
        ...

    def sudo_password(self, machine: Machine, /) -> Secret | None:
        """The password that `sudo` asks for on that machine.

        Raises:
            SecretUnavailable: there should be one.
        """
        ...

    def passphrase(self, machine: Machine, /) -> Secret | None:
        """What opens the machine's key file.

        Raises:
            SecretUnavailable: there should be one.
        """
        ...


class NoSecrets:
    """A source that has none: machines are logged in to with what they say themselves."""

    async def credentials(self, machine: Machine, /) -> Credentials:
        """What ``machine`` says itself."""
        return own_credentials(machine)

    def password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None

    def passphrase(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None


def find_secret(source: SecretSource, machine: Machine, kind: SecretKind) -> Secret | None:
    """The secret of that kind that ``source`` has for ``machine``. May block.

    Raises:
        SecretUnavailable: there should be one.
    """
    match kind:
        case SecretKind.PASSWORD:
            return source.password(machine)
        case SecretKind.BECOME:
            return source.sudo_password(machine)
        case SecretKind.PASSPHRASE:
            return source.passphrase(machine)
