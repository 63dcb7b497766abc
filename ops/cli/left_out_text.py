"""What a plan leaves out on a machine, for people: each update where they are few, else how many for which reason."""

from collections import Counter
from collections.abc import Iterator, Sequence

from fleet.deployments.plan import LeftOut, LeftOutReason
from ops.cli.values import count_of

MOST_LEFT_OUT = 3
"""Of one reason on one machine; more are counted."""


def left_out_texts(left_out: Sequence[LeftOut], most: int | None) -> Iterator[str]:
    """A text for each update; of a reason that more than ``most`` have, a text for each detail with their number."""
    by_reason: dict[LeftOutReason, list[LeftOut]] = {}
    for entry in left_out:
        by_reason.setdefault(entry.reason, []).append(entry)
    for reason, entries in by_reason.items():
        if most is None or len(entries) <= most:
            yield from (f"{e.update.name} {e.update.offered_version}: {_why(reason, e.detail)}" for e in entries)
        else:
            yield from _counted(reason, Counter(entry.detail for entry in entries), most)


def is_folded(left_out: Sequence[LeftOut]) -> bool:
    """Whether `left_out_texts` tells of some only their number."""
    return any(number > MOST_LEFT_OUT for number in Counter(entry.reason for entry in left_out).values())


def _counted(reason: LeftOutReason, numbers: Counter[str], most: int) -> Iterator[str]:
    if len(numbers) > most:
        yield f"{count_of(numbers.total(), 'update')}: {reason.value}"
        return
    for detail, number in numbers.items():
        yield f"{count_of(number, 'update')}: {_why(reason, detail)}"


def _why(reason: LeftOutReason, detail: str) -> str:
    return f"{reason.value} ({detail})" if detail else reason.value
