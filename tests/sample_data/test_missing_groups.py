"""Missing updates of the sample fleet, counted in columns: as they are where each is an object."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.home import open_home
from ops.missing import list_missing
from ops.missing_groups import group_missing, key_of, list_groups, list_needing


@pytest.mark.parametrize("at", [None, datetime(2026, 11, 12, 9, tzinfo=UTC)])
def test_counted_as_one_by_one(home: Path, at: datetime | None) -> None:
    """Counts, reasons, the first machine's update and the first time are those of the objects; also of then."""
    opened = open_home(home)
    counted, missing = list_groups(opened, at), list_missing(opened, None, at)
    assert {group.key: group for group in counted.groups} == {group.key: group for group in group_missing(missing)}
    assert counted.machine_count == len({each.machine_id for each in missing}) > 10
    assert any(group.update.windows for group in counted.groups)
    assert any(group.blockers for group in counted.groups)
    most = max(counted.groups, key=lambda group: group.machine_count)
    assert list_needing(opened, most.update, at) == [each for each in missing if key_of(each.update) == most.key]
