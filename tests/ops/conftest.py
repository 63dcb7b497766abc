"""Homes, and machines that answer without a network."""

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.assess import AssessOptions, assess_machine
from collectors.transports.local import LocalTransport
from collectors.transports.scripted import RecordingTransport
from fleet.machines import Machine, TransportKind


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The transcript of a whole assessment of the machine that runs the tests."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-query")):
        pytest.skip("this machine has no apt to record")
    path = tmp_path_factory.mktemp("recorded") / "this.json"
    machine = Machine("recorded", "recorded", TransportKind.LOCAL, datetime(2026, 11, 20, tzinfo=UTC))
    recording = RecordingTransport(LocalTransport(), path)
    assessment = asyncio.run(assess_machine(machine, recording, AssessOptions(), lambda: datetime.now(UTC)))
    assert assessment.failure is None
    return path


@pytest.fixture
def transcript(tmp_path: Path) -> Callable[..., Path]:
    """Writes a transcript with one reply, whose members are the arguments, and gives its path."""

    def write(name: str, **reply: object) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"format": 1, "replies": [reply]}), encoding="utf-8")
        return path

    return write
