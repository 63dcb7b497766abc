"""Which credentials hold for a machine now: its own values, its profile, or the profile of its groups."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fleet.errors import PatchdeckError
from fleet.groups.group import Group
from fleet.machines import Machine
from fleet.profiles import Credentials, CredentialsUnclear, Profile, own_credentials, resolve_credentials
from ops.home import Home
from ops.state.database import opened
from ops.state.groups import GroupBook
from ops.state.profiles import ProfileBook

# A run lasts hours: what is changed meanwhile is looked at after so long, if state.db was written at all.
_HOLDS_SECONDS = 30.0

_Mark = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Naming:
    """A group that names a profile, with the ids of its members, or why these cannot be said."""

    group: Group
    members: frozenset[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """Profiles and the groups that name one, as they were at a moment."""

    profiles: dict[str, Profile]
    naming: tuple[_Naming, ...]
    mark: _Mark
    at: float

    def groups_of(self, machine: Machine) -> Iterator[Group]:
        """The groups that ``machine`` is in and that name a profile.

        Raises:
            CredentialsUnclear: it cannot be said whether it is in one of them.
        """
        for each in self.naming:
            if each.problem:
                raise CredentialsUnclear(
                    f"group {each.group.name} names the profile {each.group.profile}, and who is in it cannot be said: "
                    f"{each.problem}"
                )
            if machine.id in each.members:
                yield each.group


class CredentialResolver:
    """Answers for one scan, run or page. Nothing is read before the first machine; may then block for a moment.

    Args:
        home: whose machines, groups and profiles.
        clock: seconds that only grow.
        tried: a profile that is not kept yet, in the place of the one of its name.
    """

    def __init__(
        self, home: Home, clock: Callable[[], float] = time.monotonic, *, tried: Profile | None = None
    ) -> None:
        self._home = home
        self._clock = clock
        self._tried = tried
        self._known: _Known | None = None
        self._lock = threading.Lock()

    async def find(self, machine: Machine) -> Credentials:
        """As `of`, without holding up the event loop."""
        known = self._known
        if known is not None and self._clock() - known.at < _HOLDS_SECONDS:
            return self.of(machine)
        return await asyncio.to_thread(self.of, machine)

    def of(self, machine: Machine) -> Credentials:
        """The credentials of ``machine``. From any thread.

        Raises:
            CredentialsUnclear: its groups differ, a profile is not there, or a group cannot be evaluated.
            HomeUnusable: state.db cannot be read.
        """
        with self._lock:
            known = self._read()
            if machine.profile is None and not known.naming:
                return own_credentials(machine)
            groups = () if machine.profile is not None else tuple(known.groups_of(machine))
            return resolve_credentials(machine, known.profiles, groups)

    def _read(self) -> _Known:
        now = self._clock()
        if self._known is not None and now - self._known.at < _HOLDS_SECONDS:
            return self._known
        mark = _mark_of(self._home.state_file)
        if self._known is None or self._known.mark != mark:
            self._known = self._load(mark, now)
        else:
            self._known = replace(self._known, at=now)
        return self._known

    def _load(self, mark: _Mark, now: float) -> _Known:
        with opened(self._home.state_file) as connection:
            profiles = {profile.name.casefold(): profile for profile in ProfileBook(connection).list()}
            groups = [group for group in GroupBook(connection).list() if group.profile is not None]
        if self._tried is not None:
            profiles[self._tried.name.casefold()] = self._tried
        # Membership is looked up here, at once: whoever asks for a machine later may be the event loop.
        return _Known(profiles, tuple(_naming(self._home, groups)), mark, now)


def _naming(home: Home, groups: list[Group]) -> Iterator[_Naming]:
    if not groups:
        return
    from ops.groups import open_roster

    roster = open_roster(home)
    for group in groups:
        try:
            yield _Naming(group, roster.members(group.name))
        except PatchdeckError as error:
            yield _Naming(group, frozenset(), str(error))


def _mark_of(state_file: Path) -> _Mark:
    """What changes whenever anybody writes state.db."""
    marks = []
    for path in (state_file, state_file.with_name(f"{state_file.name}-wal")):
        try:
            found = path.stat()
        except FileNotFoundError:
            continue
        marks.append((found.st_mtime_ns, found.st_size))
    return tuple(marks)
