"""The scope: what Patchdeck may touch at all, as groups. Who is not known to be in one of them is outside.

Without a scope every enrolled machine may be touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fleet.errors import PatchdeckError
from fleet.groups.membership import GroupRoster, Members
from fleet.machines import Machine
from fleet.name_lists import some_of

_NAMES_SAID = 5
NOBODY = Members(frozenset())


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of the groups whose members may be touched; at least one, in the order they were added."""

    groups: tuple[str, ...]

    def names(self, group: str) -> bool:
        """Whether the group called ``group``, whatever the case, is one of them."""
        return group.casefold() in {name.casefold() for name in self.groups}

    def with_groups(self, groups: Sequence[str]) -> "Scope":
        """This scope and ``groups``, each once."""
        known = {name.casefold(): name for name in (*groups, *self.groups)}
        order = dict.fromkeys(name.casefold() for name in (*self.groups, *groups))
        return Scope(tuple(known[key] for key in order))

    def without_groups(self, groups: Sequence[str]) -> "Scope":
        """This scope without ``groups``."""
        gone = {name.casefold() for name in groups}
        return Scope(tuple(name for name in self.groups if name.casefold() not in gone))


@dataclass(frozen=True, slots=True)
class Outside:
    """A machine that is outside, and why."""

    machine: Machine
    why: str


@dataclass(frozen=True, slots=True)
class ScopeGroup:
    """A group of the scope now. ``problem``: why it cannot be said who is in it; then nobody is."""

    name: str
    members: Members
    problem: str = ""


class ScopeView:
    """A scope at one moment: who is inside of it, and why others are not.

    Args:
        scope: the scope.
        roster: the groups and machines of that moment.
    """

    def __init__(self, scope: Scope, roster: GroupRoster) -> None:
        self.scope = scope
        self._roster = roster

    @cached_property
    def groups(self) -> tuple[ScopeGroup, ...]:
        """Each group of the scope, in its order."""
        return tuple(self._look(name) for name in self.scope.groups)

    @cached_property
    def inside(self) -> frozenset[str]:
        """The ids of the machines that may be touched."""
        return frozenset().union(*(group.members.known for group in self.groups))

    @property
    def problems(self) -> tuple[str, ...]:
        """Each group that cannot be evaluated and why, in a few words."""
        return tuple(_broken(group) for group in self.groups if group.problem)

    def refusal(self, machine_id: str) -> str | None:
        """Why the machine is outside, in a few words: ``not in the group prod``. None: it is inside."""
        if machine_id in self.inside:
            return None
        unsure = [group for group in self.groups if machine_id in group.members.unknown]
        away = [group.name for group in self.groups if not group.problem and group not in unsure]
        told = [self._unsure(group.name, machine_id) for group in unsure]
        told += [_broken(group).rstrip(".") for group in self.groups if group.problem]
        return "; ".join([*_away(away), *told]) or "no group is in the scope"

    def member_of(self, machine_id: str) -> tuple[str, ...]:
        """The groups of the scope that the machine is in, each with why."""
        return tuple(
            f"{group.name}: {', '.join(self._roster.reasons(group.name, machine_id))}"
            for group in self.groups
            if machine_id in group.members.known
        )

    def _look(self, name: str) -> ScopeGroup:
        try:
            return ScopeGroup(name, self._roster.find(name))
        except PatchdeckError as error:  # one group that is broken leaves the others as they are
            return ScopeGroup(name, NOBODY, str(error))

    def _unsure(self, name: str, machine_id: str) -> str:
        reasons = [text for text in self._roster.reasons(name, machine_id) if text.endswith("not known")]
        told = f" ({', '.join(reasons)})" if reasons else ""
        return f"it is not known whether it is in the group {name}{told}"


def _away(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    return [f"not in the group {names[0]}" if len(names) == 1 else f"in none of {some_of(names, _NAMES_SAID)}"]


def _broken(group: ScopeGroup) -> str:
    return f"the group {group.name} cannot be evaluated: {group.problem}"
