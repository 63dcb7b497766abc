"""Machines and readings that the tests of this room share."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.linux_facts import Span
from collectors.reading import read_answer
from collectors.transports.base import CommandResult
from fleet.assessments import Assessment
from fleet.machines import Machine, TransportKind

NOW = datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
MARKER = "patchdeck-test"
CAPTURES = Path(__file__).parent / "captures"


@pytest.fixture(scope="session")
def machine() -> Machine:
    """A machine that the tests assess."""
    return Machine(id="m-1", name="web-01", transport=TransportKind.LOCAL, created_at=NOW)


class Captures(dict[str, str]):
    """Captured answers by name, which do not print themselves whole when a test fails."""

    def __repr__(self) -> str:
        return f"Captures({', '.join(self)})"


@pytest.fixture(scope="session")
def captures() -> dict[str, str]:
    """Every captured answer by the name of its file, with ``@MARKER@`` for the marker."""
    files = sorted(CAPTURES.glob("*.txt"))
    return Captures({file.stem: file.read_text(encoding="utf-8", errors="surrogateescape") for file in files})


@pytest.fixture(scope="session")
def read_bytes(machine: Machine) -> Callable[..., Assessment]:
    """Reads raw output, in which ``@MARKER@`` stands for the marker, as an answer that came just now."""

    def read(stdout: bytes, stderr: bytes = b"", exit_status: int | None = 0) -> Assessment:
        out, err = (text.replace(b"@MARKER@", MARKER.encode()) for text in (stdout, stderr))
        return read_answer(machine, MARKER, CommandResult(out, err, exit_status, 1.0), Span(NOW, NOW))

    return read


@pytest.fixture(scope="session")
def read_text(read_bytes: Callable[..., Assessment]) -> Callable[..., Assessment]:
    """Reads the text of a captured answer, of which some parts may be replaced: ``read(text, {"old": "new"})``."""

    def read(text: str, changes: dict[str, str] | None = None, stderr: str = "") -> Assessment:
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new)
        return read_bytes(text.encode("utf-8", errors="surrogateescape"), stderr.encode())

    return read
