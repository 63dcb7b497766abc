"""Machines are touched through one gate: nothing else makes a context, a transport or a connection of SSH."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("fleet", "collectors", "query", "ops", "tui")

# Who may use what reaches machines; whoever else needs to takes `ops.reach.open_ssh` and `open_transport`.
_ALLOWED = {
    r"\bload_ssh_context\(|\bSshContext\(": {"collectors/transports/ssh_context.py", "ops/reach.py"},
    r"\b(Ssh|Local|Scripted|Winrm)Transport\(": {"collectors/transports/opening.py"},
    r"\bOpenGate\(": {"collectors/transports/ssh_context.py"},
    r"\bSshReach\(": {"collectors/transports/ssh_context.py"},
    # Probing reads banners at addresses that somebody named and where no machine is enrolled: it logs in nowhere.
    r"\.open_connection\(|\.open_way\(": {
        "collectors/transports/ssh.py",
        "collectors/transports/ssh_connection.py",
        "ops/importing/banners.py",
    },
    r"\b(WinrmLink|WinrmRun|CertificateLook)\(": {
        "collectors/transports/winrm.py",
        "collectors/transports/winrm_run.py",
    },
    r"\bTlsConnection\(": {"collectors/transports/winrm_tls.py"},
    r"\bshow_certificate\(": {"collectors/certificates.py"},
    r"\.reach\(\)": {"collectors/transports/ssh.py", "collectors/host_keys.py"},
    r"\basyncssh\.(connect|create_connection|get_server_host_key|run_client)\(": {
        "collectors/transports/ssh_connection.py",
        "collectors/transports/ssh_handshake.py",
    },
}


@cache
def sources() -> dict[str, str]:
    """The text of every module, by its path."""
    paths = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in paths}


@pytest.mark.parametrize("pattern", _ALLOWED)
def test_only_the_gate_and_what_lies_behind_it_reaches_machines(pattern: str) -> None:
    """A new way to a machine goes through the same gate."""
    users = {
        name
        for name, source in sources().items()
        if re.search(pattern, source) and re.search(rf"(?<!class )(?<!def )(?:{pattern})", source)
    }

    assert users - _ALLOWED[pattern] == set()
