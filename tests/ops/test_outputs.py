"""Files that somebody wants written never take the place of what a home consists of."""

from pathlib import Path

import pytest

from fleet.errors import BadInput
from ops.home import Home, open_home
from ops.permission import require_elsewhere


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a state."""
    made = open_home(tmp_path / "home")
    made.state_file.touch()
    return made


@pytest.mark.parametrize("part", ["", "state.db", "state.db-wal", "version", "config.toml", "tables/Update/x.parquet"])
def test_parts_of_a_home_are_never_written_over(home: Home, part: str) -> None:
    """By whatever path: the state of a fleet is not to be lost to a slip of the hand."""
    link = home.path.parent / "link"
    link.symlink_to(home.path)

    for folder in (home.path, link):
        with pytest.raises(BadInput, match="consists of it"):
            require_elsewhere(folder / part)


def test_other_files_may_lie_in_a_home(home: Home) -> None:
    """And beside it, and in folders that look like a part of one."""
    require_elsewhere(home.path / "reports" / "monthly.html")
    require_elsewhere(home.path.parent / "tables" / "x.parquet")
