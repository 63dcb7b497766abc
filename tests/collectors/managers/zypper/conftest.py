"""Captured answers of zypper, and sections made of single outputs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.sections import Section
from fleet.assessments import Assessment
from fleet.updates import Update

CAPTURES = Path(__file__).parents[2] / "captures"


@pytest.fixture(scope="session")
def capture() -> Callable[[str], str]:
    """The text of a captured file: ``capture("zypper/leap-15-root.txt")``."""
    return lambda name: (CAPTURES / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def section() -> Callable[..., Section]:
    """A section of one output: ``section("zypper-updates", text, exit_status=106)``."""

    def make(name: str, stdout: str | bytes, *, stderr: str = "", exit_status: int = 0) -> Section:
        raw = stdout if isinstance(stdout, bytes) else stdout.encode()
        return Section(name, raw, stderr.encode(), exit_status)

    return make


@pytest.fixture(scope="session")
def by_name() -> Callable[[Assessment], dict[str, Update]]:
    """The updates of an assessment by the name of their package."""
    return lambda assessment: {update.name: update for update in assessment.updates}
