"""``python -m tests.winrm_peer``: peers as a program, for benches and the live demo.

It prints one line of JSON that says where its machines are, and serves until its standard input ends: with whoever
started it, however that ends.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from ssl import PEM_cert_to_DER_cert

from tests.winrm_peer.certificates import CertificateKind
from tests.winrm_peer.clock import PeerClock
from tests.winrm_peer.endpoint import SshEndpoint
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerUser
from tests.winrm_peer.peer import WinrmPeer
from tests.winrm_peer.scenario import BadScenario, load_machines
from tests.winrm_peer.systems import fleet


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until standard input ends."""
    asked = _parser().parse_args(arguments)
    try:
        machines = load_machines(asked.scenario) if asked.scenario else fleet(asked.machines)
    except (OSError, BadScenario) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # The password comes on the first line of standard input, never in an argument that others can read.
    password = sys.stdin.readline().rstrip("\n") if asked.password_from_input else PeerUser().password
    for machine in machines:
        _prepare(machine, asked, password)
    with WinrmPeer() as peer:
        over_ssh = machines[-asked.ssh :] if asked.ssh else []
        told = [_describe_ssh(peer.add_ssh(machine)) for machine in over_ssh]
        over_winrm = machines[: len(machines) - asked.ssh]
        for number, machine in enumerate(over_winrm):
            kind = CertificateKind.SELF_SIGNED if number < asked.self_signed else CertificateKind.SIGNED
            told.append(_describe(peer, machine, asked.scheme, kind))
        sys.stdout.write(json.dumps({"machines": told}) + "\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.winrm_peer", description=__doc__)
    parser.add_argument("--machines", type=int, default=6, help="how many machines, of all kinds in turn")
    parser.add_argument("--ssh", type=int, default=0, help="how many of them are reached by SSH instead of WinRM")
    parser.add_argument("--scenario", type=Path, help="a file of machines in JSON, instead of those")
    parser.add_argument("--scheme", choices=("https", "http"), default="https")
    parser.add_argument("--self-signed", type=int, default=0, help="how many have a certificate that nobody signed")
    parser.add_argument("--begun", type=datetime.fromisoformat, help="what their clocks show at the start")
    parser.add_argument("--search-seconds", type=float, help="how long every search takes")
    parser.add_argument("--reboot-seconds", type=float, help="how long every reboot takes")
    parser.add_argument("--install-seconds", type=float, help="how long every update takes to install")
    parser.add_argument("--allow-unencrypted", action="store_true", help="lets Basic and clear text in over HTTP")
    parser.add_argument("--password-from-input", action="store_true", help="reads the users' password from a line")
    return parser


def _prepare(machine: PeerMachine, asked: argparse.Namespace, password: str) -> None:
    for user in machine.users:
        user.password = password
    if asked.begun is not None:
        machine.clock = PeerClock(asked.begun)
    machine.limits.allows_unencrypted |= asked.allow_unencrypted
    if asked.search_seconds is not None:
        machine.search_seconds = asked.search_seconds
    if asked.reboot_seconds is not None:
        machine.reboot_seconds = asked.reboot_seconds
    if asked.install_seconds is not None:
        for update in machine.updates:
            update.install_seconds = asked.install_seconds


def _describe(peer: WinrmPeer, machine: PeerMachine, scheme: str, kind: CertificateKind) -> dict[str, object]:
    endpoint = peer.add(machine, scheme, kind=kind)
    shown = sha256(PEM_cert_to_DER_cert(endpoint.certificate)).hexdigest().upper() if endpoint.certificate else ""
    return {
        "name": machine.name,
        "way": "winrm",
        "scheme": scheme,
        "address": endpoint.address,
        "port": endpoint.port,
        "user": machine.users[0].name,
        "ca_file": str(endpoint.ca_file) if endpoint.ca_file and kind is CertificateKind.SIGNED else None,
        "fingerprint": f"SHA256:{shown}" if kind is CertificateKind.SELF_SIGNED else None,
    }


def _describe_ssh(endpoint: SshEndpoint) -> dict[str, object]:
    return {
        "name": endpoint.machine.name,
        "way": "ssh",
        "address": endpoint.address,
        "port": endpoint.port,
        "user": endpoint.machine.users[0].name,
        "host_key": endpoint.host_key,
    }
