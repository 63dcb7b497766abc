"""What ``zypper refresh`` said when a scan asked for fresh metadata."""

import re
from dataclasses import dataclass

from collectors.managers.failed_commands import describe_end
from collectors.sections import Section
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name, decode

# Exit status of the probe itself where it could not become root.
_NO_ROOT = 97
_SKIPPED = re.compile(r"Skipping repository '(?P<name>[^']+)' because of the above error")
_PROBLEM = re.compile(r"(?:Problem|Error|Repository '[^']*' is invalid|Timeout|Permission|Valid metadata not found).*")
_PASSWORD = re.compile(r"//[^/@\s]*@")
_MOST_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class ZypperRefresh:
    """What came of it: the repositories that were skipped, by what zypper calls them, and the findings."""

    skipped: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_refresh(section: Section | None) -> ZypperRefresh:
    """What came of the refresh; nothing where none was asked for.

    Source: zypper 1.14.42 exits 0, 4 with repositories skipped, 6 without any, 7 while another one works.
    """
    if section is None or section.exit_status == 0:
        return ZypperRefresh()
    said = decode(section.stdout[-_MOST_BYTES:] + b"\n" + section.stderr[-_MOST_BYTES:]).splitlines()
    skipped = tuple(dict.fromkeys(clean_name(match["name"]) for line in said if (match := _SKIPPED.search(line))))
    return ZypperRefresh(skipped, (_failed(section, said),))


def find_skipped(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The repositories that zypper left out of a list, by what it calls them."""
    return tuple(dict.fromkeys(clean_name(match["name"]) for text in texts if (match := _SKIPPED.search(text))))


def hide_passwords(text: str) -> str:
    """A message of zypper without the user and the password of an address in it."""
    return _PASSWORD.sub("//", text)


def _failed(section: Section, said: list[str]) -> Finding:
    if section.exit_status == _NO_ROOT:
        text = "Package lists were not refreshed: this user is not root and has no sudo."
        remedy = "Let it become root by sudo, or assess without a refresh."
        return Finding(FindingKind.REFRESH_FAILED, Severity.ERROR, text, remedy)
    problems = [index for index, line in enumerate(said) if _PROBLEM.match(line.strip())]
    # The line after it says what went wrong.
    first = " ".join(said[problems[0] : problems[0] + 2]) if problems else section.error_text or "no message"
    text = clean(f"zypper refresh {describe_end(section)}: {hide_passwords(first)}", 500)
    remedy = "Metadata are as old as before; run zypper refresh on it and read what it says."
    return Finding(FindingKind.REFRESH_FAILED, Severity.ERROR, text, remedy)
