"""Keeps one wrong password from locking an account: while no machine has taken it, few are asked.

A scan logs in to hundreds of machines at once, with one account of a domain. Domains lock an account after some five
refusals, and whatever else uses it stands still then.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from collectors.secrets import Secret
from fleet.name_lists import some_of

# Whoever mistyped it before has used up some of what the domain allows.
MOST_REFUSALS = 2
_LOOK_SECONDS = 0.2


class PasswordHeld(Exception):
    """The password was not sent, since other machines have refused it; says which."""


@dataclass(slots=True)
class _Standing:
    """What became of one password so far. ``trying`` is how many machines are asked now."""

    is_taken: bool = False
    trying: int = 0
    refused_by: list[str] = field(default_factory=list)


class PasswordTrials:
    """What became of the passwords of one scan. For any thread."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._standings: dict[tuple[str, bytes], _Standing] = {}
        self._changed = threading.Condition()

    def trial(self, machine_name: str, user: str, password: Secret) -> "PasswordTrial | None":
        """The login of ``user`` to one machine; None for a user of that machine alone, whom no other one locks."""
        if not _is_of_domain(user):
            return None
        digest = hashlib.sha256(self._salt + password.reveal().encode("utf-8", "surrogatepass")).digest()
        with self._changed:
            standing = self._standings.setdefault((user.casefold(), digest), _Standing())
        return PasswordTrial(machine_name, standing, self._changed)


class PasswordTrial:
    """One login with a password that other machines are logged in to with, too."""

    def __init__(self, machine_name: str, standing: _Standing, changed: threading.Condition) -> None:
        self._machine_name = machine_name
        self._standing = standing
        self._changed = changed
        self._is_trying = False

    def begin(self, is_over: Callable[[], bool]) -> None:
        """Returns once the password may be sent, or ``is_over``.

        Raises:
            PasswordHeld: it must not be.
        """
        standing = self._standing
        with self._changed:
            while not (standing.is_taken or self._is_trying or is_over()):
                refusals = len(standing.refused_by)
                if refusals >= MOST_REFUSALS:
                    raise PasswordHeld(some_of(standing.refused_by))
                if refusals + standing.trying < MOST_REFUSALS:
                    standing.trying += 1
                    self._is_trying = True
                else:
                    self._changed.wait(_LOOK_SECONDS)

    def end(self, *, is_taken: bool = False, is_refused: bool = False) -> None:
        """What came of it; neither where the machine said nothing of the password. More than once is harmless."""
        standing = self._standing
        with self._changed:
            standing.is_taken = standing.is_taken or is_taken
            if self._is_trying:
                self._is_trying = False
                standing.trying -= 1
                if is_refused:
                    standing.refused_by.append(self._machine_name)
            self._changed.notify_all()


def _is_of_domain(user: str) -> bool:
    domain, backslash, _ = user.partition("\\")
    return "@" in user or bool(backslash and domain not in ("", "."))
