"""Results of readiness checks, as rows and as talk."""

from base64 import encodebytes
from collections.abc import Callable, Iterator, Sequence

from collectors.jobs.patch_commands import PatchCommand
from collectors.refresh_commands import RefreshCommand
from fleet.failures import Severity
from fleet.readiness import CheckResult, CheckStatus
from ops.checks import MachineChecks
from ops.cli.listing import Column, Listing
from ops.cli.values import count_of
from ops.jea.endpoint import JeaFile
from ops.sudoers import Choice

_COLUMNS = (
    Column("machine", "Machine"),
    Column("check", "Check"),
    Column("status", "Status"),
    Column("severity"),
    Column("evidence", "Evidence"),
    Column("remedy", "What to do"),
    Column("title"),
    Column("meaning"),
    Column("machine_id"),
)


def list_checks(checked: Sequence[MachineChecks]) -> Listing:
    """A row for each check of each machine; ``severity`` is None but for those that failed."""
    return Listing(_COLUMNS, [_row(each, result) for each in checked for result in each.results])


def list_grants(choice: Choice, grant: Callable[[str, RefreshCommand | PatchCommand], str]) -> Listing:
    """A row for each command that is chosen, with the line that allows it; a reboot belongs to no package manager."""
    columns = ("manager", "program", "user", "line", "systems", "purpose", "cannot")
    rows = [
        (
            each.manager or None,
            each.program,
            choice.user,
            grant(choice.user, each),
            each.systems,
            _purpose(each),
            each.cannot,
        )
        for each in choice.all_commands
    ]
    return Listing(tuple(map(Column, columns)), rows)


def list_jea_files(made: Sequence[JeaFile]) -> Listing:
    """A row for each file of the endpoint, its content in lines of base64: text would lose its indents, and be cut."""
    columns = tuple(map(Column, ("file", "purpose", "cannot", "content_base64")))
    rows = [(e.name, e.purpose, e.cannot, encodebytes(e.content.encode()).decode().split()) for e in made]
    return Listing(columns, rows)


def _purpose(command: RefreshCommand | PatchCommand) -> str:
    return command.purpose if isinstance(command, PatchCommand) else "fetch package lists"


def describe_checks(checked: Sequence[MachineChecks]) -> Iterator[str]:
    """How many results there are of each kind, and which machines have errors, a line each."""
    results = [result for each in checked for result in each.results]
    counts = {status: sum(result.verdict.status is status for result in results) for status in CheckStatus}
    said = ", ".join(f"{count} {status.value}" for status, count in counts.items())
    yield f"{count_of(len(results), 'check')} on {count_of(len(checked), 'machine')}: {said}."
    with_errors = sum(any(result.is_error for result in each.results) for each in checked)
    if with_errors:
        they_are = "it is" if len(checked) == 1 else "they are"
        yield f"{with_errors} of {count_of(len(checked), 'machine')} cannot be patched as {they_are}."


def _row(checks: MachineChecks, result: CheckResult) -> tuple[object, ...]:
    verdict = result.verdict
    severity: Severity | None = verdict.severity if verdict.status is CheckStatus.FAILED else None
    return (
        checks.machine.name,
        result.check.name,
        verdict.status,
        severity,
        verdict.evidence,
        verdict.remedy,
        result.check.title,
        result.check.meaning,
        checks.machine.id,
    )
