"""Rows of updates of Windows: known by their ids, told installed by their titles."""

from datetime import UTC, datetime, timedelta

from fleet.ageing import oldest_security
from fleet.answers import Coverage
from fleet.assessments import Assessment, count_missing
from fleet.changes import Changes, apply_assessment
from fleet.facts import MachineFacts, WindowsFacts
from fleet.machines import Machine, OSType, TransportKind
from fleet.records import summary_row
from fleet.updates import Blocker, Classification, RebootBehavior, Update, WindowsUpdate

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINE = Machine(id="m", name="m", transport=TransportKind.WINRM, address="192.0.2.1", created_at=_NOW)
_TITLE = "2026-11 Cumulative Update (KB5050001)"


def update(
    update_id: str = "id-1",
    title: str = _TITLE,
    blocker: Blocker | None = None,
    product: str = "P",
    revision: str = "200",
) -> Update:
    """A security update of Windows."""
    known = WindowsUpdate(
        update_id,
        revision,
        ("5050001", "X-1"),
        product,
        "WSUS",
        "",
        ("MS26-001",),
        RebootBehavior.CAN_REQUEST,
        is_approved=True,
    )
    return Update(
        title,
        "",
        "",
        "KB5050001",
        Classification.SECURITY,
        "",
        "WSUS",
        blocker,
        advisories=("KB5050001",),
        windows=known,
    )


def scan(hours: int, *updates: Update, installed: dict[tuple[str, str], str] | None = None) -> Assessment:
    """A whole answer so many hours later."""
    at = _NOW + timedelta(hours=hours)
    facts = MachineFacts(
        os_type=OSType.WINDOWS,
        windows=WindowsFacts(
            agent_version="10.0.1", update_setting="Disabled", wsus_server="https://w", installed_at=_NOW
        ),
    )
    return Assessment(
        "m",
        "m",
        at,
        at,
        Coverage.COMPLETE,
        facts,
        updates,
        installed if installed is not None else {("other", ""): "KB1"},
    )


def after(*scans: Assessment) -> Changes:
    """What the scans change, one after the other."""
    changes, scanned_at = Changes((), ()), None
    for each in scans:
        changes = apply_assessment(_MACHINE, each, changes.current, scanned_at)
        scanned_at = each.ended_at
    return changes


def test_a_row_has_azures_columns() -> None:
    """In Azure's spelling."""
    [row] = after(scan(0, update())).current

    assert (row["Title"], row["Product"], row["ProductVersion"], row["BulletinID"]) == (_TITLE, "P", "", "")
    assert (row["UpdateID"], row["RevisionNumber"], row["KBID"]) == ("id-1", "200", "5050001;X-1")
    assert (row["ApprovalSource"], row["Approved"], row["Optional"]) == ("WSUS", True, False)
    assert (row["MSRCSeverity"], row["MSRCBulletinID"]) == ("Unspecified", "MS26-001")
    assert (row["RebootBehavior"], row["SourceSystem"], row["OSType"]) == ("CanRequestReboot", "OpsManager", "Windows")


def test_an_update_is_the_same_whatever_its_product_is_called() -> None:
    """In another language, or nowhere."""
    changes = after(scan(0, update()), scan(1, update(product="Produkt")))

    assert (len(changes.current), changes.history) == (1, ())
    assert changes.current[0]["FirstSeen"] == _NOW


def test_two_updates_of_one_product_are_two() -> None:
    """Product is only their family."""
    assert len(after(scan(0, update(), update("id-2", "Another (KB2)"))).current) == 2


def test_what_is_offered_no_more_is_installed_where_its_title_is_and_not_needed_otherwise() -> None:
    """It may have been superseded, hidden or withdrawn."""
    [installed] = after(scan(0, update()), scan(1, installed={(_TITLE, ""): "KB5050001"})).history
    [withdrawn] = after(scan(0, update()), scan(1)).history

    assert (installed["UpdateState"], installed["Title"]) == ("Installed", _TITLE)
    assert withdrawn["UpdateState"] == "NotNeeded"


def test_what_is_installed_is_known_by_its_id_whatever_it_is_called_by_then() -> None:
    """A new revision may bring another title."""
    [row] = after(scan(0, update()), scan(1, installed={("id-1", ""): "KB5050001"})).history

    assert (row["UpdateState"], row["Title"]) == ("Installed", _TITLE)


def test_an_update_goes_through_everything_and_keeps_when_it_was_first_seen() -> None:
    """Hidden, shown again, retitled and revised, it is one update; superseded, it is not needed, and no row is left."""
    newer = update("id-2", "2026-12 Cumulative Update (KB5060001)")
    revised = update(title="Retitled (KB5050001)", revision="201")
    steps = [scan(0, update()), scan(1, update(blocker=Blocker.HIDDEN)), scan(2, update()), scan(3, revised)]

    before, last = after(*steps), after(*steps, scan(4, newer))

    [row] = before.current
    assert (row["FirstSeen"], row["RevisionNumber"], row["Title"]) == (_NOW, "201", "Retitled (KB5050001)")
    assert [(row["UpdateID"], row["UpdateState"]) for row in last.history] == [
        ("id-1", "NotNeeded"),
        ("id-2", "Needed"),
    ]
    assert [row["UpdateID"] for row in last.current] == ["id-2"]


def test_a_summary_says_what_the_agent_is_set_to_and_leaves_out_what_is_set_aside() -> None:
    """A hidden security update ages nobody."""
    hidden = scan(0, update(blocker=Blocker.HIDDEN))
    current = after(hidden).current

    row = summary_row(_MACHINE, hidden, current)

    assert oldest_security(current) is None
    assert (row["SecurityUpdatesMissing"], row["SetAsideUpdatesMissing"], row["TotalUpdatesMissing"]) == (0, 1, 0)
    assert (row["WindowsUpdateSetting"], row["WSUSServer"], row["LastUpdateApplied"]) == ("Disabled", "https://w", _NOW)


def test_linux_counts_are_as_they_were() -> None:
    """Held and pinned updates are missing all the same."""
    held = Update("a", "amd64", "1", "2", Classification.SECURITY, "", "r", Blocker.HELD)

    counts = count_missing((held,))

    assert (counts.security, counts.not_installable, counts.set_aside, counts.total) == (1, 1, 0, 1)
