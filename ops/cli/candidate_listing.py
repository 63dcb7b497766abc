"""Candidates, and what was decided about them, as rows."""

from collections.abc import Sequence

from fleet.candidates import Candidate
from ops.candidates import Decision, describe_keys
from ops.cli.listing import Column, Listing


def _show_lines(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, tuple | list) else ""


_CANDIDATE = (
    Column("name", "Name"),
    Column("state", "State"),
    Column("origin", "By"),
    Column("found_by", is_extra=True),
    Column("address", "Address"),
    Column("port", "Port", is_number=True, is_extra=True),
    Column("came_from", "Came from", is_extra=True),
    Column("system", "System", is_extra=True),
    Column("host_keys", "Host keys", _show_lines),
    Column("tags", "Tags", is_extra=True),
    Column("note", "Note"),
    Column("doubts"),
    Column("user"),
    Column("profile"),
    Column("os_type"),
    Column("fqdn"),
    Column("addresses"),
    Column("machine_id"),
    Column("found_at"),
    Column("seen_at"),
    Column("id", "Id", is_extra=True),
    Column("winrm_scheme"),
    Column("certificate"),
)

_DECISION = (
    Column("name", "Name"),
    Column("outcome", "Outcome"),
    Column("machine", "Machine"),
    Column("address", "Address"),
    Column("trusted", "Trusted host keys", _show_lines),
    Column("problem", "Why not"),
    Column("id"),
)


def list_known(candidates: Sequence[Candidate]) -> Listing:
    """A row for each, with the fingerprints of its host keys."""
    rows = []
    for candidate in candidates:
        shown = {"host_keys": describe_keys(candidate)}
        rows.append(tuple(shown.get(column.name, getattr(candidate, column.name)) for column in _CANDIDATE))
    return Listing(_CANDIDATE, rows)


def list_decisions(decisions: Sequence[Decision], done: str) -> Listing:
    """A row for each: ``done``, already so, or why not."""
    return Listing(_DECISION, [_decision_row(decision, done) for decision in decisions])


def _decision_row(decision: Decision, done: str) -> tuple[object, ...]:
    machine, candidate = decision.machine, decision.candidate
    outcome = "not done" if decision.problem else done if decision.is_new else f"already {done}"
    address = machine.address if machine else candidate.address if candidate else None
    identity = machine.id if machine else candidate.id if candidate else None
    name = machine.name if machine else None
    return decision.name, outcome, name, address, decision.trusted, decision.problem, identity
