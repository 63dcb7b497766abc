"""Credential profiles: how machines are logged in to, under a name that machines and groups refer to.

A profile never holds a secret, only where each of its secrets is found. What a machine says itself stands above its
profile, and the profile that it names above those of its groups.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from fleet.errors import BadInput, UnknownName
from fleet.groups.group import Group
from fleet.machines import Become, Machine, check_user
from fleet.winrm import WinrmKind

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_CHARACTERS = 4_096
_MOST_ARGUMENTS = 64


class SecretKind(StrEnum):
    """What a secret is for."""

    PASSWORD = "password"  # noqa: S105 the word, not one
    BECOME = "become"
    PASSPHRASE = "passphrase"  # noqa: S105 the word, not one

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return "password for sudo" if self is SecretKind.BECOME else self.value


class SecretPlace(StrEnum):
    """Where a secret is found."""

    KEYRING = "keyring"
    FILE = "file"
    COMMAND = "command"
    PROMPT = "prompt"

    @property
    def words(self) -> str:
        """What it is called in a sentence: ``in the …`` of places that keep."""
        return "encrypted files" if self is SecretPlace.FILE else self.value

    @property
    def keeps(self) -> bool:
        """Whether Patchdeck puts the secret there; what a command gives, and what is asked for, are not ours."""
        return self in (SecretPlace.KEYRING, SecretPlace.FILE)


class AgentUse(StrEnum):
    """What becomes of the keys of an SSH agent: beside the key file, nothing but them, or not at all."""

    ALSO = "also"
    ONLY = "only"
    NEVER = "never"


class LoginBy(StrEnum):
    """By what a machine may be logged in to: usually whatever it takes, to prove a secret by that alone."""

    ANYTHING = "anything"
    KEY = "key"
    PASSWORD = "password"  # noqa: S105 the word, not one


@dataclass(frozen=True, slots=True)
class SecretOrigin:
    """Where one secret is found; ``command`` is the program with its arguments, for that place alone."""

    place: SecretPlace
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A credential profile. ``id`` is ours, and what kept secrets lie under: a new profile never inherits them.

    None where the profile does not say: then the machine's own word, OpenSSH's configuration or its default holds.
    """

    id: str
    name: str
    user: str | None = None
    key_file: str | None = None
    certificate_file: str | None = None
    agent: AgentUse = AgentUse.ALSO
    become: Become = Become.NONE
    password: SecretOrigin | None = None
    become_password: SecretOrigin | None = None
    passphrase: SecretOrigin | None = None
    winrm: WinrmKind | None = None
    description: str = ""

    def origin(self, kind: SecretKind) -> SecretOrigin | None:
        """Where the secret of that kind is found, or None where the profile has none."""
        match kind:
            case SecretKind.PASSWORD:
                return self.password
            case SecretKind.BECOME:
                return self.become_password
            case SecretKind.PASSPHRASE:
                return self.passphrase


class CredentialsUnclear(BadInput):
    """It cannot be said which credentials a machine is reached with: nothing is tried."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one machine is logged in to with. ``profile`` is whose secrets it may use, and ``named_by`` who named it.

    The profile's key, certificate, agent and passphrase belong together: a machine with a key file of its own has none
    of them.
    """

    user: str | None = None
    key_file: str | None = None
    certificate_file: str | None = None
    agent: AgentUse = AgentUse.ALSO
    become: Become = Become.NONE
    profile: Profile | None = None
    named_by: str = ""
    has_own_key: bool = False
    login_by: LoginBy = LoginBy.ANYTHING

    @property
    def passphrase_profile(self) -> Profile | None:
        """The profile whose passphrase opens the key file, or None."""
        return None if self.has_own_key else self.profile


def own_credentials(machine: Machine) -> Credentials:
    """What ``machine`` says itself."""
    return Credentials(
        user=machine.user, key_file=machine.key_file, become=machine.become, has_own_key=machine.key_file is not None
    )


