"""The reports that there are, and the formats that they are written in."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from fleet.errors import BadInput


class ReportKind(StrEnum):
    """A report, as it is named on the command line."""

    COMPLIANCE = "compliance"
    PATCH_LATENCY = "patch-latency"
    CHANGE_RECORD = "change-record"
    EXCEPTIONS = "exceptions"

    @property
    def heading(self) -> str:
        """Its title in words."""
        return _HEADINGS[self]

    @property
    def meaning(self) -> str:
        """What it answers, in one sentence."""
        return _MEANINGS[self]

    @property
    def takes_period(self) -> bool:
        """Whether it is of a period; otherwise it is of one instant."""
        return self in (ReportKind.PATCH_LATENCY, ReportKind.CHANGE_RECORD)

    @property
    def usual_days(self) -> int:
        """How long the period is where nobody says so."""
        return 30 if self is ReportKind.CHANGE_RECORD else 90


class ReportFormat(StrEnum):
    """A format of a report; also the ending of its file."""

    HTML = "html"
    MARKDOWN = "md"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """As mail and HTTP name it."""
        return {"html": "text/html", "md": "text/markdown", "csv": "text/csv"}[self.value]


def format_of_file(name: str) -> ReportFormat:
    """The format that the ending of a file's ``name`` says.

    Raises:
        BadInput: it says none of ours.
    """
    ending = name.rpartition(".")[2].lower()
    known = {"htm": "html", "markdown": "md"}.get(ending, ending)
    if known not in set(ReportFormat):
        raise BadInput(f"{name!r} does not say its format: end it in .html, .md or .csv, or give --format.")
    return ReportFormat(known)


_HEADINGS: Mapping[ReportKind, str] = MappingProxyType(
    {
        ReportKind.COMPLIANCE: "Compliance",
        ReportKind.PATCH_LATENCY: "Patch latency",
        ReportKind.CHANGE_RECORD: "Change record",
        ReportKind.EXCEPTIONS: "Exceptions",
    }
)
_MEANINGS: Mapping[ReportKind, str] = MappingProxyType(
    {
        ReportKind.COMPLIANCE: "How compliant machines were at an instant, what they lacked, and who is not judged.",
        ReportKind.PATCH_LATENCY: "How long updates of a period took from being needed to being installed.",
        ReportKind.CHANGE_RECORD: "What deployments changed in a period, or in one run: machines, updates, failures.",
        ReportKind.EXCEPTIONS: "What is left out of patching, why, by whom and until when.",
    }
)
