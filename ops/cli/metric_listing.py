"""Metrics as rows, for programs that do not read Prometheus' format."""

from ops.cli.listing import Column, Listing
from ops.metrics.gathering import Gathered

_COLUMNS = ("name", "type", "labels", "value")


def list_samples(gathered: Gathered) -> Listing:
    """One row a sample."""
    rows = [
        (
            family.metric.name,
            family.metric.type,
            {**gathered.fixed, **dict(zip(family.metric.labels, values, strict=True))},
            value,
        )
        for family in gathered.families
        for values, value in family.samples.items()
    ]
    return Listing(tuple(map(Column, _COLUMNS)), rows)
