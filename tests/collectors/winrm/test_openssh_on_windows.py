"""Windows machines over OpenSSH: the same payloads, whichever default shell there is."""

from pathlib import Path

import pytest

from collectors.secrets import SecretSource
from collectors.transports.base import CommandResult, TransportFailed
from collectors.transports.opening import load_ssh_context, open_transport
from collectors.windows.answer import read_answer
from collectors.windows.script_call import call_script
from fleet.failures import FailureKind
from fleet.machines import OSType, TransportKind
from tests.collectors.winrm.reaching import OnePassword, machine_at
from tests.winrm_peer.endpoint import DefaultShell, Endpoint, SshEndpoint
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.peer import WinrmPeer


async def run_on(
    endpoint: SshEndpoint,
    folder: Path,
    script: bytes,
    *,
    os_type: OSType | None = OSType.WINDOWS,
    on_output: object = None,
) -> CommandResult:
    """Runs ``script`` on the machine behind ``endpoint``, whose host key is known."""
    from dataclasses import replace

    known = folder / "known_hosts"
    known.write_text(f"[{endpoint.address}]:{endpoint.port} {endpoint.host_key}\n")
    base = machine_at(Endpoint(endpoint.machine, "https", endpoint.address, endpoint.port))
    machine = replace(base, transport=TransportKind.SSH, winrm=None, os_type=os_type)
    secrets: SecretSource = OnePassword()
    context = await load_ssh_context(known_hosts_files=(known,), config_files=(), secrets=secrets)
    try:
        return await open_transport(machine, context).run(
            script,
            deadline_seconds=60.0,
            max_output_bytes=100_000,
            on_output=on_output,  # type: ignore[arg-type]
        )
    finally:
        await context.close()


@pytest.mark.parametrize("shell", DefaultShell)
async def test_a_script_runs_whichever_shell_is_the_default(
    shared_peer: WinrmPeer, tmp_path: Path, shell: DefaultShell
) -> None:
    """The bootstrap is one command line that cmd.exe and PowerShell both take."""
    call = call_script("greet")

    result = await run_on(shared_peer.add_ssh(PeerMachine(), shell=shell), tmp_path, call.payload)

    assert read_answer(result.stdout, call.marker)["host"] == "WIN-PEER"
    assert result.exit_status == 0
    assert result.host_key is not None


async def test_output_is_passed_on_as_it_comes(shared_peer: WinrmPeer, tmp_path: Path) -> None:
    """Whoever follows a script gets its pieces, and the result has none of them."""
    call = call_script("greet")
    came: list[bytes] = []

    result = await run_on(shared_peer.add_ssh(PeerMachine()), tmp_path, call.payload, on_output=came.append)

    assert read_answer(b"".join(came), call.marker)["host"] == "WIN-PEER"
    assert result.stdout == b""


async def test_a_constrained_language_is_named(shared_peer: WinrmPeer, tmp_path: Path) -> None:
    """PowerShell that lets scripts do next to nothing is a failure with its remedy."""
    endpoint = shared_peer.add_ssh(PeerMachine(language_mode="ConstrainedLanguage"))

    with pytest.raises(TransportFailed) as caught:
        await run_on(endpoint, tmp_path, call_script("greet").payload)

    assert caught.value.failure.kind is FailureKind.LANGUAGE_CONSTRAINED


@pytest.mark.parametrize("shell", DefaultShell)
async def test_a_windows_that_is_not_known_to_be_one_is_named(
    shared_peer: WinrmPeer, tmp_path: Path, shell: DefaultShell
) -> None:
    """Where sh is not known, and the server is that of Windows, the remedy says how to tell Patchdeck."""
    endpoint = shared_peer.add_ssh(PeerMachine(), shell=shell)

    with pytest.raises(TransportFailed) as caught:
        await run_on(endpoint, tmp_path, b"echo hello\n", os_type=None)

    assert caught.value.failure.kind is FailureKind.NO_SHELL
    assert "--os Windows" in caught.value.failure.remedy
