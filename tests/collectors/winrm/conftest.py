"""Peers for all tests of this folder."""

from tests.winrm_peer.fixtures import shared_peer, winrm_peer

__all__ = ["shared_peer", "winrm_peer"]
