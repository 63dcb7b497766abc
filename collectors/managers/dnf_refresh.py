"""What ``makecache`` said when a scan asked for fresh metadata, and which repositories any command could not reach."""

import re
from collections.abc import Mapping

from collectors.managers.failed_commands import describe_end
from collectors.sections import Section
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name, decode

# Exit status of the probe itself where it could not become root.
_NO_ROOT = 97
# dnf 4 and 5, yum 3: each names the repository in its own way.
_FAILED = (
    re.compile(r"Failed to (?:download|synchronize) (?:metadata|cache) for repo '(?P<id>[^']{1,256})'(?P<why>.*)"),
    re.compile(r"Errors during downloading metadata for repository '(?P<id>[^']{1,256})'(?P<why>.*)"),
    re.compile(
        r"Cannot retrieve (?:repository )?metadata \(repomd\.xml\) for repository: (?P<id>\S{1,256}?)\.? (?P<why>.*)"
    ),
    re.compile(r"failure: repodata/\S+ from (?P<id>[^:\s]{1,256}): (?P<why>.*)"),
    re.compile(r"Ignoring repositories: (?P<id>\S+)(?P<why>)"),
)
_LOCKED = (
    "exit_on_lock",
    " already locked by ",
    "Existing lock",
    "Another app is currently holding",
    "Waiting for process with pid",
)
_MOST = 1_000


def find_failing(section: Section | None) -> Mapping[str, str]:
    """Ids of the repositories that a refresh did not reach, and why."""
    failing: dict[str, str] = {}
    if section is None:
        return failing
    for line in decode(section.stderr[-262_144:]).splitlines():
        match = next((match for pattern in _FAILED if (match := pattern.search(line[:4_096]))), None)
        if match is not None and len(failing) < _MOST:
            for name in match["id"].split(","):
                why = clean(match["why"].strip(" :"), 300)
                failing[clean_name(name)] = why or failing.get(clean_name(name), "its metadata could not be fetched")
    return failing


def read_refresh(section: Section | None) -> tuple[Finding, ...]:
    """The finding of a refresh that failed; none where it went well or was not asked for."""
    if section is None or section.exit_status == 0:
        return ()
    if section.exit_status == _NO_ROOT:
        text = "Repository metadata were not refreshed: this user is not root and may not become it."
        remedy = "Let it become root by sudo, or assess without a refresh."
        return (Finding(FindingKind.REFRESH_FAILED, Severity.ERROR, text, remedy),)
    said = section.error_text or "no message"
    kind = FindingKind.PACKAGE_MANAGER_LOCKED if any(words in said for words in _LOCKED) else FindingKind.REFRESH_FAILED
    text = clean(f"makecache {describe_end(section)}: {said}", 600)
    remedy = "Metadata are as old as before; run dnf makecache (yum makecache) on it and read what it says."
    return (Finding(kind, Severity.ERROR, text, remedy),)
