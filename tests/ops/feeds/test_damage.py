"""A feed's file that was damaged stops neither scans nor other feeds, and is made anew."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.assessments import Assessment
from fleet.machines import Machine
from fleet.tables import CVE, UPDATE_SUMMARY
from ops.assess_commit import store_batch
from ops.feeds.updating import add_feed, index_file, list_feeds, remove_feed, update_feeds
from ops.home import Home
from ops.store.delta import StoredTable


@pytest.mark.parametrize("content", [b"", b"not SQLite at all", None])
def test_a_damaged_file_stops_no_scan_and_is_made_anew(
    home: Home,
    captures: Path,
    enrol: Callable[[str], Machine],
    scan: Callable[..., Assessment],
    content: bytes | None,
) -> None:
    """Until then the list of feeds says so, and the scan that the feed was not asked."""
    enrol("web")
    add_feed(home, str(captures / "debian-tracker.json"), name="debian")
    file = index_file(home, "debian")
    file.write_bytes(file.read_bytes()[:3000] if content is None else content)
    store_batch(home, "one", [scan("web", "debian", "12", {"chromium": "1"})])
    assert "damaged" in list_feeds(home)[0].error
    assert StoredTable(home.tables_dir, UPDATE_SUMMARY).read()["FixSources"].to_list() == [""]
    assert [reading.is_changed for reading in update_feeds(home)] == [True]
    assert list_feeds(home)[0].error == ""


def test_other_feeds_come_and_go_beside_a_damaged_one(home: Home, captures: Path) -> None:
    """What can be read is published."""
    add_feed(home, str(captures / "kev.json"))
    add_feed(home, str(captures / "debian-tracker.json"), name="debian")
    index_file(home, "debian").write_bytes(b"x" * 5000)
    remove_feed(home, "kev")
    assert [feed.name for feed in list_feeds(home)] == ["debian"]
    assert StoredTable(home.tables_dir, CVE).read().is_empty()
