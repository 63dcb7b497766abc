"""Fixtures that other tests import: ``from tests.winrm_peer.fixtures import winrm_peer``.

The names have to be imported into the module or the conftest that uses them, as pytest finds them there.
"""

from collections.abc import Iterator

import pytest

from tests.winrm_peer.peer import WinrmPeer


@pytest.fixture
def winrm_peer() -> Iterator[WinrmPeer]:
    """An event loop for peers, without any yet; its machines are gone after the test."""
    with WinrmPeer() as peer:
        yield peer


@pytest.fixture(scope="module")
def shared_peer() -> Iterator[WinrmPeer]:
    """The same for all tests of a module, for those that add machines of their own."""
    with WinrmPeer() as peer:
        yield peer
