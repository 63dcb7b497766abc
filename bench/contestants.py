"""What is measured: each contestant as a command line that reaches every address and reads the same facts."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.hundred import Hundred
from collectors.managers import MANAGERS
from collectors.probe import build_probe
from fleet.machines import Machine, TransportKind
from ops.home import open_home
from ops.state.database import opened
from ops.state.machines import MachineBook

PEERS = Path("/var/tmp/patchdeck-bench-venv")
_REPOSITORY = Path(__file__).parents[1]
TRUE = "asyncssh alone, `true`"
SAME_PROBE = "asyncssh alone, the same probe unread"
OURS = "Patchdeck, `assess all`, read and stored"
PYINFRA = "pyinfra, a fact"
ANSIBLE_RAW = "Ansible, raw"
ANSIBLE_APT = "Ansible, apt module"
# As many at once for everybody; the servers share the cores, and more would measure their storms.
AT_ONCE = 50
# What an administrator would ask with a general tool to learn what Patchdeck learns of updates.
FACTS = (
    "LC_ALL=C apt-get -q -V --print-uris -o Debug::NoLocking=1 dist-upgrade; "
    "dpkg-query -W -f='${db:Status-Abbrev} ${Package} ${Architecture} ${Version}\\n'; "
    "LC_ALL=C apt-cache policy $(dpkg-query -W -f='${Package} ')"
)


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to do it. ``answers_of`` counts the machines in what it printed; ``repeats`` is for the median."""

    name: str
    argv: tuple[str, ...]
    answers_of: Callable[[str], int]
    stdin: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    repeats: int = 3


def contestants(hundred: Hundred, work: Path) -> list[Contestant]:
    """All of them, the yardstick first."""
    return [*_asyncssh(hundred), _patchdeck(hundred, work), _pyinfra(hundred, work), *_ansible(hundred, work)]


def scale_contestants(hundred: Hundred, few: Hundred, work: Path) -> list[Contestant]:
    """Those of a large scan, each once: Ansible over ``few`` addresses only, for the others' patience."""
    probe = work / "probe.sh"
    probe.write_bytes(build_probe([manager.name for manager in MANAGERS]).script)
    true, _ = _asyncssh(hundred)
    script = str(_REPOSITORY / "bench/raw_asyncssh.py")
    argv = (sys.executable, script, str(hundred.folder), hundred.user, str(AT_ONCE), "sh", str(probe))
    addresses = "\n".join(hundred.addresses)
    same_probe = Contestant(SAME_PROBE, argv, lambda _: len(hundred.addresses), addresses)
    raw, _, _ = _ansible(few, work)
    module = ("-m", "apt", "-a", "upgrade=dist", "--check")
    apt = replace(raw, name=ANSIBLE_APT, argv=(*raw.argv[: raw.argv.index("-m")], *module))
    everybody = (true, same_probe, _patchdeck(hundred, work, concurrency=None), _pyinfra(hundred, work), raw, apt)
    return [replace(contestant, repeats=1) for contestant in everybody]


