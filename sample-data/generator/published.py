"""What publishers say of an update and package managers do not: dates, advisories, CVE numbers, KB articles."""

from fleet.records import Row, Value
from generator.releases import Release, releases_of
from generator.roster import Member
from generator.windows_updates import WindowsUpdate, streams_of


class Publications:
    """What was published for the system of one machine."""

    def __init__(self, member: Member) -> None:
        key = member.system.key
        self._windows: dict[str, WindowsUpdate] = {}
        self._linux: dict[str, tuple[Release, ...]] = {}
        if not member.is_linux:
            updates = (update for stream in streams_of(key, member.role).values() for update in stream)
            self._windows = {update.title: update for update in updates}
            return
        for releases in releases_of(key).values():
            for binary, _ in releases[0].source.binaries if releases else ():
                self._linux[binary] = releases

    def complete(self, row: Row) -> Row:
        """``row`` of Update or UpdateHistory with what was published of its update."""
        product = str(row["Product"])
        if product in self._windows:
            return {**row, **_windows_columns(self._windows[product])}
        return {**row, **_linux_columns(row, self._linux.get(product, ()))}


def _windows_columns(update: WindowsUpdate) -> dict[str, Value]:
    seconds = 60 + update.size_bytes / 500_000
    return {
        "UpdateID": update.update_id,
        "RevisionNumber": "200",
        "KBID": update.kb,
        "Title": update.title,
        "Product": update.product,
        "ProductVersion": "",
        "ProductArch": "",
        "InstalledVersion": "",
        "PackageRepository": "",
        "PublishedDate": update.published_at,
        "Optional": update.is_optional,
        "Approved": True,
        "ApprovalSource": "Microsoft Update",
        "MSRCSeverity": update.severity,
        "RebootBehavior": update.reboot_behavior,
        "InstallTimeAvailable": True,
        "InstallTimePredictionSeconds": round(seconds),
        "InstallTimeDeviationRangeSeconds": round(seconds / 4),
    }


def _linux_columns(row: Row, releases: tuple[Release, ...]) -> dict[str, Value]:
    if not releases:
        return {}
    source = releases[0].source
    numbers = {source.version_at(number): number for number in range(len(releases) + 1)}
    old = numbers.get(str(row["InstalledVersion"]), 0)
    new = numbers.get(str(row["ProductVersion"]), 0)
    passed = [release for release in releases if old < release.number <= new]
    security = [release for release in passed if release.is_security]
    cves = sorted({cve for release in security for cve in release.cve_numbers})
    return {
        "PublishedDate": passed[-1].published_at if passed else None,
        "BulletinID": security[-1].advisory if security else "",
        "CVENumbers": ";".join(cves),
    }
