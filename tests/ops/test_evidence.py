"""Evidence of unreadable output: kept for its owner, bounded in size and number."""

from datetime import UTC, datetime
from pathlib import Path

from fleet.machines import Machine, TransportKind
from ops.evidence import MOST_BYTES, Evidence, remove_old_evidence

MACHINE = Machine("1", "web-01", TransportKind.SSH, datetime(2026, 11, 20, tzinfo=UTC))


def test_a_runaway_output_is_cut(tmp_path: Path) -> None:
    """Four megabytes are enough to see what it is."""
    evidence = Evidence(tmp_path, "batch")

    evidence.keep(MACHINE, b"x" * (MOST_BYTES + 1))

    assert evidence.written == [tmp_path / "batch" / "web-01.out"]
    assert evidence.written[0].stat().st_size == MOST_BYTES


def test_evidence_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    """A full or read-only home never changes what is known of the machine."""
    (tmp_path / "runs").write_bytes(b"in the way")
    evidence = Evidence(tmp_path / "runs", "batch")

    evidence.keep(MACHINE, b"x")

    assert evidence.written == []


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    """Nobody can make us overwrite another file."""
    (tmp_path / "batch").mkdir()
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "batch" / "web-01.out").symlink_to(tmp_path / "precious")

    Evidence(tmp_path, "batch").keep(MACHINE, b"x")

    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_only_the_newest_scans_are_kept(tmp_path: Path) -> None:
    """The ids of scans sort by time; the oldest folders go."""
    for number in range(7):
        Evidence(tmp_path, f"2026112{number}T000000Z-abcdef").keep(MACHINE, b"x")

    remove_old_evidence(tmp_path, keep=2)

    assert sorted(path.name[:8] for path in tmp_path.iterdir()) == ["20261125", "20261126"]


def test_a_home_without_runs_has_nothing_to_remove(tmp_path: Path) -> None:
    """The first scan finds no folder."""
    remove_old_evidence(tmp_path / "runs")


def test_folders_of_runs_are_not_evidence(tmp_path: Path) -> None:
    """However many scans come after it, a run keeps its logs."""
    for name in ("20261101T000000Z-aaaaaa", "20261102T000000Z-bbbbbb", "20261103T000000Z-cccccc"):
        (tmp_path / name).mkdir()
    (tmp_path / "20261101T000000Z-aaaaaa" / "events.ndjson").touch()

    remove_old_evidence(tmp_path, keep=1)

    assert sorted(path.name[:8] for path in tmp_path.iterdir()) == ["20261101", "20261103"]
