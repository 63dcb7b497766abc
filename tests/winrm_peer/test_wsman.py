"""Unmodified pywinrm talks to a peer as it would to a Windows."""

from typing import Any

import pytest
import requests
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError
from winrm.protocol import Protocol

from collectors.windows.answer import read_answer
from collectors.windows.script_call import bootstrap_command, call_script
from tests.winrm_peer.certificates import CertificateKind
from tests.winrm_peer.endpoint import Endpoint
from tests.winrm_peer.envelope import SHELL_GONE, TOO_LARGE, TOO_MANY_OPERATIONS, TOO_MANY_SHELLS
from tests.winrm_peer.fixtures import winrm_peer
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerUser, TokenKind
from tests.winrm_peer.peer import WinrmPeer

__all__ = ["winrm_peer"]


# Any: what pywinrm is told is of many types.
def client(endpoint: Endpoint, kind: Any = "ntlm", **more: Any) -> Protocol:
    user = endpoint.machine.users[0]
    known: dict[str, Any] = {
        "username": user.name,
        "password": user.password,
        "operation_timeout_sec": 1,
        "read_timeout_sec": 5,
    }
    if endpoint.ca_file:
        known["ca_trust_path"] = str(endpoint.ca_file)
    return Protocol(endpoint.url, transport=kind, proxy=None, **(known | more))


def run(protocol: Protocol, payload: bytes) -> tuple[bytes, bytes, int]:
    """What a payload prints, from the shell's opening to its end."""
    shell = protocol.open_shell(codepage=65001, noprofile=True)
    command = protocol.run_command(shell, bootstrap_command(), console_mode_stdin=False)
    protocol.send_command_input(shell, command, payload, end=True)
    said: tuple[bytes, bytes, int] = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    protocol.close_shell(shell)
    return said


@pytest.mark.parametrize(
    ("scheme", "kind"), [("http", "ntlm"), ("http", "basic"), ("https", "ntlm"), ("https", "basic")]
)
def test_a_payload_is_run_and_answered(winrm_peer: WinrmPeer, scheme: str, kind: str) -> None:
    """Create, Command, Send, Receive, Signal and Delete work, and nothing is left open."""
    machine = PeerMachine()
    machine.limits.allows_unencrypted = kind == "basic"
    endpoint = winrm_peer.add(machine, scheme)
    assert run(client(endpoint, kind), b"nothing whole") == (b"patchdeck-input-cut\r\n", b"", 4)
    assert (machine.counters.shells_open, machine.counters.commands_left) == (0, 0)


def test_a_certificate_logs_in_as_the_user_whom_it_names(winrm_peer: WinrmPeer) -> None:
    """A certificate of the peer's authority is taken where certificates are allowed, over IPv6 here."""
    machine = PeerMachine()
    machine.limits.allows_certificate = True
    endpoint = winrm_peer.add(machine, "https", "::1")
    for user, expected in (("patcher", 4), ("nobody", None)):
        own = str(winrm_peer.authority.issue_client(user).file)
        protocol = client(endpoint, "certificate", cert_pem=own, cert_key_pem=own)
        if expected is None:
            with pytest.raises(InvalidCredentialsError):
                run(protocol, b"")
        else:
            assert run(protocol, b"")[2] == expected


