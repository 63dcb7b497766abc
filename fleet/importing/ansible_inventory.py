"""An Ansible inventory while it is read: hosts, groups and their variables, each with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from fleet.errors import BadInput
from fleet.importing.listed import Place

MOST_HOSTS = 100_000
ALL = "all"
UNGROUPED = "ungrouped"


class ValueKind(Enum):
    """What a variable holds: a text, something encrypted, or lists and mappings."""

    TEXT = auto()
    VAULT = auto()
    NESTED = auto()


@dataclass(frozen=True, slots=True)
class Value:
    """The value of a variable; ``text`` as written, with commas for a short list of words, empty where it is none."""

    text: str
    place: Place
    kind: ValueKind = ValueKind.TEXT


Variables = Mapping[str, Value]


@dataclass(slots=True)
class InventoryHost:
    """A host, the groups that name it, and what the inventory's own files say of it."""

    name: str
    place: Place
    groups: dict[str, None] = field(default_factory=dict)
    variables: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class InventoryGroup:
    """A group with the groups inside it."""

    name: str
    place: Place
    children: dict[str, Place] = field(default_factory=dict)
    variables: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Inventory:
    """All hosts and groups by name, in the order in which they were first named."""

    hosts: dict[str, InventoryHost] = field(default_factory=dict)
    groups: dict[str, InventoryGroup] = field(default_factory=dict)

    def group(self, name: str, place: Place) -> InventoryGroup:
        """The group called ``name``, made where it is new."""
        return self.groups.setdefault(name, InventoryGroup(name, place))

    def host(self, name: str, place: Place, group: str) -> InventoryHost:
        """The host called ``name`` as a member of ``group``, made where it is new.

        Raises:
            BadInput: there are too many.
        """
        host = self.hosts.get(name)
        if host is None:
            if len(self.hosts) >= MOST_HOSTS:
                raise BadInput(f"{place}: more than {MOST_HOSTS:,} hosts; so many are not taken at once.")
            host = self.hosts[name] = InventoryHost(name, place)
        if group not in (ALL, UNGROUPED):
            host.groups[group] = None
        return host
