"""What verifying the audit found: in words, and as one row."""

from collections.abc import Iterator

from fleet.audit_head import Head
from fleet.hostile import clean
from ops.audit.verifying import Verdict
from ops.cli.listing import Column, Listing
from ops.cli.values import as_text, count_of

_COLUMNS = (
    "is_whole",
    "entries",
    "number",
    "hash",
    "at",
    "known_head",
    "published",
    "first_broken",
    "broken",
    "breaches",
    "notes",
)


def list_verdict(verdict: Verdict) -> Listing:
    """One row, for programs."""
    known = verdict.known
    row = (
        verdict.is_whole,
        verdict.entries,
        verdict.head.number,
        verdict.head.shown_hash,
        verdict.head.at,
        None if known is None else known.shown_hash,
        verdict.published,
        _first(verdict),
        verdict.broken,
        verdict.breaches,
        verdict.notes,
    )
    return Listing(tuple(map(Column, _COLUMNS)), [row])


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """What was found, the most important line first."""
    entries = "1 entry" if verdict.entries == 1 else f"{verdict.entries:,} entries"
    if verdict.is_whole:
        yield f"The audit is whole: {entries}, each following the one before it."
    else:
        first = _first(verdict)
        where = "" if first is None else f" The first place is entry {first:,}."
        yield f"The audit is NOT as it was written: {count_of(len(verdict.breaches), 'finding')}.{where}"
        for breach in verdict.breaches:
            yield f"  {breach.kind.value}: {clean(breach.text)}."
        if verdict.broken > len(verdict.breaches):
            yield f"  The chain is broken at {verdict.broken:,} places in all."
    if verdict.known is not None and verdict.is_whole:
        yield f"The known head{_which(verdict.known)} is part of it."
    if verdict.published is not None:
        yield f"The table Audit was compared: {count_of(verdict.published, 'row')}."
    yield from verdict.notes
    yield f"head  {verdict.head.line}{f'  {as_text(verdict.head.at)}' if verdict.head.at else ''}"


def _which(known: Head) -> str:
    return f" (entry {known.number:,})" if known.number else ""


def _first(verdict: Verdict) -> int | None:
    return min((each.number for each in verdict.breaches if each.number is not None), default=None)
