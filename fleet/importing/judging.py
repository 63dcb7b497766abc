"""What a list would change in a fleet: a row for each machine that it names, in the list's order. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from types import MappingProxyType

from fleet.errors import BadInput, UnknownName
from fleet.groups.group import Group
from fleet.hostile import clean
from fleet.importing.fields import check_listed
from fleet.importing.listed import ListedMachine, MachineList, Place, Refusal
from fleet.importing.merging import merge, new_machine, remembered
from fleet.importing.preview import ImportRow, ImportState
from fleet.importing.request import ImportRequest
from fleet.machines import Machine, check_user_of
from fleet.reaching import check_reaching, describe_way, port_of

_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source said last of a machine, and which machine that was; it may be called otherwise by now."""

    machine_id: str
    listed: ListedMachine


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is known here, when a list is judged. ``claims`` and ``group_claims`` are the source's, by folded names.

    ``source`` is what the list is called, ``followed`` whether machines bear its name. ``keeps_removed``: a machine
    that the list brought and somebody removed stays away. ``retired`` are folded names of machines that were retired.
    """

    machines: Sequence[Machine]
    source: str
    now: datetime
    new_id: Callable[[], str]
    claims: Mapping[str, Claim] = field(default_factory=lambda: MappingProxyType({}))
    groups: Sequence[Group] = ()
    group_claims: Mapping[str, Group] = field(default_factory=lambda: MappingProxyType({}))
    profiles: Collection[str] = ()
    retired: Collection[str] = ()
    followed: bool = False
    keeps_removed: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rows, and how many machines of the list were not asked for."""

    rows: tuple[ImportRow, ...]
    left_out: int


def judge_machines(listed: MachineList, request: ImportRequest, fleet: Fleet) -> Judgement:
    """What becomes of each machine that the list names; those that it named before and does not any more come last.

    Raises:
        UnknownName: a name in ``request.only`` that the list does not have, and never had.
    """
    check_wanted([name for name in request.only if name.casefold() not in fleet.claims], listed)
    judge = _Judge(fleet, request)
    rows: list[ImportRow] = []
    left_out = 0
    items = _in_order(listed)
    for item in items:
        if not is_wanted(item.name, request):
            left_out += 1
        else:
            rows.append(judge.refuse(item) if isinstance(item, Refusal) else judge.judge(item))
    named = {item.name.casefold() for item in items}
    rows += judge.missing(named)
    return Judgement(tuple(rows), left_out)


def undecided_machines(listed: MachineList, rows: Iterable[ImportRow], fleet: Fleet) -> Iterator[str]:
    """The names here of machines that the list brought, but of which it does not say now in which groups they are.

    No row says what becomes of them, or they are missing from a list that is followed: a list that was cut short must
    not take machines out of the groups that patch them.
    """
    unsaid = (ImportState.REFUSED, ImportState.MISSING)
    decided = {row.name.casefold() for row in rows if row.state not in unsaid}
    named = {each.name.casefold() for each in listed.machines} | {each.name.casefold() for each in listed.refusals}
    open_keys = (fleet.claims.keys() if fleet.followed else named) - decided
    by_id = {machine.id: machine.name for machine in fleet.machines} if open_keys else {}
    yield from (
        by_id[each.machine_id] for key, each in fleet.claims.items() if key in open_keys and each.machine_id in by_id
    )


def is_wanted(name: str, request: ImportRequest) -> bool:
    """Whether the request asks for the machine called ``name``."""
    return (not request.only or _matches(name, request.only)) and not _matches(name, request.excluded)


def check_wanted(names: Iterable[str], listed: MachineList) -> None:
    """Refuses a name that the list does not have; a pattern may fit nothing.

    Raises:
        UnknownName: the list has no machine of that name.
    """
    named = [item.name for item in _in_order(listed)] if names else []
    known = {name.casefold() for name in named}
    for name in names:
        if not _GLOB.intersection(name) and name.casefold() not in known:
            raise UnknownName("machine in the list", name, named)


def _in_order(listed: MachineList) -> Sequence[ListedMachine | Refusal]:
    return sorted((*listed.machines, *listed.refusals), key=lambda item: (item.place.file, item.place.line or 0))


def _matches(name: str, patterns: Iterable[str]) -> bool:
    folded = name.casefold()
    return any(fnmatchcase(folded, pattern.casefold()) for pattern in patterns)