def test_an_answer_comes_whole_though_it_is_cut_at_every_byte(
    winrm_peer: WinrmPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler's answer, delivered seven bytes at a time, is what it said."""
    monkeypatch.setattr("tests.winrm_peer.execution.find_handler", lambda name: lambda machine, told, say: say(told))
    machine = PeerMachine()
    machine.limits.piece_bytes = 7
    call = call_script("prelude", {"who": "Zoë"})
    out, _, code = run(client(winrm_peer.add(machine)), call.payload)
    assert (read_answer(out, call.marker), code) == ({"who": "Zoë"}, 0)
    assert machine.counters.messages["Receive"] > 10


def test_what_takes_long_times_out_until_the_clock_is_pushed(
    winrm_peer: WinrmPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Receive ends with the time-out's fault while a handler works, and gives its answer afterwards."""

    def work(machine: PeerMachine, told: object, say: object) -> None:
        machine.spend(3600)

    monkeypatch.setattr("tests.winrm_peer.execution.find_handler", lambda name: work)
    machine = PeerMachine()
    protocol = client(winrm_peer.add(machine))
    shell = protocol.open_shell()
    command = protocol.run_command(shell, bootstrap_command(), console_mode_stdin=False)
    protocol.send_command_input(shell, command, call_script("prelude").payload, end=True)
    with pytest.raises(WinRMOperationTimeoutError):
        protocol.get_command_output_raw(shell, command)
    machine.clock.push(3600)
    assert protocol.get_command_output_raw(shell, command)[2:] == (0, True)


def code_of(caught: pytest.ExceptionInfo[WSManFaultError]) -> int:
    return caught.value.wsman_fault_code or 0


def test_quotas_and_limits_are_refused_with_their_codes(winrm_peer: WinrmPeer) -> None:
    """Shells per user, operations, envelopes, and a shell that is gone: each has WinRM's own code."""
    machine = PeerMachine()
    machine.limits.most_shells, machine.limits.most_operations = 1, 2
    protocol = client(winrm_peer.add(machine))
    shell = protocol.open_shell()
    with pytest.raises(WSManFaultError) as too_many_shells:
        protocol.open_shell()
    command = protocol.run_command(shell, bootstrap_command())
    with pytest.raises(WSManFaultError) as too_large:
        protocol.send_command_input(shell, command, b"x" * 500_000)
    protocol.send_command_input(shell, command, b"x")
    with pytest.raises(WSManFaultError) as too_many_operations:
        protocol.send_command_input(shell, command, b"x")
    protocol.close_shell(shell, close_session=False)
    with pytest.raises(WSManFaultError) as gone:
        protocol.run_command(shell, "x")
    codes = [code_of(caught) for caught in (too_many_shells, too_large, too_many_operations, gone)]
    assert codes == [TOO_MANY_SHELLS, TOO_LARGE, TOO_MANY_OPERATIONS, SHELL_GONE]


def test_logins_that_are_not_allowed_are_refused(winrm_peer: WinrmPeer) -> None:
    """A wrong password and Basic over HTTP give 401, NTLM in clear text 500, stale keys 400, a filtered token 5."""
    machine = PeerMachine()
    endpoint = winrm_peer.add(machine)
    with pytest.raises(InvalidCredentialsError):
        client(endpoint, password="wrong").open_shell()
    with pytest.raises(InvalidCredentialsError):
        client(endpoint, "basic").open_shell()
    with pytest.raises(WinRMTransportError, match="500"):
        client(endpoint, message_encryption="never").open_shell()
    protocol = client(endpoint)
    shell = protocol.open_shell()
    assert protocol.transport.session is not None
    protocol.transport.session.close()
    with pytest.raises(WinRMTransportError, match="400"):
        protocol.close_shell(shell)
    machine.users = [PeerUser(token=TokenKind.FILTERED)]
    with pytest.raises(WSManFaultError, match="Access is denied"):
        client(endpoint).open_shell()


@pytest.mark.parametrize("kind", [CertificateKind.SELF_SIGNED, CertificateKind.EXPIRED, CertificateKind.WRONG_NAME])
def test_a_wrong_certificate_is_not_trusted(winrm_peer: WinrmPeer, kind: CertificateKind) -> None:
    """A client that checks certificates sees what is wrong with each."""
    endpoint = winrm_peer.add(scheme="https", kind=kind)
    with pytest.raises(requests.exceptions.SSLError):
        client(endpoint).open_shell()


def test_http_and_https_are_told_from_each_other_at_once(winrm_peer: WinrmPeer) -> None:
    """Neither waits for the other's end of headers."""
    plain, sealed = winrm_peer.add(), winrm_peer.add(scheme="https")
    with pytest.raises(requests.exceptions.SSLError):
        requests.post(plain.url.replace("http", "https", 1), timeout=30)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(sealed.url.replace("https", "http", 1), timeout=30)


def test_a_machine_that_reboots_refuses_connections_and_comes_back_at_its_port(winrm_peer: WinrmPeer) -> None:
    """It loses its shells, and has another boot time afterwards."""
    machine = PeerMachine(reboot_seconds=600)
    endpoint = winrm_peer.add(machine)
    before = machine.booted_at
    protocol = client(endpoint)
    protocol.open_shell()
    machine.reboot()
    with pytest.raises(requests.exceptions.ConnectionError):
        client(endpoint).open_shell()
    machine.clock.push(601)
    assert run(client(endpoint), b"")[2] == 4
    assert (machine.booted_at - before).total_seconds() > 600
    assert (machine.counters.shells_lost, machine.counters.shells_open) == (1, 0)


def test_what_is_no_script_of_ours_does_not_run(winrm_peer: WinrmPeer) -> None:
    """Another command line, another text of a script and another language mode are refused as Windows would."""
    machine = PeerMachine()
    protocol = client(winrm_peer.add(machine))
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "sh", ["-c", "true"])
    _, said, code = protocol.get_command_output(shell, command)
    assert (said.startswith(b"'sh' is not recognized"), code) == (True, 1)
    changed = call_script("prelude").payload.replace(b"S ", b"S QUFB", 1)
    assert b"not that of the package" in run(protocol, changed)[1]
    machine.language_mode = "ConstrainedLanguage"
    assert run(protocol, b"") == (b"patchdeck-language ConstrainedLanguage\r\n", b"", 3)
