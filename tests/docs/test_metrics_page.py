"""docs/metrics.md shows rules and queries that work, over metrics that there are."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from fleet.metric_catalogue import METRICS

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")


def _rules() -> str:
    found = re.search(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def _panels() -> list[str]:
    table = PAGE.partition("## Panels for Grafana")[2]
    return [query.replace("\\|", "|") for query in re.findall(r"\| `(.+)` \|$", table, re.MULTILINE)]


def test_every_metric_that_is_named_is_there() -> None:
    """In the text, in the rules and in the queries."""
    known = {metric.name for metric in METRICS}
    named = set(re.findall(r"\bpatchdeck_[a-z_]*[a-z]\b", PAGE))
    assert len(named) > 15
    assert {name for name in named if name not in known and name != "patchdeck_machine"} == set()


def test_labels_that_are_asked_for_are_the_metrics_own() -> None:
    """A rule over a label that no sample has never fires."""
    labels = {metric.name: set(metric.labels) for metric in METRICS}
    selectors = re.findall(r"(patchdeck_[a-z_]*[a-z])\{([^}]*)\}", PAGE)
    assert selectors
    for name, matchers in selectors:
        assert set(re.findall(r"([a-z]+)(?:=~|!~|=|!=)", matchers)) <= labels[name]


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed: Debian's package prometheus")
def test_promtool_takes_the_rules_and_the_queries(tmp_path: Path) -> None:
    """`promtool check rules` reads each expression; a query counts as the rule that records it."""
    recorded = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(_panels())]
    assert len(recorded) > 10
    assert len(yaml.safe_load(_rules())["groups"][0]["rules"]) > 5
    (tmp_path / "rules.yml").write_text(_rules())
    (tmp_path / "panels.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": recorded}]}))
    done = subprocess.run(
        ["promtool", "check", "rules", tmp_path / "rules.yml", tmp_path / "panels.yml"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
