"""Documents of the sample's feeds, in the formats in which CISA, Debian and Ubuntu publish them. All invented."""

from collections import defaultdict
from datetime import datetime, timedelta

from generator.era import NOW
from generator.releases import Release, releases_of
from generator.systems import SYSTEMS
from generator.vulnerabilities import SHARED, Vulnerability, describe

Json = dict[str, object]

_CODE_NAMES = {
    "debian-11": "bullseye",
    "debian-12": "bookworm",
    "ubuntu-20.04": "focal",
    "ubuntu-22.04": "jammy",
    "ubuntu-24.04": "noble",
}
_URGENCIES = {"low": "low", "medium": "medium", "high": "high", "critical": "high"}
# What nobody mends any more in the ordinary repositories of a release that has ended; only Debian's ELTS has the fix.
_ENDED = ("debian-11", "openssl", "CVE-2026-990306", "1.1.1w-0+deb11u9")
_DAYS_TO_MEND = 21


def kev_document() -> Json:
    """The catalogue of known exploited vulnerabilities."""
    entries = [_kev_entry(each, each.exploited_at) for each in SHARED if each.exploited_at]
    return {
        "title": "Sample of a catalogue of known exploited vulnerabilities (invented)",
        "catalogVersion": f"{NOW:%Y.%m.%d}",
        "dateReleased": f"{NOW:%Y-%m-%dT%H:%M:%S}.0000Z",
        "count": len(entries),
        "vulnerabilities": entries,
    }


def debian_document() -> Json:
    """An excerpt of Debian's security tracker."""
    packages: dict[str, Json] = defaultdict(dict)
    for source, cve, known, fixes in _mended("debian"):
        releases = {
            _CODE_NAMES[key]: {
                "status": "resolved",
                "fixed_version": version,
                "urgency": _URGENCIES[known.severity],
            }
            for key, version in fixes.items()
        }
        packages[source][cve] = {"description": known.title, "scope": "remote", "releases": releases}
    return dict(sorted(packages.items()))


def ubuntu_document() -> Json:
    """An excerpt of Ubuntu's CVE tracker."""
    entries: dict[str, Json] = {}
    for source, cve, known, fixes in _mended("ubuntu"):
        statuses = [
            {"release_codename": _CODE_NAMES[key], "status": "released", "description": version}
            for key, version in fixes.items()
        ]
        entry = entries.setdefault(cve, _ubuntu_entry(cve, known))
        packages = entry["packages"]
        assert isinstance(packages, list)
        packages.append({"name": source, "statuses": statuses})
    return {"cves": [entries[cve] for cve in sorted(entries)], "offset": 0, "limit": len(entries)}


def fixed_first_at() -> dict[str, datetime]:
    """When the first system had a fix, by CVE."""
    times: dict[str, datetime] = {}
    for key, system in SYSTEMS.items():
        for releases in releases_of(key).values() if system.catalogue else ():
            for release in releases:
                for cve in release.cve_numbers:
                    times[cve] = min(times.get(cve, release.published_at), release.published_at)
    return times


def _mended(family: str) -> list[tuple[str, str, Vulnerability, dict[str, str]]]:
    """Source package, CVE, what is known of it, and the first version without it by system."""
    firsts: dict[tuple[str, str], dict[str, Release]] = defaultdict(dict)
    for key in (key for key in _CODE_NAMES if key.startswith(family)):
        for source, releases in releases_of(key).items():
            for release in releases:
                for cve in release.cve_numbers:
                    firsts[source, cve].setdefault(key, release)
    return [(source, cve, *_describe(source, cve, by_key)) for (source, cve), by_key in sorted(firsts.items())]


def _describe(source: str, cve: str, by_key: dict[str, Release]) -> tuple[Vulnerability, dict[str, str]]:
    known = describe(cve, source, min(release.published_at for release in by_key.values()))
    versions = {key: release.version for key, release in by_key.items()}
    ended, ended_source, ended_cve, version = _ENDED
    if (source, cve) == (ended_source, ended_cve) and any(key.startswith("debian") for key in by_key):
        versions[ended] = version
    return known, versions


def _kev_entry(known: Vulnerability, exploited_at: datetime) -> Json:
    return {
        "cveID": known.cve,
        "vendorProject": "Sample",
        "product": known.title.partition(":")[0],
        "vulnerabilityName": known.title,
        "dateAdded": f"{exploited_at:%Y-%m-%d}",
        "shortDescription": f"{known.title}. Invented for the sample.",
        "requiredAction": "Apply mitigations per vendor instructions.",
        "dueDate": f"{exploited_at + timedelta(days=_DAYS_TO_MEND):%Y-%m-%d}",
        "knownRansomwareCampaignUse": "Unknown",
        "notes": "",
    }


def _ubuntu_entry(cve: str, known: Vulnerability) -> Json:
    return {
        "id": cve,
        "description": known.title,
        "priority": known.severity,
        "cvss3": known.score,
        "published": f"{known.disclosed_at:%Y-%m-%dT%H:%M:%S}",
        "packages": [],
    }
