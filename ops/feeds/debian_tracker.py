"""Debian's security tracker: for each source package and CVE, what holds in each release."""

import re
from collections.abc import Iterable, Iterator

from fleet.cves import CveRecord, CveSeverity, Fix, is_cve, severity_of_word, worst
from ops.feeds.documents import Document
from ops.feeds.json_stream import JsonStream
from ops.feeds.releases import release_of_codename
from ops.feeds.shapes import Json, Object, as_object, as_text, as_title

_PAGE = "https://security-tracker.debian.org/tracker/"
# What the tracker gives as the fixed version where a release never had it.
_NEVER_AFFECTED = "0"
_FIRST_MEMBERS = re.compile(rb'\s*\{\s*"[^"\\]{1,200}"\s*:\s*\{\s*"(?:CVE|TEMP)-')


class DebianTracker:
    """https://security-tracker.debian.org/tracker/data/json: 70 MB, read member by member."""

    kind = "debian-tracker"
    meaning = "Debian's security tracker, JSON"
    speaks_of_exploitation = False

    def fits(self, head: bytes) -> bool:
        """See `FeedFormat.fits`."""
        return _FIRST_MEMBERS.match(head) is not None

    def read(self, document: Document) -> Iterator[CveRecord | Fix]:
        """See `FeedFormat.read`."""
        for package, cve, value in JsonStream(document.stream, document.name).nested_members():
            if is_cve(cve):  # TEMP-… are Debian's own, until there is a number
                yield from _read_entry(package, cve.upper(), value)


def _read_entry(package: str, cve: str, value: Json) -> Iterator[CveRecord | Fix]:
    entry = as_object(value, f"{package}, {cve}")
    # Without any release it is an empty list there, not an empty object.
    stated = as_object(entry.get("releases") or None, f"releases of {package}, {cve}")
    releases = {name: as_object(release, f"{package}, {cve}, {name}") for name, release in stated.items()}
    severity, word = _rate(releases.values())
    title = as_title(as_text(entry.get("description"), f"description of {cve}"))
    yield CveRecord(cve, severity=severity, severity_text=word, title=title, url=f"{_PAGE}{cve}")
    for codename, release in releases.items():
        fixed = as_text(release.get("fixed_version"), f"fixed_version of {package}, {cve}, {codename}")
        known = release_of_codename(codename)
        if known and fixed and fixed != _NEVER_AFFECTED:
            yield Fix(known, package, True, cve, fixed)


def _rate(releases: Iterable[Object]) -> tuple[CveSeverity | None, str]:
    """The worst urgency over the releases, and Debian's word for it."""
    words = {as_text(release.get("urgency"), "urgency") for release in releases}
    severity = worst(map(severity_of_word, words))
    fitting = sorted(word for word in words if severity_of_word(word) is severity)
    return severity, fitting[0] if fitting else ""
