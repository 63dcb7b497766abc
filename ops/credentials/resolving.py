"""Which credentials hold for a machine now: its own values, its profile, or the profile of its groups."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fleet.errors import PatchdeckError
from fleet.groups.group import Group
from fleet.groups.membership import GroupRoster
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
class _Known:
    """Profiles and the groups that name one, as they were at a moment."""

    profiles: dict[str, Profile]
    groups: tuple[Group, ...]
    roster: GroupRoster | None
    mark: _Mark
    at: float
    failed: dict[str, str] = field(default_factory=dict)

    def naming(self, machine: Machine) -> Iterator[Group]:
        """The groups that ``machine`` is in and that name a profile.

        Raises:
            CredentialsUnclear: it cannot be said whether it is in one of them.
        """
        for group in self.groups:
            if machine.id in self._members(group):
                yield group

    def _members(self, group: Group) -> frozenset[str]:
        problem = self.failed.get(group.name)
        if problem is None and self.roster is not None:
            try:
                return self.roster.members(group.name)
            except PatchdeckError as error:
                problem = self.failed[group.name] = str(error)
        raise CredentialsUnclear(
            f"group {group.name} names the profile {group.profile}, and who is in it cannot be said: {problem}"
        )


class CredentialResolver:
    """Answers for one scan, run or page. Nothing is read before the first machine; may then block for a moment.

    Args:
        home: whose machines, groups and profiles.
        clock: seconds that only grow.
    """

    def __init__(self, home: Home, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._clock = clock
        self._known: _Known | None = None
        self._lock = threading.Lock()

    def of(self, machine: Machine) -> Credentials:
        """The credentials of ``machine``. From any thread.

        Raises:
            CredentialsUnclear: its groups differ, a profile is not there, or a group cannot be evaluated.
            HomeUnusable: state.db cannot be read.
        """
        with self._lock:
            known = self._read()
            if not known.profiles and machine.profile is None and not known.groups:
                return own_credentials(machine)
            groups = () if machine.profile is not None else tuple(known.naming(machine))
            return resolve_credentials(machine, known.profiles, groups)

    def _read(self) -> _Known:
        now = self._clock()
        if self._known is not None and now - self._known.at < _HOLDS_SECONDS:
            return self._known
        mark = _mark_of(self._home.state_file)
        if self._known is None or self._known.mark != mark:
            self._known = self._load(mark, now)
        else:
            known = self._known
            self._known = _Known(known.profiles, known.groups, known.roster, mark, now, known.failed)
        return self._known

    def _load(self, mark: _Mark, now: float) -> _Known:
        with opened(self._home.state_file) as connection:
            profiles = {profile.name.casefold(): profile for profile in ProfileBook(connection).list()}
            groups = tuple(group for group in GroupBook(connection).list() if group.profile is not None)
        return _Known(profiles, groups, _open_roster(self._home) if groups else None, mark, now)


def _open_roster(home: Home) -> GroupRoster:
    from ops.groups import open_roster

    return open_roster(home)


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
