"""Approvals as rows."""

from collections.abc import Sequence

from ops.approvals.overview import ShownApproval
from ops.cli.listing import Column, Listing


def _show_hash(value: object) -> str:
    return str(value)[:12]


_COLUMNS = (
    Column("deployment", "Deployment"),
    Column("plan", "Plan", _show_hash),
    Column("by", "By"),
    Column("at", "At"),
    Column("until", "Until", is_extra=True),
    Column("problem", "Does not count"),
    Column("note", "Note", is_extra=True),
    Column("counts"),
    Column("used_by"),
    Column("numbers"),
    Column("audit_entry"),
)


def list_rows(shown: Sequence[ShownApproval]) -> Listing:
    """A row for each approval, in the order given; ``numbers`` are those of the users behind ``by``."""
    return Listing(_COLUMNS, [_row(each) for each in shown])


def _row(shown: ShownApproval) -> tuple[object, ...]:
    approval = shown.approval
    return (
        approval.deployment,
        approval.plan,
        approval.person.name,
        approval.at,
        shown.until,
        shown.problem,
        approval.note,
        not shown.problem,
        approval.used_by or None,
        approval.person.numbers,
        approval.audit_id,
    )
