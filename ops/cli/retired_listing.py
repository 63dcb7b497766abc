"""Retired machines as rows, and as text."""

from collections.abc import Iterator, Sequence

from fleet.retired import RetiredMachine
from ops.cli.listing import Column, Listing
from ops.cli.values import as_text

_COLUMNS = (
    Column("name", "Name"),
    Column("id", "Id"),
    Column("retired_at", "Retired"),
    Column("retired_by", "By"),
    Column("reason", "Reason"),
    Column("last_answered_at", "Answered", is_extra=True),
    Column("os", "System", is_extra=True),
    Column("address"),
    Column("tags"),
    Column("created_at"),
)


def list_retired_machines(retired: Sequence[RetiredMachine]) -> Listing:
    """A row for each, in the order given."""
    return Listing(_COLUMNS, [_row(each) for each in retired])


def retired_lines(retired: RetiredMachine) -> Iterator[str]:
    """One retired machine as text: who retired it, when and why, and how to have it back."""
    yield f"{retired.machine.name} is retired: nothing touches or counts it."
    for column, value in zip(_COLUMNS, _row(retired), strict=True):
        if text := as_text(value):
            yield f"{column.name.replace('_', ' '):<22} {text}"
    yield f"{'to have it back':<22} patchdeck machines restore {retired.machine.id}"


def _row(retired: RetiredMachine) -> tuple[object, ...]:
    machine, answer = retired.machine, retired.last_answer
    return (
        machine.name,
        machine.id,
        retired.retired_at,
        retired.retired_by,
        retired.reason,
        answer.ended_at if answer else None,
        (answer.facts.os_full_name if answer else None) or machine.os_type,
        machine.address,
        machine.tags,
        machine.created_at,
    )
