"""A machine, or somebody on the way to it, that answers in order to get at us: what is refused, and its words."""

import pytest
from spnego._ntlm import NTLMProxy

from collectors.transports.base import TransportFailed
from collectors.transports.winrm_replies import check_definitions
from collectors.transports.winrm_wire import ForeignReply
from fleet.failures import FailureKind
from tests.collectors.winrm.reaching import greeted_by, machine_at
from tests.winrm_peer.faults import FaultKind, Message
from tests.winrm_peer.login import Login
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.peer import WinrmPeer

# NTLMSSP_NEGOTIATE_SIGN and _SEAL, in the flags at byte 20 of a challenge: [MS-NLMP] 2.2.2.5.
_SIGN, _SEAL = 0x10, 0x20


@pytest.mark.parametrize("taken", [_SIGN, _SEAL])
async def test_a_login_that_agrees_on_less_than_signing_and_sealing_is_refused(
    shared_peer: WinrmPeer, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    """Over HTTP nothing is sent then: whoever answers in a machine's place offers what it likes."""
    step = Login._step

    def weakened(self: Login, token: bytes) -> bytes:
        answer = bytearray(step(self, token))
        if answer:
            answer[20] &= ~taken
        return bytes(answer)

    monkeypatch.setattr(Login, "_step", weakened)
    # A real Windows would notice that its offer was changed on its way.
    monkeypatch.setattr(NTLMProxy, "_calculate_mic", lambda *_messages: bytes(16))
    machine = PeerMachine()

    with pytest.raises(TransportFailed) as caught:
        await greeted_by(machine_at(shared_peer.add(machine)))

    assert caught.value.failure.kind is FailureKind.ENCRYPTION_REQUIRED
    assert machine.counters.messages["Create"] == 0


async def test_what_asks_for_no_login_is_not_winrm(shared_peer: WinrmPeer) -> None:
    """A web server that says yes to anything is named by what it answered."""
    machine = PeerMachine()
    machine.faults.add(Message.LOGIN, FaultKind.HTML200)

    with pytest.raises(TransportFailed) as caught:
        await greeted_by(machine_at(shared_peer.add(machine)))

    assert caught.value.failure.kind is FailureKind.NOT_WINRM
    assert "HTTP 200, text/html" in caught.value.failure.came_back


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_answer_that_defines_entities_is_not_read(encoding: str) -> None:
    """In any encoding that an answer of Windows may have."""
    with pytest.raises(ForeignReply):
        check_definitions('<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "a">]><e/>'.encode(encoding))
