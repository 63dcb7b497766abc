"""The files of a HISTORY table by the day that they hold."""

from collections import Counter
from collections.abc import Collection
from datetime import date

from deltalake import DeltaTable

from fleet.tables import DAY
from query.place import files_of

_FOLDER = f"/{DAY.name}="


def day_of(uri: str) -> str:
    """The day of a file, as in 2026-11-20; empty for one that lies in no day's folder."""
    return uri.partition(_FOLDER)[2][:10]


def count_by_day(opened: DeltaTable) -> Counter[str]:
    """How many files each day has."""
    return Counter(map(day_of, opened.file_uris()))


def files_of_days(opened: DeltaTable, days: Collection[date]) -> list[str]:
    """The paths of the files of ``days``."""
    wanted = {day.isoformat() for day in days}
    return [file for file in files_of(opened) if day_of(file) in wanted]
