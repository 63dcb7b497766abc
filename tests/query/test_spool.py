"""Rows that are laid aside."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.spool import RowSpool


def test_every_row_comes_back_at_its_place(tmp_path: Path) -> None:
    """Pages of any sizes are one sequence, read in any order."""
    spool = RowSpool(tmp_path / "temp")
    rows = [(number, f"machine-{number}", None) for number in range(100_000)]
    for start in range(0, len(rows), 1_999):
        spool.append(rows[start : start + 1_999])
    assert len(spool) == len(rows)
    assert [spool[index] for index in (99_999, 0, 1_998, 1_999, 50_000)] == [
        rows[index] for index in (99_999, 0, 1_998, 1_999, 50_000)
    ]
    spool.close()


@given(st.lists(st.integers(0, 7), max_size=20))
def test_no_page_is_too_small(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    """Empty batches leave no trace."""
    spool = RowSpool(tmp_path_factory.getbasetemp())
    expected: list[tuple[object, ...]] = []
    for size in sizes:
        page: list[tuple[object, ...]] = [(len(expected) + number,) for number in range(size)]
        spool.append(page)
        expected += page
    assert [spool[index] for index in range(len(spool))] == expected
    with pytest.raises(IndexError):
        spool[len(expected)]
    spool.close()


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    """The file has no name: kill -9 leaves nothing behind either."""
    spool = RowSpool(tmp_path / "temp")
    spool.append([(1,)])
    assert list((tmp_path / "temp").iterdir()) == []
    spool.close()
