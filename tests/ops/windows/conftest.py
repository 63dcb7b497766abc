"""A home with Windows machines that are reached over WinRM, and their password in a keyring."""

from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.secrets import Secret
from fleet.machines import Machine, OSType, TransportKind
from fleet.profiles import SecretKind, SecretPlace
from fleet.winrm import WinrmScheme, WinrmWay
from ops.credentials.keeping import keep_secret, machine_entry
from ops.enrolment import Definition, enrol
from ops.home import Home, open_home
from tests.ops.memory_keyring import MemoryKeyring
from tests.winrm_peer.fixtures import shared_peer
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerUser
from tests.winrm_peer.peer import WinrmPeer

__all__ = ["shared_peer"]

Enrolled = Callable[..., Machine]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of this test."""
    return open_home(tmp_path / "home")


@pytest.fixture
def enrolled(home: Home, shared_peer: WinrmPeer, ring: MemoryKeyring) -> Enrolled:
    """Enrols a peer, reached by NTLM over HTTP, under its own name."""
    del ring

    def enrol_peer(peer: PeerMachine) -> Machine:
        endpoint = shared_peer.add(peer)
        machine = enrol(
            home,
            Definition(
                name=peer.name,
                transport=TransportKind.WINRM,
                address=endpoint.address,
                port=endpoint.port,
                user=peer.users[0].name,
                os_type=OSType.WINDOWS,
                winrm=WinrmWay(scheme=WinrmScheme.HTTP),
            ),
        ).machine
        entry = machine_entry(machine, SecretKind.PASSWORD)
        keep_secret(home, entry, Secret(PeerUser().password), SecretPlace.KEYRING)
        return machine

    return enrol_peer
