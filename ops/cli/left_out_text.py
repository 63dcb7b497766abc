"""What a plan leaves out on a machine, for people: each update where they are few, else how many for which reason."""

from collections.abc import Iterator, Sequence

from fleet.deployments.plan import LeftOut, LeftOutReason
from ops.cli.values import count_of

MOST_LEFT_OUT = 3
"""Of one reason on one machine; more are counted."""


def left_out_texts(left_out: Sequence[LeftOut], most: int | None) -> Iterator[str]:
    """A text for each update; of what more than ``most`` have in common, one with their number."""
    by_reason: dict[LeftOutReason, list[LeftOut]] = {}
    for entry in left_out:
        by_reason.setdefault(entry.reason, []).append(entry)
    for reason, entries in by_reason.items():
        if most is None or len(entries) <= most:
            yield from _listed(reason, entries)
        else:
            yield from _folded(reason, entries, most)


def is_folded(left_out: Sequence[LeftOut]) -> bool:
    """Whether `left_out_texts` tells of some only their number."""
    told = sum(1 for _ in left_out_texts(left_out, MOST_LEFT_OUT))
    return told < len(left_out)


def _folded(reason: LeftOutReason, entries: Sequence[LeftOut], most: int) -> Iterator[str]:
    by_detail: dict[str, list[LeftOut]] = {}
    for entry in entries:
        by_detail.setdefault(entry.detail, []).append(entry)
    if len(by_detail) > most:
        yield f"{count_of(len(entries), 'update')}: {reason.value}"
        return
    for detail, alike in by_detail.items():
        if len(alike) > most:
            yield f"{count_of(len(alike), 'update')}: {_why(reason, detail)}"
        else:
            yield from _listed(reason, alike)


def _listed(reason: LeftOutReason, entries: Sequence[LeftOut]) -> Iterator[str]:
    for entry in entries:
        yield f"{entry.update.name} {entry.update.offered_version}: {_why(reason, entry.detail)}"


def _why(reason: LeftOutReason, detail: str) -> str:
    if detail.startswith(reason.value):
        return detail  # "excluded by openssl*"
    return f"{reason.value} ({detail})" if detail else reason.value
