"""CISA's catalogue of known exploited vulnerabilities, as JSON and as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping

from fleet.cves import CveRecord, Fix, is_cve
from fleet.errors import FeedUnusable
from ops.feeds.documents import Document
from ops.feeds.shapes import Json, as_object, as_text, as_time, as_title, as_url, objects, parse_json

# It has 1.3 MB for 1,400 CVEs.
_MOST_BYTES = 64 << 20
_PAGE = "https://www.cisa.gov/known-exploited-vulnerabilities-catalog?search_api_fulltext="


class Kev:
    """Known Exploited Vulnerabilities: every CVE in it is exploited, and by when it must be mended.

    Source: the schema at https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json.
    """

    kind = "kev"
    meaning = "CISA's known exploited vulnerabilities, JSON or CSV"
    speaks_of_exploitation = True

    def fits(self, head: bytes) -> bool:
        """See `FeedFormat.fits`."""
        start = head.lstrip(b'\xef\xbb\xbf \r\n\t"')
        return (
            start.startswith(b"cveID")
            or (b'"cveID"' in head and b'"vulnerabilities"' in head)
            or (b'"catalogVersion"' in head)
        )

    def read(self, document: Document) -> Iterator[CveRecord | Fix]:
        """See `FeedFormat.read`."""
        data = document.stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise FeedUnusable(f"{document.name} is larger than any catalogue should be: it is not read.")
        if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
            catalogue = as_object(parse_json(data, document.name), document.name)
            if "vulnerabilities" not in catalogue:
                raise FeedUnusable(f"{document.name} holds no list of vulnerabilities.")
            yield from map(_record, objects(catalogue["vulnerabilities"], "vulnerabilities"))
        else:
            yield from map(_record, _rows(data, document.name))


def _rows(data: bytes, name: str) -> Iterator[Mapping[str, Json]]:
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        for row in rows:
            if None in row or None in row.values():
                raise FeedUnusable(f"{name}, line {rows.line_num}: it has not as many columns as the heading.")
            yield row
    except (UnicodeDecodeError, csv.Error) as error:
        raise FeedUnusable(f"{name} is not CSV in UTF-8: {error}.") from error


def _record(entry: Mapping[str, Json]) -> CveRecord:
    cve = as_text(entry.get("cveID"), "cveID").strip().upper()
    if not is_cve(cve):
        raise FeedUnusable(f"An entry's cveID is {cve[:40]!r}, not the number of a CVE.")
    return CveRecord(
        cve,
        known_exploited=True,
        exploited_since=as_time(as_text(entry.get("dateAdded"), "dateAdded")),
        due_at=as_time(as_text(entry.get("dueDate"), "dueDate")),
        title=as_title(as_text(entry.get("vulnerabilityName"), "vulnerabilityName")),
        url=as_url(f"{_PAGE}{cve}"),
    )
