"""What is shown of an earlier instant is what plain SQL finds in the Parquet files of the history, without views."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from fleet.differences.telling import Told
from fleet.updates import Update
from ops.config import Settings
from ops.home import Home, open_home
from ops.past.differences import compare_instants
from ops.past.missing import list_missing_at

SAMPLE = Path(__file__).parents[3] / "sample-data"
# Between scans, amidst a run, soon after machines were enrolled, and days of which retention kept nothing else.
INSTANTS = [
    datetime.fromisoformat(text)
    for text in ("2026-08-25T00:00Z", "2026-10-25T10:00Z", "2026-11-12T16:30Z", "2026-11-19T15:01:30Z")
]
# Of each update of each machine the last thing that was noticed by then.
_NEEDED = """
SELECT SourceComputerId, Id, Name, Architecture, if(Id <> '', '', coalesce(Version, '')) FROM (
    SELECT SourceComputerId, coalesce(UpdateID, '') AS Id, if(UpdateID <> '', '', Product) AS Name,
        if(UpdateID <> '', '', coalesce(ProductArch, '')) AS Architecture,
        arg_max(UpdateState, TimeGenerated) AS State, arg_max(ProductVersion, TimeGenerated) AS Version
    FROM read_parquet($files) WHERE TimeGenerated <= $at GROUP BY ALL
) WHERE State = 'Needed'
"""
Key = tuple[str, str, str, str, str]
Needed = Callable[[datetime], set[Key]]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The sample fleet, only read."""
    folder = tmp_path_factory.mktemp("sample")
    for name in ("version", "state.db"):
        shutil.copy(SAMPLE / name, folder / name)
    (folder / "tables").symlink_to(SAMPLE / "tables")
    return open_home(folder, create=False, read_only=True)


@pytest.fixture(scope="module")
def needed(sample: Home) -> Needed:
    """What machines needed at an instant, by SQL over the files."""
    files = DeltaTable(str(sample.tables_dir / "UpdateHistory")).file_uris()
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return lambda at: set(connection.execute(_NEEDED, {"files": files, "at": at}).fetchall())


def _key(machine_id: str, update: Update) -> Key:
    if update.windows:
        return (machine_id, update.windows.update_id, "", "", "")
    return (machine_id, "", update.name, update.architecture, update.offered_version)


@pytest.mark.parametrize("at", INSTANTS, ids=str)
def test_missing_updates_of_then_are_those_that_the_history_says(sample: Home, needed: Needed, at: datetime) -> None:
    """Each once, in the version of then."""
    found = [_key(each.machine_id, each.update) for each in list_missing_at(sample, at)]
    assert len(found) == len(set(found)) > 0
    assert set(found) == needed(at)


def test_difference_is_that_of_what_the_history_says(sample: Home, needed: Needed) -> None:
    """Whatever is needed later and was not before appeared or took the place of another; counts are of then."""
    since, until = INSTANTS[2], INSTANTS[3]
    before, after = needed(since), needed(until)
    found = compare_instants(sample, Settings(), since, until).difference
    assert (len(found.before.updates), len(found.after.updates)) == (len(before), len(after))
    assert found.before.lacking == len({key[0] for key in before})
    came = sorted((machine_id, name) for machine_id, update_id, name, *_ in after - before if not update_id)
    told = sorted(
        (line.machine_id, line.what)
        for line in found.lines
        if line.told in (Told.APPEARED, Told.SUPERSEDED) and line.what in {name for _, name in came}
    )
    assert told == came != []


def test_nothing_differs_from_an_instant_to_itself(sample: Home) -> None:
    """Not even by what happened just before it."""
    at = INSTANTS[3]
    assert compare_instants(sample, Settings(), at, at).difference.lines == ()
    assert compare_instants(sample, Settings(), at - timedelta(days=7), at).difference.lines
