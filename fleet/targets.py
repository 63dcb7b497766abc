"""Targets: how machines are named on the command line and in the app.

``web-01``, ``web-*`` (glob), ``tag:env=prod``, ``tag:env`` (has the tag), ``os:linux``, ``group:web``, ``all``.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType

from fleet.errors import BadInput, UnknownName
from fleet.machines import Machine, OSType

_OS_TYPES = MappingProxyType({os_type.value.lower(): os_type for os_type in OSType})
_MOST_NAMED = 3
_GLOB = frozenset("*?[")

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
    known = _Known(machines, groups)
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
    known = _Known(machines, groups)
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


def _describe_missing(missing: Sequence[str], known: "_Known") -> Iterator[str]:
    for target in missing[:_MOST_NAMED]:
        yield str(known.unknown(target))
    more = len(missing) - _MOST_NAMED
    if more > 0:
        yield f"{more} more target{'' if more == 1 else 's'} name{'s' if more == 1 else ''} no machine."


class _Known:
    """Machines by name, to be looked up often: a deployment may name ten thousand one by one."""

    def __init__(self, machines: Iterable[Machine], groups: GroupMembers) -> None:
        self._groups = groups
        self.machines = sorted(machines, key=lambda machine: machine.name)
        self._by_name = {machine.name: machine for machine in self.machines}

    def match(self, target: str) -> list[Machine]:
        """Those that ``target`` names; BadInput for a kind that does not exist."""
        kind, colon, value = target.partition(":")
        if target == "all":
            return self.machines
        if not colon:
            return self._match_name(target)
        if kind == "tag":
            key, equals, pattern = value.partition("=")
            return [m for m in self.machines if key in m.tags and (not equals or fnmatchcase(m.tags[key], pattern))]
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

    def _match_name(self, pattern: str) -> list[Machine]:
        if pattern in self._by_name:
            return [self._by_name[pattern]]
        if not _GLOB.intersection(pattern):
            return []
        return [machine for machine in self.machines if fnmatchcase(machine.name, pattern)]


def _may_be_empty(target: str) -> bool:
    """Whether it is no mistake that no machine is meant: a fleet may have none with Windows."""
    kind, _, value = target.partition(":")
    return target == "all" or (kind == "os" and value.lower() in _OS_TYPES)
