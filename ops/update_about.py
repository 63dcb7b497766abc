"""What is known of one update, whichever machine needs it: advisories, CVEs, when it came, and what takes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.hostile import clean, clean_name
from fleet.reasons.reason import Reason, ReasonKind
from fleet.tables import CVE, UPDATE
from fleet.updates import Update, UpdateState
from ops.config import load_settings
from ops.home import Home
from ops.missing import MissingUpdate
from ops.statuses import statuses_of
from ops.why.answers import group_answers, why_everywhere

_TAKING = (ReasonKind.WILL_BE_INSTALLED, ReasonKind.RUN_IN_PROGRESS, ReasonKind.WAITS_FOR_WINDOW)
_WAITING = (ReasonKind.WAITS_FOR_APPROVAL, ReasonKind.RUN_PAUSED)
_COLUMNS = ("BulletinID", "BulletinUrl", "CVENumbers", "CVESource", "CVESeverity", "PackageSeverity", "MSRCSeverity")


_SQL = f"""
SELECT DISTINCT {", ".join(_COLUMNS)} FROM Update
WHERE UpdateState = 'Needed' AND list_contains(string_split(CAST($ids AS VARCHAR), ','), SourceComputerId)
    AND CASE WHEN CAST($guid AS VARCHAR) IS NOT NULL THEN UpdateID = $guid
        ELSE Product = $name AND ProductVersion = $version END
ORDER BY ALL
"""  # noqa: S608 - declared names


@dataclass(frozen=True, slots=True)
class CveAbout:
    """What one feed says of a CVE; one that no feed speaks of has an empty ``feed``. ``score`` is CVSS, 0 to 10;
    ``is_exploited`` is None where the feed does not speak of that.
    """

    cve: str
    feed: str = ""
    severity: str = ""
    score: float | None = None
    is_exploited: bool | None = None
    exploited_since: datetime | None = None
    due_at: datetime | None = None
    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ComingRun:
    """A run, or the next start of a deployment, that has the update; ``machines`` are those it has it for."""

    reason: Reason
    machines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpdateAbout:
    """One update. ``severities`` are the vendor's own words; ``installed`` what machines have instead of it."""

    update: Update
    machines: tuple[str, ...]
    installed: tuple[str, ...]
    advisories: tuple[str, ...]
    urls: tuple[str, ...]
    severities: tuple[str, ...]
    cve_source: str
    cves: tuple[CveAbout, ...]
    runs: tuple[ComingRun, ...]
    first_seen: datetime | None
    fleet_first_seen: datetime | None


def about_update(
    home: Home, missing: Sequence[MissingUpdate], now: datetime | None = None, at: datetime | None = None
) -> UpdateAbout:
    """All of the update that ``missing`` is on its machines; at least one. Blocking; for a thread.

    At ``at``, an earlier instant, by the deployments and the runs of then; what feeds say of CVEs is of the present.
    """
    update = missing[0].update
    rows = _rows_of(home, missing) if at is None else _rows_at(home, missing, at)
    then = statuses_of(home, ["all"], at) if at is not None else None
    named = dict.fromkeys(name for row in rows for name in _parts(row["CVENumbers"]))
    groups = group_answers(why_everywhere(home, missing, at or now, then))
    known = update.windows
    return UpdateAbout(
        update,
        tuple(sorted(clean_name(each.machine_name) for each in missing)),
        _distinct(each.update.installed_version for each in missing),
        _distinct((*(name for row in rows for name in _parts(row["BulletinID"])), *update.advisories)),
        _distinct(url for row in rows for url in _parts(row["BulletinUrl"])),
        _distinct((*(row["PackageSeverity"] for row in rows), *((known.severity,) if known else ()))),
        ", ".join(_distinct(name for row in rows for name in _parts(row["CVESource"]))),
        _cves(home, [*named]),
        tuple(ComingRun(each.example, each.machines) for each in groups if each.example.kind in (*_TAKING, *_WAITING)),
        min((each.first_seen for each in missing if each.first_seen), default=None),
        min((each.fleet_first_seen for each in missing if each.fleet_first_seen), default=None),
    )


def _rows_of(home: Home, missing: Sequence[MissingUpdate]) -> list[dict[str, str | None]]:
    """What the machines' own metadata says of the update, each saying once."""
    import polars

    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    update = missing[0].update
    rows = (
        StoredTable(tables_of(home), UPDATE)
        .read((*_COLUMNS, "UpdateState", "SourceComputerId", "UpdateID", "Product", "ProductVersion"))
        .filter(
            (polars.col("UpdateState") == UpdateState.NEEDED.value)
            & polars.col("SourceComputerId").is_in([each.machine_id for each in missing])
        )
    )
    known = update.windows
    if known is not None:
        mine = rows.filter(polars.col("UpdateID") == known.update_id)
    else:
        mine = rows.filter(
            (polars.col("Product") == update.name) & (polars.col("ProductVersion") == update.offered_version)
        )
    return mine.select(_COLUMNS).unique(maintain_order=True).rows(named=True)


def _rows_at(home: Home, missing: Sequence[MissingUpdate], at: datetime) -> list[dict[str, str | None]]:
    """As `_rows_of`, as it was said by then."""
    from ops.past.room import opened_room

    update = missing[0].update
    names = {
        "ids": ",".join({each.machine_id for each in missing}),
        "guid": update.windows.update_id if update.windows else None,
        "name": update.name,
        "version": update.offered_version,
    }
    with opened_room(home, load_settings(home), at) as room:
        found = room.ask(_SQL, names)
    return [dict(zip(_COLUMNS, map(_text, row), strict=True)) for row in found.rows]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _cves(home: Home, names: Sequence[str]) -> tuple[CveAbout, ...]:
    """What each feed says of each CVE, the most pressing first; those that no feed speaks of last."""
    import polars

    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    found = StoredTable(tables_of(home), CVE).read().filter(polars.col("CVE").is_in(list(names)))
    told = [
        CveAbout(
            row["CVE"],
            clean_name(row["Feed"] or ""),
            clean_name(row["Severity"] or ""),
            row["Score"],
            row["KnownExploited"],
            row["ExploitedSince"],
            row["DueAt"],
            clean(row["Title"] or ""),
            clean(row["Url"] or ""),
        )
        for row in found.iter_rows(named=True)
    ]
    silent = [CveAbout(clean_name(name)) for name in names if name not in {each.cve for each in told}]
    ordered = sorted(told, key=lambda each: (not each.is_exploited, -(each.score or 0.0), each.cve, each.feed))
    return (*ordered, *silent)


def _parts(text: str | None) -> list[str]:
    return [part for part in (text or "").split(";") if part]


def _distinct(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clean(text) for text in texts if text))
