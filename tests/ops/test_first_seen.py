"""When the fleet first saw a version offered: on whatever machine, whenever it comes in, kept when machines go."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.machines import Machine, TransportKind
from fleet.tables import UPDATE, UPDATE_HISTORY
from fleet.updates import Classification, Update
from ops.home import Home, open_home
from ops.missing import list_missing
from ops.state import MachineBook, connect
from ops.state.versions import SeenVersion, VersionBook
from ops.store import Batch, TableStore
from ops.store.delta import StoredTable
from ops.store.first_seen import learn_versions, name_versions, stamp_first_seen
from ops.store.frames import make_frame
from ops.store.journal import Journal
from ops.store.numbers import BATCHES

_NOW = datetime(2026, 11, 20, tzinfo=UTC)
_WEB, _DB = (Machine(f"id-{name}", name, TransportKind.LOCAL, _NOW) for name in ("web-01", "db-01"))
_OPENSSL = Update("openssl", "amd64", "1", "2", Classification.SECURITY, "origin", "Debian-Security:12")

_BY_GUID = (("guid-1", 1), ("guid-2", 2))
_TIME = pl.Datetime("us", "UTC")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with two machines."""
    made = open_home(tmp_path / "home")
    with closing(connect(made.state_file)) as connection:
        for machine in (_WEB, _DB):
            MachineBook(connection).add(machine)
    return made


def _at(day: int) -> datetime:
    return _NOW + timedelta(days=day)


def _scan(machine: Machine, day: int, *updates: Update) -> Assessment:
    installed = {("openssl", "amd64"): "1"}
    return Assessment(
        machine.id, machine.name, _at(day), _at(day), Coverage.COMPLETE, updates=updates, installed=installed
    )


def _store(home: Home, batch_id: str, *scans: Assessment) -> None:
    TableStore(home).commit_batch(Batch(batch_id, scans))


def _first_seen(home: Home) -> dict[str, tuple[datetime, datetime]]:
    """Of each machine that needs openssl: when itself and when the fleet was first seen to."""
    rows = StoredTable(home.tables_dir, UPDATE).read().select("Computer", "FirstSeen", "FleetFirstSeen").rows()
    return {name: (own, fleets) for name, own, fleets in rows}


def test_second_machine_has_the_time_of_the_first(home: Home) -> None:
    """Its own time is its own; the fleet's is the earliest of all."""
    _store(home, "a", _scan(_WEB, 0, _OPENSSL))
    _store(home, "b", _scan(_DB, 5, _OPENSSL))

    assert _first_seen(home) == {"web-01": (_at(0), _at(0)), "db-01": (_at(5), _at(0))}
    assert {found.fleet_first_seen for found in list_missing(home)} == {_at(0)}


def test_the_same_batch_twice_changes_nothing(home: Home) -> None:
    """A crash after the tables were written leads to the same batch being stored again."""
    _store(home, "a", _scan(_WEB, 0, _OPENSSL))
    Journal(home.pending_dir).accept(Batch("a", (_scan(_WEB, 0, _OPENSSL),)))

    TableStore(home).replay()

    assert _first_seen(home) == {"web-01": (_at(0), _at(0))}


def test_older_scan_that_comes_late_moves_it_back(home: Home) -> None:
    """On every machine that needs the version; never forward."""
    _store(home, "a", _scan(_WEB, 5, _OPENSSL), _scan(_DB, 6, _OPENSSL))
    _store(home, "b", _scan(_WEB, 2, _OPENSSL))
    _store(home, "c", _scan(_DB, 9, _OPENSSL))

    assert _first_seen(home) == {"web-01": (_at(5), _at(2)), "db-01": (_at(6), _at(2))}


def test_it_outlives_the_machine_that_saw_it(home: Home) -> None:
    """The first one to be offered it may be gone since long."""
    _store(home, "a", _scan(_WEB, 0, _OPENSSL))
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).remove(_WEB.name)
    TableStore(home).publish_machines()

    _store(home, "b", _scan(_DB, 5, _OPENSSL))

    assert _first_seen(home) == {"db-01": (_at(5), _at(0))}


def test_installed_version_that_was_never_offered_has_none(home: Home) -> None:
    """A package of the administrator's own; the version that was offered keeps its time in the history."""
    _store(home, "a", _scan(_WEB, 0, _OPENSSL))
    own = Assessment(_WEB.id, _WEB.name, _at(1), _at(1), Coverage.COMPLETE, installed={("openssl", "amd64"): "1.own"})
    _store(home, "b", own)

    history = StoredTable(home.tables_dir, UPDATE_HISTORY).read().sort("TimeGenerated")
    assert history.select("UpdateState", "FleetFirstSeen").rows() == [("Needed", _at(0)), ("Installed", None)]


def test_what_the_tables_knew_before_is_taken_in(home: Home) -> None:
    """A home of an older Patchdeck has rows without the column, and a state without the book."""
    _store(home, "a", _scan(_WEB, 0, _OPENSSL))
    _forget(home)

    _store(home, "b", _scan(_DB, 5, _OPENSSL))

    assert _first_seen(home) == {"web-01": (_at(0), _at(0)), "db-01": (_at(5), _at(0))}


def test_many_versions_are_taken_in_at_once(home: Home) -> None:
    """A large fleet has as many rows; the same ones again change nothing."""
    many = [SeenVersion(f"package-{number % 1000}", f"1.{number}", _at(number % 7)) for number in range(100_000)]

    with closing(connect(home.state_file)) as connection:
        book = VersionBook(connection)
        for seen in (many, [SeenVersion(each.product, each.version, each.seen_at + timedelta(1)) for each in many]):
            book.learn(seen)
        found = set(book.find((each.product, each.version) for each in many))

    assert found == set(many)


def _forget(home: Home) -> None:
    with closing(connect(home.state_file)) as connection:
        connection.execute("DELETE FROM versions_seen")
        connection.execute("DELETE FROM meta WHERE key = 'versions_seeded'")
    stored = StoredTable(home.tables_dir, UPDATE)
    without = stored.read().with_columns(pl.lit(None, _TIME).alias("FleetFirstSeen"))
    stored.commit(without, BATCHES, stored.last_number(BATCHES))


def test_updates_of_windows_are_told_apart_by_their_guids(home: Home) -> None:
    """Their product is a family that many updates share, and they have no version."""
    rows = [{"UpdateID": guid, "Product": "Windows Server 2022", "FirstSeen": _at(day)} for guid, day in _BY_GUID]
    frame = pl.concat([make_frame(UPDATE, ()), pl.DataFrame(rows).cast({"FirstSeen": _TIME})], how="diagonal")
    needed = frame.with_columns(UpdateState=pl.lit("Needed"), ProductVersion=pl.lit(""))

    with closing(connect(home.state_file)) as connection:
        known = learn_versions(VersionBook(connection), name_versions(needed.lazy()).collect(), ())

    seen = stamp_first_seen(known, needed).select("UpdateID", "FleetFirstSeen").rows()
    assert seen == [(guid, _at(day)) for guid, day in _BY_GUID]
