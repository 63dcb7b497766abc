"""The reasons of many machines put together: each once, with the machines for which it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fleet.reasons.reason import Reason, rank_of


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """One reason and its machines, by name. ``example`` is the reason as it is of the first of them, ``leading`` how
    many machines it is the first reason of.
    """

    example: Reason
    machines: tuple[str, ...]
    leading: int

    @property
    def key(self) -> str:
        """What tells the reason from the others."""
        return "\n".join(_key(self.example))


def group_reasons(by_machine: Iterable[tuple[str, Sequence[Reason]]]) -> list[ReasonGroup]:
    """The reasons of machines, each kind and what it is about once: what stops them first, then by machines."""
    examples: dict[tuple[str, ...], Reason] = {}
    names: dict[tuple[str, ...], dict[str, None]] = {}
    leading: dict[tuple[str, ...], set[str]] = {}
    for machine, reasons in by_machine:
        for number, reason in enumerate(reasons):
            key = _key(reason)
            examples.setdefault(key, reason)
            names.setdefault(key, {})[machine] = None
            leading.setdefault(key, set()).update([machine] if number == 0 else ())
    groups = [ReasonGroup(example, tuple(sorted(names[key])), len(leading[key])) for key, example in examples.items()]
    return sorted(groups, key=lambda each: (rank_of(each.example)[0], -len(each.machines), rank_of(each.example)[1]))


def _key(reason: Reason) -> tuple[str, ...]:
    return reason.weight.value, reason.kind.value, reason.about
