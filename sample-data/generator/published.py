"""What Microsoft publishes of an update: dates, articles, severities."""

from fleet.records import Row, Value
from generator.roster import Member
from generator.windows_updates import WindowsUpdate, streams_of


class Publications:
    """What was published for the system of one machine; nothing for Linux, whose machines say all that they know."""

    def __init__(self, member: Member) -> None:
        self._windows: dict[str, WindowsUpdate] = {}
        if not member.is_linux:
            updates = (update for stream in streams_of(member.system.key, member.role).values() for update in stream)
            self._windows = {update.title: update for update in updates}

    def complete(self, row: Row) -> Row:
        """``row`` of Update or UpdateHistory with what was published of its update."""
        update = self._windows.get(str(row["Product"]))
        return {**row, **_windows_columns(update)} if update else row


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
