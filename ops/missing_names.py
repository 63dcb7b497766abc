"""What missing updates are called, and CVEs whose fix machines lack: names to choose from, not the updates."""

from collections.abc import Mapping

from fleet.hostile import clean_name
from fleet.tables import MISSING_FIX, UPDATE
from fleet.updates import UpdateState
from ops.home import Home
from ops.missing import find_articles


def list_update_names(home: Home, machine: str = "") -> Mapping[str, str]:
    """Names of packages, and ``KB5044284`` with its title, of all that any machine misses, in order; of the one called
    ``machine`` alone where it is named. Blocking.

    Raises:
        HomeUnusable: the tables cannot be read.
    """
    import polars

    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    is_needed = polars.col("UpdateState") == UpdateState.NEEDED.value
    if machine:
        is_needed &= polars.col("Computer").str.to_lowercase() == machine.casefold()
    rows = StoredTable(tables_of(home), UPDATE).read(["Product", "Title", "UpdateID", "KBID"], is_needed).unique()
    names: dict[str, str] = {}
    for product, title, update_id, kb in rows.rows():
        if update_id:
            names |= {f"KB{article}": clean_name(title or "") for article in find_articles(kb or "")}
        elif product:
            names[clean_name(product)] = ""
    return {name: names[name] for name in sorted(names, key=str.casefold)}


def list_lacked_cves(home: Home) -> tuple[str, ...]:
    """The CVEs whose fix a machine lacks, by feeds or by advisories of what it misses; the newest first. Blocking.

    Raises:
        HomeUnusable: the tables cannot be read.
    """
    import polars

    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    is_needed = polars.col("UpdateState") == UpdateState.NEEDED.value
    advised = StoredTable(tables_of(home), UPDATE).read(["CVENumbers"], is_needed)["CVENumbers"].unique()
    lacked = StoredTable(tables_of(home), MISSING_FIX).read(["CVE"])["CVE"].unique()
    named = {name for joined in advised if joined for name in joined.split(";")} | {name for name in lacked if name}
    return tuple(sorted(map(clean_name, named - {""}), key=_age, reverse=True))


def _age(cve: str) -> list[tuple[int, str]]:
    """Puts CVE-2026-999 before CVE-2026-12345; what is no number is older than all."""
    return [(int(part) if part.isdecimal() else 0, part) for part in cve.split("-")]
