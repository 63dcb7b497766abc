"""Profiles and what machines are logged in to with, as rows and lines of the command line; never a secret."""

import shlex
from collections.abc import Iterator, Sequence

from fleet.errors import PatchdeckError
from fleet.machines import Machine
from fleet.name_lists import some_of
from fleet.profiles import Profile, SecretKind, SecretOrigin, SecretPlace
from ops.cli.listing import Column, Listing
from ops.credentials.book import profile_users, users_by_profile
from ops.credentials.keeping import find_kept, profile_entry
from ops.credentials.proving import Proof, machines_by_profile, machines_of
from ops.credentials.resolving import CredentialResolver
from ops.credentials.session import session_of
from ops.home import Home

_PROFILES = (
    Column("name", "Profile"),
    Column("user", "User"),
    Column("key_file", "Key file"),
    Column("certificate_file"),
    Column("agent", "Agent", is_extra=True),
    Column("become", "Root by"),
    Column("password", "Password"),
    Column("become_password", "Sudo password"),
    Column("passphrase", "Passphrase", is_extra=True),
    Column("winrm", "WinRM", is_extra=True),
    Column("machines", "Machines", is_number=True),
    Column("named_by"),
    Column("description", "Description", is_extra=True),
    Column("id"),
)
_CREDENTIALS = (
    Column("name", "Machine"),
    Column("user", "User"),
    Column("key_file", "Key file"),
    Column("become", "Root by"),
    Column("profile", "Profile"),
    Column("named_by", "Named by"),
    Column("problem", "Problem"),
)
_PROOFS = (
    Column("name", "Machine"),
    Column("result", "Result"),
    Column("seconds", "Seconds", lambda value: f"{value:.1f}" if isinstance(value, float) else "", is_number=True),
    Column("problem", "Problem"),
)
_MOST_NAMED = 10


def list_profiles(home: Home, profiles: Sequence[Profile]) -> Listing:
    """A row for each profile, with how many enabled machines it holds for now."""
    machines, users = machines_by_profile(home), users_by_profile(home)
    rows = [
        _row(profile, len(machines.get(profile.id, ())), users.get(profile.name.casefold(), ())) for profile in profiles
    ]
    return Listing(_PROFILES, rows)


def list_credentials(home: Home, machines: Sequence[Machine]) -> tuple[Listing, int]:
    """A row for each machine, and of how many it cannot be said what they are logged in to with."""
    resolver = CredentialResolver(home)
    rows: list[tuple[object, ...]] = []
    unclear = 0
    for machine in machines:
        try:
            found = resolver.of(machine)
        except PatchdeckError as error:
            unclear += 1
            rows.append((machine.name, None, None, None, None, None, str(error)))
            continue
        profile = found.profile.name if found.profile else None
        rows.append((machine.name, found.user, found.key_file, found.become.value, profile, found.named_by, ""))
    return Listing(_CREDENTIALS, rows), unclear


def list_proofs(proofs: Sequence[Proof]) -> Listing:
    """A row for each machine that was logged in to."""
    return Listing(_PROOFS, [(each.machine.name, each.verdict.value, each.seconds, each.text) for each in proofs])


def profile_lines(home: Home, profile: Profile) -> Iterator[str]:
    """A profile as a page: a line for each thing that it says."""
    values = (
        ("Profile", profile.name),
        ("Description", profile.description),
        ("User", profile.user),
        ("Key file", profile.key_file),
        ("Certificate file", profile.certificate_file),
        ("Keys of the agent", profile.agent.value),
        ("Becomes root by", profile.become.value),
        ("WinRM", profile.winrm.value if profile.winrm else None),
    )
    for label, value in values:
        if value:
            yield f"{label + ':':<19}{value}"
    labels = {SecretKind.PASSWORD: "Password", SecretKind.BECOME: "Sudo password", SecretKind.PASSPHRASE: "Passphrase"}
    for kind, label in labels.items():
        if (origin := profile.origin(kind)) is not None:
            yield f"{label + ':':<19}{_origin_line(home, profile, kind, origin)}"
    machines = [machine.name for machine in machines_of(home, profile)]
    yield f"{'Named by:':<19}{some_of(profile_users(home, profile.name), _MOST_NAMED) or 'nobody'}"
    yield f"{'Holds for:':<19}{len(machines)} machines{': ' if machines else ''}{some_of(machines, _MOST_NAMED)}"


def _row(profile: Profile, machines: int, users: Sequence[str]) -> tuple[object, ...]:
    return (
        profile.name,
        profile.user,
        profile.key_file,
        profile.certificate_file,
        profile.agent.value,
        profile.become.value,
        *(_place(profile.origin(kind)) for kind in (SecretKind.PASSWORD, SecretKind.BECOME, SecretKind.PASSPHRASE)),
        profile.winrm.value if profile.winrm else None,
        machines,
        ", ".join(users),
        profile.description,
        profile.id,
    )


def _place(origin: SecretOrigin | None) -> str | None:
    return None if origin is None else origin.place.value


def _origin_line(home: Home, profile: Profile, kind: SecretKind, origin: SecretOrigin) -> str:
    if origin.place is SecretPlace.COMMAND:
        return f"given by the command {shlex.join(origin.command)}"
    if origin.place is SecretPlace.PROMPT:
        return "typed at a prompt, never kept"
    return f"in the {origin.place.words}, {_standing(home, profile_entry(profile, kind), origin.place)}"


def _standing(home: Home, entry: str, place: SecretPlace) -> str:
    session = session_of(home)
    if place is SecretPlace.FILE:
        return "kept" if session.vault.has(entry) else "NOT THERE"
    try:
        return "kept" if find_kept(session, entry, place) is not None else "NOT THERE"
    except PatchdeckError:
        return "which cannot be read here"
