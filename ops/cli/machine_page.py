"""One machine in full: its definition, its last answer, its facts and findings."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from fleet.answers import Coverage
from fleet.facts import DiskSpace, OtherUpdater, Repository
from fleet.reaching import describe_way
from fleet.status import MachineStatus
from ops.cli.listing import Column, Listing
from ops.cli.machine_listing import list_definitions, list_statuses
from ops.cli.values import as_text, format_age
from ops.lifecycle import Names

_WIDTH = 22


def machine_listing(status: MachineStatus, now: datetime, names: Names) -> Listing:
    """The machine as one row: the columns of both listings, then all facts and names."""
    definition, known = list_definitions([status.machine]), list_statuses([status], now)
    values = dict(zip([c.name for c in definition.columns], definition.rows[0], strict=True))
    values |= zip([c.name for c in known.columns], known.rows[0], strict=True)
    values["failure"] = status.last_attempt.failure if status.last_attempt else None
    values["facts"] = status.last_answer.facts if status.last_answer else None
    values["former_names"] = names.former
    values["other_holders_of_name"] = names.others
    return Listing(tuple(map(Column, values)), [tuple(values.values())])


def machine_lines(status: MachineStatus, now: datetime, names: Names) -> Iterator[str]:
    """The machine as text: a name and a value a line; what is not known is left out."""
    answer = status.last_answer
    yield from _section(status.machine)
    if way := describe_way(status.machine):
        yield _line("winrm", way)
    yield from _name_lines(names)
    yield _line("compliance", status.compliance(now).value)
    if status.outside:
        yield _line("scope", f"outside: {status.outside}")
    if answer is not None:
        yield _line("answered", f"{as_text(answer.ended_at)} ({format_age(now - answer.ended_at)} ago)")
        yield _line("coverage", answer.coverage.value)
        yield _line("missing", _missing(status))
        yield from _section(answer.facts)
        if answer.facts.windows is not None:
            yield from _section(answer.facts.windows)
    yield from _troubles(status)


def _name_lines(names: Names) -> Iterator[str]:
    for period in names.former:
        until = f" until {as_text(period.until)}" if period.until else ""
        yield _line("former name", f"{period.name}{until}")
    for period in names.others:
        until = f" until {as_text(period.until)}" if period.until else ""
        yield _line("name once of another", f"machine {period.machine_id}{until}; its history is not of this one")


def _section(thing: object) -> Iterator[str]:
    for name in thing.__dataclass_fields__:  # type: ignore[attr-defined]  # dataclasses only
        value = getattr(thing, name)
        text = _SHOWN[name](value) if name in _SHOWN and value is not None else as_text(value)
        if text:
            yield _line(name.replace("_", " "), text)


def _disk_text(disks: tuple[DiskSpace, ...]) -> str:
    return ", ".join(disk.describe() for disk in disks)


def _updater_text(updaters: tuple[OtherUpdater, ...]) -> str:
    ran = {u.name: f" (last ran {as_text(u.last_ran_at)})" for u in updaters if u.last_ran_at}
    return as_text([f"{updater.name}{ran.get(updater.name, '')}" for updater in updaters]) or "none"


def _repository_text(repositories: tuple[Repository, ...]) -> str:
    failing = [repository.name for repository in repositories if repository.is_failing]
    return f"{len(repositories)}, {len(failing)} failing: {as_text(failing)}" if failing else as_text(len(repositories))


def _service_text(services: tuple[str, ...]) -> str:
    return as_text(services) or "none"


# Facts that are not simply a value; what is unknown is left out.
_SHOWN: Mapping[str, Callable[[Any], str]] = {  # Any: each takes what its own field holds
    "disks": _disk_text,
    "other_updaters": _updater_text,
    "repositories": _repository_text,
    "services_to_restart": _service_text,
    "winrm": lambda _way: "",  # said in words, as usual ones are
    "windows": lambda _facts: "",  # lines of their own follow
    "uptime_seconds": lambda seconds: format_age(timedelta(seconds=seconds)),
}


def _missing(status: MachineStatus) -> str:
    counts = status.last_answer.counts if status.last_answer else None
    if counts is None:
        return ""
    parts = f"{counts.critical} critical, {counts.security} security, {counts.others} others"
    apart = f"; apart from these {counts.definitions} definitions, {counts.set_aside} set aside"
    whole = f"{parts}, {counts.unclassified} unclassified; {counts.not_installable} of them not installable now"
    told = whole + apart if counts.definitions or counts.set_aside else whole
    coverage = status.last_answer.coverage if status.last_answer else Coverage.UNKNOWN
    return told if coverage.sees_every_update else f"at least {told}; coverage is {coverage.value}"


def _troubles(status: MachineStatus) -> Iterator[str]:
    attempt = status.last_attempt
    if attempt is None:
        yield _line("assessed", "never")
        return
    if attempt.failure is not None:
        yield _line("last attempt failed", f"{as_text(attempt.ended_at)}: {attempt.failure.describe()}")
    for finding in attempt.findings:
        yield _line(f"{finding.severity.value}: {finding.kind.value}", finding.describe())


def _line(name: str, text: str) -> str:
    return f"{name:<{_WIDTH}} {text}"
