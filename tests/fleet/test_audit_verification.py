"""The chain of the audit walked through: whatever was changed, removed, put in or reordered is found."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit_chain import BEGINNING, Field, entry_hash, hash_of_row
from fleet.audit_head import Head
from fleet.audit_verification import BreachKind, Row, check_head, check_witness, walk_chain

TEXTS = st.text(max_size=12)


def chained(count: int) -> list[Row]:
    """A whole chain of so many entries."""
    rows: list[Row] = []
    digest = BEGINNING
    for number in range(1, count + 1):
        entry: tuple[Field, ...] = (
            number,
            f"at {number}",
            "alice",
            "",
            "patchdeck",
            "a.b",
            f"t{number}",
            None,
            "{}",
            None,
        )
        digest = hash_of_row(digest, entry)
        rows.append((*entry, digest))
    return rows


def with_target(row: Row, target: str) -> Row:
    """``row`` about another target, its hash as it was."""
    return (*row[:6], target, *row[7:])


def renumbered(row: Row, number: int) -> Row:
    """``row`` at another place."""
    return (number, *row[1:])


def kinds(rows: Sequence[Row]) -> list[tuple[BreachKind, int | None]]:
    """What is found, and where."""
    return [(breach.kind, breach.number) for breach in walk_chain(rows).breaches]


@given(st.tuples(*[TEXTS] * 6), st.tuples(*[st.one_of(st.none(), TEXTS)] * 2), st.one_of(st.none(), TEXTS), TEXTS)
def test_a_row_is_hashed_as_its_entry(
    texts: tuple[str, ...], documents: tuple[str | None, ...], origin: str | None, previous: str
) -> None:
    """The fast way gives what JSON does, whatever characters there are; without an origin it is not covered."""
    fields = (7, *texts, *documents)
    covered = fields if origin is None else (*fields, origin)
    assert hash_of_row(previous, (*fields, origin)) == entry_hash(previous, *covered)


@given(st.integers(0, 12))
def test_a_whole_chain_has_no_breach(count: int) -> None:
    """However long it is; its head is the last entry."""
    rows = chained(count)
    chain = walk_chain(rows)
    assert (chain.breaches, chain.broken) == ((), 0)
    assert chain.head == Head(count, rows[-1][-1] if rows else BEGINNING)  # type: ignore[arg-type]  # a hash


@given(st.integers(1, 12), st.data())
def test_any_change_of_any_entry_shows_at_it_or_right_behind_it(count: int, data: st.DataObject) -> None:
    """Also where its hash was made anew, unless it is the last: there the known head says it."""
    rows = chained(count)
    place = data.draw(st.integers(0, count - 1))
    column = data.draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, 9]))
    changed = (*rows[place][:column], "forged", *rows[place][column + 1 :])
    if data.draw(st.booleans()):
        before = rows[place - 1][-1] if place else BEGINNING
        changed = (*changed[:-1], hash_of_row(str(before), changed[:-1]))
    forged = [*rows[:place], changed, *rows[place + 1 :]]

    chain = walk_chain(forged)

    head = Head(count, str(rows[-1][-1]))
    breaches = [*chain.breaches, *filter(None, [check_head(chain, head)])]
    assert breaches
    assert min(breach.number or 0 for breach in breaches) in (place + 1, place + 2)


@given(st.integers(2, 12), st.data())
def test_a_removed_entry_leaves_a_gap(count: int, data: st.DataObject) -> None:
    """Except the last one, which the known head knows."""
    rows = chained(count)
    place = data.draw(st.integers(0, count - 1))
    left = [*rows[:place], *rows[place + 1 :]]
    chain = walk_chain(left)
    if place == count - 1:
        assert chain.breaches == ()
        found = check_head(chain, Head(count, str(rows[-1][-1])))
        assert found is not None
        assert found.kind is BreachKind.CUT
    else:
        assert (chain.breaches[0].kind, chain.breaches[0].number) == (BreachKind.REMOVED, place + 1)


@given(st.integers(3, 12), st.data())
def test_entries_that_changed_places_are_told_so(count: int, data: st.DataObject) -> None:
    """Both of them, whichever they are."""
    rows = chained(count)
    one, other = sorted(data.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)))
    rows[one], rows[other] = renumbered(rows[other], one + 1), renumbered(rows[one], other + 1)
    found = kinds(rows)
    assert (BreachKind.MOVED, one + 1) in found
    assert found[0][1] == one + 1


@pytest.mark.parametrize("with_own_hash", [True, False])
def test_an_entry_that_was_put_in_is_found(with_own_hash: bool) -> None:
    """Where those behind it were renumbered, with a hash of its own or without."""
    rows = chained(6)
    forged = with_target(renumbered(rows[0], 3), "forged")
    if with_own_hash:
        forged = (*forged[:-1], hash_of_row(str(rows[1][-1]), forged[:-1]))
    moved = [renumbered(row, int(row[0] or 0) + 1) for row in rows[2:]]
    found = kinds([*rows[:2], forged, *moved])
    assert (BreachKind.INSERTED, 3) in found


def test_removed_entries_whose_followers_were_renumbered_are_found() -> None:
    """The first that follows nothing which is there is told."""
    rows = chained(6)
    left = [*rows[:2], *(renumbered(row, int(row[0] or 0) - 1) for row in rows[3:])]
    assert kinds(left)[0][1] == 3


def test_a_chain_broken_everywhere_is_told_in_few_lines() -> None:
    """The first places are explained, the others counted."""
    rows = [with_target(row, "x") for row in chained(500)]
    chain = walk_chain(rows)
    assert chain.broken == 500
    assert len(chain.breaches) == 20


def test_an_entry_of_a_mebibyte_is_explained_at_once() -> None:
    """Finding out where it was written for does not hash it thousands of times."""
    large: list[Row] = [(*row[:8], "x" * 1_000_000, *row[9:]) for row in chained(30)]
    assert len(walk_chain(large).breaches) == 20


def test_a_known_head_is_found_by_its_hash_alone() -> None:
    """And one that is not there is a cut end, or entries written anew."""
    chain = walk_chain(chained(5))
    assert check_head(chain, Head(None, str(chained(3)[-1][-1]))) is None
    assert check_head(chain, Head(0, BEGINNING)) is None
    unknown = check_head(chain, Head(None, "f" * 64))
    rewritten = check_head(chain, Head(2, "f" * 64))
    assert unknown is not None
    assert rewritten is not None
    assert (unknown.kind, rewritten.kind, rewritten.number) == (BreachKind.CUT, BreachKind.REWRITTEN, 2)


def test_a_witness_tells_what_was_cut_removed_and_written_anew() -> None:
    """Each with its first entry, and in what it differs."""
    rows = chained(8)
    witness = {int(row[0] or 0): str(row[-1]) for row in rows}
    chain = walk_chain([*rows[:3], *rows[4:6]])
    chain.hashes[2]  # what was kept
    witness[2] = "0" * 64
    found = check_witness(chain, witness, lambda number: f"Target of {number}")
    assert [(each.kind, each.number) for each in found] == [
        (BreachKind.REWRITTEN, 2),
        (BreachKind.REMOVED, 4),
        (BreachKind.CUT, 7),
    ]
    assert "Target of 2" in found[0].text
