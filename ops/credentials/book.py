"""Profiles of a home: how they are defined, changed and removed, and what refers to them."""

import sqlite3
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from fleet.candidates import CandidateState
from fleet.enrol_tokens import TokenState
from fleet.errors import BadInput
from fleet.name_lists import some_of
from fleet.profiles import Profile, SecretKind
from ops.acting_login import require_own_programs
from ops.credentials.keeping import forget_of_profile
from ops.edit_conflicts import require_unchanged
from ops.home import Home
from ops.logs import log_event
from ops.state.candidates import CandidateBook
from ops.state.database import opened, transaction
from ops.state.enrol_tokens import EnrolTokenBook
from ops.state.groups import GroupBook
from ops.state.machines import MachineBook
from ops.state.profiles import ProfileBook


def new_profile(name: str) -> Profile:
    """An empty profile called ``name``, not kept yet."""
    return Profile(str(uuid.uuid4()), name)


def list_profiles(home: Home) -> list[Profile]:
    """Every profile, by name."""
    with opened(home.state_file) as connection:
        return ProfileBook(connection).list()


def find_profile(home: Home, name: str) -> Profile:
    """The profile called ``name``, whatever the case.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection:
        return ProfileBook(connection).find(name)


def add_profile(home: Home, profile: Profile) -> bool:
    """Keeps a new profile; False where one of that name says the same already.

    Raises:
        BadInput: it cannot be used, or there is another one of that name.
        NotPermitted: a program gives a secret of it, and this is a session over SSH.
    """
    _check_files(profile)
    with opened(home.state_file) as connection, transaction(connection):
        book = ProfileBook(connection)
        existing = next((each for each in book.list() if each.name.casefold() == profile.name.casefold()), None)
        if existing is None:
            _require_programs(None, profile)
            return book.put(profile)
        if replace(profile, id=existing.id, name=existing.name) != existing:
            raise BadInput(
                f"There is already another profile {existing.name!r}: use `patchdeck profiles edit {existing.name}`."
            )
        return False


def edit_profile(
    home: Home, name: str, change: Callable[[Profile], Profile], action: str = "", *, seen: Profile | None = None
) -> tuple[Profile, Profile]:
    """Changes the profile called ``name``, and gives it as it was and as it is; ``action`` is for the audit.

    ``seen`` is how it was read, for who edited it for a while.

    A secret that it has elsewhere now, or has no more, is forgotten where it was kept.

    Raises:
        UnknownName: there is none.
        BadInput: what it would become cannot be used.
        NotPermitted: another program would give a secret of it, and this is a session over SSH.
        EditConflict: it is not as it was ``seen`` any more.
    """
    # One transaction, so that of two edits at once neither undoes the other.
    with opened(home.state_file) as connection, transaction(connection):
        book = ProfileBook(connection)
        before = book.find(name)
        require_unchanged(connection, ("profile", before.name), seen, before, change(before if seen is None else seen))
        after = _check_files(change(before))
        _require_programs(before, after)
        book.put(after, action)
    moved = [kind for kind in SecretKind if before.origin(kind) != after.origin(kind)]
    for problem in forget_of_profile(home, before, moved):
        log_event("secret not forgotten", profile=name, problem=problem)
    return before, after


def remove_profile(home: Home, name: str) -> tuple[str, ...]:
    """Removes the profile called ``name`` and its kept secrets; gives a line for each secret that stayed.

    Raises:
        UnknownName: there is none.
        BadInput: a group, a machine, a candidate or an enrolment token that can still be used refers to it.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = ProfileBook(connection)
        profile = book.find(name)
        if users := _users(connection).get(profile.name.casefold()):
            raise BadInput(f"Profile {profile.name!r} is in use by {some_of(users)}. Nothing was removed.")
        book.remove(name)
    return forget_of_profile(home, profile, SecretKind)


def users_by_profile(home: Home) -> Mapping[str, Sequence[str]]:
    """What names each profile, by its casefolded name: ``group prod``, ``machine web-01``, ``token 3f…``.

    Of candidates and enrolment tokens, those that may still become machines.
    """
    with opened(home.state_file) as connection:
        return _users(connection)


def profile_users(home: Home, name: str) -> tuple[str, ...]:
    """What names the profile called ``name``; see `users_by_profile`."""
    return tuple(users_by_profile(home).get(name.casefold(), ()))


def _users(connection: sqlite3.Connection) -> Mapping[str, Sequence[str]]:
    now = datetime.now(UTC)
    named = [(group.profile, f"group {group.name}") for group in GroupBook(connection).list()]
    named += [(machine.profile, f"machine {machine.name}") for machine in MachineBook(connection).list_machines()]
    candidates = [each for each in CandidateBook(connection).list() if each.state is not CandidateState.REFUSED]
    named += [(each.profile, f"candidate {each.name}") for each in candidates]
    tokens = [each for each in EnrolTokenBook(connection).list() if each.state(now) is TokenState.ACTIVE]
    named += [(each.profile, f"token {each.id}") for each in tokens]
    found: dict[str, list[str]] = {}
    for profile, user in named:
        if profile is not None:
            found.setdefault(profile.casefold(), []).append(user)
    return found


def _require_programs(before: Profile | None, after: Profile) -> None:
    require_own_programs("have another program give a secret", _programs(before), _programs(after))


def _programs(profile: Profile | None) -> set[tuple[str, ...]]:
    origins = (profile.origin(kind) for kind in SecretKind) if profile is not None else ()
    return {origin.command for origin in origins if origin is not None} - {()}


def _check_files(profile: Profile) -> Profile:
    for path, kind in ((profile.key_file, "key file"), (profile.certificate_file, "certificate file")):
        if path is not None and not Path(path).is_file():
            raise BadInput(f"There is no {kind} {path!r}.")
    return profile
