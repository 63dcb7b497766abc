"""The audit as rows."""

import json
from collections.abc import Sequence

from ops.cli.listing import Column, Listing
from ops.state.audit import AuditEntry

_COLUMNS = (
    Column("at", "When"),
    Column("user", "Who"),
    Column("ssh_client", "From"),
    Column("action", "Did"),
    Column("target", "To"),
    Column("command", "By"),
    Column("before"),
    Column("after"),
)


def list_entries(entries: Sequence[AuditEntry]) -> Listing:
    """A row for each entry, in the order given."""
    return Listing(_COLUMNS, [_row(entry) for entry in entries])


def _row(entry: AuditEntry) -> tuple[object, ...]:
    actor = entry.actor
    who = (entry.at, actor.user, actor.ssh_client, entry.action, entry.target, actor.command)
    return (*who, _parsed(entry.before), _parsed(entry.after))


def _parsed(document: str | None) -> object:
    return json.loads(document) if document is not None else None
