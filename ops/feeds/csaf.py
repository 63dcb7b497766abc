"""CSAF 2.0: advisories and VEX files of Red Hat and SUSE, a document each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from fleet.cves import CveRecord, CveSeverity, Fix, find_cves, severity_of_score, severity_of_word
from fleet.errors import FeedUnusable
from ops.feeds.documents import Document
from ops.feeds.releases import release_of_cpe, release_of_name
from ops.feeds.scores import score_of_vector
from ops.feeds.shapes import (
    Json,
    Object,
    as_list,
    as_object,
    as_text,
    as_time,
    as_title,
    as_url,
    objects,
    parse_json,
    texts,
)

# VEX files of kernel CVEs, with every product and architecture, have some tens of megabytes.
_MOST_BYTES = 128 << 20
_PURL = re.compile(r"pkg:rpm/[^/@]+/(?P<name>[^@?]+)@(?P<version>[^?]+)(?:\?(?P<qualifiers>.*))?")
_EPOCH_IN_ID = re.compile(r"-(?P<epoch>\d+):")


@dataclass(frozen=True, slots=True)
class _Package:
    """A package in a version. SUSE's have no architecture."""

    name: str
    version: str
    is_source: bool


class Csaf:
    """The profiles ``csaf_security_advisory`` and ``csaf_vex``. Source: https://docs.oasis-open.org/csaf/csaf/v2.0/.

    A product that is fixed is a package in a version as a component of a platform; the platform's CPE says its release.
    """

    kind = "csaf"
    meaning = "CSAF advisories or VEX of Red Hat or SUSE, JSON: one, a folder, or a zip"
    speaks_of_exploitation = False

    def fits(self, head: bytes) -> bool:
        """See `FeedFormat.fits`."""
        return b'"csaf_version"' in head

    def read(self, document: Document) -> Iterator[CveRecord | Fix]:
        """See `FeedFormat.read`."""
        data = document.stream.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise FeedUnusable(f"{document.name} is larger than any advisory should be: it is not read.")
        whole = as_object(parse_json(data, document.name), document.name)
        about = as_object(whole.get("document"), "document")
        if not as_text(about.get("csaf_version"), "csaf_version").startswith("2."):
            raise FeedUnusable(f"{document.name} is not CSAF 2.")
        tracking = as_object(about.get("tracking"), "tracking")
        name = as_text(tracking.get("id"), "id")
        products = _Products.of(as_object(whole.get("product_tree"), "product_tree"))
        for vulnerability in objects(whole.get("vulnerabilities"), "vulnerabilities"):
            yield from _read_vulnerability(vulnerability, products, "" if find_cves(name) else name)


def _read_vulnerability(vulnerability: Object, products: "_Products", advisory: str) -> Iterator[CveRecord | Fix]:
    cve = next(iter(find_cves(as_text(vulnerability.get("cve"), "cve"))), None)
    if cve is None:
        return
    word, severity, score = _rate(vulnerability)
    exploited = _exploit_notes(vulnerability)
    yield CveRecord(
        cve,
        severity=severity,
        severity_text=word,
        score=score,
        known_exploited=True if exploited else None,
        published_at=as_time(as_text(vulnerability.get("release_date"), "release_date")),
        exploited_since=as_time(as_text(exploited[0].get("date"), "date")) if exploited else None,
        title=as_title(as_text(vulnerability.get("title"), "title")),
        url=_page(vulnerability),
    )
    status = as_object(vulnerability.get("product_status"), "product_status")
    advisories = _advisories(vulnerability) if not advisory else {}
    for key in ("fixed", "recommended", "first_fixed"):  # SUSE's VEX files have what is fixed as recommended
        for product_id in texts(status.get(key), key):
            for release, package in products.find(product_id):
                of = advisory or advisories.get(product_id, "")
                yield Fix(release, package.name, package.is_source, cve, package.version, "", of)


def _rate(vulnerability: Object) -> tuple[str, CveSeverity | None, float | None]:
    impacts = [
        as_text(threat.get("details"), "details")
        for threat in objects(vulnerability.get("threats"), "threats")
        if as_text(threat.get("category"), "category") == "impact"
    ]
    scores = [*filter(None, map(_score, objects(vulnerability.get("scores"), "scores")))]
    score = max(scores, default=None)
    word = next((impact for impact in impacts if severity_of_word(impact)), "")
    severity = severity_of_word(word) or (severity_of_score(score) if score is not None else None)
    return word, severity, score


