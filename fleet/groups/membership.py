"""Who is in a group now, and why. Of what is not known of a machine nothing follows: it is not in, and that is told."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from fleet.errors import BadInput, ExpressionMistake, UnknownName
from fleet.groups.expression import parse_expression
from fleet.groups.group import Group, GroupKind
from fleet.groups.terms import Both, Either, Expression, FactTerm, Not, TargetTerm, Term
from fleet.groups.values import FactValues
from fleet.name_lists import some_of
from fleet.status import MachineStatus
from fleet.targets import TargetIndex

# Each takes several calls of Python's own stack.
_MOST_DEPTH = 100
# How deep inside of groups it is told why, and how much of it: groups may be in a thousand others.
_LEVELS_TOLD, _REASONS_TOLD = 3, 3
_GROUP, _NOT_KNOWN = "group:", "not known"


@dataclass(frozen=True, slots=True)
class Members:
    """The ids of the machines that are in, and of those of which it is not known."""

    known: frozenset[str]
    unknown: frozenset[str] = frozenset()


class GroupRoster:
    """The groups and machines of one moment. Nothing is looked up before a group is asked for.

    Args:
        groups: all groups.
        statuses: all machines, with what is known of them.
        now: that moment.
        query_ids: the ids of the machines that the rows of a saved query name.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        statuses: Sequence[MachineStatus],
        now: datetime,
        query_ids: Callable[[str], Collection[str]],
    ) -> None:
        self._groups = {group.name.casefold(): group for group in groups}
        self._statuses = statuses
        self._now = now
        self._query_ids = query_ids
        self._by_id = {status.machine.id: status for status in statuses}
        self._all = frozenset(self._by_id)
        self._index = TargetIndex((status.machine for status in statuses), self.members)
        self._found: dict[str, Members] = {}
        self._terms: dict[Term, Members] = {}
        self._values: dict[str, FactValues] = {}
        self._targets_by_id: dict[str, Mapping[str, Sequence[str]]] = {}
        self._in_work: list[str] = []

    @property
    def groups(self) -> tuple[Group, ...]:
        """All groups."""
        return tuple(self._groups.values())

    def members(self, name: str) -> frozenset[str]:
        """The ids of the machines that are in the group ``name``, whatever the case.

        Raises:
            UnknownName: there is no such group, or one that it refers to is not there.
            BadInput: it refers to itself, or cannot be evaluated.
        """
        return self.find(name).known

    def find(self, name: str) -> Members:
        """As `members`, with those of which it is not known."""
        group = self.group(name)
        key = group.name.casefold()
        if key in self._in_work:
            circle = [*self._in_work[self._in_work.index(key) :], key]
            names = " → ".join(self._groups[each].name for each in circle)
            raise BadInput(f"Groups that refer to themselves have no members: {names}.")
        if len(self._in_work) >= _MOST_DEPTH:
            raise BadInput(f"Group {group.name!r} is more than {_MOST_DEPTH} groups deep inside others.")
        if key not in self._found:
            self._in_work.append(key)
            try:
                self._found[key] = self._evaluate_group(group)
            finally:
                self._in_work.pop()
        return self._found[key]

    def group(self, name: str) -> Group:
        """The group called ``name``, whatever the case.

        Raises:
            UnknownName: there is none.
        """
        group = self._groups.get(name.casefold())
        if group is None:
            raise UnknownName("group", name, [each.name for each in self._groups.values()])
        return group

    def reasons(self, name: str, machine_id: str) -> tuple[str, ...]:
        """Why the machine is in the group, or not: the terms that decide, each with what is known, also of the groups
        that it refers to. What keeps it from being known ends with these words.
        """
        return self._reasons(name, machine_id, _LEVELS_TOLD)

    def _reasons(self, name: str, machine_id: str, levels: int) -> tuple[str, ...]:
        group = self.group(name)
        if group.kind is GroupKind.QUERY:
            is_in = machine_id in self.find(name).known
            return (f"{'in' if is_in else 'not in'} the rows of {group.query}",)
        if group.kind is GroupKind.EXPRESSION:
            return tuple(self._explain(parse_expression(group.expression), machine_id, levels))
        targets = self._named_by(group).get(machine_id) or self._maybe_named_by(group, machine_id)
        return tuple(self._tell_target(target, machine_id, levels) for target in targets) or ("named by no target",)

    def _tell_target(self, target: str, machine_id: str, levels: int) -> str:
        """A target that names the machine, or may: of a group with why it is in there, or why that is not known."""
        name = target.removeprefix(_GROUP)
        if name == target:
            return target
        reasons = self._reasons(name, machine_id, levels - 1) if levels else ()
        if machine_id not in self.find(name).unknown:
            return f"{target} ({some_of(reasons, _REASONS_TOLD)})" if reasons else target
        unsure = (reason for reason in reasons if reason.endswith(_NOT_KNOWN))
        return f"{target}: {next(unsure, _NOT_KNOWN)}"

    def _maybe_named_by(self, group: Group, machine_id: str) -> Sequence[str]:
        """The groups among the targets of a list of which it is not known whether the machine is in them."""
        groups = (target for target in group.targets if target.startswith(_GROUP))
        return [target for target in groups if machine_id in self._target(target).unknown]

    def _named_by(self, group: Group) -> Mapping[str, Sequence[str]]:
        """The targets of a list that name each machine, by id."""
        key = group.name.casefold()
        if key not in self._targets_by_id:
            named: dict[str, list[str]] = {}
            for target in group.targets:
                for machine_id in self._target(target).known:
                    named.setdefault(machine_id, []).append(target)
            self._targets_by_id[key] = named
        return self._targets_by_id[key]

    def _evaluate_group(self, group: Group) -> Members:
        if group.kind is GroupKind.QUERY:
            return Members(frozenset(self._query_ids(group.query)) & self._all)
        if group.kind is GroupKind.LIST:
            return _joined([self._target(target) for target in group.targets])
        return self._evaluate(parse_expression(group.expression))

    def _evaluate(self, tree: Expression) -> Members:
        match tree:
            case Not(inner):
                found = self._evaluate(inner)
                return Members(self._all - found.known - found.unknown, found.unknown)
            case Both(left, right):
                one, two = self._evaluate(left), self._evaluate(right)
                known = one.known & two.known
                if not one.unknown and not two.unknown:  # most of a thousand groups, at a third of the time
                    return Members(known)
                return Members(known, ((one.known | one.unknown) & (two.known | two.unknown)) - known)
            case Either(left, right):
                return _joined([self._evaluate(left), self._evaluate(right)])
            case TargetTerm() | FactTerm():
                return self._term(tree)

    def _term(self, term: Term) -> Members:
        if term not in self._terms:
            self._terms[term] = self._compare(term) if isinstance(term, FactTerm) else self._target(term.target)
        return self._terms[term]

    def _target(self, target: str) -> Members:
        kind, _, name = target.partition(":")
        if kind == "group":
            return self.find(name)
        return Members(frozenset(machine.id for machine in self._index.match(target)))

    def _compare(self, term: FactTerm) -> Members:
        name = term.fact.name
        if name not in self._values:
            self._values[name] = FactValues(term.fact, self._statuses, self._now)
        values = self._values[name]
        return Members(values.fitting(term.comparison, term.values), values.unknown)

    def _explain(self, tree: Expression, machine_id: str, levels: int) -> Iterator[str]:
        for term, is_wanted in _terms_of(tree, is_wanted=True):
            found = self._term(term)
            if machine_id in found.unknown or (is_wanted and machine_id in found.known):
                yield self._tell_term(term, machine_id, levels)
            elif not is_wanted and machine_id not in found.known:
                yield f"not {term.text}{self._value_of(term, machine_id)}"

    def _tell_term(self, term: Term, machine_id: str, levels: int) -> str:
        if isinstance(term, TargetTerm):
            return self._tell_target(term.target, machine_id, levels)
        if machine_id in self._term(term).unknown:
            return f"{term.text}: {_NOT_KNOWN}"
        return f"{term.text}{self._value_of(term, machine_id)}"

    def _value_of(self, term: Term, machine_id: str) -> str:
        if not isinstance(term, FactTerm):
            return ""
        value = term.fact.read(self._by_id[machine_id], self._now)
        return f" (it is {f'{value:.1f}' if isinstance(value, float) else value})"


