"""state.db for a process that only reads: what is written by others meanwhile is seen."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fleet.errors import NotPermitted
from ops.permission import Closed, close_to_writing, open_to_writing
from ops.state.database import connect, renewed, transaction
from ops.state.reading import StateCopy


@pytest.fixture
def closed_home(tmp_path: Path) -> Iterator[Path]:
    """A folder that this process does not write, with no state.db in it yet."""
    close_to_writing(tmp_path, Closed("it was opened read-only", is_asked=True))
    yield tmp_path
    open_to_writing(tmp_path)


def write_state(path: Path) -> None:
    """As another process would."""
    open_to_writing(path.parent)
    connect(path).close()
    close_to_writing(path.parent, Closed("it was opened read-only", is_asked=True))


def test_copy_is_taken_anew_once_the_file_was_written(closed_home: Path) -> None:
    """Whoever keeps a connection to a copy gets another when others have written; until then the same."""
    path = closed_home / "state.db"
    first = renewed(None, path)
    assert isinstance(first, StateCopy)
    assert renewed(first, path) is first

    write_state(path)

    with closing(renewed(first, path)) as second:
        assert second is not first
        assert renewed(second, path) is second


def test_nothing_is_written_through_a_reader(closed_home: Path) -> None:
    """SQLite itself refuses, and our transactions do before it."""
    path = closed_home / "state.db"
    write_state(path)

    with closing(connect(path)) as connection:
        assert connection.execute("PRAGMA query_only").fetchone() == (1,)
        with pytest.raises(NotPermitted, match="opened read-only"), transaction(connection):
            pass
