"""What a list would change in the groups of a fleet. Pure; a group that somebody changed by hand stays as it is."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

from fleet.errors import BadInput
from fleet.groups.group import Group, check_group, check_group_name
from fleet.hostile import clean
from fleet.importing.listed import ListedGroup
from fleet.importing.preview import GroupRow, ImportState

# A group must say who is in it; one that the list has emptied has nobody.
NOBODY = "not all"


@dataclass(frozen=True, slots=True)
class GroupsKnown:
    """What is known here when the groups of a list are judged.

    ``present`` are the names here of the machines that can be in groups, by their folded names in the list. ``claims``
    are the groups as the source said them last, by folded name. ``overwrites``: the list prevails. Of ``undecided``
    machines nothing is said now: they stay in the groups in which the source had them.
    """

    groups: Sequence[Group]
    present: Mapping[str, str]
    claims: Mapping[str, Group]
    source: str
    overwrites: bool = False
    undecided: Collection[str] = ()


def judge_groups(listed: Sequence[ListedGroup], known: GroupsKnown) -> tuple[GroupRow, ...]:
    """What becomes of each group of the list, each after those that it refers to."""
    return tuple(_Judge(listed, known).rows())


class _Judge:
    def __init__(self, groups: Sequence[ListedGroup], known: GroupsKnown) -> None:
        self._listed: dict[str, ListedGroup] = {}
        self._doubles: list[ListedGroup] = []
        for group in groups:
            if self._listed.setdefault(group.name.casefold(), group) is not group:
                self._doubles.append(group)
        self._known = {group.name.casefold(): group for group in known.groups}
        self._facts = known
        self._usable: set[str] = set()

    def rows(self) -> Iterator[GroupRow]:
        """The rows, in the order in which they can be kept."""
        order, circle = self._order()
        for key in order:
            listed = self._listed[key]
            if key in circle:
                names = " → ".join(self._listed[each].name for each in circle)
                yield _refused(listed, f"groups refer to themselves: {names}")
            elif (row := self._judge(key, listed)) is not None:
                yield row
        for double in self._doubles:
            first = self._listed[double.name.casefold()]
            yield _refused(double, f"group {first.name} at {first.place} differs only in upper and lower case")

    def _order(self) -> tuple[Sequence[str], Sequence[str]]:
        """The groups, each after those inside it; and those of a circle, which are in any order."""
        children = {
            key: [child.casefold() for child in group.children if child.casefold() in self._listed]
            for key, group in self._listed.items()
        }
        try:
            return [*TopologicalSorter(children).static_order()], ()
        except CycleError as error:
            circle: list[str] = [*reversed(error.args[1])]
        rest = {
            key: [] if key in circle else [child for child in inside if child not in circle]
            for key, inside in children.items()
        }
        try:
            return [*TopologicalSorter(rest).static_order()], circle
        except CycleError:  # a second circle: all are told as being in one
            return [*children], [*children]

    def _judge(self, key: str, listed: ListedGroup) -> GroupRow | None:
        known, claim = self._known.get(key), self._facts.claims.get(key)
        targets = self._targets(listed, claim)
        if not targets and claim is None:
            return None
        try:
            check_group_name(listed.name)
            wanted = self._wanted(listed, targets, known)
            check_group(wanted)
        except BadInput as error:
            return _refused(listed, str(error))
        self._usable.add(key)
        if known is None:
            return self._absent(listed, wanted, claim)
        if _members(known) == _members(wanted):
            return _row(listed, ImportState.UNCHANGED, known, known)
        if self._facts.overwrites or (claim is not None and _members(claim) == _members(known)):
            return _row(listed, ImportState.CHANGED, wanted, known)
        if claim is not None and _members(claim) == _members(wanted):
            return _row(listed, ImportState.UNCHANGED, known, known, "changed by hand: stays as it is")
        return _row(listed, ImportState.REFUSED, wanted, known, "there is another definition, made by hand: it stays")

    def _absent(self, listed: ListedGroup, wanted: Group, claim: Group | None) -> GroupRow:
        if claim is not None and not self._facts.overwrites:
            self._usable.discard(listed.name.casefold())
            return _row(listed, ImportState.UNCHANGED, None, None, "it was removed here by hand, and stays so")
        return _row(listed, ImportState.NEW, wanted, None)

    def _targets(self, listed: ListedGroup, claim: Group | None) -> tuple[str, ...]:
        present, usable = self._facts.present, self._usable
        machines = {present[name.casefold()] for name in listed.machines if name.casefold() in present}
        machines |= {name for name in claim.targets if name in self._facts.undecided} if claim else set()
        groups = {f"group:{self._known_name(child)}" for child in listed.children if child.casefold() in usable}
        return (*sorted(machines), *sorted(groups))

    def _known_name(self, child: str) -> str:
        known = self._known.get(child.casefold())
        return known.name if known else self._listed[child.casefold()].name

    def _wanted(self, listed: ListedGroup, targets: tuple[str, ...], known: Group | None) -> Group:
        base = known or Group(listed.name, description=f"from {clean(self._facts.source, 100)}")
        return replace(base, targets=targets, expression="" if targets else NOBODY, query="")


def _members(group: Group) -> tuple[frozenset[str], str, str]:
    """What says who is in a group, whatever the order."""
    return frozenset(group.targets), group.expression, group.query


def _row(
    listed: ListedGroup, state: ImportState, group: Group | None, known: Group | None, reason: str = ""
) -> GroupRow:
    return GroupRow(listed.name, state, listed.place, group, known, reason, listed)


def _refused(listed: ListedGroup, reason: str) -> GroupRow:
    return _row(replace(listed, name=clean(listed.name, 64)), ImportState.REFUSED, None, None, reason)