def references_of(group: Group) -> frozenset[str]:
    """The names of the groups that ``group`` refers to, casefolded.

    Raises:
        ExpressionMistake: its expression cannot be read.
    """
    targets = list(group.targets)
    if group.kind is GroupKind.EXPRESSION:
        terms = [term for term, _ in _terms_of(parse_expression(group.expression), is_wanted=True)]
        targets = [term.target for term in terms if isinstance(term, TargetTerm)]
    return frozenset(target[len("group:") :].casefold() for target in targets if target.startswith("group:"))


def readable_references(group: Group) -> frozenset[str]:
    """As `references_of`; none where the expression cannot be read, as one that another version wrote."""
    try:
        return references_of(group)
    except ExpressionMistake:
        return frozenset()


def referred_by(groups: Iterable[Group], names: Collection[str]) -> frozenset[str]:
    """``names``, casefolded, and those of all groups that they refer to, through however many others."""
    by_key = {group.name.casefold(): group for group in groups}
    found, waiting = set(names), [*names]
    while waiting:
        if (group := by_key.get(waiting.pop())) is not None:
            more = readable_references(group) - found
            found |= more
            waiting += more
    return frozenset(found)


def find_circle(groups: Iterable[Group]) -> tuple[str, ...]:
    """The names of groups that refer to each other in a circle, the first one again at its end; empty without one."""
    by_key = {group.name.casefold(): group for group in groups}
    try:
        TopologicalSorter({key: readable_references(group) for key, group in by_key.items()}).prepare()
    except CycleError as error:
        # Each of them is referred to by the next one.
        return tuple(by_key[key].name for key in reversed(error.args[1]))
    return ()


def _terms_of(tree: Expression, *, is_wanted: bool) -> Iterator[tuple[Term, bool]]:
    match tree:
        case Not(inner):
            yield from _terms_of(inner, is_wanted=not is_wanted)
        case Both(left, right) | Either(left, right):
            yield from _terms_of(left, is_wanted=is_wanted)
            yield from _terms_of(right, is_wanted=is_wanted)
        case TargetTerm() | FactTerm():
            yield tree, is_wanted


def _joined(found: Sequence[Members]) -> Members:
    known = frozenset().union(*(each.known for each in found))
    return Members(known, frozenset().union(*(each.unknown for each in found)) - known)
