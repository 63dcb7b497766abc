"""How the fleet changed between two instants, as rows and in lines."""

from collections.abc import Iterator, Sequence

from fleet.differences.telling import OUTSIDE, FleetDifference, Line, Subject, Told
from fleet.instants import instant_text
from ops.cli.listing import Column, Listing
from ops.cli.values import count_of

_COLUMNS = (
    Column("subject"),
    Column("machine", "Machine"),
    Column("event", "What became"),
    Column("what", "Of what"),
    Column("before", "Before", is_extra=True),
    Column("after", "After"),
    Column("by", "By"),
    Column("at", "When", is_extra=True),
    Column("machine_id"),
)


def list_lines(lines: Sequence[Line]) -> Listing:
    """A row for each thing that differs."""
    return Listing(
        _COLUMNS,
        [
            (
                line.subject,
                line.machine_name,
                line.told,
                line.what,
                line.before,
                line.after,
                line.by,
                line.at,
                line.machine_id,
            )
            for line in lines
        ],
    )


def describe_difference(found: FleetDifference) -> list[str]:
    """The counts, each with its denominators, a line for each subject."""
    before, after = found.before, found.after
    span = f"From {instant_text(found.since)} to {instant_text(found.until)}:"
    if found.count(*Told) == 0:
        return [span, f"nothing differs: {count_of(len(after.machines), 'machine')}, the same updates missing."]
    machines, later = f"{len(before.machines):,}", f"{len(after.machines):,}"
    renamed = [Told.RENAMED] if found.count(Told.RENAMED) else []
    judged = _counts(found, Told.BECAME_COMPLIANT, Told.BECAME_NON_COMPLIANT, Told.COMPLIANCE)
    assessed = f"{before.assessed:,} of {machines}, then {after.assessed:,} of {later}"
    missing = f"{len(before.updates):,} on {before.lacking:,} of {machines} machines"
    missing_later = f"{len(after.updates):,} on {after.lacking:,} of {later}"
    return [
        span,
        f"machines: {machines}, then {later}: {_counts(found, Told.CAME, Told.WENT, *renamed)}.",
        f"assessed: {assessed}; of these compliant: {before.compliant:,}, then {after.compliant:,}: {judged}.",
        f"missing updates: {missing}, then {missing_later}: {', '.join(_updates(found))}.",
        f"reboots: {_counts(found, Told.REBOOTED, Told.REBOOT_DONE, Told.REBOOT_DUE)}.",
        f"assessments that failed: on {found.count(Told.FAILED_ASSESSMENT):,} of {later} machines.",
    ]


def _counts(found: FleetDifference, *told: Told) -> str:
    return ", ".join(f"{found.count(each):,} {each.value}" for each in told)


def _updates(found: FleetDifference) -> Iterator[str]:
    yield _counts(found, Told.APPEARED)
    installed = [line for line in found.of(Subject.UPDATES) if line.told is Told.INSTALLED]
    runs = {line.by for line in installed} - {OUTSIDE}
    outside = sum(line.by == OUTSIDE for line in installed)
    by = f" ({len(installed) - outside:,} by {count_of(len(runs), 'run')}, {outside:,} {OUTSIDE})" if installed else ""
    yield f"{len(installed):,} {Told.INSTALLED.value}{by}"
    rest = (Told.SUPERSEDED, Told.HIDDEN, Told.NOT_NEEDED, Told.WENT_WITH_MACHINE, Told.CHANGED)
    yield _counts(found, *(each for each in rest if each is Told.SUPERSEDED or found.count(each)))
