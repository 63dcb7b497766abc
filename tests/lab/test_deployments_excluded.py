"""An excluded dependency on a real machine: what needs it is not installed, and says what it needs."""

import json

import pytest

from ops.exit_codes import ExitCode
from tests.lab.administrator import Administrator
from tests.lab.builder.lab import Lab

# acme-app 1.1-1 depends on acme-tool 1.1-1: tests/lab/builder/packages.py.
_WITHOUT_TOOL = """\
name = "without-tool"
targets = ["run-trouble"]

[updates]
include = ["acme-app", "acme-lib"]
exclude = ["acme-tool"]
"""


@pytest.fixture(scope="module")
def anna(deployed: Lab, tmp_path_factory: pytest.TempPathFactory) -> Administrator:
    """One machine, and the deployment."""
    anna = Administrator(deployed, tmp_path_factory.mktemp("anna"))
    anna.enrol("run-trouble")
    anna.define("without-tool", _WITHOUT_TOOL)
    return anna


def test_preview_names_the_excluded_dependency(anna: Administrator) -> None:
    """The update that needs an excluded one is left out, with the name of what it needs."""
    previewed = anna.do("deployments", "preview", "without-tool", "--json")

    (machine,) = json.loads(previewed.stdout)
    left_out = {each["name"]: each["detail"] for each in machine["left_out"]}
    assert [change["name"] for change in machine["changes"]] == ["acme-lib"]
    assert "acme-tool" in left_out["acme-app"]


def test_what_needs_an_excluded_dependency_stays_as_it_is(anna: Administrator) -> None:
    """The other update is installed; the two stay at their versions."""
    done = anna.do("deployments", "run", "without-tool", "--here", "--yes")

    assert done.returncode == ExitCode.OK, done.stderr
    assert anna.runs.deb("run-trouble", "acme-lib") == "1.0-1+deb12u1 installed"
    assert anna.runs.deb("run-trouble", "acme-app") == "1.0-1 installed"
    assert anna.runs.deb("run-trouble", "acme-tool") == "1.0-1 installed"


def test_results_say_that_it_was_excluded(anna: Administrator) -> None:
    """What was left out for a decision of the administrator is Excluded, not failed."""
    results = json.loads(anna.do("deployments", "results", "without-tool", "--json").stdout)

    statuses = {row["name"]: row["status"] for row in results}
    assert statuses["acme-lib"] == "Succeeded"
    assert statuses["acme-app"] == statuses["acme-tool"] == "Excluded"
