"""Machines of the lab that deployments are run on; each test has them given anew before it begins.

Beyond the names of their packages they differ in what goes wrong there.
"""

from dataclasses import replace

from tests.lab.builder import rocky_packages, suse_packages
from tests.lab.builder.dnf_machines import kernels_installed
from tests.lab.builder.job_rpms import BOOT_LITTLE_ROOM
from tests.lab.builder.layers import ARCHIVE, Layer
from tests.lab.builder.rocky_packages import RUNNING_KERNEL
from tests.lab.builder.situations import (
    BOOT_NEWEST_KERNEL,
    BOOT_PRETENDED_KERNEL,
    CLOCK_AHEAD,
    OWN_PORTS,
    SUDO_FOR_ALL,
    pretends_kernel,
)
from tests.lab.builder.specs import Door, MachineSpec
from tests.lab.builder.suse_packages import OLD_KERNEL
from tests.lab.builder.userlands import ROCKY, SLES, rpms_installed

_APT = Layer("run-apt-below", ARCHIVE, f"{SUDO_FOR_ALL}\n{OWN_PORTS}")
_DNF = Layer("run-dnf-below", ROCKY, f"{SUDO_FOR_ALL}\n{OWN_PORTS}")
_ZYPPER = Layer("run-zypper-below", SLES, f"{SUDO_FOR_ALL}\n{OWN_PORTS}")
_PLAIN = "from_pool main acme-lib acme-tool acme-epoch"
_FULL = (
    "mount -t tmpfs -o size=64k,mode=755 tmpfs /var/cache/apt/archives",
    "mkdir /var/cache/apt/archives/partial",
    "dd if=/dev/zero of=/var/cache/apt/archives/filler bs=4096 2>/dev/null || true",
)
_TROUBLE = (
    "acme-asks acme-conffile acme-daemon acme-fails acme-floods acme-kills-ssh acme-prints acme-question "
    "acme-held acme-app acme-tool acme-gone acme-kills-dpkg acme-lib"
)

APT: tuple[MachineSpec, ...] = (
    MachineSpec("run-apt", "three updates, nothing in their way", prepare=(_PLAIN,)),
    MachineSpec(
        "run-trouble",
        "updates that fail, flood, ask, are held or gone, or end what they run in; beside some that are well",
        prepare=(
            f"from_pool main {_TROUBLE}",
            "apt-mark hold acme-held",
            "echo 'colour = green' >/etc/acme-conffile.conf",
        ),
    ),
    MachineSpec(
        "run-corrupt", "an update is not what the index says", prepare=("from_pool main acme-corrupt acme-lib",)
    ),
    MachineSpec("run-restart", "an update wants a reboot", prepare=("from_pool main acme-wants-reboot acme-lib",)),
    MachineSpec(
        "run-reboots-itself",
        "an update reboots the machine while it is installed",
        prepare=("from_pool main acme-lib acme-reboots acme-zeal",),
    ),
    MachineSpec("run-full", "no room for what is downloaded", prepare=(_PLAIN,), boot=_FULL),
    MachineSpec("run-locked", "tests hold dpkg's lock for a while", prepare=(_PLAIN,)),
    MachineSpec("run-clock", "the clock is an hour ahead", prepare=(_PLAIN, *CLOCK_AHEAD)),
    MachineSpec(
        "run-lost",
        "it does not return from its reboot",
        prepare=("from_pool main acme-wants-reboot",),
        is_lost_by_reboot=True,
    ),
)
RPM: tuple[MachineSpec, ...] = (
    MachineSpec(
        "run-dnf",
        "updates and a kernel, which its reboot brings",
        below=_DNF,
        prepare=(kernels_installed(RUNNING_KERNEL), pretends_kernel(f"{RUNNING_KERNEL}.x86_64")),
        boot=(BOOT_NEWEST_KERNEL,),
    ),
    MachineSpec(
        "run-dnf-old-kernel",
        "the same, but its boot loader goes on with the kernel of before",
        below=_DNF,
        prepare=(kernels_installed(RUNNING_KERNEL), pretends_kernel(f"{RUNNING_KERNEL}.x86_64")),
        boot=(BOOT_PRETENDED_KERNEL,),
    ),
    MachineSpec(
        "run-dnf-trouble",
        "updates whose scripts fail, and one that is locked",
        below=_DNF,
        prepare=(
            rpms_installed("rocky", tuple(package for package in rocky_packages.JOBS if ".el9_4" not in package.evr)),
            rpms_installed("rocky", (rocky_packages.package("acme-locked", "1.0-1.el9"),)),
            "dnf -q versionlock add acme-locked",
            "echo 'changed here' >/etc/acme-config.conf",
        ),
        boot=(BOOT_LITTLE_ROOM,),
    ),
    MachineSpec(
        "run-zypper",
        "patches and a kernel, which its reboot brings",
        below=_ZYPPER,
        prepare=(
            rpms_installed("suse", (suse_packages.package("kernel-default"),)),
            pretends_kernel(f"{OLD_KERNEL}-default"),
        ),
        boot=(BOOT_NEWEST_KERNEL,),
    ),
    MachineSpec(
        "run-zypper-trouble",
        "updates whose scripts fail, and one that is locked",
        below=_ZYPPER,
        prepare=(
            rpms_installed("suse", tuple(package for package in suse_packages.JOBS if ".3.3.1" not in package.evr)),
            rpms_installed("suse", (suse_packages.package("acme-locked"),)),
            "zypper --non-interactive --quiet addlock acme-locked",
            "echo 'changed here' >/etc/acme-config.conf",
        ),
        boot=(BOOT_LITTLE_ROOM,),
    ),
)

# Twenty for waves: those of the first are well, of the second three have an update that fails and two do not answer.
_WELL = Layer("wave-well", _APT, "from_pool main acme-tool")
_FAILING = Layer("wave-failing", _APT, "from_pool main acme-fails")
WAVES: tuple[MachineSpec, ...] = (
    *(MachineSpec(f"wave-{number:02}", "well", below=_WELL) for number in range(1, 6)),
    *(MachineSpec(f"wave-{number:02}", "an update fails", below=_FAILING) for number in range(6, 9)),
    *(MachineSpec(f"wave-{number:02}", "does not answer", door=Door.CLOSED) for number in range(9, 11)),
    *(MachineSpec(f"wave-{number:02}", "well, and in the third wave", below=_WELL) for number in range(11, 21)),
)

# Each has an update that is installed when a test says so, between two others.
_WAITS = Layer("run-waits-below", _APT, "from_pool main acme-lib acme-waits acme-zeal")
WAITING: tuple[MachineSpec, ...] = (
    MachineSpec("run-waits", "tests say when its update is installed", below=_WAITS),
    MachineSpec("run-cut", "the same, and its connections are cut", below=_WAITS),
    MachineSpec("run-window", "the same, and it takes longer than its window", below=_WAITS),
    MachineSpec("run-console", "the same, and the console's disk is full meanwhile", below=_WAITS),
)

DEPLOYED: tuple[MachineSpec, ...] = (*(replace(spec, below=_APT) for spec in APT), *RPM, *WAITING, *WAVES)
