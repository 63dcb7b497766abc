"""OVAL: definitions of Ubuntu, Red Hat, SUSE, Debian and of those that do as Red Hat does, as XML."""

from collections.abc import Iterator
from datetime import UTC, datetime

from fleet.cves import CveRecord, CveSeverity, Fix, find_cves, severity_of_score, severity_of_word
from ops.feeds.documents import Document
from ops.feeds.oval_xml import OvalCve, OvalDefinition, OvalFile, read_oval
from ops.feeds.releases import release_of_name
from ops.feeds.scores import score_of_vector
from ops.feeds.shapes import as_title, as_url

_READ_KINDS = frozenset({"patch", "vulnerability", ""})


class Oval:
    """A package is fixed in a version where a definition's tests say "less than" it. Source: oval.mitre.org, 5.11.

    How a definition joins its tests (and, or) is not looked at: a package that is older than its fix lacks it, whether
    others are installed or not. What holds for one platform only stands beside "PLATFORM is installed".
    """

    kind = "oval"
    meaning = "OVAL definitions of Ubuntu, Red Hat, SUSE or Debian, XML, packed or not"
    speaks_of_exploitation = False

    def fits(self, head: bytes) -> bool:
        """See `FeedFormat.fits`."""
        return b"oval_definitions" in head and head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")

    def read(self, document: Document) -> Iterator[CveRecord | Fix]:
        """See `FeedFormat.read`."""
        file = read_oval(document.stream, document.name)
        for definition in file.definitions:
            if definition.kind in _READ_KINDS:
                yield from _read_definition(definition, file)


def _read_definition(definition: OvalDefinition, file: OvalFile) -> Iterator[CveRecord | Fix]:
    records = _records(definition)
    yield from records.values()
    advisory = next((name for source, name, _ in definition.references if source not in ("CVE", "")), "")
    platforms = [release for each in definition.platforms if (release := release_of_name(each))]
    for test, beside in definition.criteria:
        named = [release for each in beside if (release := release_of_name(each))]
        for package, fixed in _packages(file, test):
            for release in dict.fromkeys(named or platforms):
                # Debian's name source packages, all others those that are installed.
                is_source = release.startswith("debian:")
                version = fixed.removeprefix("0:")
                yield from (Fix(release, package, is_source, cve, version, "", advisory[:80]) for cve in records)


def _packages(file: OvalFile, test: str) -> Iterator[tuple[str, str]]:
    """The packages of a test with the version that they must not be older than."""
    object_id, state = file.tests.get(test, ("", ""))
    fixed = file.states.get(state)
    if fixed is None:
        return
    names = file.variables.get(file.variables_of_objects.get(object_id, ""), [])
    for name in names or [file.objects.get(object_id, "")]:
        if name:
            yield name, fixed


def _records(definition: OvalDefinition) -> dict[str, CveRecord]:
    pages = {name: url for source, name, url in definition.references if source == "CVE"}
    named = [found for each in pages for found in find_cves(each)]
    own = {found: each for each in definition.cves for found in find_cves(each.name)}
    cves = dict.fromkeys([*own, *named, *([] if own or named else find_cves(definition.title))])
    # The severity of an advisory is that of the worst of its CVEs, which may be another.
    alone = definition.severity if len(cves) == 1 else ""
    return {cve: _record(cve, own.get(cve, OvalCve(cve)), alone, definition, pages.get(cve, "")) for cve in cves}


def _record(cve: str, named: OvalCve, severity: str, definition: OvalDefinition, page: str) -> CveRecord:
    word = named.impact or severity
    score = _score(named.scored)
    rated: CveSeverity | None = severity_of_word(word)
    return CveRecord(
        cve,
        severity=rated or (severity_of_score(score) if score is not None else None),
        severity_text=word[:40],
        score=score,
        published_at=_day(named.public),
        title=as_title(definition.title) if cve in definition.title.upper() else "",
        url=as_url(page),
    )


def _score(scored: str) -> float | None:
    """Of ``7.8/CVSS:3.1/AV:…`` the number, of a bare vector what it comes to."""
    first, _, _ = scored.partition("/")
    try:
        score = float(first)
    except ValueError:
        return score_of_vector(scored)
    return score if 0 < score <= 10 else None


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
