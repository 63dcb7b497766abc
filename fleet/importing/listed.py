"""What a list says of machines: each with its place, as far as it was understood, before anything is decided."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from fleet.hostile import clean
from fleet.machines import Become, OSType, TransportKind
from fleet.winrm import WinrmKind, WinrmScheme

_NOT_IN_GROUP_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list says something; ``line`` is 1 for the first, None where the whole file is meant."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class ListedMachine:
    """A machine as a list names it; None where the list says nothing. Texts are as written, and not checked yet.

    ``notes`` say what of it was not taken over, and why. ``is_partial``: some of it is encrypted, so that what the
    list seems to have ceased to say may be there still.
    """

    name: str
    place: Place
    address: str | None = None
    port: int | None = None
    user: str | None = None
    key_file: str | None = None
    proxy_jump: str | None = None
    winrm_scheme: WinrmScheme | None = None
    winrm_kind: WinrmKind | None = None
    winrm_ca_file: str | None = None
    winrm_proxy: str | None = None
    transport: TransportKind | None = None
    become: Become | None = None
    os_type: OSType | None = None
    profile: str | None = None
    enabled: bool | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class ListedGroup:
    """A group as a list names it: machines by the list's names, and other groups of the list."""

    name: str
    place: Place
    machines: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that cannot be taken over: its name, or what of it could be read, and why."""

    name: str
    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be known of the list as a whole: a file that is encrypted, a part that means nothing here."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class MachineList:
    """All that a list says, in its order. ``format`` is how it was read."""

    file: str
    format: str
    machines: tuple[ListedMachine, ...] = ()
    groups: tuple[ListedGroup, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()


def usable_group_name(name: str) -> str:
    """``name`` with a dash for whatever the name of a group cannot have; as it is where nothing would be left."""
    return _NOT_IN_GROUP_NAMES.sub("-", name).strip("-._")[:64] or name


@dataclass(slots=True)
class ListBuilder:
    """A `MachineList` while it is read."""

    file: str
    format: str
    machines: list[ListedMachine] = field(default_factory=list)
    groups: list[ListedGroup] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: dict[Note, None] = field(default_factory=dict)

    def refuse(self, name: str, place: Place, reason: str) -> None:
        """Note that something cannot be taken over."""
        self.refusals.append(Refusal(name, place, reason))

    def note(self, place: Place, text: str) -> None:
        """Note something, once."""
        self.notes[Note(place, text)] = None

    def add_groups(self, groups: Iterable[ListedGroup]) -> None:
        """Add groups, those without members too: they may have had some. Names that we do not allow are made usable."""
        for group in groups:
            usable = usable_group_name(group.name)
            if usable != group.name:
                self.note(group.place, f"group {clean(group.name, 100)} is {usable} here")
            children = tuple(map(usable_group_name, group.children))
            self.groups.append(replace(group, name=usable, children=children))

    def done(self) -> MachineList:
        """The list."""
        return MachineList(
            self.file, self.format, tuple(self.machines), tuple(self.groups), tuple(self.refusals), tuple(self.notes)
        )