class _Judge:
    """Judges one machine after the other, and remembers which names and machines were dealt with."""

    def __init__(self, fleet: Fleet, request: ImportRequest) -> None:
        self._fleet = fleet
        self._overwrites = request.overwrites
        self._by_id = {machine.id: machine for machine in fleet.machines}
        self._by_name = {machine.name.casefold(): machine for machine in fleet.machines}
        self._by_address = {(m.address, port_of(m)): m for m in fleet.machines if m.address is not None}
        self._seen: dict[str, Place] = {}
        self._taken: dict[str, str] = {}

    def refuse(self, refusal: Refusal) -> ImportRow:
        """The row of what could not even be read."""
        name = clean(refusal.name, 128)
        return ImportRow(name, ImportState.REFUSED, refusal.place, reason=clean(refusal.reason))

    def judge(self, listed: ListedMachine) -> ImportRow:
        """The row of a machine that the list names."""
        key = listed.name.casefold()
        if key in self._seen:
            return self._refused(listed, f"it stands at {self._seen[key]} already")
        self._seen[key] = listed.place
        try:
            check_listed(listed, self._fleet.profiles)
        except BadInput as error:
            return self._refused(listed, str(error))
        claim = self._fleet.claims.get(key)
        known = self._by_id.get(claim.machine_id) if claim else None
        known = known or self._by_name.get(key)
        if known is None:
            return self._fitting(listed, self._new(listed, claim))
        if known.id in self._taken:
            return self._refused(listed, f"it is the machine {known.name} here, and so is {self._taken[known.id]}")
        self._taken[known.id] = listed.name
        return self._fitting(listed, self._known(listed, known, claim))

    def missing(self, named: Collection[str]) -> Iterator[ImportRow]:
        """Machines of a followed list that it does not name any more, each told once."""
        if not self._fleet.followed:
            return
        for key, claim in self._fleet.claims.items():
            machine = self._by_id.get(claim.machine_id)
            if key in named or machine is None or machine.id in self._taken or machine.missing_since is not None:
                continue
            if machine.source == self._fleet.source:
                yield ImportRow(
                    claim.listed.name,
                    ImportState.MISSING,
                    claim.listed.place,
                    replace(machine, missing_since=self._fleet.now),
                    machine,
                    notes=("the list does not name it any more: it is marked, and stays enrolled",),
                    listed=claim.listed,
                )

    def _new(self, listed: ListedMachine, claim: Claim | None) -> ImportRow:
        is_retired = listed.name.casefold() in self._fleet.retired
        if self._fleet.keeps_removed and (claim or is_retired):
            note = f"it was {'retired' if is_retired else 'removed'} here by hand, and stays so"
            return ImportRow(listed.name, ImportState.UNCHANGED, listed.place, notes=(note,), listed=listed)
        machine = new_machine(self._fleet.new_id(), listed, self._fleet.now).machine
        notes = [*listed.notes, *self._clone_notes(machine)]
        if way := describe_way(machine):
            notes.insert(0, f"reached by WinRM: {way}")
        if is_retired:
            notes.append("a retired machine had this name: this is another one, with a history of its own")
        elif claim:
            notes.append("it was removed here by hand since")
        machine = self._with_source(machine)
        return ImportRow(listed.name, ImportState.NEW, listed.place, machine, notes=tuple(notes), listed=listed)

    def _known(self, listed: ListedMachine, known: Machine, claim: Claim | None) -> ImportRow:
        said = claim.listed if claim else None
        listed = remembered(listed, said)
        merged = merge(known, listed, said, overwrites=self._overwrites)
        notes = [*listed.notes]
        if known.name.casefold() != listed.name.casefold():
            notes.append(f"it is called {known.name} here")
        if known.missing_since is not None and known.source == self._fleet.source:
            notes.append("it is back in the list")
        is_changed = any(not change.is_kept for change in merged.changes)
        return ImportRow(
            listed.name,
            ImportState.CHANGED if is_changed else ImportState.UNCHANGED,
            listed.place,
            self._with_source(merged.machine),
            known,
            merged.changes,
            notes=tuple(notes),
            listed=listed,
        )

    def _fitting(self, listed: ListedMachine, row: ImportRow) -> ImportRow:
        """``row``, refused where the machine that would come of it says what does not fit together."""
        if row.machine is None or (row.known is not None and row.state is ImportState.UNCHANGED):
            return row
        try:
            check_reaching(row.machine)
            check_user_of(row.machine)
        except BadInput as error:
            return self._refused(listed, str(error))
        return row

    def _with_source(self, machine: Machine) -> Machine:
        if not self._fleet.followed or machine.source not in (None, self._fleet.source):
            return machine
        return replace(machine, source=self._fleet.source, missing_since=None)

    def _clone_notes(self, machine: Machine) -> Iterator[str]:
        twin = self._by_address.get((machine.address, port_of(machine))) if machine.address else None
        if twin is not None and machine.proxy_jump == twin.proxy_jump:
            yield f"{twin.name} is enrolled with the same address"

    @staticmethod
    def _refused(listed: ListedMachine, reason: str) -> ImportRow:
        name = clean(listed.name, 128)
        return ImportRow(name, ImportState.REFUSED, listed.place, reason=clean(reason), listed=listed)
