"""What a scan gave, as rows and as talk."""

from collections.abc import Collection, Iterator, Sequence

from fleet.assessments import Assessment, count_missing
from fleet.name_lists import some_of
from ops.assess import BatchResult
from ops.cli.known import describe_problem, known_counts
from ops.cli.listing import Column, Listing
from ops.cli.values import count_of
from ops.scope import describe_left_out

_NAMES_SHOWN = 10

_COLUMNS = (
    Column("machine", "Machine"),
    Column("outcome", "Outcome"),
    Column("critical_missing", "Critical", is_number=True),
    Column("security_missing", "Security", is_number=True),
    Column("other_missing", "Others", is_number=True),
    Column("unclassified_missing", "Uncl.", is_number=True, is_extra=True),
    Column("not_installable_missing", "Blocked", is_number=True, is_extra=True),
    Column("reboot_required", "Reboot"),
    Column("seconds", "Seconds", lambda value: f"{value:.1f}", is_number=True),
    Column("says", "What it says"),
    Column("coverage"),
    Column("failure_kind"),
    Column("findings"),
    Column("started_at"),
    Column("ended_at"),
    Column("batch_id"),
    Column("machine_id"),
)


def list_assessments(result: BatchResult, refused: Sequence[Assessment] = ()) -> Listing:
    """A row for each machine that was assessed and of those ``refused``, by name; counts are None where not known."""
    by_name = sorted((*result.assessments, *refused), key=lambda assessment: assessment.machine_name)
    return Listing(_COLUMNS, [_row(assessment, result.batch_id) for assessment in by_name])


def describe_batch(result: BatchResult, refused: Sequence[Assessment] = ()) -> Iterator[str]:
    """What was done, what was not and why, a line each; ``refused`` were named themselves and are outside the scope."""
    total = len(result.assessments) + len(result.not_assessed)
    answered = len(result.assessments) - len(result.failed)
    seconds = (result.ended_at - result.started_at).total_seconds()
    if total:
        yield f"{answered} of {count_of(total, 'machine')} answered, {len(result.failed)} failed, in {seconds:.1f} s."
    if result.not_assessed:
        names = (machine.name for machine in result.not_assessed)
        yield f"Interrupted; not assessed: {some_of(names, _NAMES_SHOWN)}."
    if result.disabled:
        yield f"Skipped, because disabled: {', '.join(machine.name for machine in result.disabled[:_NAMES_SHOWN])}."
    yield from _left_out(result, {each.machine_id for each in refused})
    for path in result.evidence[:_NAMES_SHOWN]:
        yield f"Output that could not be read is in {path}"


def _left_out(result: BatchResult, refused: Collection[str]) -> Iterator[str]:
    """Whom the scope left out: those that were named one by one, the others counted, and what is wrong with groups."""
    for outside in result.outside:
        if outside.machine.id in refused:
            yield f"{outside.machine.name} was not touched, it is outside the scope: {outside.why.rstrip('.')}."
    others = [outside for outside in result.outside if outside.machine.id not in refused]
    total = len(result.assessments) + len(result.not_assessed) + len(result.disabled) + len(result.outside)
    yield from describe_left_out(others, total)
    if result.outside:
        yield from (f"Mind, of the scope: {problem.rstrip('.')}." for problem in result.scope_problems)


def _row(assessment: Assessment, batch_id: str) -> tuple[object, ...]:
    return (
        assessment.machine_name,
        assessment.outcome,
        *known_counts(assessment.coverage, count_missing(assessment.updates)),
        assessment.facts.reboot_required,
        (assessment.ended_at - assessment.started_at).total_seconds(),
        describe_problem(assessment.failure, assessment.findings),
        assessment.coverage,
        assessment.failure.kind if assessment.failure else None,
        assessment.findings,
        assessment.started_at,
        assessment.ended_at,
        batch_id,
        assessment.machine_id,
    )
