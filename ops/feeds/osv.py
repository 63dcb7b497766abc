"""OSV records: one vulnerability or advisory a document, with the ranges of versions that it is in."""

from collections.abc import Iterator
from dataclasses import dataclass

from fleet.cves import CveRecord, CveSeverity, Fix, find_cves, is_cve, severity_of_score, severity_of_word, worst
from fleet.errors import FeedUnusable
from ops.feeds.documents import Document
from ops.feeds.releases import release_of_ecosystem
from ops.feeds.scores import score_of_vector
from ops.feeds.shapes import Object, as_object, as_text, as_time, as_title, as_url, objects, parse_json, texts

# The largest records, of the kernel, have some megabytes.
_MOST_BYTES = 32 << 20
# Records of these are of source packages, others of the packages that are installed.
_OF_SOURCES = ("debian:", "ubuntu:", "alpine:", "rocky:")


class Osv:
    """https://ossf.github.io/osv-schema/: from osv.dev (``all.zip`` of an ecosystem), Ubuntu, Alma, Rocky, SUSE."""

    kind = "osv"
    meaning = "OSV records, JSON: one, a folder, or a zip"
    speaks_of_exploitation = False

    def fits(self, head: bytes) -> bool:
        """See `FeedFormat.fits`."""
        has_id = b'"id"' in head
        return has_id and (b'"affected"' in head or b'"schema_version"' in head) and b'"csaf_version"' not in head

    def read(self, document: Document) -> Iterator[CveRecord | Fix]:
        """See `FeedFormat.read`."""
        data = document.stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise FeedUnusable(f"{document.name} is larger than any record should be: it is not read.")
        record = as_object(parse_json(data, document.name), document.name)
        if not as_text(record.get("id"), "id"):
            raise FeedUnusable(f"{document.name} is no record of OSV: it has no id.")
        if as_time(as_text(record.get("withdrawn"), "withdrawn")) is None:
            yield from _read_record(record)


def _read_record(record: Object) -> Iterator[CveRecord | Fix]:
    name = as_text(record.get("id"), "id")
    cves = _cves_of(record)
    # A record of one CVE says how bad it is; an advisory's severity is that of the worst of its CVEs.
    rating = _rate(record) if len(cves) == 1 else _Rating()
    title = as_title(as_text(record.get("summary"), "summary") or as_text(record.get("details"), "details"))
    published_at = as_time(as_text(record.get("published"), "published"))
    is_advisory = not find_cves(name)
    for cve in cves:
        yield CveRecord(
            cve,
            severity=rating.severity,
            severity_text=rating.word,
            score=rating.score,
            published_at=published_at if len(cves) == 1 and not is_advisory else None,
            title=title if len(cves) == 1 else "",
            url=_page(record),
        )
    for release, package, introduced, fixed in _fixes(record):
        for cve in cves:
            is_source = release.startswith(_OF_SOURCES)
            yield Fix(release, package, is_source, cve, fixed, introduced, name if is_advisory else "")


def _cves_of(record: Object) -> tuple[str, ...]:
    """The CVEs that a record is of. ``related`` counts where nothing else names any: so AlmaLinux does."""
    own = [
        as_text(record.get("id"), "id"),
        *texts(record.get("aliases"), "aliases"),
        *texts(record.get("upstream"), "upstream"),
    ]
    return find_cves(" ".join(own)) or tuple(c.upper() for c in texts(record.get("related"), "related") if is_cve(c))


def _page(record: Object) -> str:
    pages = [as_url(as_text(each.get("url"), "url")) for each in objects(record.get("references"), "references")]
    return next((page for page in pages if page), "")


@dataclass(frozen=True, slots=True)
class _Rating:
    severity: CveSeverity | None = None
    word: str = ""
    score: float | None = None


def _rate(record: Object) -> _Rating:
    """The distribution's own word before the score, which says how bad it is anywhere."""
    severities = [*objects(record.get("severity"), "severity")]
    for affected in objects(record.get("affected"), "affected"):
        severities += objects(affected.get("severity"), "severity")
    given = [as_text(each.get("score"), "score") for each in severities]
    scores = [score for vector in given if (score := score_of_vector(vector)) is not None]
    words = [text for text in given if "/" not in text] + [*_words(record)]
    severity = worst(map(severity_of_word, words))
    score = max(scores, default=None)
    if severity is None and score is not None:
        return _Rating(severity_of_score(score), "", score)
    return _Rating(severity, next((word for word in words if severity_of_word(word) is severity), ""), score)


def _words(record: Object) -> Iterator[str]:
    own = as_object(record.get("database_specific"), "database_specific").get("severity")
    if isinstance(own, str):
        yield own
    for affected in objects(record.get("affected"), "affected"):
        specific = as_object(affected.get("ecosystem_specific"), "ecosystem_specific")
        for key in ("urgency", "severity"):
            value = specific.get(key)
            if isinstance(value, str):
                yield value


def _fixes(record: Object) -> Iterator[tuple[str, str, str, str]]:
    """Release, package, first version that has it (empty for all), first version that has not."""
    for affected in objects(record.get("affected"), "affected"):
        package = as_object(affected.get("package"), "package")
        release = release_of_ecosystem(as_text(package.get("ecosystem"), "ecosystem"))
        name = as_text(package.get("name"), "name")
        if release is None or not name:
            continue  # of a language's registry, or of a system that we do not know
        for span in objects(affected.get("ranges"), "ranges"):
            if as_text(span.get("type"), "type") == "ECOSYSTEM":
                introduced = ""
                for event in objects(span.get("events"), "events"):
                    introduced = as_text(event.get("introduced"), "introduced") or introduced
                    fixed = as_text(event.get("fixed"), "fixed")
                    if fixed:
                        yield release, name, "" if introduced == "0" else introduced, fixed
