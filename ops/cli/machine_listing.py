"""Machines as rows: how each is defined, and what is known of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fleet.compliance import Compliance
from fleet.machines import Machine
from fleet.reaching import way_of
from fleet.status import MachineStatus
from ops.cli.known import describe_problem, known_counts
from ops.cli.listing import Column, Listing
from ops.cli.values import format_age

_DEFINITION = (
    Column("name", "Name"),
    Column("transport", "Transport"),
    Column("address", "Address"),
    Column("port", "Port", is_number=True),
    Column("user", "User"),
    Column("key_file"),
    Column("proxy_jump"),
    Column("transcript"),
    Column("become"),
    Column("tags", "Tags"),
    Column("enabled", "Enabled"),
    Column("os_type", "System"),
    Column("id"),
    Column("created_at"),
    Column("profile"),
    Column("source"),
    Column("missing_since"),
    Column("winrm"),
)


def list_definitions(machines: Sequence[Machine]) -> Listing:
    """How each machine was enrolled."""
    names = [column.name for column in _DEFINITION]
    whole = [replace(machine, winrm=way_of(machine)) for machine in machines]
    return Listing(_DEFINITION, [tuple(getattr(machine, name) for name in names) for machine in whole])


def _show_age(value: object) -> str:
    return format_age(timedelta(seconds=value)) if isinstance(value, int | float) else ""


_STATUS = (
    Column("name", "Name"),
    Column("compliance", "Compliance"),
    Column("critical_missing", "Critical", is_number=True),
    Column("security_missing", "Security", is_number=True),
    Column("other_missing", "Others", is_number=True),
    Column("unclassified_missing", "Uncl.", is_number=True, is_extra=True),
    Column("not_installable_missing", "Blocked", is_number=True, is_extra=True),
    Column("reboot_required", "Reboot"),
    Column("ready", "Ready", is_extra=True),
    Column("answer_age_seconds", "Age", _show_age, is_number=True),
    Column("os", "System", is_extra=True),
    Column("problem", "Problem"),
    Column("last_assessed_at"),
    Column("last_answered_at"),
    Column("coverage"),
    Column("failure_kind"),
    Column("findings"),
    Column("reboot_reason"),
    Column("kernel"),
    Column("package_manager"),
    Column("metadata_at"),
    Column("transport"),
    Column("address"),
    Column("tags"),
    Column("enabled"),
    Column("id"),
    Column("port", is_number=True),
    Column("winrm"),
)


def list_statuses(statuses: Sequence[MachineStatus], now: datetime) -> Listing:
    """What is known of each machine at ``now``; numbers are None where they are not known."""
    return Listing(_STATUS, [_status_row(status, now) for status in statuses])


def describe_coverage(statuses: Sequence[MachineStatus], now: datetime) -> str:
    """One line with the denominator: ``42 of 45 assessed: 30 compliant, 12 non-compliant; 3 unreachable.``"""
    if not statuses:
        return "No machines are enrolled: patchdeck machines add this --transport local"
    counts = Counter(status.compliance(now) for status in statuses)
    assessed = sum(count for compliance, count in counts.items() if compliance.is_assessed)
    known = ", ".join(f"{counts[c]} {c.value}" for c in Compliance if c.is_assessed and counts[c])
    rest = ", ".join(f"{counts[c]} {c.value}" for c in Compliance if not c.is_assessed and counts[c])
    line = f"{assessed} of {len(statuses)} assessed"
    return f"{line}{': ' if known else ''}{known}{'; ' if rest else ''}{rest}."


def _status_row(status: MachineStatus, now: datetime) -> tuple[object, ...]:
    answer, attempt, machine = status.last_answer, status.last_attempt, status.machine
    facts = answer.facts if answer else None
    return (
        machine.name,
        status.compliance(now),
        *(known_counts(answer.coverage, answer.counts) if answer else (None,) * 5),
        facts.reboot_required if facts else None,
        attempt.is_ready if attempt else None,
        round((now - answer.ended_at).total_seconds(), 3) if answer else None,
        (facts.os_full_name if facts else None) or status.os_type,
        _problem(status),
        attempt.ended_at if attempt else None,
        answer.ended_at if answer else None,
        answer.coverage if answer else None,
        attempt.failure.kind if attempt and attempt.failure else None,
        attempt.findings if attempt else (),
        facts.reboot_reason if facts else None,
        facts.kernel if facts else None,
        facts.package_manager if facts else None,
        facts.metadata_at if facts else None,
        machine.transport,
        machine.address,
        machine.tags,
        machine.enabled,
        machine.id,
        machine.port,
        way_of(machine),
    )


def _problem(status: MachineStatus) -> str:
    """What stands in the way of the machine, in one line; the scope before all else."""
    if status.outside:
        return f"outside the scope: {status.outside}"
    attempt = status.last_attempt
    return describe_problem(attempt.failure, attempt.findings) if attempt else ""
