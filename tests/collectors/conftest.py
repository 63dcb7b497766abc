"""Machines and readings that the tests of this room share."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from collectors.linux_facts import Span
from collectors.reading import read_answer
from collectors.transports.base import CommandResult
from fleet.assessments import Assessment
from fleet.machines import Machine, TransportKind

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
MARKER = "patchdeck-test"


@pytest.fixture
def machine() -> Machine:
    """A machine that the tests assess."""
    return Machine(id="m-1", name="web-01", transport=TransportKind.LOCAL, created_at=NOW)


@pytest.fixture
def read_text(machine: Machine) -> Callable[[str], Assessment]:
    """Reads an answer whose marker lines start with ``@@``; standard error stands empty."""

    def read(text: str) -> Assessment:
        raw = text.replace("@@", MARKER).encode("utf-8", errors="surrogateescape")
        return read_answer(machine, MARKER, CommandResult(raw, b"", 0, 1.0), Span(NOW, NOW))

    return read
