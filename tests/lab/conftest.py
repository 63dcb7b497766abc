"""The lab for tests: real machines where we are root, otherwise a skip that says why, which in CI is a failure."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path

import pytest

from fleet.assessments import Assessment
from tests.lab.builder.deployment_machines import DEPLOYED
from tests.lab.builder.host import reasons_it_cannot_run
from tests.lab.builder.lab import Lab, running
from tests.lab.fleet_of import assess_all
from tests.lab.own_answer import OwnAnswer, ask
from tests.lab.real_runs import RealRuns
from tests.lab.shared_network import looking_past_labs

# The first run on a machine builds the base layer: about a minute, and more on a slow line.
_BUILD_SECONDS = 900
_PATCHING = ("test_deployments", "test_jobs", "test_machine_worker", "test_patching_lines", "test_reboots")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook, before ours where the lab alone is asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a lab stay on one worker; the first one may wait for the building.

    Those that patch machines have labs of their own, so that they run beside those that only look.
    """
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            patches = item.path.name.startswith(_PATCHING)
            item.add_marker(pytest.mark.lab)
            item.add_marker(pytest.mark.xdist_group("lab-patching" if patches else "lab"))
            item.add_marker(pytest.mark.timeout(_BUILD_SECONDS))


@pytest.fixture(scope="session")
def can_build() -> None:
    """Skips where no lab can be built, and fails there in CI: what is skipped in CI is never seen."""
    if reasons := reasons_it_cannot_run():
        refuse = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"no lab of real machines here: {'; '.join(reasons)}")


@pytest.fixture(scope="module", autouse=True)
def network(request: pytest.FixtureRequest) -> Iterator[None]:
    """What machines that are rebooted are said to listen at, but where that itself is tested."""
    with nullcontext() if request.path.name == "test_machine_worker.py" else looking_past_labs():
        yield


@pytest.fixture(scope="session")
def lab(can_build: None) -> Iterator[Lab]:
    """All machines of the lab, running."""
    with running() as machines:
        yield machines


@pytest.fixture(scope="session")
def assessed(lab: Lab) -> Mapping[str, Assessment]:
    """Every machine of the lab, assessed once over SSH as an ordinary user."""
    return assess_all(lab, list(lab.machines))


@pytest.fixture(scope="session")
def ask_apt(lab: Lab) -> Callable[[str], OwnAnswer]:
    """Gives what the package manager of a machine says itself; each machine is asked once."""
    return cache(partial(ask, lab))


@pytest.fixture(scope="session")
def deployed(can_build: None) -> Iterator[Lab]:
    """The machines that deployments are run on, running; a test has those given anew that it works on."""
    with running(tuple(spec.name for spec in DEPLOYED)) as machines:
        yield machines


@pytest.fixture
def runs(deployed: Lab, tmp_path: Path) -> RealRuns:
    """A home without machines yet."""
    return RealRuns(deployed, tmp_path)
