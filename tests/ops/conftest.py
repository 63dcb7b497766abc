"""Homes, and machines that answer without a network."""

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as NoKeyring

from collectors.assess import AssessOptions, assess_machine
from collectors.transports.local import LocalTransport
from collectors.transports.scripted import RecordingTransport
from fleet.machines import Machine, TransportKind
from tests.ops.memory_keyring import MemoryKeyring, keyring_is
from tests.ops.object_store import SERVER, ObjectStore, make_bucket, start_server


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
def ring() -> Iterator[MemoryKeyring]:
    """A keyring."""
    backend = MemoryKeyring()
    with keyring_is(backend):
        yield backend


@pytest.fixture
def no_ring() -> Iterator[None]:
    """No keyring."""
    with keyring_is(NoKeyring()):  # type: ignore[no-untyped-call]  # keyring is partly typed
        yield


@pytest.fixture
def transcript(tmp_path: Path) -> Callable[..., Path]:
    """Writes a transcript with one reply, whose members are the arguments, and gives its path."""

    def write(name: str, **reply: object) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"format": 1, "replies": [reply]}), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The URL and the log of a real S3 server on loopback."""
    pytest.importorskip("obstore", reason="obstore is not installed: make dev")
    if not SERVER.exists():
        pytest.skip("the S3 server is not installed: make s3-server")
    log = tmp_path_factory.mktemp("s3") / "log"
    process, url = start_server(log)
    yield url, log
    process.kill()
    process.wait(10)


@pytest.fixture
def object_store(
    s3_server: tuple[str, Path], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[ObjectStore]:
    """A bucket of this test, and credentials in the environment."""
    for name, value in {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "very-secret"}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    url, log = s3_server
    bucket = f"b{abs(hash(request.node.nodeid)):x}"
    make_bucket(url, bucket)
    store = ObjectStore(url, bucket, log)
    yield store
    for gate in store.gates:
        gate.shut()
