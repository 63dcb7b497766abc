"""The secrets of machines, found when they are wanted: a machine's own, else its profile's, each where it is kept."""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from collectors.secrets import Secret, SecretUnavailable
from fleet.errors import PatchdeckError
from fleet.machines import Become, Machine
from fleet.profiles import Credentials, Profile, SecretKind, SecretOrigin, SecretPlace
from ops.credentials.commands import ask_command
from ops.credentials.keeping import KeyringUnusable, find_kept, machine_entry, profile_entry
from ops.credentials.resolving import CredentialResolver
from ops.credentials.session import session_of
from ops.credentials.vault import SecretsClosed
from ops.home import Home

# A thousand machines of one profile ask its command once; a run of hours learns of a new secret after so long.
_HOLDS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A secret that somebody has to type: the passphrase of the home's files, where ``profile`` is None."""

    profile: Profile | None
    kind: SecretKind

    @property
    def prompt(self) -> str:
        """What to ask."""
        if self.profile is None:
            return "Passphrase of the home's secrets: "
        return f"{self.kind.words.capitalize()} of profile {self.profile.name}: "


PASSPHRASE = Wanted(None, SecretKind.PASSPHRASE)


@dataclass(frozen=True, slots=True)
class _Found:
    secret: Secret | None
    problem: str
    at: float