def install_peers() -> None:
    """Ansible and pyinfra in an environment of their own, made once; needs the package index then."""
    if (PEERS / "bin/pyinfra").exists() and (PEERS / "bin/ansible").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
    pip = [str(PEERS / "bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "ansible-core==2.19.*", "pyinfra==3.*"], check=True)


def _asyncssh(hundred: Hundred) -> list[Contestant]:
    script = str(_REPOSITORY / "bench/raw_asyncssh.py")
    addresses = "\n".join(hundred.addresses)

    def contestant(name: str, command: str) -> Contestant:
        argv = (sys.executable, script, str(hundred.folder), hundred.user, str(AT_ONCE), command)
        return Contestant(name, argv, lambda _: len(hundred.addresses), addresses)

    return [contestant(TRUE, "true"), contestant("asyncssh alone, the facts unread", FACTS)]


def _patchdeck(hundred: Hundred, work: Path, concurrency: int | None = AT_ONCE) -> Contestant:
    home = open_home(work / "home")
    home.known_hosts.write_text(hundred.known_hosts.read_text())
    with opened(home.state_file) as connection:
        book = MachineBook(connection)
        for number, address in enumerate(hundred.addresses):
            book.add(
                Machine(
                    id=f"00000000-0000-4000-8000-{number:012}",
                    name=f"m{number:04}",
                    transport=TransportKind.SSH,
                    created_at=datetime.now(UTC),
                    address=address,
                    port=22,
                    user=hundred.user,
                    key_file=str(hundred.key_file),
                )
            )
    script = str(Path(sys.executable).with_name("patchdeck"))
    argv = (script, "--home", str(home.path), "assess", "all", "--json")
    bound = () if concurrency is None else ("--concurrency", str(concurrency))
    return Contestant(OURS, (*argv, *bound), _count_patchdeck, environment=plain_environment(work))


def _count_patchdeck(text: str) -> int:
    return sum(row["outcome"] == "succeeded" and row["security_missing"] > 0 for row in json.loads(text))


def _pyinfra(hundred: Hundred, work: Path) -> Contestant:
    inventory = work / "inventory.py"
    settings = {
        "ssh_user": hundred.user,
        "ssh_key": str(hundred.key_file),
        "ssh_known_hosts_file": str(hundred.known_hosts),
        "ssh_strict_host_key_checking": "yes",
        "ssh_look_for_keys": False,
        "ssh_allow_agent": False,
    }
    inventory.write_text(f"hosts = ({list(hundred.addresses)!r}, {settings!r})\n")
    deploy = work / "facts.py"
    deploy.write_text(
        "from pyinfra import host\nfrom pyinfra.facts.server import Command\n"
        f"print(host.get_fact(Command, command={FACTS!r}))\n"
    )
    argv = (str(PEERS / "bin/pyinfra"), "-y", "--parallel", str(AT_ONCE), str(inventory), str(deploy))
    return Contestant(PYINFRA, argv, _count_plans, environment=plain_environment(work))


def _ansible(hundred: Hundred, work: Path) -> list[Contestant]:
    inventory = work / "inventory.ini"
    inventory.write_text("\n".join((*hundred.addresses, "")))
    environment = ansible_environment(work, hundred.known_hosts, hundred.key_file, hundred.user, AT_ONCE)

    def contestant(name: str, module: str, arguments: str, repeats: int) -> Contestant:
        argv = (str(PEERS / "bin/ansible"), "-i", str(inventory), "all", "-m", module, "-a", arguments)
        return Contestant(name, argv, _count_ansible, environment=environment, repeats=repeats)

    return [
        contestant(ANSIBLE_RAW, "raw", FACTS, 2),
        contestant("Ansible, shell with pipelining", "shell", FACTS, 1),
        contestant("Ansible, package_facts", "package_facts", "manager=apt", 1),
    ]


def ansible_environment(work: Path, known_hosts: Path, key_file: Path, user: str, forks: int) -> dict[str, str]:
    """Ansible's settings, as well tuned as we know how."""
    return {
        **plain_environment(work),
        "ANSIBLE_FORKS": str(forks),
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_USETTY": "False",
        "ANSIBLE_PRIVATE_KEY_FILE": str(key_file),
        "ANSIBLE_REMOTE_USER": user,
        "ANSIBLE_REMOTE_TEMP": "/tmp/.ansible",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_SSH_COMMON_ARGS": f"-o UserKnownHostsFile={known_hosts} -o IdentitiesOnly=yes",
        # A connection that stays behind in the background would hide its CPU from the count.
        "ANSIBLE_SSH_ARGS": "-o ControlMaster=no",
        "PATH": f"{PEERS / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin",
    }


def plain_environment(work: Path) -> dict[str, str]:
    """An environment with nothing of whoever measures."""
    return {"PATH": os.environ["PATH"], "HOME": str(work), "LC_ALL": "C.UTF-8", "TERM": "dumb"}


def _count_plans(text: str) -> int:
    return text.count("upgraded, 0 newly installed")


def _count_ansible(text: str) -> int:
    return text.count("| CHANGED") + text.count("| SUCCESS")
