"""All machines of the lab, by name. Beyond its name, each says below what it stands on and what makes it what it is."""

from tests.lab.builder.apt_machines import HAPPY, PENDING, UNREACHABLE, UNWELL
from tests.lab.builder.deployment_machines import DEPLOYED
from tests.lab.builder.dnf_machines import DNF
from tests.lab.builder.job_machines import JOBS
from tests.lab.builder.layers import BEHIND, LAB_SOURCES, Layer
from tests.lab.builder.pacman_machines import PACMAN
from tests.lab.builder.specs import MachineSpec
from tests.lab.builder.zypper_machines import ZYPPER

# Ansible's modules want a Python with apt's bindings; the package lists are the lab's own and small.
_PYTHON = Layer("python", BEHIND, "apt-get install -y -q --no-install-recommends python3-apt\napt-get clean", True)
BENCH = MachineSpec(
    "bench",
    "what bench/assess.py reaches at a hundred addresses; not part of the lab",
    below=_PYTHON,
    prepare=("rm -rf /var/lib/apt/lists/*_*", LAB_SOURCES, PENDING, "apt-cache policy"),
)

MACHINES: dict[str, MachineSpec] = {
    spec.name: spec for spec in (*HAPPY, *UNREACHABLE, *UNWELL, *DNF, *ZYPPER, *PACMAN, *JOBS)
}
# Those that only deployments are run on, in labs of their own; the address of a machine is by its place in this list.
SPECS: dict[str, MachineSpec] = {**MACHINES, **{spec.name: spec for spec in DEPLOYED}, BENCH.name: BENCH}
