"""One machine in full: its definition, its last answer, its facts and findings."""

from collections.abc import Iterator
from datetime import datetime

from fleet.status import MachineStatus
from ops.cli.listing import Column, Listing
from ops.cli.machine_listing import list_definitions, list_statuses
from ops.cli.values import as_text, format_age

_WIDTH = 22


def machine_listing(status: MachineStatus, now: datetime) -> Listing:
    """The machine as one row: the columns of both listings, then all facts."""
    definition, known = list_definitions([status.machine]), list_statuses([status], now)
    values = dict(zip([c.name for c in definition.columns], definition.rows[0], strict=True))
    values |= zip([c.name for c in known.columns], known.rows[0], strict=True)
    values["failure"] = status.last_attempt.failure if status.last_attempt else None
    values["facts"] = status.last_answer.facts if status.last_answer else None
    return Listing(tuple(map(Column, values)), [tuple(values.values())])


def machine_lines(status: MachineStatus, now: datetime) -> Iterator[str]:
    """The machine as text: a name and a value a line; what is not known is left out."""
    answer = status.last_answer
    yield from _section(status.machine)
    yield _line("compliance", status.compliance(now).value)
    if answer is not None:
        yield _line("answered", f"{as_text(answer.ended_at)} ({format_age(now - answer.ended_at)} ago)")
        yield _line("coverage", answer.coverage.value)
        yield _line("missing", _missing(status))
        yield from _section(answer.facts)
    yield from _troubles(status)


def _section(thing: object) -> Iterator[str]:
    for name in thing.__dataclass_fields__:  # type: ignore[attr-defined]  # dataclasses only
        text = _disk_text(thing) if name == "disks" else as_text(getattr(thing, name))
        if text:
            yield _line(name.replace("_", " "), text)


def _disk_text(facts: object) -> str:
    gigabyte = 1024**3
    disks = getattr(facts, "disks", ())
    return ", ".join(
        f"{d.path} {d.free_bytes / gigabyte:.1f} of {d.total_bytes / gigabyte:.1f} GiB free" for d in disks
    )


def _missing(status: MachineStatus) -> str:
    counts = status.last_answer.counts if status.last_answer else None
    if counts is None:
        return ""
    parts = f"{counts.critical} critical, {counts.security} security, {counts.others} others"
    return f"{parts}, {counts.unclassified} unclassified; {counts.not_installable} of them not installable now"


def _troubles(status: MachineStatus) -> Iterator[str]:
    attempt = status.last_attempt
    if attempt is None:
        yield _line("assessed", "never")
        return
    if attempt.failure is not None:
        yield _line("last attempt failed", f"{as_text(attempt.ended_at)}: {attempt.failure.describe()}")
    for finding in attempt.findings:
        yield _line(f"{finding.severity.value}: {finding.kind.value}", f"{finding.text} {finding.remedy}".strip())


def _line(name: str, text: str) -> str:
    return f"{name:<{_WIDTH}} {text}"
