"""What a new assessment of a machine changes: the rows of Update that hold from now on, and new rows of UpdateHistory.

An update is known by (UpdateID, Product, ProductArch), one of Windows by its UpdateID alone: its product may be called
otherwise tomorrow. The history has a row for it when

- it becomes Needed: it was not before, or another version is offered, another version is installed, its class changed,
  or the reason why it cannot be installed changed. Sizes, repositories and wording may change without a row.
- it was Installed: another version is installed than was recorded. ``ProductVersion`` is then the version that is
  installed now, ``InstalledVersion`` the one before. If a newer version is offered already, a Needed row follows; the
  Installed row is then one microsecond older, so that "the latest state" of the update has one answer.
- it is NotNeeded: it is offered no more though the installed version is the same, or the package is gone.

Where a scan could not see every repository, an update that it does not mention is kept as it was, with the time when it
was last seen, unless the installed version proves more; and a class that was critical or security stays so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.machines import Machine
from fleet.records import Row, history_row, needed_rows
from fleet.updates import Classification, Update, UpdateState

UpdateKey = tuple[str, str, str]

_COUNTED = ("ProductVersion", "InstalledVersion", "Classification", "NotInstallableReason")
_JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Changes:
    """``current``: all rows of Update of the machine from now on; ``history``: new rows of UpdateHistory. By key."""

    current: tuple[Row, ...]
    history: tuple[Row, ...]


def apply_assessment(
    machine: Machine, assessment: Assessment, previous: Sequence[Row], scanned_at: datetime | None = None
) -> Changes:
    """What ``assessment`` changes for a machine whose rows of Update are ``previous``.

    ``scanned_at`` is when the machine last answered, None if it never did. A failed assessment, and one that ended
    before what is known, change nothing; the same assessment twice changes nothing the second time.
    """
    known_times = [*map(_time, previous), *([scanned_at] if scanned_at else [])]
    if assessment.failure or (known_times and assessment.ended_at < max(known_times)):
        return Changes(tuple(previous), ())
    before = {_key(row): _renamed(row, machine.name) for row in previous}
    now = {_key(row): row for row in _needed_now(machine, assessment, before)}
    gone = [_explain_missing(row, assessment) for key, row in before.items() if key not in now]
    kept = {_key(row): row for row in gone if row["UpdateState"] == UpdateState.NEEDED}
    history = [
        *(row for row in gone if row["UpdateState"] != UpdateState.NEEDED),
        *(change for key, row in now.items() for change in _compare(before.get(key), row)),
    ]
    return Changes(
        current=tuple(row for _, row in sorted((now | kept).items())),
        history=tuple(history_row(row) for row in sorted(history, key=lambda row: (_key(row), _time(row)))),
    )


def _key(row: Row) -> UpdateKey:
    if row["UpdateID"]:
        return str(row["UpdateID"]), "", ""
    return "", str(row["Product"]), str(row["ProductArch"])


def _renamed(row: Row, name: str) -> Row:
    return row if row["Computer"] == name else {**row, "Computer": name}


def _time(row: Row) -> datetime:
    at = row["TimeGenerated"]
    if not isinstance(at, datetime):
        raise TypeError(f"TimeGenerated is {at!r}, not a time.")
    return at


def _needed_now(machine: Machine, assessment: Assessment, before: Mapping[UpdateKey, Row]) -> list[Row]:
    updates = []
    for key, update in _by_key(assessment.updates).items():
        row = before.get(key)
        # On Windows another version is another update.
        is_same = row is not None and (bool(key[0]) or row["ProductVersion"] == update.offered_version)
        first_seen = row["FirstSeen"] if row is not None and is_same else None
        known = _keep_class(update, row, assessment.coverage) if row is not None and is_same else update
        updates.append((known, first_seen if isinstance(first_seen, datetime) else assessment.ended_at))
    return needed_rows(machine, assessment, updates)


def _by_key(updates: Sequence[Update]) -> dict[UpdateKey, Update]:
    """The updates by key; of two with one key the same one is taken whatever their order."""
    by_key = {_key_of(update): update for update in updates}
    return by_key if len(by_key) == len(updates) else _by_key(_without_doubles(updates))


def _key_of(update: Update) -> UpdateKey:
    if update.windows is not None and update.windows.update_id:
        return update.windows.update_id, "", ""
    return "", update.name, update.architecture


def _without_doubles(updates: Sequence[Update]) -> Sequence[Update]:
    return tuple({_key_of(update): update for update in sorted(updates, key=repr)}.values())


def _keep_class(update: Update, row: Row, coverage: Coverage) -> Update:
    known = Classification(str(row["Classification"]))
    if coverage is Coverage.COMPLETE or not known.makes_non_compliant or update.classification.makes_non_compliant:
        return update
    return replace(update, classification=known, classification_source=str(row["ClassificationSource"]))


def _compare(before: Row | None, now: Row) -> list[Row]:
    """The rows of history for an update that is needed now."""
    if before is None:
        return [now]
    if all(before[column] == now[column] for column in _COUNTED):
        return []
    if before["InstalledVersion"] == now["InstalledVersion"]:
        return [now]
    return [_installed(before, str(now["InstalledVersion"]), _time(now) - _JUST_BEFORE), now]


def _explain_missing(row: Row, assessment: Assessment) -> Row:
    """``row``, an update that is not offered any more, as it is now: Installed, NotNeeded, or kept."""
    is_windows = bool(row["UpdateID"])
    installed = _version_of(row, assessment)
    if installed is not None and installed != row["InstalledVersion"]:
        return _installed(row, installed, assessment.ended_at)
    # A package that is not there was removed; an update of Windows that is not may have been superseded, or hidden.
    is_removed = installed is None and len(assessment.installed) > 0 and not is_windows
    if is_removed or assessment.coverage.sees_every_update:
        return _settled(row, UpdateState.NOT_NEEDED, assessment.ended_at)
    return row


def _version_of(row: Row, assessment: Assessment) -> str | None:
    """What is installed of the update of ``row``; one of Windows is known by its id, whatever it is called now."""
    known = [str(row["UpdateID"]), str(row["Title"])] if row["UpdateID"] else [str(row["Product"])]
    versions = (assessment.installed.get((name, str(row["ProductArch"]))) for name in known)
    return next((version for version in versions if version is not None), None)


def _installed(row: Row, version: str, at: datetime) -> Row:
    settled = _settled(row, UpdateState.INSTALLED, at)
    if row["UpdateID"]:
        return settled
    return {**settled, "ProductVersion": version, "Title": f"{row['Product']} {version}"}


def _settled(row: Row, state: UpdateState, at: datetime) -> Row:
    nothing_stops_it = {"IsInstallable": None, "NotInstallableReason": "", "NotInstallableDetail": ""}
    return {**row, "UpdateState": state.value, "TimeGenerated": at, **nothing_stops_it}
