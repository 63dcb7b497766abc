"""Metrics as Prometheus reads them: by its own client's parser."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from fleet.hostile import clean
from fleet.metric_catalogue import METRICS
from fleet.metrics import Family, Metric, MetricType, joined, only, render

_LABELLED = Metric("patchdeck_things", MetricType.GAUGE, 'Things, "quoted", with \\ and\nlines.', ("kind", "name"))
_PLAIN = Metric("patchdeck_deeds_total", MetricType.COUNTER, "Deeds.")


def _parsed(page: str) -> dict[tuple[tuple[str, str], ...], float]:
    return {
        tuple(sample.labels.items()): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_page_has_help_type_and_a_line_a_sample() -> None:
    """Whole numbers stay whole."""
    page = render([only(_PLAIN, 3), Family(_LABELLED, {("a", "b"): 0.5})], {"home": "lab"})
    assert page == (
        "# HELP patchdeck_deeds_total Deeds.\n"
        "# TYPE patchdeck_deeds_total counter\n"
        'patchdeck_deeds_total{home="lab"} 3\n'
        '# HELP patchdeck_things Things, "quoted", with \\\\ and\\nlines.\n'
        "# TYPE patchdeck_things gauge\n"
        'patchdeck_things{home="lab",kind="a",name="b"} 0.5\n'
    )


def test_what_is_not_known_is_not_there() -> None:
    """Neither as 0, nor as a metric without samples."""
    assert render([only(_PLAIN, None), Family(_LABELLED, {})]) == ""
    assert render([only(_PLAIN, 0)]).endswith("patchdeck_deeds_total 0\n")


def test_numbers_that_are_none_are_spelt_as_prometheus_does() -> None:
    """Not as Python does."""
    values = [math.inf, -math.inf, math.nan]
    lines = render([Family(_LABELLED, {("", str(n)): value for n, value in enumerate(values)})]).splitlines()[2:]
    assert [line.rpartition(" ")[2] for line in lines] == ["+Inf", "-Inf", "NaN"]


@given(st.dictionaries(st.tuples(st.text(), st.text()), st.floats(allow_nan=False), min_size=1, max_size=5))
def test_whatever_labels_hold_is_read_back_harmless(samples: dict[tuple[str, str], float]) -> None:
    """Each set of labels once: a page with one twice is refused as a whole."""
    page = render([Family(_LABELLED, dict(samples.items()))])
    wanted: dict[tuple[tuple[str, str], ...], float] = {}
    for (kind, name), value in samples.items():
        wanted.setdefault((("kind", clean(kind, 200)), ("name", clean(name, 200))), value)
    assert _parsed(page) == wanted
    assert page.count("\n") == 2 + len(wanted)


def test_a_metric_that_comes_from_several_parts_is_told_once() -> None:
    """Its samples stand together, where it comes first."""
    parts = [Family(_LABELLED, {("a", "b"): 1}), only(_PLAIN, 2), Family(_LABELLED, {("c", "d"): 3})]
    families = joined(parts)
    assert [family.metric.name for family in families] == ["patchdeck_things", "patchdeck_deeds_total"]
    assert families[0].samples == {("a", "b"): 1, ("c", "d"): 3}


def test_declared_metrics_follow_the_conventions() -> None:
    """Of prometheus.io/docs/practices/naming: one prefix, base units, `_total` for counters only."""
    names = [metric.name for metric in METRICS]
    assert len(names) > 40
    assert len(set(names)) == len(names)
    for metric in METRICS:
        assert re.fullmatch(r"patchdeck_[a-z][a-z_]*[a-z]", metric.name)
        assert metric.name.endswith("_total") == (metric.type is MetricType.COUNTER)
        assert not re.search(r"_(minutes|hours|days|mib|count|gauge)$", metric.name)
        assert all(re.fullmatch(r"[a-z]+", label) and label != "home" for label in metric.labels)
        assert metric.help.endswith(".")
