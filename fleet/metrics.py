"""Metrics in Prometheus' text format: what one is, and how many become a page. Which there are: `metric_catalogue`.

Source: prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4 of the text format.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fleet.hostile import clean

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Names of systems and paths come from machines; longer ones tell nobody more.
_LONGEST_VALUE = 200


# By the values of a metric's labels.
Samples = Mapping[tuple[str, ...], float]


class MetricType(StrEnum):
    """GAUGE goes up and down; COUNTER only ever goes up, for as long as the home lives."""

    GAUGE = "gauge"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as declared: its name, with its unit as the last word where it has one, and the names of its labels."""

    name: str
    type: MetricType
    help: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """The values of a metric now, by the values of its labels. What is not known has no sample: it is not 0."""

    metric: Metric
    samples: Samples


def only(metric: Metric, value: float | None) -> Family:
    """The family of a metric without labels; without a sample where ``value`` is not known."""
    return Family(metric, {} if value is None else {(): value})


def joined(families: Iterable[Family]) -> tuple[Family, ...]:
    """``families``, each metric once, where it comes first."""
    samples: dict[str, dict[tuple[str, ...], float]] = {}
    metrics: dict[str, Metric] = {}
    for family in families:
        metrics.setdefault(family.metric.name, family.metric)
        samples.setdefault(family.metric.name, {}).update(family.samples)
    return tuple(Family(metric, samples[name]) for name, metric in metrics.items())


def render(families: Iterable[Family], fixed: Mapping[str, str] = MappingProxyType({})) -> str:
    """``families`` as a page of the text format; each sample also has the labels ``fixed``. Empty ones are left out.

    Values of labels that are the same once they are harmless would void the whole page: the first one stands.
    """
    fixed_text = ",".join(_label(name, value) for name, value in fixed.items())
    return "".join(line for family in families if family.samples for line in _lines(family, fixed_text))


def _lines(family: Family, fixed: str) -> Iterator[str]:
    metric = family.metric
    yield f"# HELP {metric.name} {_escape_help(metric.help)}\n"
    yield f"# TYPE {metric.name} {metric.type.value}\n"
    told: set[str] = set()
    for values, value in family.samples.items():
        labels = ",".join(map(_label, metric.labels, values))
        if labels not in told:
            told.add(labels)
            both = f"{fixed},{labels}" if fixed and labels else fixed or labels
            yield f"{metric.name}{{{both}}} {_number(value)}\n" if both else f"{metric.name} {_number(value)}\n"


def _label(name: str, value: str) -> str:
    escaped = clean(value, _LONGEST_VALUE).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}="{escaped}"'


def _escape_help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(int(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
