"""Whether the audit is as it was written: its chain walked through, and what is off told entry by entry.

An entry's hash covers its number. So what stands at another place than it was written for shows, and what was removed
leaves a gap, or a successor that follows nothing that is there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fleet.audit_chain import BEGINNING, Field, hash_of_row
from fleet.audit_head import Head

# Columns of an entry in the order in which they are hashed, and last its hash.
Row = Sequence[Field]
# So many places are explained; of a chain that was broken on purpose the first one counts.
MOST_BREACHES = 20
# An entry of more characters is not hashed again for every place that it could have been written for.
_LARGE = 100_000


class BreachKind(StrEnum):
    """What is off with the audit."""

    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "reordered"
    INSERTED = "inserted"
    CUT = "cut"
    REWRITTEN = "rewritten"
    UNGUARDED = "unguarded"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that is off. ``number`` is the entry where it shows, None where it is about the audit as a whole."""

    kind: BreachKind
    number: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Chain:
    """The audit walked through: its entries' hashes by their numbers, its newest entry, and where it is broken.

    ``broken`` counts all places where an entry does not follow the one before it; ``breaches`` explains the first ones.
    """

    hashes: Mapping[int, str]
    head: Head
    breaches: tuple[Breach, ...]
    broken: int


def walk_chain(rows: Iterable[Row]) -> Chain:
    """The chain of ``rows``, which are in the order of their numbers."""
    hashes: dict[int, str] = {}
    doubtful: list[Row] = []
    breaches: list[Breach] = []
    number, digest, broken = 0, BEGINNING, 0
    for row in rows:
        expected, number = number + 1, int(row[0] or 0)
        follows = hash_of_row(digest, row[:-1]) == row[-1]
        digest = hashes[number] = str(row[-1])
        if number != expected or not follows:
            broken += 1
            if number != expected:
                breaches.append(_gap(expected, number))
            elif len(doubtful) < MOST_BREACHES:
                doubtful.append(row)
    explained = sorted((*breaches, *_explain(doubtful, hashes)), key=lambda breach: breach.number or 0)
    return Chain(hashes, Head(number, digest), tuple(explained[:MOST_BREACHES]), broken)


def check_head(chain: Chain, known: Head) -> Breach | None:
    """What is off with the chain in the eyes of whoever kept the head ``known``; None where it is part of the chain."""
    if known.hash == BEGINNING:
        return None
    last = chain.head.number or 0
    if known.number is None:
        if known.hash in chain.hashes.values():
            return None
        text = f"no entry has the known head {known.hash}: the end was cut off, or entries were written anew"
        return Breach(BreachKind.CUT, None, text)
    if known.number > last:
        text = f"the known head is entry {known.number:,}, and the last one here is {last:,}: the end was cut off"
        return Breach(BreachKind.CUT, last + 1, text)
    if (there := chain.hashes.get(known.number)) == known.hash:
        return None
    text = f"entry {known.number:,} had the hash {known.hash} when the head was noted, and has {there or 'none'}"
    return Breach(BreachKind.REWRITTEN, known.number, f"{text}: it, or entries before it, were written anew")


def check_heads(chain: Chain, known: Sequence[Head]) -> Breach | None:
    """What is off in the eyes of whoever kept the heads ``known``, at the first such entry; None where nothing is."""
    breaches = [breach for head in known if (breach := check_head(chain, head)) is not None]
    if not breaches:
        return None
    first = min(breaches, key=lambda breach: breach.number or 0)
    if len(known) == 1:
        return first
    return replace(first, text=f"{first.text}; {len(breaches):,} of the {len(known):,} known heads are not part of it")


