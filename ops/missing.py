"""Missing updates of machines, as their last answers had them: what `patchdeck updates` and the screens show."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fleet.tables import UPDATE
from fleet.updates import Blocker, Classification, RebootBehavior, Update, UpdateState, WindowsUpdate
from ops.home import Home

if TYPE_CHECKING:
    from polars import DataFrame

# What stands where the MSRC gives no severity.
_UNSPECIFIED = "Unspecified"
# Updates of Windows are told apart by their titles, and those of one title by their ids.
IN_ORDER = ("Computer", "Product", "ProductArch", "ProductVersion", "Title", "UpdateID")
COLUMNS = (
    "TimeGenerated",
    "SourceComputerId",
    "Computer",
    "UpdateID",
    "RevisionNumber",
    "Title",
    "KBID",
    "ApprovalSource",
    "Approved",
    "Optional",
    "MSRCSeverity",
    "MSRCBulletinID",
    "RebootBehavior",
    "Hidden",
    "Downloaded",
    "Exclusive",
    "LicenceAccepted",
    "PublishedDate",
    "PackageSeverity",
    "Product",
    "ProductArch",
    "ProductVersion",
    "InstalledVersion",
    "Classification",
    "ClassificationSource",
    "PackageRepository",
    "NotInstallableReason",
    "NotInstallableDetail",
    "SizeBytes",
    "FirstSeen",
    "FleetFirstSeen",
)
# What is of the machine and not of the update, in the order of the fields of `MissingUpdate`.
_OF_MACHINE = ("SourceComputerId", "Computer", "TimeGenerated", "FirstSeen", "FleetFirstSeen")


@dataclass(frozen=True, slots=True)
class MissingUpdate:
    """An update that a machine missed at its last answer.

    ``seen_at`` is the time of that answer, ``first_seen`` when this machine was first seen to need this version,
    ``fleet_first_seen`` when any machine was.
    """

    machine_id: str
    machine_name: str
    update: Update
    seen_at: datetime
    first_seen: datetime | None
    fleet_first_seen: datetime | None = None


def list_missing(
    home: Home, machine_ids: Collection[str] | None = None, at: datetime | None = None
) -> list[MissingUpdate]:
    """The missing updates of the machines with ``machine_ids``, None for all; by machine, package and architecture.

    At ``at``, an earlier instant, what they missed then; see `ops.past`.

    Blocking; for a thread. Batches that a crash left half-written are finished first.

    Raises:
        StoreBusy: another process holds the tables.
    """
    if at is not None:
        from ops.past.missing import list_missing_at

        return list_missing_at(home, at, machine_ids)
    import polars

    from ops.store import TableStore
    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    TableStore(home).replay()
    is_wanted = polars.col("UpdateState") == UpdateState.NEEDED.value
    if machine_ids is not None:
        is_wanted &= polars.col("SourceComputerId").is_in(list(machine_ids))
    rows = StoredTable(tables_of(home), UPDATE).read(COLUMNS, is_wanted)
    found = missing_of_frame(rows)
    # The list is put in order, not the frame: moving its thirty columns takes three times their size.
    order = rows.select(polars.arg_sort_by(*IN_ORDER)).to_series()
    return [found[at] for at in order]


def missing_of_frame(frame: "DataFrame") -> list[MissingUpdate]:
    """The missing updates in the rows of ``frame``, which has `COLUMNS`, in their order.

    An update that several machines miss is made once, and shared by them, as names and times are: of 300,000 rows a
    few thousand are different, and without that they take half a gigabyte.
    """
    updates: list[Update | None] = [None] * frame.height
    of_update = [name for name in COLUMNS if name not in _OF_MACHINE]
    # The positions alone: lists of all columns would double what the frame takes.
    for row in frame.with_row_index("Position").group_by(of_update).agg("Position").iter_rows(named=True):
        made = _update_of_row(row)
        for position in row["Position"]:
            updates[position] = made
    shared: dict[Any, Any] = {}  # Any: texts and times, each by itself
    one_of = shared.setdefault
    found = []
    of_machines = frame.select(_OF_MACHINE).iter_rows()
    for update, of_machine in zip(updates, of_machines, strict=True):
        machine_id, name, *times = [one_of(each, each) for each in of_machine]
        if update is not None:
            found.append(MissingUpdate(machine_id, name, update, *times))
    return found


def find_articles(text: str) -> tuple[str, ...]:
    """The article numbers in a ``KBID``, without ``KB``; several are joined with ``;``."""
    return tuple(each.removeprefix("KB") for each in text.split(";") if each)


def missing_of_row(row: dict[str, Any]) -> MissingUpdate:  # Any: a row of a data frame, typed by fleet.tables
    """The missing update in a row of Update that has `COLUMNS`."""
    machine_id, name, *times = (row[each] for each in _OF_MACHINE)
    return MissingUpdate(machine_id, name, _update_of_row(row), *times)


def _update_of_row(row: dict[str, Any]) -> Update:  # Any: as above
    windows = _windows(row) if row["UpdateID"] else None
    return Update(
        # On Windows, where an update has a GUID, Product is only the family of products.
        name=row["Title"] if windows else row["Product"],
        architecture=row["ProductArch"] or "",
        installed_version=row["InstalledVersion"] or "",
        offered_version=row["ProductVersion"] or (_windows_version(windows) if windows else ""),
        classification=Classification(row["Classification"]),
        classification_source=row["ClassificationSource"] or "",
        repository=row["PackageRepository"] or row["ApprovalSource"] or "",
        blocker=Blocker(row["NotInstallableReason"]) if row["NotInstallableReason"] else None,
        blocker_detail=row["NotInstallableDetail"] or "",
        size_bytes=row["SizeBytes"],
        severity=windows.severity if windows else row["PackageSeverity"] or "",
        advisories=tuple(f"KB{number}" for number in windows.kb) if windows else (),
        published_at=row["PublishedDate"],
        windows=windows,
    )


def _windows(row: dict[str, Any]) -> WindowsUpdate:  # Any: as above
    behavior = row["RebootBehavior"]
    return WindowsUpdate(
        update_id=row["UpdateID"],
        revision=row["RevisionNumber"] or "",
        kb=find_articles(row["KBID"] or ""),
        product=row["Product"] or "",
        approval_source=row["ApprovalSource"] or "",
        severity="" if row["MSRCSeverity"] == _UNSPECIFIED else row["MSRCSeverity"] or "",
        bulletins=_parts(row["MSRCBulletinID"]),
        reboot_behavior=RebootBehavior(behavior) if behavior in set(RebootBehavior) else None,
        is_optional=bool(row["Optional"]),
        is_hidden=bool(row["Hidden"]),
        is_downloaded=bool(row["Downloaded"]),
        is_exclusive=bool(row["Exclusive"]),
        is_approved=row["Approved"],
        is_licence_accepted=row["LicenceAccepted"] is not False,
    )


def _windows_version(windows: WindowsUpdate) -> str:
    """As the collector has it: rows leave the version to packages."""
    return f"KB{windows.kb[0]}" if windows.kb else f"rev {windows.revision or '?'}"


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(each for each in (text or "").split(";") if each)
