"""Homes, keyrings and real sshd for credentials."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from fleet.machines import Machine
from ops.enrolment import Definition, enrol
from ops.home import Home, open_home
from tests.free_ports import free_port
from tests.ops.credentials.door import SSHD, Door


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of a user who has no SSH configuration, no keys and no agent."""
    (tmp_path / "nobody").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    for name in ("SSH_AUTH_SOCK", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    return open_home(tmp_path / "home")


@pytest.fixture(scope="session")
def open_door() -> Iterator[Callable[..., Door]]:
    """Starts an sshd whose user has that password, with more lines of configuration; all are ended with the tests.

    ``covers`` is as `Door` says: a machine without package managers is assessed in no time.
    """
    if os.geteuid() != 0 or not (Path(SSHD).exists() and shutil.which("unshare") and shutil.which("sudo")):
        pytest.skip("needs root, OpenSSH's sshd, unshare and sudo")
    Path("/run/sshd").mkdir(exist_ok=True)
    doors: list[Door] = []

    def start(password: str = "Correct-Horse", *more: str, covers: Mapping[str, str] = MappingProxyType({})) -> Door:
        # Not among pytest's own folders: the user of the sshd could not go through them.
        folder = Path(tempfile.mkdtemp(prefix="door-", dir="/tmp"))
        folder.chmod(0o755)
        doors.append(Door(folder, free_port(), password, more, covers))
        doors[-1].open()
        return doors[-1]

    yield start
    for door in doors:
        door.close()
        shutil.rmtree(door.folder)


@pytest.fixture
def enrolled(home: Home) -> Callable[..., Machine]:
    """Enrols a machine behind a door, whose host key is trusted."""

    def add(name: str, door: Door, **more: object) -> Machine:
        with home.known_hosts.open("a") as stream:
            stream.write(door.known_host)
        definition = Definition(name, address="127.0.0.1", port=door.port, **more)  # type: ignore[arg-type]
        return enrol(home, definition).machine

    return add
