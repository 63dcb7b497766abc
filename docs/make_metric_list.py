"""Makes docs/metric-list.md from the metrics as they are declared in fleet/metric_catalogue.py; run by make_all.py."""

from pathlib import Path

from fleet.metric_catalogue import METRICS
from fleet.metrics import Metric

PAGE = Path(__file__).with_name("metric-list.md")

_INTRODUCTION = """\
<!-- Made by docs/make_metric_list.py from fleet/metric_catalogue.py: do not edit. -->

# Every metric

What they are for and how they reach Prometheus: [metrics](metrics.md). Times are seconds since 1970 in UTC, sizes are
bytes, answers to yes and no are 1 and 0. What is not known has no sample. Where the home has a name (`app.name`), each
sample also has the label `home`.

| metric | type | labels | what it says |
| --- | --- | --- | --- |
{rows}
"""


def make() -> str:
    """The text of the page."""
    return _INTRODUCTION.format(rows="\n".join(map(_row, METRICS)))


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.type.value} | {labels} | {metric.help} |"
