"""Alpine's secdb: in which version of a package each CVE was fixed, a file for each repository of a release."""

from collections.abc import Iterator

from fleet.cves import CveRecord, Fix, find_cves
from fleet.errors import FeedUnusable
from ops.feeds.documents import Document
from ops.feeds.shapes import as_object, as_text, objects, parse_json, texts

_MOST_BYTES = 64 << 20  # community, the largest, has 1 MB
_NEVER_AFFECTED = "0"


class Secdb:
    """https://secdb.alpinelinux.org: ``v3.20/main.json`` and its like. Packages are those built from (origins)."""

    kind = "alpine-secdb"
    meaning = "Alpine's secdb, JSON"
    speaks_of_exploitation = False

    def fits(self, head: bytes) -> bool:
        """See `FeedFormat.fits`."""
        return b'"secfixes"' in head or (b'"distroversion"' in head and b'"reponame"' in head)

    def read(self, document: Document) -> Iterator[CveRecord | Fix]:
        """See `FeedFormat.read`."""
        data = document.stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise FeedUnusable(f"{document.name} is larger than any secdb should be: it is not read.")
        database = as_object(parse_json(data, document.name), document.name)
        version = as_text(database.get("distroversion"), "distroversion").removeprefix("v")
        if not version:
            raise FeedUnusable(f"{document.name} does not say of which release it is: distroversion is missing.")
        for entry in objects(database.get("packages"), "packages"):
            package = as_object(entry.get("pkg"), "pkg")
            name = as_text(package.get("name"), "name")
            for fixed, identifiers in as_object(package.get("secfixes"), "secfixes").items():
                for cve in find_cves(" ".join(texts(identifiers, f"secfixes of {name}"))):
                    yield CveRecord(cve, url=f"https://security.alpinelinux.org/vuln/{cve}")
                    if fixed != _NEVER_AFFECTED:
                        yield Fix(f"alpine:{version}", name, True, cve, fixed)
