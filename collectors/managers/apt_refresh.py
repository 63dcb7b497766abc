"""What ``apt-get update`` said when a scan asked for fresh lists."""

import re
from dataclasses import dataclass

from collectors.managers.failed_commands import describe_end
from collectors.sections import Section
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean

# Exit status of the probe itself where it could not become root.
NO_ROOT = 97
# Err:3 http://deb.debian.org/debian bookworm InRelease: what went wrong follows, on lines of its own.
_ERROR = re.compile(r"Err:\d+ (?P<what>\S.*)")
_COMPLAINT = re.compile(r"(?P<kind>[EW]): (?P<what>.*)")
# apt has a few for each repository; what says more is no apt.
_MOST_COMPLAINTS = 1_000
_LEAST_TEXT = "Some index files failed to download"


@dataclass(frozen=True, slots=True)
class RefreshAnswer:
    """Whether the lists are fresh, what apt complained about, and the findings of it."""

    has_succeeded: bool
    complaints: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_refresh(section: Section) -> RefreshAnswer:
    """What came of it. apt exits 0 with repositories unreachable where it is old, so its messages count as well.

    Raises:
        UnreadableOutput: a line is longer than any that apt prints.

    Source: apt-get(8), apt 2.6.1 and package-managers.md.
    """
    errors = [clean(match["what"]) for _, line in section.lines() if (match := _ERROR.fullmatch(line.rstrip()))]
    said = [match for line in section.stderr.splitlines() if (match := _COMPLAINT.fullmatch(_text(line)))]
    complaints = [clean(match["what"]) for match in said if match["kind"] == "E" or "ailed" in match["what"]]
    if section.exit_status == 0 and not errors and not complaints:
        return RefreshAnswer(True, (), ())
    texts = tuple(dict.fromkeys([*complaints, *errors]))[:_MOST_COMPLAINTS]
    return RefreshAnswer(False, texts, (_failed(section, texts),))


def _failed(section: Section, texts: tuple[str, ...]) -> Finding:
    if section.exit_status == NO_ROOT:
        text = "Package lists were not refreshed: this user is not root and has no sudo."
        remedy = "Let it become root by sudo, or assess without a refresh."
        return Finding(FindingKind.REFRESH_FAILED, Severity.ERROR, text, remedy)
    first = next((text for text in texts if not text.startswith(_LEAST_TEXT)), section.error_text or "no message")
    text = f"apt-get update {describe_end(section)}: {first}"
    remedy = "Package lists are as old as before; run apt-get update on it and read what it says."
    return Finding(FindingKind.REFRESH_FAILED, Severity.ERROR, clean(text), remedy)


def _text(line: bytes) -> str:
    return line[:4096].decode("utf-8", errors="replace")
