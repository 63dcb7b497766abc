"""Which queries each report asks, in which order, and what they are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fleet.reports.kinds import ReportKind


class Given(StrEnum):
    """A parameter that a report gives to its queries."""

    MACHINES = "machines"
    SINCE = "since"
    UNTIL = "until"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a report: the predefined query that answers it, the parameters it is given, what no rows mean."""

    key: str
    query: str
    if_empty: str
    given: tuple[Given, ...] = (Given.MACHINES,)


# The rows of detail: what CSV holds when nobody says which table.
MAIN_SECTIONS: Mapping[ReportKind, str] = MappingProxyType(
    {
        ReportKind.COMPLIANCE: "machines",
        ReportKind.PATCH_LATENCY: "machines",
        ReportKind.CHANGE_RECORD: "updates",
        ReportKind.EXCEPTIONS: "exclusions",
    }
)
# Tables of exceptions that no query over the record tables answers, before and after those that one does.
EXCLUSIONS, UNLISTED, RETIRED = "exclusions", "unlisted", "retired"

_NO_MACHINES = "There are no such machines."
_PERIOD = (Given.MACHINES, Given.SINCE, Given.UNTIL)
_RUN = (*_PERIOD, Given.RUN)
_NO_NEED = "No machine was first seen to need anything in this period."
_NO_RUN = "No machine of these took part in a run of this period."
_AGE = Section("age", "age-of-answers", _NO_MACHINES)

SECTIONS: Mapping[ReportKind, tuple[Section, ...]] = MappingProxyType(
    {
        ReportKind.COMPLIANCE: (
            _AGE,
            Section("compliance", "compliance-of-machines", _NO_MACHINES),
            Section("systems", "compliance-by-system", "No machine of these is enabled and inside the scope."),
            Section(
                "classes",
                "missing-by-class-of-machines",
                "No answer tells of a missing update. What machines without an answer lack is not known.",
            ),
            Section("days", "compliance-by-day", _NO_MACHINES),
            Section("machines", "machines-judged", _NO_MACHINES),
        ),
        ReportKind.PATCH_LATENCY: (
            _AGE,
            Section("classes", "latency-by-class", _NO_NEED, _PERIOD),
            Section("steps", "latency-in-steps", _NO_NEED, _PERIOD),
            Section("months", "latency-by-month", _NO_NEED, _PERIOD),
            Section("slowest", "latency-slowest", _NO_NEED, _PERIOD),
            Section("machines", "latency-of-machines", _NO_NEED, _PERIOD),
        ),
        ReportKind.CHANGE_RECORD: (
            Section("runs", "runs-between", _NO_RUN, _RUN),
            Section("statuses", "machine-runs-by-status", _NO_RUN, _RUN),
            Section("results", "updates-of-runs-by-status", "No run of this period tells of an update.", _RUN),
            Section("machines", "machine-runs-between", _NO_RUN, _RUN),
            Section("updates", "updates-of-runs", "No run of this period was to install anything.", _RUN),
        ),
        ReportKind.EXCEPTIONS: (
            _AGE,
            Section("left-out", "machines-left-out", "No machine is disabled or outside of the scope."),
            Section("held", "held-on-machines", "No machine holds an update that it misses."),
            Section("unreached", "machines-no-run-reached", "Every machine was in a run lately."),
        ),
    }
)


def section_keys(kind: ReportKind) -> tuple[str, ...]:
    """The names of the tables of a report, in order."""
    keys = tuple(section.key for section in SECTIONS[kind])
    return (EXCLUSIONS, *keys, UNLISTED, RETIRED) if kind is ReportKind.EXCEPTIONS else keys
