"""The tools that upgrade machines in bench/deploy.py: each refreshes the lists and installs all that is pending."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.contestants import PEERS, Contestant, ansible_environment, plain_environment
from bench.crowd import Crowd
from fleet.machines import Become, Machine, TransportKind
from ops.deployments.events import PlanFrozen
from ops.deployments.folder import read_events, run_folder
from ops.deployments.history import find_run
from ops.home import open_home
from ops.state.database import opened
from ops.state.machines import MachineBook

OURS = "Patchdeck"
ANSIBLE = "Ansible, apt module"
PYINFRA = "pyinfra, apt operations"
_PATCHDECK = str(Path(sys.executable).with_name("patchdeck"))
_DEPLOYMENT = "upgrade"


@dataclass(frozen=True, slots=True)
class Planning:
    """When, in seconds after the run began, all machines were assessed, all had simulated, and the plan was frozen."""

    assessed: float
    simulated: float
    frozen: float


def patchdeck(crowd: Crowd, work: Path) -> Contestant:
    """A run of a deployment in a home of its own, all machines at once, in the process that is measured."""
    home = open_home(work / "home")
    home.known_hosts.write_text(crowd.plan.known_hosts.read_text())
    with opened(home.state_file) as connection:
        book = MachineBook(connection)
        for number, place in enumerate(crowd.places):
            book.add(
                Machine(
                    id=f"00000000-0000-4000-8000-{number:012}",
                    name=place.name,
                    transport=TransportKind.SSH,
                    created_at=datetime.now(UTC),
                    address=place.address,
                    port=place.port,
                    user=crowd.user,
                    key_file=str(crowd.plan.login_key),
                    become=Become.SUDO,
                )
            )
    words = (_PATCHDECK, "--home", str(home.path), "deployments")
    add = ("add", _DEPLOYMENT, "--target", "all", "--class", "all", "--reboot", "never", "--window", "240")
    subprocess.run((*words, *add, "--concurrency", str(len(crowd.places))), check=True, stdout=subprocess.DEVNULL)
    argv = (*words, "run", _DEPLOYMENT, "--here", "--yes", "--json")
    return Contestant(OURS, argv, len, environment=plain_environment(work))


def planning_of(work: Path) -> Planning:
    """How long the planning of the last run took."""
    home = open_home(work / "home")
    folder = run_folder(home, find_run(home, _DEPLOYMENT).id)
    events, _ = read_events(folder)
    began = events[0].at
    frozen = next(event.at for event in events if isinstance(event, PlanFrozen))
    ends: dict[str, list[datetime]] = {"assessment": [], "simulation": []}
    for file in folder.path.glob("*.commands"):
        for line in file.read_text().splitlines():
            at, _, _, command = line.split("\t", 3)
            ended = datetime.fromisoformat(at)
            for kind, times in ends.items():
                if kind in command and ended <= frozen:
                    times.append(ended)
    assessed, simulated = (max(times) for times in ends.values())
    return Planning(*((at - began).total_seconds() for at in (assessed, simulated, frozen)))


def ansible(crowd: Crowd, work: Path) -> Contestant:
    """One task of one play, all machines at once."""
    inventory = work / "inventory.ini"
    inventory.write_text("\n".join((*crowd.addresses, "")))
    environment = ansible_environment(work, crowd.plan.known_hosts, crowd.plan.login_key, crowd.user, len(crowd.places))
    module = ("-m", "apt", "-a", "update_cache=yes upgrade=dist")
    argv = (str(PEERS / "bin/ansible"), "-i", str(inventory), "all", "--become", *module)
    return Contestant(ANSIBLE, argv, len, environment=environment)


def pyinfra(crowd: Crowd, work: Path) -> Contestant:
    """Two operations, all machines at once."""
    inventory, deploy = work / "inventory.py", work / "upgrade.py"
    settings = {
        "ssh_user": crowd.user,
        "ssh_key": str(crowd.plan.login_key),
        "ssh_known_hosts_file": str(crowd.plan.known_hosts),
        "ssh_strict_host_key_checking": "yes",
        "ssh_look_for_keys": False,
        "ssh_allow_agent": False,
    }
    inventory.write_text(f"hosts = ({list(crowd.addresses)!r}, {settings!r})\n")
    deploy.write_text("from pyinfra.operations import apt\napt.update(_sudo=True)\napt.dist_upgrade(_sudo=True)\n")
    argv = (str(PEERS / "bin/pyinfra"), "-y", "--parallel", str(len(crowd.places)), str(inventory), str(deploy))
    return Contestant(PYINFRA, argv, len, environment=plain_environment(work))
