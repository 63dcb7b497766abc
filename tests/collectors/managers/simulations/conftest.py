"""Readings of captured simulations, by the manager's own reader."""

from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.jobs.managers import find_job_manager
from collectors.sections import split_answer
from fleet.deployments.jobs import JobKind, JobOrder, PackageOrder
from fleet.deployments.plan import Simulation

CAPTURES = Path(__file__).parents[2] / "captures"
_MARKER = "patchdeck-test"
# An order as tests write it: "name version installed", of x86_64 where the name has no ".arch".
ReadSimulation = Callable[..., Simulation]


def order_of(*words: str) -> JobOrder:
    """The order of packages written ``name[/arch] version [installed]``."""
    return JobOrder("job", JobKind.INSTALL, tuple(_package(*text.split()) for text in words), 100)


def _package(name: str, version: str, installed: str = "") -> PackageOrder:
    name, _, architecture = name.partition("/")
    return PackageOrder(name, architecture or "x86_64", version, installed)


@pytest.fixture
def read_simulation() -> ReadSimulation:
    """``read(manager, capture, *packages, changes={old: new})``: what the reader makes of a captured simulation."""

    def read(manager: str, capture: str, *words: str, changes: dict[str, str] | None = None) -> Simulation:
        found = find_job_manager(manager)
        assert found is not None
        path = CAPTURES / f"{capture}.out"
        text = path.read_text()
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new)
        errors = path.with_suffix(".err")
        raw = errors.read_bytes() if errors.exists() else b""
        stdout, stderr = (part.replace(b"@MARKER@", _MARKER.encode()) for part in (text.encode(), raw))
        return found.read_simulation(split_answer(stdout, stderr, _MARKER), order_of(*words))

    return read
