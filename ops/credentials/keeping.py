"""Where secrets are kept: the system's keyring, or the encrypted files of the home where there is none."""

import contextlib
from collections.abc import Iterable

from collectors.secrets import Secret
from fleet.errors import PatchdeckError
from fleet.machines import Machine
from fleet.profiles import Profile, SecretKind, SecretPlace
from ops.credentials.session import SecretSession, session_of
from ops.home import Home
from ops.roles import standing_of

SERVICE = "patchdeck"
_MACHINE_WORDS = {SecretKind.PASSWORD: "login", SecretKind.BECOME: "sudo", SecretKind.PASSPHRASE: "passphrase"}


class KeyringUnusable(PatchdeckError):
    """There is no keyring to keep a secret in, or it refused."""


def machine_entry(machine: Machine, kind: SecretKind) -> str:
    """What a machine's own secret is called where it is kept."""
    return f"{machine.id}:{_MACHINE_WORDS[kind]}"


def profile_entry(profile: Profile, kind: SecretKind) -> str:
    """What a profile's secret is called where it is kept."""
    return f"profile:{profile.id}:{kind.value}"


def choose_place(home: Home, wanted: SecretPlace | None) -> SecretPlace:
    """Where a new secret is put: as ``wanted``, else into the keyring if there is one, else into the home's files.

    Raises:
        KeyringUnusable: there is neither.
        SecretsClosed: another owns the home, and is its service: a secret that lies elsewhere does not reach that.
    """
    _require_keeper(home)
    if wanted is not None:
        return wanted
    if has_keyring():
        return SecretPlace.KEYRING
    if session_of(home).vault.is_made:
        return SecretPlace.FILE
    raise KeyringUnusable(
        "There is no keyring to keep secrets in. Make an encrypted place for them in this home with `patchdeck secrets "
        "init`, let a command give them, or use keys or an agent."
    )


def has_keyring() -> bool:
    """Whether there is a keyring that takes secrets."""
    import keyring
    from keyring.backends import fail, null

    try:
        backend = keyring.get_keyring()
        return not isinstance(backend, fail.Keyring | null.Keyring) and backend.priority > 0
    except Exception:  # noqa: BLE001 - as below
        return False


def keep_secret(home: Home, entry: str, secret: Secret, place: SecretPlace) -> None:
    """Keeps ``secret`` as ``entry`` in the keyring or the home's files; replaces what was there.

    Raises:
        KeyringUnusable: there is no keyring, or it refused.
        BadInput: there is no vault yet.
        SecretUnavailable, HomeUnusable: the vault cannot be written.
        SecretsClosed: as `choose_place`.
    """
    _require_keeper(home)
    if place is SecretPlace.FILE:
        session_of(home).vault.put(entry, secret)
        return
    import keyring

    try:
        keyring.set_password(SERVICE, entry, secret.reveal())
    except Exception as error:  # the border of a plug-in: a backend raises whatever its system led to
        raise _unusable(error) from error


def find_kept(session: SecretSession, entry: str, place: SecretPlace) -> Secret | None:
    """The secret kept as ``entry``, or None where there is none. May block.

    Raises:
        SecretUnavailable: it is in the home's files, and these cannot be read or are locked.
        KeyringUnusable: the keyring refused.
    """
    if place is SecretPlace.FILE:
        return session.vault.find(entry, session.unlock()) if session.vault.has(entry) else None
    import keyring

    try:
        text = keyring.get_password(SERVICE, entry)
    except Exception as error:  # the border of a plug-in: a backend raises whatever its system led to
        raise _unusable(error) from error
    return Secret(text) if text else None


def forget_secret(home: Home, entry: str, place: SecretPlace) -> bool:
    """Removes what is kept as ``entry``; False where there was nothing.

    Raises:
        KeyringUnusable: there is no keyring, or it refused.
        HomeUnusable: the file cannot be removed.
    """
    if place is SecretPlace.FILE:
        return session_of(home).vault.remove(entry)
    import keyring

    try:
        if keyring.get_password(SERVICE, entry) is None:
            return False
        keyring.delete_password(SERVICE, entry)
    except Exception as error:  # the border of a plug-in: a backend raises whatever its system led to
        raise _unusable(error) from error
    return True


def forget_everywhere(home: Home, entry: str) -> bool:
    """Removes what is kept as ``entry``, wherever it is; whether anything was. No keyring is no trouble here."""
    found = session_of(home).vault.remove(entry)
    try:
        return forget_secret(home, entry, SecretPlace.KEYRING) or found
    except KeyringUnusable:
        return found


def forget_of_profile(home: Home, profile: Profile, kinds: Iterable[SecretKind]) -> tuple[str, ...]:
    """Removes what is kept of ``profile``; gives a line for each secret that could not be removed."""
    problems = []
    for kind in kinds:
        origin = profile.origin(kind)
        if origin is None or not origin.place.keeps:
            continue
        try:
            forget_secret(home, profile_entry(profile, kind), origin.place)
        except PatchdeckError as error:
            problems.append(f"Its {kind.words} is still in the {origin.place.words}: {error}")
    return tuple(problems)


def forget_elsewhere(home: Home, entry: str, place: SecretPlace) -> None:
    """Removes what is kept as ``entry`` anywhere but in ``place``."""
    for other in {SecretPlace.KEYRING, SecretPlace.FILE} - {place}:
        with contextlib.suppress(KeyringUnusable):
            forget_secret(home, entry, other)


def _require_keeper(home: Home) -> None:
    if standing_of(home).is_served:
        raise session_of(home).vault.closed()


def _unusable(error: Exception) -> KeyringUnusable:
    return KeyringUnusable(
        f"The keyring cannot be used: {type(error).__name__}. Where there is none, secrets can be kept in encrypted "
        "files of the home (patchdeck secrets init), be given by a command, or typed at each scan (--ask-password)."
    )