def check_witness(chain: Chain, witness: Mapping[int, str], explain: Callable[[int], str]) -> list[Breach]:
    """What is off with the chain in the eyes of a copy: the hashes by their numbers that were published elsewhere.

    ``explain`` says how an entry differs from its copy, empty where that is not known.
    """
    last = chain.head.number or 0
    other = [number for number, digest in witness.items() if chain.hashes.get(number, digest) != digest]
    gone = [number for number in witness if number not in chain.hashes and number <= last]
    cut = [number for number in witness if number > last]
    breaches = []
    if other:
        first = min(other)
        many = f"{_entries(other)} differ from those of the table Audit" if len(other) > 1 else ""
        text = f"entry {first:,} is not the one of the table Audit: {explain(first)}".rstrip(": ")
        breaches.append(Breach(BreachKind.REWRITTEN, first, "; ".join(filter(None, (text, many)))))
    if gone:
        text = f"the table Audit has {_entries(gone)}, which {'is' if len(gone) == 1 else 'are'} not here any more"
        breaches.append(Breach(BreachKind.REMOVED, min(gone), text))
    if cut:
        text = f"the table Audit goes on to entry {max(cut):,}, and the last one here is {last:,}: the end was cut off"
        breaches.append(Breach(BreachKind.CUT, last + 1, text))
    return breaches


def check_copies(false: Sequence[int], lacking: Sequence[int], explain: Callable[[int], str]) -> list[Breach]:
    """What is off with the copies themselves: rows of the table Audit that say something else than their entries, which
    have the same hash, and entries whose rows are not there any more.
    """
    breaches = []
    if false:
        text = f"the table Audit was changed in {_entries(false)}: in entry {false[0]:,} {explain(false[0])}"
        breaches.append(Breach(BreachKind.TABLE, false[0], text))
    if lacking:
        text = f"the table Audit had {_entries(lacking)}, and {'has it' if len(lacking) == 1 else 'has them'} no more"
        breaches.append(Breach(BreachKind.TABLE, lacking[0], text))
    return breaches


def _gap(expected: int, number: int) -> Breach:
    if number < expected:
        return Breach(BreachKind.MOVED, number, f"entry {number:,} stands where entry {expected:,} should")
    missing = f"entry {expected:,} is" if number == expected + 1 else f"entries {expected:,} to {number - 1:,} are"
    return Breach(BreachKind.REMOVED, expected, f"{missing} not there: removed")


def _explain(doubtful: Sequence[Row], hashes: Mapping[int, str]) -> list[Breach]:
    """What is off with each of the ``doubtful`` entries, which do not follow the one before them."""
    places = {int(row[0] or 0) for row in doubtful}
    written = {int(row[0] or 0): _written_as(row, places, hashes) for row in doubtful}
    return [_breach(number, place, written) for number, place in written.items()]


def _written_as(row: Row, places: Iterable[int], hashes: Mapping[int, str]) -> int | None:
    """The other number for which the entry in ``row`` was written, None where that cannot be told."""
    own = int(row[0] or 0)
    if sum(len(field) for field in row if isinstance(field, str)) > _LARGE:
        places = ()
    near = {place + step for place in places for step in (-1, 0, 1)}
    previous = {hashes.get(place, BEGINNING) for place in (*near, own - 2)}
    for place in sorted(near | {own - 1} - {own}):
        before = {*previous, hashes.get(place - 1, BEGINNING)}
        if place != own and any(hash_of_row(digest, (place, *row[1:-1])) == row[-1] for digest in before):
            return place
    return None


def _breach(number: int, written_as: int | None, written: Mapping[int, int | None]) -> Breach:
    if written_as == number - 1 and written.get(number - 1) is None:
        text = f"entry {number - 1:,} was put in: what stands as entry {number:,} was written as {number - 1:,}"
        return Breach(BreachKind.INSERTED, number - 1, text)
    if written_as is not None:
        return Breach(BreachKind.MOVED, number, f"what stands as entry {number:,} was written as entry {written_as:,}")
    if number == 1:
        return Breach(BreachKind.CHANGED, 1, "entry 1 is not what its hash was made of: it was changed")
    text = (
        f"entry {number:,} does not follow entry {number - 1:,}: one of the two was changed, or what was written "
        "between them was removed"
    )
    return Breach(BreachKind.CHANGED, number, text)


def _entries(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"entry {numbers[0]:,}"
    return f"{len(numbers):,} entries from {min(numbers):,} to {max(numbers):,}"
