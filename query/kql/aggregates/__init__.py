"""The aggregates of KQL: what stands in summarize, each with its signature and its SQL."""

from collections.abc import Mapping

from query.kql.aggregates.aggregate import Aggregate
from query.kql.aggregates.collections import COLLECTIONS
from query.kql.aggregates.counts import COUNTS
from query.kql.aggregates.rows import ROWS
from query.kql.aggregates.statistics import STATISTICS

AGGREGATES: Mapping[str, Aggregate] = {
    name: aggregate
    for family in (COUNTS, ROWS, COLLECTIONS, STATISTICS)
    for aggregate in family
    for name in aggregate.names
}

__all__ = ["AGGREGATES", "Aggregate"]
