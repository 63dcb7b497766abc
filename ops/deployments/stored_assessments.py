"""Which assessments the tables hold already: after a crash nobody else knows."""

from collections.abc import Sequence

import polars as pl

from fleet.assessments import Assessment
from fleet.tables import ASSESSMENT
from ops.home import Home
from ops.store.delta import StoredTable
from ops.store.place import tables_of

_KEY = ("SourceComputerId", "TimeGenerated")


def without_stored(home: Home, assessments: Sequence[Assessment]) -> list[Assessment]:
    """Those of ``assessments`` that the table Assessment does not hold; what waits to be stored is not looked at."""
    if not assessments:
        return []
    first = min(assessment.ended_at for assessment in assessments)
    rows = StoredTable(tables_of(home), ASSESSMENT).scan().filter(pl.col("TimeGenerated") >= first).select(_KEY)
    known = set(rows.collect().iter_rows())
    return [each for each in assessments if (each.machine_id, each.ended_at) not in known]
