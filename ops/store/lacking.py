"""The rows of MissingFix as a data frame: hundreds a machine, most of them the same on many machines.

So each fix and each machine becomes a row once, and the frame is put together from both by position.
"""

from collections.abc import Mapping

import polars as pl

from fleet.cves import MissingFix
from fleet.fix_records import FIX_COLUMNS, fix_values
from fleet.records import Row
from fleet.tables import MISSING_FIX
from ops.store.batch import Lacking
from ops.store.frames import make_unsorted_frame

_KEY = ("SourceComputerId", "CVE", "Product", "ProductArch")


def replace_lacking(stored: pl.DataFrame, lacking: Mapping[str, Lacking]) -> pl.DataFrame:
    """``stored`` with what the machines lack now in the place of their rows, in the table's order.

    A fix that a machine lacked before keeps the time when that was first seen.
    """
    is_theirs = pl.col("SourceComputerId").is_in(list(lacking))
    known = stored.filter(is_theirs).select(*_KEY, pl.col("FirstSeen").alias("known")).unique(_KEY, keep="first")
    fresh = _make_frame(lacking).join(known, on=_KEY, how="left")
    dated = fresh.with_columns(FirstSeen=pl.coalesce("known", "FirstSeen")).drop("known")
    return pl.concat([stored.filter(~is_theirs), dated]).sort(MISSING_FIX.sort_by, maintain_order=True)


def _make_frame(lacking: Mapping[str, Lacking]) -> pl.DataFrame:
    positions: dict[int, int] = {}
    fixes: list[MissingFix] = []
    machine_of_row: list[int] = []
    fix_of_row: list[int] = []
    for machine, each in enumerate(lacking.values()):
        machine_of_row += [machine] * len(each.fixes)
        for fix in each.fixes:
            position = positions.setdefault(id(fix), len(fixes))
            if position == len(fixes):
                fixes.append(fix)
            fix_of_row.append(position)
    rows = [each.row for each in lacking.values()]
    blank: Row = rows[0] if rows else {}
    of_machines = make_unsorted_frame(MISSING_FIX, rows).drop(FIX_COLUMNS)
    of_fixes = make_unsorted_frame(MISSING_FIX, [{**blank, **fix_values(fix)} for fix in fixes]).select(FIX_COLUMNS)
    joined = of_machines[machine_of_row].hstack(of_fixes[fix_of_row].get_columns())
    return joined.select(MISSING_FIX.column_names)
