"""The scope as rows of the command line, and as talk."""

from collections.abc import Iterator, Sequence

from fleet.machines import Machine
from fleet.name_lists import some_of
from fleet.scope import ScopeGroup
from ops.cli.listing import Column, Listing
from ops.cli.values import count_of
from ops.scoping import ScopeSight

_NAMES_SHOWN = 10
_GROUPS = (
    Column("group", "Group"),
    Column("members", "Members", is_number=True),
    Column("unknown", "Unknown", is_number=True),
    Column("definition", "Definition"),
    Column("problem", "Problem"),
    Column("description", "Description", is_extra=True),
)
_MACHINES = (
    Column("name", "Machine"),
    Column("inside", "Inside"),
    Column("why", "Why", lambda value: "; ".join(value) if isinstance(value, tuple) else ""),
    Column("enabled", "Enabled", is_extra=True),
    Column("id"),
)
_EVERYBODY = ("there is no scope: every enrolled machine may be touched",)


def list_scope(sight: ScopeSight) -> Listing:
    """A row for each group of the scope, in its order; members are None where they cannot be told."""
    groups = sight.view.groups if sight.view is not None else ()
    return Listing(_GROUPS, [_group_row(group, sight) for group in groups])


def list_inside(sight: ScopeSight, machines: Sequence[Machine]) -> Listing:
    """Each of ``machines``, whether it may be touched, and why."""
    return Listing(_MACHINES, [_machine_row(machine, sight) for machine in machines])


def describe_scope(sight: ScopeSight) -> Iterator[str]:
    """How many machines may be touched, of how many; and whom runs work on that may not be any more."""
    total = count_of(len(sight.machines), "enrolled machine")
    if sight.view is None:
        yield f"There is no scope: Patchdeck may touch every one of {total}. patchdeck scope add GROUP makes one."
        return
    unsure = len(frozenset().union(*(group.members.unknown for group in sight.view.groups)) - sight.view.inside)
    unknown = f"; of {unsure} outside it is not known" if unsure else ""
    yield f"Patchdeck may touch {len(sight.inside):,} of {total}{unknown}."
    for problem in sight.view.problems:
        yield f"Mind: {problem.rstrip('.')}. Its members are outside until it can be."
    if cut_off := sight.cut_off:
        names = some_of([machine.name for machine in cut_off], _NAMES_SHOWN)
        yield (
            f"Mind: a run works on {names}, outside from now on: what was begun there goes on by itself, and nobody "
            "connects to it any more."
        )


def _group_row(group: ScopeGroup, sight: ScopeSight) -> tuple[object, ...]:
    known = next((each for each in sight.roster.groups if each.name.casefold() == group.name.casefold()), None)
    is_told = not group.problem
    return (
        group.name,
        len(group.members.known) if is_told else None,
        len(group.members.unknown) if is_told else None,
        known.definition if known else "",
        group.problem,
        known.description if known else "",
    )


def _machine_row(machine: Machine, sight: ScopeSight) -> tuple[object, ...]:
    refusal = sight.refusal(machine)
    if refusal is not None:
        return machine.name, "no", (refusal,), machine.enabled, machine.id
    why = sight.view.member_of(machine.id) if sight.view is not None else _EVERYBODY
    return machine.name, "yes", why, machine.enabled, machine.id
