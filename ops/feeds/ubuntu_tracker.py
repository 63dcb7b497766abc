"""Ubuntu's CVE tracker as its API gives it: https://ubuntu.com/security/cves.json, and one CVE's page as JSON."""

from collections.abc import Iterator

from fleet.cves import CveRecord, Fix, is_cve, severity_of_score, severity_of_word
from fleet.errors import FeedUnusable
from ops.feeds.documents import Document
from ops.feeds.releases import release_of_codename
from ops.feeds.shapes import Json, Object, as_text, as_time, as_title, objects, parse_json

_MOST_BYTES = 128 << 20
_RELEASED = "released"


class UbuntuTracker:
    """An object of one CVE, one with a list ``cves`` of them, or such a list alone.

    The fixed version is the ``description`` of a status ``released``. Source: https://ubuntu.com/security/api/docs.
    """

    kind = "ubuntu-tracker"
    meaning = "Ubuntu's CVE tracker, JSON of its API"
    speaks_of_exploitation = False

    def fits(self, head: bytes) -> bool:
        """See `FeedFormat.fits`."""
        return b'"release_codename"' in head

    def read(self, document: Document) -> Iterator[CveRecord | Fix]:
        """See `FeedFormat.read`."""
        data = document.stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise FeedUnusable(f"{document.name} is larger than any answer of the tracker: it is not read.")
        for entry in objects(_list(parse_json(data, document.name)), "cves"):
            cve = as_text(entry.get("id"), "id").upper()
            if not is_cve(cve):
                raise FeedUnusable(f"{document.name} holds an entry that is no CVE: {cve[:40]!r}.")
            yield _record(cve, entry)
            yield from _fixes(cve, entry)


def _list(value: Json) -> Json:
    return value.get("cves", [value]) if isinstance(value, dict) else value


def _record(cve: str, entry: Object) -> CveRecord:
    word = as_text(entry.get("priority"), "priority")
    given = entry.get("cvss3")
    is_score = isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given <= 10
    score = float(given) if is_score and isinstance(given, int | float) else None
    return CveRecord(
        cve,
        severity=severity_of_word(word) or (severity_of_score(score) if score is not None else None),
        severity_text=word,
        score=score,
        published_at=as_time(as_text(entry.get("published"), "published")),
        title=as_title(as_text(entry.get("description"), "description")),
        url=f"https://ubuntu.com/security/{cve}",
    )


def _fixes(cve: str, entry: Object) -> Iterator[Fix]:
    for package in objects(entry.get("packages"), "packages"):
        name = as_text(package.get("name"), "name")
        for status in objects(package.get("statuses"), "statuses"):
            release = release_of_codename(as_text(status.get("release_codename"), "release_codename"))
            fixed = as_text(status.get("description"), "description")
            # Some say instead of a version by whom: "1.2-3" it is, "via linux-meta" it is not.
            is_version = fixed[:1].isdigit() and " " not in fixed
            if release and is_version and as_text(status.get("status"), "status") == _RELEASED:
                yield Fix(release, name, True, cve, fixed)
