"""Passwords on their way to a machine: never in a text that is shown, logged or compared."""

from typing import Protocol

from fleet.machines import Machine

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


class SecretSource(Protocol):
    """Where the passwords of machines come from. May block: it is asked in a thread."""

    def password(self, machine: Machine, /) -> Secret | None:
        """The password to log in with, or None where there is none."""
        ...

    def sudo_password(self, machine: Machine, /) -> Secret | None:
        """The password that `sudo` asks for on that machine, or None where there is none."""
        ...


class NoSecrets:
    """A source that has none."""

    def password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        """None, always."""
        return None
