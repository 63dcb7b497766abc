"""A running lab, as tests see it: machines by name, how to reach them, and a way to ask inside them."""

import fcntl
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.builder import cache
from tests.lab.builder.commands import run
from tests.lab.builder.machines import MACHINES
from tests.lab.builder.plan import Place, Plan, make_plan
from tests.lab.builder.recipe import KEPT_AT, PASSWORD, USER, place_of_runs
from tests.lab.builder.specs import Door, HostKey, MachineSpec
from tests.lab.builder.supervision import IN_NAMESPACES, REPOSITORY, Supervisor, start_supervisor

# Labs of several checkouts may run side by side, each in a net of its own: 127.20 … 127.39.
# The nets of loopback that labs take, one each.
NETS = tuple(f"127.{number}" for number in range(20, 40))


@dataclass(frozen=True, slots=True)
class LabMachine:
    """One machine that runs: how to log in, and the line that known_hosts should hold of it."""

    spec: MachineSpec
    address: str
    port: int
    host_key_line: str
    user: str = USER
    password: str = PASSWORD

    @property
    def name(self) -> str:
        """Its name in `machines.MACHINES`."""
        return self.spec.name


@dataclass(frozen=True, slots=True)
class Lab:
    """The machines that run, the key that opens them, and the host keys as a client knows them."""

    plan: Plan
    supervisor: Supervisor
    machines: Mapping[str, LabMachine]

    @property
    def supervisor_pid(self) -> int:
        """The first process of the lab's own namespaces, as this host counts."""
        return self.supervisor.pid

    def hang_up(self) -> None:
        """Leave the lab alone, as a test run does that is killed."""
        self.supervisor.hang_up()

    def reset(self, name: str) -> None:
        """Give the machine anew, as it was when the lab began, with another boot id."""
        self.supervisor.ask("reset", name)

    def answers(self, name: str) -> bool:
        """Whether a machine stands behind the address at all."""
        return self.machines[name].spec.door in (Door.SSHD, Door.STALLS)

    def start(self, name: str) -> None:
        """Switch on a machine that stayed off."""
        self.supervisor.ask("start", name)

    @property
    def key_file(self) -> Path:
        """The private key that the machines accept."""
        return self.plan.login_key

    @property
    def known_hosts(self) -> Path:
        """The known_hosts file: right, wrong or silent about a machine, as its spec says."""
        return self.plan.known_hosts

    def exec(
        self, name: str, argv: Sequence[str], *, user: str = "root", timeout_seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run ``argv`` inside the machine, by the kernel's own way in rather than over SSH, in the C locale."""
        words = self.words_inside(name, argv, user=user)
        return subprocess.run(
            words, capture_output=True, text=True, errors="replace", timeout=timeout_seconds, check=False
        )

    def words_inside(self, name: str, argv: Sequence[str], *, user: str = "root") -> list[str]:
        """The command of this host that runs ``argv`` inside the machine."""
        pid = (self.plan.folder / name / "pid").read_text()
        return [
            *("nsenter", "-t", str(self.supervisor_pid), "-m", "-p"),
            *("sh", "-c", 'exec nsenter -t "$(cat /proc/"$0"/task/"$0"/children | tr -d " ")" -a -r -w -- "$@"', pid),
            *("setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"),
            *("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", *argv),
        ]

    def ssh(self, name: str, command: str, *, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run ``command`` over OpenSSH, as the user that Patchdeck logs in as."""
        machine = self.machines[name]
        options = ("BatchMode=yes", "ConnectTimeout=5", f"UserKnownHostsFile={self.known_hosts}", "IdentitiesOnly=yes")
        words = ["ssh", "-F", "none", "-T", "-p", str(machine.port), "-i", str(self.key_file)]
        words += [word for option in options for word in ("-o", option)]
        return subprocess.run(
            [*words, f"{machine.user}@{machine.address}", command],
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )


@contextmanager
def running(names: Sequence[str] = tuple(MACHINES)) -> Iterator[Lab]:
    """A lab of ``names`` (built first where that was not done yet), for as long as the block runs."""
    generation = _build(names)
    with ExitStack() as stack:
        stack.enter_context(cache.in_use(generation))
        net = stack.enter_context(_free_net())
        folder = Path(tempfile.mkdtemp(prefix="patchdeck-lab-", dir=place_of_runs()))
        stack.callback(shutil.rmtree, folder)
        plan = make_plan(generation, folder, net, _free_port(net), list(names))
        machines = _make_keys(plan)
        supervisor = start_supervisor(plan)
        stack.callback(supervisor.end)
        yield Lab(plan, supervisor, machines)


def _build(names: Sequence[str]) -> Path:
    words = [*IN_NAMESPACES, sys.executable, "-m", "tests.lab.builder.build", *names]
    return Path(run(*words, cwd=REPOSITORY, timeout_seconds=1_800).decode().splitlines()[-1])


@contextmanager
def _free_net() -> Iterator[str]:
    for net in NETS:
        with (KEPT_AT / f"net-{net}.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield net
            return
    raise RuntimeError(f"{len(NETS)} labs are running already")


def _free_port(net: str) -> int:
    """22 as in life, or another port where this host's own sshd has 22 on every address."""
    for port in (22, 20_022):
        with socket.socket() as probe:
            try:
                probe.bind((f"{net}.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError(f"neither port 22 nor 20022 is free on {net}.0.1")


def _make_keys(plan: Plan) -> dict[str, LabMachine]:
    plan.login_key.parent.mkdir()
    _make_key(plan.login_key)
    machines = {}
    for place in plan.places:
        (plan.folder / place.name).mkdir()
        _make_key(plan.host_key(place))
        machines[place.name] = LabMachine(place.spec, place.address, place.port, _known_hosts_line(plan, place))
    plan.known_hosts.write_text("".join(_as_the_client_knows(plan, machine) for machine in machines.values()))
    return machines


def _as_the_client_knows(plan: Plan, machine: LabMachine) -> str:
    if machine.spec.host_key is HostKey.UNKNOWN:
        return ""
    if machine.spec.host_key is HostKey.CHANGED:
        return _line(machine.address, machine.port, plan.login_key.with_suffix(".pub").read_text())
    return machine.host_key_line


def _make_key(path: Path) -> None:
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", path)


def _known_hosts_line(plan: Plan, place: Place) -> str:
    public = plan.host_key(place).with_suffix(".pub").read_text()
    return _line(place.address, place.port, public)


def _line(address: str, port: int, public_key: str) -> str:
    host = address if port == 22 else f"[{address}]:{port}"
    return f"{host} {' '.join(public_key.split()[:2])}\n"
