"""What the live demo puts into its home: the machines, whom they trust, their password, and a deployment for them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from collectors.known_certificates_file import certificate_place, replace_certificates
from collectors.known_hosts_file import replace_known_hosts
from collectors.transports.known_names import lookup_name
from collectors.whole_files import write_whole
from fleet.deployments.deployment import Deployment
from fleet.deployments.update_rules import UpdateRules
from fleet.machines import OSType, TransportKind
from fleet.profiles import SecretKind, SecretOrigin, SecretPlace
from fleet.updates import Classification
from fleet.winrm import WinrmKind, WinrmWay
from ops.credentials.book import add_profile, new_profile
from ops.credentials.keeping import keep_secret, profile_entry
from ops.credentials.session import session_of
from ops.demo_live_processes import LivePeer, LivePeers
from ops.deployments.definitions import define
from ops.enrolment import Definition, enrol
from ops.home import Home

PROFILE = "live"
DEPLOYMENT = "live-windows"
_TAG = ("demo", "live")


def enrol_live(home: Home, peers: LivePeers, clock: Callable[[], datetime]) -> tuple[str, ...]:
    """Enrols ``peers`` in the demo's home, and gives their names; whatever they are reached with is known to it."""
    _keep_password(home, peers)
    for peer in peers.machines:
        _trust(home, peer)
        enrol(home, _definition(peer), clock)
    define(home, _deployment())
    return tuple(peer.name for peer in peers.machines)


def _keep_password(home: Home, peers: LivePeers) -> None:
    """A profile whose password lies in the home's encrypted files, with what opens them beside: nobody is asked.

    Both are gone with the demo, and so are the machines that the password is for.
    """
    from pyrage import x25519

    identity = x25519.Identity.generate()
    path = home.path / "demo-identity.txt"
    write_whole(path, f"{identity}\n")
    write_whole(home.path / "config.toml", f'[secrets]\nidentity_file = "{path}"\n')
    session_of(home).vault.make([str(identity.to_public())])
    profile = replace(
        new_profile(PROFILE),
        user=peers.machines[0].user,
        password=SecretOrigin(SecretPlace.FILE),
        winrm=WinrmKind.NTLM,
        description="The machines of the live demo",
    )
    add_profile(home, profile)
    keep_secret(home, profile_entry(profile, SecretKind.PASSWORD), peers.password, SecretPlace.FILE)


def _trust(home: Home, peer: LivePeer) -> None:
    if peer.fingerprint is not None:
        place = certificate_place(peer.address, peer.port)
        replace_certificates(home.known_certificates, {place: peer.fingerprint})
    if peer.host_key is not None:
        replace_known_hosts(home.known_hosts, {lookup_name(peer.address, peer.port): [peer.host_key]})


def _definition(peer: LivePeer) -> Definition:
    return Definition(
        name=peer.name,
        transport=TransportKind.SSH if peer.is_ssh else TransportKind.WINRM,
        address=peer.address,
        port=peer.port,
        tags=dict([_TAG]),
        os_type=OSType.WINDOWS,
        profile=PROFILE,
        winrm=None if peer.is_ssh else WinrmWay(ca_file=peer.ca_file),
    )


def _deployment() -> Deployment:
    return Deployment(
        DEPLOYMENT,
        (f"tag:{'='.join(_TAG)}",),
        UpdateRules(classes=(Classification.CRITICAL, Classification.SECURITY, Classification.UPDATE_ROLLUPS)),
        description="The Windows machines that live in this demo: run it, and follow them through their reboots",
    )
