"""What is publicly known of vulnerabilities: their severity, whether they are exploited, and where they are fixed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.errors import BadInput
from fleet.hostile import clean

# CVE numbering rules: four digits or more after the year; MITRE's schema allows 19.
_CVE = re.compile(r"(?<![A-Za-z0-9])CVE-[0-9]{4}-[0-9]{4,19}(?![0-9])", re.IGNORECASE)

# Some of them, with the signs of a pattern in the place of digits.
_SOME_CVES = re.compile(r"CVE-[0-9*?-]*[*?][0-9*?-]*", re.IGNORECASE)


class CveSeverity(StrEnum):
    """How bad a vulnerability is, in one scale for all sources, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEGLIGIBLE = "negligible"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(CveSeverity)}

# Debian's urgencies, Ubuntu's priorities, the words of Red Hat and SUSE, those of CVSS, of GitHub's advisories.
_WORDS = {
    "critical": CveSeverity.CRITICAL,
    "high": CveSeverity.HIGH,
    "important": CveSeverity.HIGH,
    "medium": CveSeverity.MEDIUM,
    "moderate": CveSeverity.MEDIUM,
    "low": CveSeverity.LOW,
    "negligible": CveSeverity.NEGLIGIBLE,
    "unimportant": CveSeverity.NEGLIGIBLE,
}


@dataclass(frozen=True, slots=True)
class CveRecord:
    """What one feed says of one CVE.

    ``severity_text`` is its own word. ``known_exploited`` is None where the feed does not speak of that; ``due_at`` is
    by when it must be mended, by that feed.
    """

    cve: str
    severity: CveSeverity | None = None
    severity_text: str = ""
    score: float | None = None
    known_exploited: bool | None = None
    published_at: datetime | None = None
    exploited_since: datetime | None = None
    due_at: datetime | None = None
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """The first version of a package, in one release of a distribution, that a CVE is fixed in.

    ``release`` is as ``debian:12``: os-release's ID and version. ``is_source`` says whether ``package`` is the name of
    a source package. Versions below ``introduced`` never had it; empty for all had.
    """

    release: str
    package: str
    is_source: bool
    cve: str
    version: str
    introduced: str = ""
    advisory: str = ""


@dataclass(frozen=True, slots=True)
class MissingFix:
    """A fix that a machine lacks: package ``product`` is installed in a version that has the CVE.

    ``fixed_version`` is empty where only the advisory of an offered update names the CVE. ``offered_version`` is the
    update that mends it, empty if none is offered; ``is_offered`` is None where versions do not tell. ``source`` says
    who says so; ``blocker`` why an ordinary upgrade would not install the fix.
    """

    cve: str
    product: str
    architecture: str
    installed_version: str
    fixed_version: str
    source: str
    is_offered: bool | None = False
    offered_version: str = ""
    advisories: str = ""
    blocker: str = ""


def severity_of_word(text: str) -> CveSeverity | None:
    """The severity that a source's word stands for, None for words that rate nothing (``not yet assigned``)."""
    word = text.strip().lower().rstrip("*")  # Debian marks its own guesses with stars
    return _WORDS.get(word)


def severity_of_score(score: float) -> CveSeverity | None:
    """The severity of a CVSS base score, by the bands of CVSS v3 and v4; None for 0, which rates nothing."""
    bands = ((9.0, CveSeverity.CRITICAL), (7.0, CveSeverity.HIGH), (4.0, CveSeverity.MEDIUM), (0.1, CveSeverity.LOW))
    return next((severity for least, severity in bands if score >= least), None)


def worst(severities: Iterable[CveSeverity | None]) -> CveSeverity | None:
    """The worst of ``severities``, None where none is known."""
    return min((each for each in severities if each is not None), key=lambda each: each.rank, default=None)


def find_cves(text: str) -> tuple[str, ...]:
    """The CVE identifiers in ``text``, upper case, each once, in order."""
    return tuple(dict.fromkeys(match.upper() for match in _CVE.findall(text)))


def is_cve(text: str) -> bool:
    """Whether ``text`` is a CVE identifier and nothing else, whatever the case."""
    return _CVE.fullmatch(text) is not None


def cve_wanted(text: str) -> str:
    """The CVE, or the pattern of several with ``*`` and ``?``, that somebody asks for with ``text``; upper case.

    Raises:
        BadInput: it is neither: nothing would be found by it, which is no answer.
    """
    wanted = text.strip()
    if not (is_cve(wanted) or _SOME_CVES.fullmatch(wanted)):
        raise BadInput(
            f"{clean(wanted, 40) or 'Nothing'} is no CVE. They are written as CVE-2026-12345; * and ? fit several."
        )
    return wanted.upper()