def _score(entry: Object) -> float | None:
    for key in ("cvss_v4", "cvss_v3"):
        scored = as_object(entry.get(key), key)
        base = scored.get("baseScore")
        if isinstance(base, int | float) and not isinstance(base, bool) and 0 <= base <= 10:
            return float(base)
        if vector := as_text(scored.get("vectorString"), "vectorString"):
            return score_of_vector(vector)
    return None


def _exploit_notes(vulnerability: Object) -> list[Object]:
    """Red Hat's notes that it is exploited: they name CISA's catalogue."""
    return [
        threat
        for threat in objects(vulnerability.get("threats"), "threats")
        if as_text(threat.get("category"), "category") == "exploit_status"
        and as_text(threat.get("details"), "details").startswith("CISA")
    ]


def _page(vulnerability: Object) -> str:
    references = objects(vulnerability.get("references"), "references")
    return next((page for each in references if (page := as_url(as_text(each.get("url"), "url")))), "")


def _advisories(vulnerability: Object) -> dict[str, str]:
    """The advisory of each fixed product, by the address of its remediation: only Red Hat's VEX files have that."""
    found = {}
    for remediation in objects(vulnerability.get("remediations"), "remediations"):
        name = as_text(remediation.get("url"), "url").rpartition("/errata/")[2]
        if as_text(remediation.get("category"), "category") == "vendor_fix" and name.startswith("RH"):
            found.update(dict.fromkeys(texts(remediation.get("product_ids"), "product_ids"), name[:40]))
    return found


@dataclass(frozen=True, slots=True)
class _Products:
    releases: Mapping[str, str]
    packages: Mapping[str, _Package]
    components: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, tree: Object) -> "_Products":
        releases, packages = {}, {}
        waiting: list[Json] = [*as_list(tree.get("branches"), "branches")]
        while waiting:
            branch = as_object(waiting.pop(), "A branch")
            waiting += as_list(branch.get("branches"), "branches")
            product = as_object(branch.get("product"), "product")
            product_id = as_text(product.get("product_id"), "product_id")
            helper = as_object(product.get("product_identification_helper"), "product_identification_helper")
            if release := _release(product, helper):
                releases[product_id] = release
            elif package := _read_purl(as_text(helper.get("purl"), "purl"), product_id):
                packages[product_id] = package
        components = {
            as_text(as_object(each.get("full_product_name"), "full_product_name").get("product_id"), "product_id"): (
                as_text(each.get("relates_to_product_reference"), "relates_to_product_reference"),
                as_text(each.get("product_reference"), "product_reference"),
            )
            for each in objects(tree.get("relationships"), "relationships")
        }
        return cls(releases, packages, components)

    def find(self, product_id: str) -> Iterator[tuple[str, _Package]]:
        """Release and package of a component, nothing where either is none of ours."""
        platform, reference = self.components.get(product_id, ("", ""))
        # A package of a module is a component of the module, which is one of the platform.
        for _ in range(4):
            if platform in self.components:
                platform = self.components[platform][0]
        package = self.packages.get(reference)
        if package is not None and platform in self.releases:
            yield self.releases[platform], package


def _release(product: Object, helper: Object) -> str | None:
    cpe = as_text(helper.get("cpe"), "cpe")
    if cpe.startswith("cpe:/"):
        return release_of_cpe(cpe)
    return None if helper.get("purl") else release_of_name(as_text(product.get("name"), "name"))


def _read_purl(purl: str, product_id: str) -> _Package | None:
    """``pkg:rpm/redhat/sudo@1.9.5p2-10.el9_3?arch=src&epoch=1``; the epoch may stand in the product's id only."""
    match = _PURL.match(purl)
    if match is None:
        return None
    qualifiers = parse_qs(match["qualifiers"] or "", max_num_fields=20)
    in_id = _EPOCH_IN_ID.search(product_id)
    epoch = qualifiers.get("epoch", [in_id["epoch"] if in_id else "0"])[0]
    version = unquote(match["version"])
    whole = version if ":" in version or epoch == "0" else f"{epoch}:{version}"
    return _Package(unquote(match["name"]), whole, qualifiers.get("arch", [""])[0] == "src")
