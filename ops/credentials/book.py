"""Profiles of a home: how they are defined, changed and removed, and what refers to them."""

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from fleet.errors import BadInput
from fleet.profiles import Profile
from ops.home import Home
from ops.state.database import opened, transaction
from ops.state.groups import GroupBook
from ops.state.machines import MachineBook
from ops.state.profiles import ProfileBook

_MOST_USERS_NAMED = 5


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
    """
    _check_files(profile)
    with opened(home.state_file) as connection, transaction(connection):
        book = ProfileBook(connection)
        existing = next((each for each in book.list() if each.name.casefold() == profile.name.casefold()), None)
        if existing is None:
            return book.put(profile)
        if replace(profile, id=existing.id, name=existing.name) != existing:
            raise BadInput(
                f"There is already another profile {existing.name!r}: use `patchdeck profiles edit {existing.name}`."
            )
        return False


def edit_profile(
    home: Home, name: str, change: Callable[[Profile], Profile], action: str = ""
) -> tuple[Profile, Profile]:
    """Changes the profile called ``name``, and gives it as it was and as it is; ``action`` is for the audit.

    Raises:
        UnknownName: there is none.
        BadInput: what it would become cannot be used.
    """
    # One transaction, so that of two edits at once neither undoes the other.
    with opened(home.state_file) as connection, transaction(connection):
        book = ProfileBook(connection)
        before = book.find(name)
        after = _check_files(change(before))
        book.put(after, action)
    return before, after


def remove_profile(home: Home, name: str) -> Profile:
    """Removes the profile called ``name``; its kept secrets are to be forgotten by `ops.credentials.keeping`.

    Raises:
        UnknownName: there is none.
        BadInput: a machine, a group or a token refers to it.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = ProfileBook(connection)
        profile = book.find(name)
        if users := [*_users(connection, profile.name)]:
            more = f" and {len(users) - _MOST_USERS_NAMED} more" if len(users) > _MOST_USERS_NAMED else ""
            raise BadInput(
                f"Profile {profile.name!r} is in use by {', '.join(users[:_MOST_USERS_NAMED])}{more}. "
                "Nothing was removed."
            )
        return book.remove(name)


def profile_users(home: Home, name: str) -> tuple[str, ...]:
    """What names the profile: ``machine web-01``, ``group prod``."""
    with opened(home.state_file) as connection:
        return tuple(_users(connection, name))


def _users(connection: sqlite3.Connection, name: str) -> Iterator[str]:
    wanted = name.casefold()
    for group in GroupBook(connection).list():
        if (group.profile or "").casefold() == wanted:
            yield f"group {group.name}"
    for machine in MachineBook(connection).list_machines():
        if (machine.profile or "").casefold() == wanted:
            yield f"machine {machine.name}"


def _check_files(profile: Profile) -> Profile:
    for path, kind in ((profile.key_file, "key file"), (profile.certificate_file, "certificate file")):
        if path is not None and not Path(path).is_file():
            raise BadInput(f"There is no {kind} {path!r}.")
    return profile
