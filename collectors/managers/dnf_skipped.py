"""Repositories that dnf left out of everything because it could not read what configures them."""

import re
from collections.abc import Iterator

from collectors.sections import LINE_BYTES, Section
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, decode

# dnf 4 goes on without the file or the part, and exits 0: dnf/conf/read.py.
SKIPPED = r"Warning: failed loading '.*', skipping\.|Bad id for repo: .*|Repository '.*': Error parsing config: .*"
_SKIPPED = re.compile(SKIPPED)
_SHOWN = 3


def find_skipped(section: Section | None) -> Iterator[Finding]:
    """A finding for what dnf says that it skipped: which updates its repositories have, nobody knows."""
    lines = decode(section.stderr[:LINE_BYTES]).splitlines() if section else []
    skipped = [line for line in lines if _SKIPPED.match(line)]
    if skipped:
        text = f"dnf leaves out repositories that it cannot read the settings of: {'; '.join(skipped[:_SHOWN])}"
        remedy = "Mend or remove what it names in /etc/yum.repos.d; updates of those repositories are not known."
        yield Finding(FindingKind.SETTINGS_UNREADABLE, Severity.ERROR, clean(text, 500), remedy)
