"""Targets: how machines are named on the command line and in the app.

``web-01``, ``web-*`` (glob), ``tag:env=prod``, ``tag:env`` (has the tag), ``os:linux``, ``group:web``, ``all``.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from fleet.errors import BadInput, UnknownName
from fleet.globs import find_fitting, has_signs
from fleet.machines import Machine, OSType

_OS_TYPES = MappingProxyType({os_type.value.lower(): os_type for os_type in OSType})
_MOST_NAMED = 3

# The ids of the machines in the group of a name; raises UnknownName or BadInput as `fleet.groups.membership` does.
GroupMembers = Callable[[str], Collection[str]]


def no_groups(name: str) -> Collection[str]:
    """Where groups are not at hand, there is none."""
    raise UnknownName("group", name, ())


def select_machines(
    targets: Sequence[str], machines: Iterable[Machine], groups: GroupMembers = no_groups
) -> list[Machine]:
    """The machines that any of ``targets`` names, by name, each once; disabled ones too.

    Raises:
        UnknownName: a name, glob, tag or group that no machine has.
        BadInput: a target of a kind that does not exist, or a group without members.
    """
    known = TargetIndex(machines, groups)
    chosen: set[str] = set()
    for target in targets:
        matches = known.match(target)
        if not matches and not _may_be_empty(target):
            raise known.unknown(target)
        chosen.update(machine.id for machine in matches)
    return [machine for machine in known.machines if machine.id in chosen]


def find_machines(
    targets: Sequence[str], machines: Iterable[Machine], groups: GroupMembers = no_groups
) -> tuple[list[Machine], tuple[str, ...]]:
    """As `select_machines`; what targets name no machine is told in a few sentences, however many they are.

    Raises:
        BadInput: a target of a kind that does not exist, or a group that cannot be evaluated.
    """
    known = TargetIndex(machines, groups)
    chosen: set[str] = set()
    missing: list[str] = []
    for target in targets:
        try:
            matches = known.match(target)
        except UnknownName:
            matches = []
        chosen.update(machine.id for machine in matches)
        if not matches and not _may_be_empty(target):
            missing.append(target)
    found = [machine for machine in known.machines if machine.id in chosen]
    return found, tuple(_describe_missing(missing, known))


def _describe_missing(missing: Sequence[str], known: "TargetIndex") -> Iterator[str]:
    for target in missing[:_MOST_NAMED]:
        yield str(known.unknown(target))
    more = len(missing) - _MOST_NAMED
    if more > 0:
        yield f"{more} more target{'' if more == 1 else 's'} name{'s' if more == 1 else ''} no machine."


class TargetIndex:
    """Machines by what targets name, to be looked up often: a fleet has thousands of groups, a group of targets."""

    def __init__(self, machines: Iterable[Machine], groups: GroupMembers) -> None:
        self._groups = groups
        self.machines = sorted(machines, key=lambda machine: machine.name)
        self._names = [machine.name for machine in self.machines]
        self._by_name = dict(zip(self._names, self.machines, strict=True))

    def match(self, target: str) -> Sequence[Machine]:
        """Those that ``target`` names.

        Raises:
            BadInput: it is of a kind that does not exist.
            UnknownName: it is a group that does not exist.
        """
        kind, colon, value = target.partition(":")
        if target == "all":
            return self.machines
        if not colon:
            return self._match_name(target)
        if kind == "tag":
            return self._match_tag(value)
        if kind == "os":
            os_type = _OS_TYPES.get(value.lower())
            return [machine for machine in self.machines if os_type is not None and machine.os_type is os_type]
        if kind == "group":
            members = self._groups(value)
            return [machine for machine in self.machines if machine.id in members]
        raise BadInput(
            f"Target {target!r} is not usable: write a name, a glob, tag:key=value, os:linux, group:name or all."
        )

    def unknown(self, target: str) -> BadInput:
        """What is said of a target that names nothing, with the nearest that there is; that takes a while."""
        kind, colon, value = target.partition(":")
        if kind == "tag" and colon:
            has_value = "=" in value
            tags = {f"{k}={v}" if has_value else k for machine in self.machines for k, v in machine.tags.items()}
            return UnknownName("tag", value, tags)
        if kind == "os" and colon:
            return UnknownName("operating system", value, _OS_TYPES)
        if kind == "group" and colon:
            return self._unknown_group(value)
        return UnknownName("machine", target, self._by_name)

    def _unknown_group(self, name: str) -> BadInput:
        try:
            self._groups(name)
        except UnknownName as error:
            return error
        return BadInput(f"Group {name!r} has no members now: patchdeck groups preview {name}")

    def _match_name(self, pattern: str) -> Sequence[Machine]:
        if pattern in self._by_name:
            return [self._by_name[pattern]]
        if not has_signs(pattern):
            return []
        return [self.machines[at] for at in find_fitting(self._names, pattern)]

    def _match_tag(self, text: str) -> Sequence[Machine]:
        key, equals, pattern = text.partition("=")
        by_value = self._by_tag.get(key, {})
        if equals and not has_signs(pattern):
            return by_value.get(pattern, ())
        values = [*by_value]
        fitting = [values[at] for at in find_fitting(values, pattern)] if equals else values
        return [machine for value in fitting for machine in by_value[value]]

    @cached_property
    def _by_tag(self) -> Mapping[str, Mapping[str, Sequence[Machine]]]:
        """By the keys of tags, and by their values, which are sorted."""
        by_tag: dict[str, dict[str, list[Machine]]] = {}
        for machine in self.machines:
            for key, value in machine.tags.items():
                by_tag.setdefault(key, {}).setdefault(value, []).append(machine)
        return {key: dict(sorted(by_value.items())) for key, by_value in by_tag.items()}


def _may_be_empty(target: str) -> bool:
    """Whether it is no mistake that no machine is meant: a fleet may have none with Windows."""
    kind, _, value = target.partition(":")
    return target == "all" or (kind == "os" and value.lower() in _OS_TYPES)
