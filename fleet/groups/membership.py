"""Who is in a group now, and why. Of what is not known of a machine nothing follows: it is not in, and that is told."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter

from fleet.answers import Answer
from fleet.errors import BadInput, UnknownName
from fleet.groups.expression import parse_expression
from fleet.groups.facts import FactKind
from fleet.groups.group import Group, GroupKind
from fleet.groups.terms import Both, Comparison, Either, Expression, FactTerm, Not, TargetTerm, Term
from fleet.status import MachineStatus
from fleet.targets import find_machines

# Each takes several calls of Python's own stack.
_MOST_DEPTH = 100
_PART = re.compile(r"[0-9]+|[^0-9.]+")


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
        self._machines = [status.machine for status in statuses]
        self._all = frozenset(machine.id for machine in self._machines)
        self._found: dict[str, Members] = {}
        self._terms: dict[Term, Members] = {}
        self._in_work: list[str] = []

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
        """Why the machine is in the group, or not: the terms that decide, each with what is known."""
        group = self.group(name)
        if group.kind is GroupKind.QUERY:
            is_in = machine_id in self.find(name).known
            return (f"{'in' if is_in else 'not in'} the rows of {group.query}",)
        if group.kind is GroupKind.LIST:
            named = [target for target in group.targets if machine_id in self._named(target)]
            return tuple(named) or ("named by no target",)
        return tuple(self._explain(parse_expression(group.expression), machine_id))

    def _evaluate_group(self, group: Group) -> Members:
        if group.kind is GroupKind.QUERY:
            return Members(frozenset(self._query_ids(group.query)) & self._all)
        if group.kind is GroupKind.LIST:
            return self._joined([self._term(TargetTerm(target, target)) for target in group.targets])
        return self._evaluate(parse_expression(group.expression))

    def _evaluate(self, tree: Expression) -> Members:
        match tree:
            case Not(inner):
                found = self._evaluate(inner)
                return Members(self._all - found.known - found.unknown, found.unknown)
            case Both(left, right):
                one, two = self._evaluate(left), self._evaluate(right)
                known = one.known & two.known
                return Members(known, ((one.known | one.unknown) & (two.known | two.unknown)) - known)
            case Either(left, right):
                return self._joined([self._evaluate(left), self._evaluate(right)])
            case TargetTerm() | FactTerm():
                return self._term(tree)

    def _joined(self, found: Sequence[Members]) -> Members:
        known = frozenset().union(*(each.known for each in found))
        return Members(known, frozenset().union(*(each.unknown for each in found)) - known)

    def _term(self, term: Term) -> Members:
        if term not in self._terms:
            self._terms[term] = self._compare_all(term) if isinstance(term, FactTerm) else self._target(term.target)
        return self._terms[term]

    def _target(self, target: str) -> Members:
        kind, _, name = target.partition(":")
        return self.find(name) if kind == "group" else Members(self._named(target))

    def _named(self, target: str) -> frozenset[str]:
        machines, _ = find_machines([target], self._machines, self.members)
        return frozenset(machine.id for machine in machines)

    def _compare_all(self, term: FactTerm) -> Members:
        known: list[str] = []
        unknown: list[str] = []
        for status in self._statuses:
            answer = _compare(term, term.fact.read(status, self._now))
            if answer is not Answer.NO:
                (known if answer is Answer.YES else unknown).append(status.machine.id)
        return Members(frozenset(known), frozenset(unknown))

    def _explain(self, tree: Expression, machine_id: str) -> Iterator[str]:
        for term, is_wanted in _terms_of(tree, is_wanted=True):
            found = self._term(term)
            if machine_id in found.unknown:
                yield f"{term.text}: not known"
            elif (machine_id in found.known) is is_wanted:
                said = self._said(term, machine_id)
                yield f"{'' if is_wanted else 'not '}{term.text}{f' (it is {said})' if said else ''}"

    def _said(self, term: Term, machine_id: str) -> str:
        if not isinstance(term, FactTerm):
            return ""
        status = next(each for each in self._statuses if each.machine.id == machine_id)
        value = term.fact.read(status, self._now)
        return f"{value:.1f}" if isinstance(value, float) else str(value)


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


def find_circle(groups: Iterable[Group]) -> tuple[str, ...]:
    """The names of groups that refer to each other in a circle, the first one again at its end; empty if there is none.

    Raises:
        ExpressionMistake: an expression cannot be read.
    """
    by_key = {group.name.casefold(): group for group in groups}
    try:
        TopologicalSorter({key: references_of(group) for key, group in by_key.items()}).prepare()
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


def _compare(term: FactTerm, value: object) -> Answer:
    if value is None:
        return Answer.UNKNOWN
    fits = any(_fits(term, value, wanted) for wanted in term.values)
    if term.comparison is Comparison.UNEQUAL:
        fits = not fits
    return Answer.YES if fits else Answer.NO


def _fits(term: FactTerm, value: object, wanted: str) -> bool:
    kind, comparison = term.fact.kind, term.comparison
    if not comparison.has_order and kind in (FactKind.TEXT, FactKind.VERSION):
        return fnmatchcase(str(value).casefold(), wanted.casefold())
    one, two = _sortable(kind, value), _sortable(kind, wanted)
    match comparison:
        case Comparison.LESS:
            return one < two
        case Comparison.AT_MOST:
            return one <= two
        case Comparison.MORE:
            return one > two
        case Comparison.AT_LEAST:
            return one >= two
        case Comparison.EQUAL | Comparison.UNEQUAL:
            return one == two


def _sortable(kind: FactKind, value: object) -> tuple[tuple[int, float, str], ...]:
    """A value that compares with others of its kind."""
    if kind is FactKind.NUMBER:
        return ((0, float(str(value)), ""),)
    if kind is FactKind.DATE:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
        return ((0, float(day.toordinal()), ""),)
    # Numbers count as numbers: 9.4 comes before 9.10.
    return tuple((1, float(part), "") if part.isdigit() else (0, 0.0, part) for part in _PART.findall(str(value)))