def resolve_credentials(machine: Machine, profiles: Mapping[str, Profile], groups: Iterable[Group]) -> Credentials:
    """The credentials of ``machine``: its own values, then those of one profile, its own or that of ``groups``.

    Args:
        machine: which one.
        profiles: all of them, by casefolded name.
        groups: those that the machine is in; the ones without a profile do not matter.

    Raises:
        CredentialsUnclear: its groups name different profiles, or a profile that is named is not there.
    """
    name, named_by = _choose_profile(machine, groups)
    own = own_credentials(machine)
    if name is None:
        return own
    profile = profiles.get(name.casefold())
    if profile is None:
        raise CredentialsUnclear(f"{named_by} names the profile {name!r}, which is not there.")
    return Credentials(
        user=own.user or profile.user,
        key_file=own.key_file or profile.key_file,
        certificate_file=None if own.has_own_key else profile.certificate_file,
        agent=AgentUse.ALSO if own.has_own_key else profile.agent,
        become=profile.become if own.become is Become.NONE else own.become,
        profile=profile,
        named_by=named_by,
        has_own_key=own.has_own_key,
    )


def _choose_profile(machine: Machine, groups: Iterable[Group]) -> tuple[str | None, str]:
    if machine.profile is not None:
        return machine.profile, f"machine {machine.name}"
    naming = sorted((group for group in groups if group.profile is not None), key=lambda group: group.name)
    names = {str(group.profile).casefold() for group in naming}
    if len(names) > 1:
        told = ", ".join(f"{group.name} names {group.profile}" for group in _one_of_each(naming))
        raise CredentialsUnclear(
            f"its groups differ in their profile: {told}. Name one on the machine itself: patchdeck machines edit "
            f"{machine.name} --profile PROFILE"
        )
    return (naming[0].profile, f"group {naming[0].name}") if naming else (None, "")


def _one_of_each(naming: Iterable[Group]) -> Iterable[Group]:
    by_profile: dict[str, Group] = {}
    for group in naming:
        by_profile.setdefault(str(group.profile).casefold(), group)
    return by_profile.values()


def check_profile_name(text: str) -> str:
    """A profile's name: letters, digits, dot, dash and underscore, at most 64.

    Raises:
        BadInput: it is not one.
    """
    if not _NAME.fullmatch(text):
        raise BadInput(
            f"Profile name {text!r} is not usable: up to 64 letters, digits, '.', '-' and '_', starting with a letter "
            "or digit."
        )
    return text


def check_profile(profile: Profile) -> Profile:
    """``profile``, if it may be kept; whether its files are there is not looked at.

    Raises:
        BadInput: its name, its user, or parts that do not fit together.
    """
    check_profile_name(profile.name)
    if profile.user is not None:
        check_user(profile.user)
    _check_texts(profile)
    _check_fit(profile)
    for kind in SecretKind:
        _check_origin(profile, kind)
    return profile


def _check_texts(profile: Profile) -> None:
    texts = [value for field in fields(profile) if isinstance(value := getattr(profile, field.name), str)]
    if any(len(text) > _MOST_CHARACTERS or not text.isprintable() for text in texts):
        raise BadInput(f"Profile {profile.name!r} has a text that is too long or does not print.")


def _check_fit(profile: Profile) -> None:
    if profile.certificate_file is not None and profile.key_file is None and profile.agent is AgentUse.NEVER:
        raise BadInput(
            f"Profile {profile.name!r} has a certificate and no key: give --key-file, or let it be the agent's."
        )
    if profile.passphrase is not None and profile.key_file is None:
        raise BadInput(
            f"Profile {profile.name!r} has a passphrase and no key file that it could open: give --key-file."
        )
    if profile.passphrase is not None and profile.agent is AgentUse.ONLY:
        raise BadInput(f"Profile {profile.name!r} takes keys of the agent only: a passphrase means nothing there.")
    if profile.become_password is not None and profile.become is not Become.SUDO:
        raise BadInput(
            f"Profile {profile.name!r} has a password for sudo and does not become root by it: give --become sudo."
        )


def _check_origin(profile: Profile, kind: SecretKind) -> None:
    origin = profile.origin(kind)
    if origin is None:
        return
    if (origin.place is SecretPlace.COMMAND) != bool(origin.command):
        raise BadInput(f"The {kind.words} of profile {profile.name!r} names a command exactly where it comes from one.")
    if len(origin.command) > _MOST_ARGUMENTS or any(
        len(word) > _MOST_CHARACTERS or not word.isprintable() for word in origin.command
    ):
        raise BadInput(f"The command for the {kind.words} of profile {profile.name!r} is too long or does not print.")


def unknown_profile(name: str, profiles: Iterable[Profile]) -> UnknownName:
    """The error for a profile that is not there, with the nearest name."""
    return UnknownName("profile", name, [profile.name for profile in profiles])
