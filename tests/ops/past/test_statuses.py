"""The fleet of an earlier instant: what of it a process of its own hands over."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet.machines import Machine, OSType, TransportKind
from ops.home import open_home
from ops.past.statuses import read_past_rows
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.store import TableStore

_ADDED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_what_machines_have_in_common_is_handed_over_once(tmp_path: Path) -> None:
    """Words and times as one object, which pickle writes once; numbers and truths, equal to each other, as they are."""
    home = open_home(tmp_path / "home")
    with opened(home.state_file) as connection:
        for name in ("web-01", "web-02"):
            MachineBook(connection).add(Machine(name, name, TransportKind.SSH, _ADDED, os_type=OSType.LINUX))
    TableStore(home).publish_machines()
    one, other = read_past_rows(home, datetime.now(UTC) + timedelta(seconds=1)).rows
    assert one[3:5] == (_ADDED, "Linux")
    assert one[3] is other[3]
    assert one[4] is other[4]
    assert [type(each) for each in one[3:]] == [type(each) for each in other[3:]]