class HomeSecrets:
    """What the machines of ``home`` are logged in to with. From any thread; its secrets are asked for in one.

    Args:
        home: whose keyring entries, files and profiles.
        clock: seconds that only grow.
        tried: a profile that is not kept yet, in the place of the one of its name.
    """

    def __init__(
        self, home: Home, clock: Callable[[], float] = time.monotonic, *, tried: Profile | None = None
    ) -> None:
        self._session = session_of(home)
        self._resolver = CredentialResolver(home, clock, tried=tried)
        self._clock = clock
        self._found: dict[str, _Found] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._locks_lock = threading.Lock()
        self._has_keyring = True

    async def credentials(self, machine: Machine, /) -> Credentials:
        """See `SecretSource.credentials`."""
        return await self._resolver.find(machine)

    def password(self, machine: Machine, /) -> Secret | None:
        """See `SecretSource.password`."""
        return self.own(machine, SecretKind.PASSWORD) or self._of_profile(machine, SecretKind.PASSWORD)

    def sudo_password(self, machine: Machine, /) -> Secret | None:
        """See `SecretSource.sudo_password`."""
        return self.own(machine, SecretKind.BECOME) or self._of_profile(machine, SecretKind.BECOME)

    def passphrase(self, machine: Machine, /) -> Secret | None:
        """See `SecretSource.passphrase`."""
        return self._of_profile(machine, SecretKind.PASSPHRASE)

    def wanted(self, machines: Iterable[Machine]) -> list[Wanted]:
        """What somebody has to type before ``machines`` are logged in to, each once; it is then given to `give`."""
        profiles: dict[str, Profile] = {}
        needs_file = False
        for machine in machines:
            needs_file = needs_file or any(self._has_own(machine, kind) for kind in SecretKind)
            try:
                profile = self._resolver.of(machine).profile
            except PatchdeckError:
                continue  # its own login tells
            if profile is not None:
                profiles.setdefault(profile.id, profile)
        origins = [(profile, kind, profile.origin(kind)) for profile in profiles.values() for kind in SecretKind]
        needs_file = needs_file or any(origin and origin.place is SecretPlace.FILE for _, _, origin in origins)
        wanted = [PASSPHRASE] if needs_file and self._wants_passphrase() else []
        for profile, kind, origin in origins:
            if origin and origin.place is SecretPlace.PROMPT and not self._session.given(profile_entry(profile, kind)):
                wanted.append(Wanted(profile, kind))
        return wanted

    def give(self, wanted: Wanted, secret: Secret) -> None:
        """What was typed. A passphrase is tried at once.

        Raises:
            SecretUnavailable: the passphrase does not unlock.
        """
        if wanted.profile is not None:
            self._session.give(profile_entry(wanted.profile, wanted.kind), secret)
            return
        self._session.give_passphrase(secret)
        self._session.unlock()

    def own(self, machine: Machine, kind: SecretKind) -> Secret | None:
        """The secret of that kind that is kept for ``machine`` itself, or None where there is none.

        Raises:
            SecretUnavailable: it is in the home's files, and these cannot be read or are locked.
        """
        entry = machine_entry(machine, kind)
        if (secret := self._own_in_file(entry)) is not None or not self._has_keyring:
            return secret
        try:
            return find_kept(self._session, entry, SecretPlace.KEYRING)
        except KeyringUnusable:
            # No keyring is as good as no password in it: the machine's own failure says that a password was wanted.
            self._has_keyring = False
            return None

    def _own_in_file(self, entry: str) -> Secret | None:
        try:
            return find_kept(self._session, entry, SecretPlace.FILE)
        except SecretsClosed:
            return None  # as with a keyring that is not there: the machine's own failure says what was wanted

    def _has_own(self, machine: Machine, kind: SecretKind) -> bool:
        with suppress(SecretsClosed):
            return self._session.vault.has(machine_entry(machine, kind))
        return False

    def _wants_passphrase(self) -> bool:
        with suppress(SecretsClosed):
            return self._session.needs_passphrase()
        return False

    def of_profile(self, profile: Profile, kind: SecretKind) -> Secret | None:
        """The profile's secret of that kind, or None where it has none.

        Raises:
            SecretUnavailable: it should have one.
        """
        origin = profile.origin(kind)
        if origin is None:
            return None
        entry = profile_entry(profile, kind)
        key = f"{entry} {origin.place} {origin.command}"
        secret = self._remembered(key, lambda: self._ask(profile, kind, origin))
        if secret is None:
            raise SecretUnavailable(
                f"The {kind.words} of profile {profile.name} is not in the {origin.place.words}: put it there with "
                f"`patchdeck profiles set-secret {profile.name} {kind}`."
            )
        return secret

    def _of_profile(self, machine: Machine, kind: SecretKind) -> Secret | None:
        try:
            credentials = self._resolver.of(machine)
        except PatchdeckError as error:
            raise SecretUnavailable(str(error)) from error
        if kind is SecretKind.BECOME and credentials.become is not Become.SUDO:
            return None
        profile = credentials.passphrase_profile if kind is SecretKind.PASSPHRASE else credentials.profile
        return None if profile is None else self.of_profile(profile, kind)

    def _ask(self, profile: Profile, kind: SecretKind, origin: SecretOrigin) -> Secret | None:
        entry = profile_entry(profile, kind)
        match origin.place:
            case SecretPlace.COMMAND:
                return ask_command(origin.command)
            case SecretPlace.PROMPT:
                if (given := self._session.given(entry)) is None:
                    raise SecretUnavailable(
                        f"The {kind.words} of profile {profile.name} is asked for at a prompt, and nobody is here to "
                        "type it: use a terminal, or another place for it (keyring, file, command)."
                    )
                return given
            case SecretPlace.KEYRING | SecretPlace.FILE:
                return find_kept(self._session, entry, origin.place)

    def _remembered(self, key: str, ask: Callable[[], Secret | None]) -> Secret | None:
        """What ``ask`` says, asked once at a time and not again for a while, also where it fails."""
        with self._lock_of(key):
            found = self._found.get(key)
            if found is None or self._clock() - found.at >= _HOLDS_SECONDS:
                found = self._found[key] = self._try(ask)
        if found.problem:
            raise SecretUnavailable(found.problem)
        return found.secret

    def _try(self, ask: Callable[[], Secret | None]) -> _Found:
        try:
            return _Found(ask(), "", self._clock())
        except PatchdeckError as error:
            return _Found(None, str(error), self._clock())

    def _lock_of(self, key: str) -> threading.Lock:
        with self._locks_lock:
            return self._locks.setdefault(key, threading.Lock())
