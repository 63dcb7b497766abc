"""`patchdeck metrics`, as people run it."""

import json
from pathlib import Path

import pytest

from tests.ops.cli.conftest import Patchdeck


def test_metrics_are_printed_as_prometheus_reads_them(patchdeck: Patchdeck) -> None:
    """Those of machines too, and without a service."""
    patchdeck("machines", "add", "a", "--address", "127.0.0.1", "--transport", "ssh")
    ended = patchdeck("metrics")
    assert 'patchdeck_machines{os="unknown",system="unknown",compliance="not-assessed"} 1\n' in ended.out
    assert "patchdeck_service_running 0\n" in ended.out
    assert ended.err == ""


def test_metrics_are_an_array_of_objects_too(patchdeck: Patchdeck) -> None:
    """One object a sample."""
    samples = json.loads(patchdeck("metrics", "--json").out)
    assert {"name": "patchdeck_service_running", "type": "gauge", "labels": {}, "value": 0} in samples


def test_metrics_are_written_to_a_file(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """For a cron job where there is no service; not as JSON."""
    patchdeck("metrics", "-o", "out.prom")
    assert (tmp_path / "out.prom").read_text().startswith("# HELP patchdeck_")
    patchdeck("metrics", "--json", "-o", "out.prom", code=2)
    assert "no ordinary file" in patchdeck("metrics", "-o", "/dev/null", code=1).err


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('listen = "0.0.0.0:9464"', "could be reached from other hosts"),
        ('listen = "127.0.0.1"', "names no port"),
        ('textfile = "patchdeck.prom"', "absolute path"),
        ("machines = 3", "it takes a list of texts"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(patchdeck: Patchdeck, home: Path, line: str, why: str) -> None:
    """With the file and the line, before anything is done."""
    patchdeck("machines", "list")
    (home / "config.toml").write_text(f"[metrics]\n{line}\n")
    error = patchdeck("metrics", code=2).err
    assert "config.toml, line 2: metrics." in error
    assert why in error


def test_a_home_with_a_name_has_it_in_every_sample(patchdeck: Patchdeck, home: Path) -> None:
    """Two homes on one host would tell of the same metrics otherwise."""
    patchdeck("machines", "list")
    (home / "config.toml").write_text('[app]\nname = "lab"\n')
    lines = [line for line in patchdeck("metrics").out.splitlines() if not line.startswith("#")]
    assert all('{home="lab"' in line for line in lines)
