"""What taking a list over would do, shown before it is done: a row for each machine and group that it names."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fleet.groups.group import Group
from fleet.importing.listed import ListedGroup, ListedMachine, MachineList, Note, Place
from fleet.importing.request import ImportRequest
from fleet.machines import Machine


class ImportState(StrEnum):
    """What becomes of a row; MISSING: the list that is followed named the machine and ceased to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that differs: a field, or ``tag env``. Texts to show, empty where there is none.

    ``is_kept``: somebody changed it by hand, so the machine's own value stays although the list says ``listed``.
    """

    name: str
    known: str
    listed: str
    is_kept: bool = False

    def describe(self) -> str:
        """``port: 22 → 2222``, or ``port: 22 stays, changed by hand (list: 2222)``."""
        if self.is_kept:
            return f"{self.name}: {self.known or 'none'} stays, set by hand (list: {self.listed or 'none'})"
        return f"{self.name}: {self.known or 'none'} → {self.listed or 'none'}"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A machine of the list. ``machine`` is how it will be, ``known`` how it is; None where there is none.

    ``reason`` says why it is refused; ``notes`` what else is to be known. ``listed`` is what the list says.
    """

    name: str
    state: ImportState
    place: Place
    machine: Machine | None = None
    known: Machine | None = None
    changes: tuple[FieldChange, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    listed: ListedMachine | None = None

    def describe(self) -> str:
        """What changes, why it is refused, or what is to be known of it, on one line."""
        return "; ".join([*filter(None, (self.reason,)), *(change.describe() for change in self.changes), *self.notes])


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group of the list: how it will be and how it is. ``reason`` says why it is refused, or left as it is."""

    name: str
    state: ImportState
    place: Place
    group: Group | None = None
    known: Group | None = None
    reason: str = ""
    listed: ListedGroup | None = None


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """All that an import would do. ``source`` is what the list is called, ``listed`` what it says.

    ``left_out`` counts machines of the list that were not asked for. ``undecided`` are the names here of machines that
    it brought and names, but that were not asked for now or are refused: nothing becomes of them, nor of their groups.
    """

    request: ImportRequest
    source: str
    listed: MachineList
    rows: tuple[ImportRow, ...]
    groups: tuple[GroupRow, ...] = ()
    left_out: int = 0
    undecided: frozenset[str] = frozenset()

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to be known of the list as a whole."""
        return self.listed.notes

    @property
    def counts(self) -> Mapping[ImportState, int]:
        """How many rows have each state; every state is a key."""
        counted = Counter(row.state for row in self.rows)
        return {state: counted[state] for state in ImportState}

    def in_state(self, *states: ImportState) -> Iterator[ImportRow]:
        """The rows in one of ``states``."""
        return (row for row in self.rows if row.state in states)

    def describe(self) -> str:
        """``7 machines in hosts.ini (ansible-ini): 4 new, 1 changed, 2 unchanged.``"""
        counts = self.counts
        named = sum(count for state, count in counts.items() if state is not ImportState.MISSING)
        said = ", ".join(f"{count:,} {state.value}" for state, count in counts.items() if count)
        left = f"; {self.left_out:,} not asked for" if self.left_out else ""
        noun = "machine" if named == 1 else "machines"
        return f"{named:,} {noun} in {self.source} ({self.listed.format}): {said or 'none'}{left}."
