"""What an assessment changes: current rows and history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.changes import apply_assessment
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine, TransportKind
from fleet.records import Row
from fleet.updates import Blocker, Classification, Update

_START = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINE = Machine("id-web", "web-01", TransportKind.SSH, _START)
_OPENSSL = Update("openssl", "amd64", "1", "2", Classification.SECURITY, "origin", "Debian-Security:12", size_bytes=9)
_CURL = Update("curl", "amd64", "7", "8", Classification.OTHERS, "origin", "Debian:12")
_COUNTED = ("ProductVersion", "InstalledVersion", "Classification", "NotInstallableReason")


def _scan(
    hours: int,
    updates: Iterable[Update] = (),
    installed: Mapping[str, str] | None = None,
    coverage: Coverage = Coverage.COMPLETE,
) -> Assessment:
    updates = tuple(updates)
    versions = {update.name: update.installed_version for update in updates} if installed is None else installed
    ended_at = _START + timedelta(hours=hours)
    packages = {(name, "amd64"): version for name, version in versions.items()}
    return Assessment("id-web", "web-01", ended_at, ended_at, coverage, updates=updates, installed=packages)


def _run(*scans: Assessment) -> tuple[Sequence[Row], list[Row]]:
    current: Sequence[Row] = ()
    history: list[Row] = []
    for scan in scans:
        changes = apply_assessment(_MACHINE, scan, current)
        current = changes.current
        history += changes.history
    return current, history


def _told(rows: Iterable[Row]) -> list[tuple[object, ...]]:
    return [(row["Product"], row["UpdateState"], row["InstalledVersion"], row["ProductVersion"]) for row in rows]


def test_update_that_is_offered_becomes_needed() -> None:
    """The first scan makes a current row and a row of history, with its day and table."""
    current, history = _run(_scan(0, [_OPENSSL]))

    assert _told(current) == _told(history) == [("openssl", "Needed", "1", "2")]
    assert (current[0]["FirstSeen"], current[0]["Type"], history[0]["Type"]) == (_START, "Update", "UpdateHistory")
    assert history[0]["Day"] == date(2026, 11, 20)


def test_unchanged_update_adds_no_history() -> None:
    """A second scan renews the current row, keeps when it was first seen, and adds nothing."""
    current, history = _run(_scan(0, [_OPENSSL]), _scan(1, [replace(_OPENSSL, size_bytes=10)]))

    assert (current[0]["TimeGenerated"], current[0]["FirstSeen"]) == (_START + timedelta(hours=1), _START)
    assert current[0]["SizeBytes"] == 10
    assert len(history) == 1


@pytest.mark.parametrize(
    "changed",
    [
        replace(_OPENSSL, classification=Classification.OTHERS),
        replace(_OPENSSL, blocker=Blocker.HELD),
        replace(_OPENSSL, offered_version="3"),
    ],
)
def test_change_that_counts_is_history(changed: Update) -> None:
    """Another class, another reason why it cannot be installed, and another version each make a row."""
    current, history = _run(_scan(0, [_OPENSSL]), _scan(1, [changed]))

    assert [row["UpdateState"] for row in history] == ["Needed", "Needed"]
    assert len(current) == 1


def test_newer_version_is_first_seen_when_it_comes() -> None:
    """FirstSeen belongs to the version, and survives a change of the blocker."""
    newer = replace(_OPENSSL, offered_version="3")

    current, _ = _run(_scan(0, [_OPENSSL]), _scan(1, [newer]), _scan(2, [replace(newer, blocker=Blocker.HELD)]))

    assert current[0]["FirstSeen"] == _START + timedelta(hours=1)


def test_update_that_was_installed_leaves_with_its_version() -> None:
    """The row says what was installed before and what is installed now."""
    current, history = _run(_scan(0, [_OPENSSL]), _scan(1, installed={"openssl": "2"}))

    assert current == ()
    assert _told(history[1:]) == [("openssl", "Installed", "1", "2")]
    assert (history[1]["IsInstallable"], history[1]["FirstSeen"]) == (None, _START)


def test_installed_and_offered_again_is_two_rows() -> None:
    """The Installed row is just older, so that the latest state of the update is Needed."""
    newer = replace(_OPENSSL, installed_version="2", offered_version="3")

    current, history = _run(_scan(0, [_OPENSSL]), _scan(1, [newer]))

    assert _told(history[1:]) == [("openssl", "Installed", "1", "2"), ("openssl", "Needed", "2", "3")]
    assert history[1]["TimeGenerated"] == _START + timedelta(hours=1, microseconds=-1)
    assert _told(current) == [("openssl", "Needed", "2", "3")]


@pytest.mark.parametrize("installed", [{"openssl": "1"}, {"other": "1"}, {}])
def test_update_that_was_withdrawn_or_removed_is_not_needed(installed: Mapping[str, str]) -> None:
    """Offered no more without being installed: withdrawn, its package removed, or nothing known."""
    current, history = _run(_scan(0, [_OPENSSL]), _scan(1, installed=installed))

    assert current == ()
    assert _told(history[1:]) == [("openssl", "NotNeeded", "1", "2")]


@pytest.mark.parametrize("coverage", [Coverage.SECURITY_UNKNOWN, Coverage.UNKNOWN])
def test_scan_that_is_not_whole_withdraws_nothing(coverage: Coverage) -> None:
    """What it does not mention is kept with the time when it was last seen; what it mentions is renewed."""
    current, history = _run(
        _scan(0, [_CURL, _OPENSSL]),
        _scan(1, [_CURL], {"openssl": "1", "curl": "7"}, coverage),
        _scan(2, (), {}, coverage),
    )

    times = {row["Product"]: row["TimeGenerated"] for row in current}
    assert times == {"curl": _START + timedelta(hours=1), "openssl": _START}
    assert len(history) == 2


def test_scan_that_is_not_whole_still_proves_installation() -> None:
    """The installed version is known though the repositories are not."""
    current, history = _run(
        _scan(0, [_CURL, _OPENSSL]), _scan(1, installed={"openssl": "2"}, coverage=Coverage.SECURITY_UNKNOWN)
    )

    assert current == ()
    assert _told(history[2:]) == [("curl", "NotNeeded", "7", "8"), ("openssl", "Installed", "1", "2")]


def test_security_class_stays_while_security_is_unknown() -> None:
    """An update does not become an ordinary one because the security repository is down."""
    ordinary = replace(_OPENSSL, classification=Classification.OTHERS)

    current, history = _run(_scan(0, [_OPENSSL]), _scan(1, [ordinary], coverage=Coverage.SECURITY_UNKNOWN))
    after, _ = _run(_scan(0, [_OPENSSL]), _scan(1, [ordinary]))

    assert (current[0]["Classification"], len(history)) == ("Security Updates", 1)
    assert after[0]["Classification"] == "Others"


def test_failed_assessment_changes_nothing() -> None:
    """A machine that cannot be reached still needs what it needed."""
    current, _ = _run(_scan(0, [_OPENSSL]))
    failed = replace(_scan(1), failure=Failure(FailureKind.CONNECTION_REFUSED, "a", "b", "c"))

    changes = apply_assessment(_MACHINE, failed, current)

    assert (changes.current, changes.history) == (current, ())


def test_assessment_older_than_what_is_known_changes_nothing() -> None:
    """Two scans at once may end in either order, also when the newer one found nothing."""
    current, _ = _run(_scan(2, [_OPENSSL]))

    assert apply_assessment(_MACHINE, _scan(1), current).current == current
    assert apply_assessment(_MACHINE, _scan(1, [_OPENSSL]), (), _START + timedelta(hours=2)).current == ()


def test_renamed_machine_is_renamed_in_what_follows() -> None:
    """Rows that are kept and rows of history bear the name of today."""
    current, _ = _run(_scan(0, [_CURL, _OPENSSL]))
    renamed = replace(_MACHINE, name="web-02")

    changes = apply_assessment(
        renamed, _scan(1, installed={"curl": "8", "openssl": "1"}, coverage=Coverage.UNKNOWN), current
    )

    assert {row["Computer"] for row in (*changes.current, *changes.history)} == {"web-02"}


_NAMES = st.sampled_from(["a", "b", "c"])
_VERSIONS = st.sampled_from(["1", "2", "3"])
_UPDATES = st.lists(
    st.builds(
        Update,
        name=_NAMES,
        architecture=st.just("amd64"),
        installed_version=_VERSIONS,
        offered_version=_VERSIONS,
        classification=st.sampled_from([Classification.SECURITY, Classification.OTHERS]),
        classification_source=st.just("origin"),
        repository=st.just("Debian:12"),
        blocker=st.sampled_from([None, Blocker.HELD, Blocker.PHASED]),
    ),
    max_size=4,
)


@st.composite
def _scans(draw: st.DrawFn) -> list[Assessment]:
    coverages = st.sampled_from(Coverage)
    scans = []
    for hours in range(draw(st.integers(1, 6))):
        updates = draw(_UPDATES)
        others = draw(st.dictionaries(_NAMES, _VERSIONS))
        installed = others | {update.name: update.installed_version for update in updates}
        scans.append(_scan(hours, updates, installed, draw(coverages)))
    return scans


@given(_scans())
def test_history_replayed_gives_what_is_current(scans: list[Assessment]) -> None:
    """The latest row of each update that is Needed is a current row, and the other way round."""
    current, history = _run(*scans)

    latest = {row["Product"]: row for row in sorted(history, key=lambda row: str(row["TimeGenerated"]))}

    needed = [row for row in latest.values() if row["UpdateState"] == "Needed"]
    assert {tuple(row[column] for column in ("Product", *_COUNTED)) for row in needed} == {
        tuple(row[column] for column in ("Product", *_COUNTED)) for row in current
    }


@given(_scans())
def test_update_has_one_state_at_a_time(scans: list[Assessment]) -> None:
    """No two rows of history of an update have the same time, and none lies after its current row."""
    current, history = _run(*scans)

    times = [(row["Product"], row["TimeGenerated"]) for row in history]
    assert len(times) == len(set(times))
    settled = {(row["Product"], row["TimeGenerated"]) for row in history if row["UpdateState"] != "Needed"}
    assert not settled & {(row["Product"], row["TimeGenerated"]) for row in current}


@given(_scans())
def test_same_assessment_twice_is_once(scans: list[Assessment]) -> None:
    """A batch that is replayed after a crash changes nothing."""
    current, _ = _run(*scans)

    again = apply_assessment(_MACHINE, scans[-1], current)

    assert (again.current, again.history) == (current, ())


@given(_scans(), st.randoms(use_true_random=False))
def test_order_of_updates_does_not_matter(scans: list[Assessment], random: Random) -> None:
    """Package managers print in any order, and some print a package twice."""
    shuffled = [replace(scan, updates=tuple(_shuffled(scan.updates, random))) for scan in scans]

    assert _run(*shuffled) == _run(*scans)


def _shuffled(updates: Sequence[Update], random: Random) -> list[Update]:
    mixed = list(updates)
    random.shuffle(mixed)
    return mixed
