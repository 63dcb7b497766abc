"""What failed among all other tests, written down so that it can be looked at once more, alone (`tests/run-all`)."""

import re
from pathlib import Path

import pytest


class FailedTests:
    """The tests that failed, one a line of ``path``, as pytest takes them: `pytest @path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test whose setup, call or teardown failed, or which ended its worker."""
        if report.failed:
            self._ids[id_without_group(report.nodeid)] = None

    def pytest_sessionfinish(self) -> None:
        """Writes what failed."""
        self._path.write_text("".join(f"{nodeid}\n" for nodeid in self._ids))


def id_without_group(nodeid: str) -> str:
    """The id of a test as it is told where tests run alone: xdist appends the name of its group."""
    return re.sub(r"@[\w-]+$", "", nodeid)
