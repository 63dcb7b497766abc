"""What verifying the audit found: in words, and as one row."""

from collections.abc import Iterator, Sequence

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
    "known_heads",
)


def list_verdict(verdict: Verdict) -> Listing:
    """One row, for programs."""
    row = (
        verdict.is_whole,
        verdict.entries,
        verdict.head.number,
        verdict.head.shown_hash,
        verdict.head.at,
        verdict.known[-1].shown_hash if verdict.known else None,
        verdict.published,
        _first(verdict),
        verdict.broken,
        verdict.breaches,
        verdict.notes,
        len(verdict.known),
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
    if verdict.known and verdict.is_whole:
        yield _which(verdict.known)
    if verdict.published is not None:
        yield f"The table Audit was compared: {count_of(verdict.published, 'row')}."
    yield from verdict.notes
    yield f"head  {verdict.head.line}{f'  {as_text(verdict.head.at)}' if verdict.head.at else ''}"


def _which(known: Sequence[Head]) -> str:
    newest = f" (entry {known[-1].number:,})" if known[-1].number else ""
    if len(known) == 1:
        return f"The known head{newest} is part of it."
    return f"All {len(known):,} known heads are part of it, the last one{newest} too."


def _first(verdict: Verdict) -> int | None:
    return min((each.number for each in verdict.breaches if each.number is not None), default=None)
