"""Waves: in which order a run goes over its machines, and which of them are never in work together."""

import re
from collections.abc import Collection, Iterator, Sequence

from fleet.deployments.rollout import Rollout, WaveKind, WaveRule
from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.targets import GroupMembers, find_machines, no_groups

_REST = "rest"
_AMOUNT = re.compile(r"([0-9]{1,9})(%?)")
_DIGITS = re.compile(r"([0-9]+)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?")

OrderKey = tuple[tuple[int, int, str], ...]


def parse_wave(text: str) -> WaveRule:
    """``5`` machines, ``25%`` of all, ``rest``, or a TARGET such as ``tag:ring=canary``.

    Raises:
        BadInput: it is none of them.
    """
    wanted = text.strip()
    if match := _AMOUNT.fullmatch(wanted):
        return _amount_rule(text, int(match[1]), match[2] == "%")
    if wanted == _REST:
        return WaveRule(WaveKind.REST)
    if not wanted or not wanted.isprintable() or " " in wanted or "%" in wanted:
        raise BadInput(f"Wave {text!r} is not usable: write a number, a whole percentage, a target, or rest.")
    find_machines([wanted], ())  # refuses a target of a kind that does not exist
    return WaveRule(WaveKind.TARGET, target=wanted)


def wave_text(rule: WaveRule) -> str:
    """The rule as `parse_wave` reads it."""
    match rule.kind:
        case WaveKind.TARGET:
            return rule.target
        case WaveKind.COUNT:
            return str(rule.amount)
        case WaveKind.PERCENT:
            return f"{rule.amount}%"
        case WaveKind.REST:
            return _REST


def plan_waves(
    machines: Sequence[Machine], rollout: Rollout, groups: GroupMembers = no_groups
) -> tuple[tuple[Machine, ...], ...]:
    """The machines in waves, each in exactly one; a wave that would be empty vanishes.

    Raises:
        BadInput: a target of a kind that does not exist, or a group that cannot be evaluated.
    """
    left = order_machines(machines, rollout.order_by_tag)
    total = len(left)
    waves = []
    for rule in _rules(rollout.waves):
        if not left:
            break
        wave = _take(rule, left, total, groups)
        taken = {machine.id for machine in wave}
        left = [machine for machine in left if machine.id not in taken]
        waves.append(tuple(wave))
    return tuple(wave for wave in waves if wave)


def find_empty_targets(
    machines: Sequence[Machine], rollout: Rollout, groups: GroupMembers = no_groups
) -> tuple[WaveRule, ...]:
    """The rules whose target names none of the machines: a canary wave that is not there should be told of."""
    targets = (rule for rule in rollout.waves if rule.kind is WaveKind.TARGET)
    return tuple(rule for rule in targets if not find_machines([rule.target], machines, groups)[0])


def order_machines(machines: Sequence[Machine], tag: str = "") -> list[Machine]:
    """The machines, each once, by the value of ``tag`` (numbers first and as numbers, without it last), then by name.

    Digits in names and values count as numbers: ``web-2`` comes before ``web-10``.
    """
    distinct = {machine.id: machine for machine in machines}.values()
    return sorted(distinct, key=lambda machine: (_tag_order(machine, tag), _name_order(machine.name), machine.id))


def may_begin(machine: Machine, in_work: Collection[Machine], rollout: Rollout) -> bool:
    """Whether ``machine`` may be begun while ``in_work`` are: it is none of them, and none is of its cluster."""
    cluster = machine.tags.get(rollout.cluster_tag) if rollout.cluster_tag else None
    return not any(
        other.id == machine.id or (cluster is not None and other.tags.get(rollout.cluster_tag) == cluster)
        for other in in_work
    )


def _amount_rule(text: str, amount: int, is_percent: bool) -> WaveRule:
    if amount < 1 or (is_percent and amount > 100):
        raise BadInput(f"Wave {text!r} is not usable: at least 1 machine or 1%, at most 100%.")
    return WaveRule(WaveKind.PERCENT if is_percent else WaveKind.COUNT, amount=amount)


def _rules(rules: Sequence[WaveRule]) -> Iterator[WaveRule]:
    """The rules, and what follows them for ever: the last amount again, or the rest."""
    yield from rules
    last = rules[-1] if rules else None
    repeats = last is not None and last.kind in (WaveKind.COUNT, WaveKind.PERCENT) and last.amount > 0
    while True:
        yield last if last is not None and repeats else WaveRule(WaveKind.REST)


def _take(rule: WaveRule, left: Sequence[Machine], total: int, groups: GroupMembers) -> Sequence[Machine]:
    match rule.kind:
        case WaveKind.TARGET:
            chosen = {machine.id for machine in find_machines([rule.target], left, groups)[0]}
            return [machine for machine in left if machine.id in chosen]
        case WaveKind.COUNT:
            return left[: max(0, rule.amount)]
        case WaveKind.PERCENT:
            return left[: max(0, -(-total * rule.amount // 100))]
        case WaveKind.REST:
            return left


def _tag_order(machine: Machine, tag: str) -> tuple[int, float, OrderKey]:
    value = machine.tags.get(tag) if tag else None
    if value is None:
        return 2, 0.0, ()
    if _NUMBER.fullmatch(value):
        return 0, float(value), ()
    return 1, 0.0, _name_order(value)


def _name_order(name: str) -> OrderKey:
    parts = (part for part in _DIGITS.split(name) if part)
    return tuple((0, int(part[:4_000]), part) if part[0] in "0123456789" else (1, 0, part) for part in parts)
