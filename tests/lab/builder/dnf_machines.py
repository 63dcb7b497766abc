"""Machines of the lab whose package manager is dnf: each one a situation, in a few lines of what makes it so."""

from dataclasses import replace

from tests.lab.builder import rocky_packages
from tests.lab.builder.job_rpms import BOOT_LITTLE_ROOM
from tests.lab.builder.recipe import DOWN_HOST, USER
from tests.lab.builder.rocky_packages import NEW_KERNEL, OLD_KERNEL, RUNNING_KERNEL
from tests.lab.builder.rpms import NOARCH
from tests.lab.builder.situations import (
    BOOT_PRETENDED_KERNEL,
    GERMAN,
    NOISY,
    SUDO_FOR_ALL,
    daemon,
    holds_lock,
    pretends_kernel,
    writes_its_id,
)
from tests.lab.builder.specs import MachineSpec
from tests.lab.builder.userlands import ROCKY, dnf_repository, os_release, rpms_installed

_BASEOS, _APPSTREAM, _EPEL = rocky_packages.BASEOS, rocky_packages.APPSTREAM, rocky_packages.EPEL
_PLUGINS = "/usr/lib/python3/dist-packages/dnf-plugins"
_MAKE_CACHE = "dnf -q makecache --refresh"


def _installed(*packages: tuple[str, ...]) -> str:
    return rpms_installed("rocky", tuple(rocky_packages.package(*package) for package in packages))


def kernels_installed(*versions: str) -> str:
    """A line that installs these kernels."""
    return _installed(*((name, version) for version in versions for name in ("kernel-core", "kernel")))


def _repositories(path: str) -> tuple[str, ...]:
    return dnf_repository(_BASEOS, path=path), dnf_repository(_APPSTREAM, path=path), "rm -rf /var/cache/dnf/*"


# A library that came after the boot; needs-restarting looks at the time of installation, which the database has in the
# package's header: tag 1008, of type 4 (int32), its value at an offset from the end of the index.
_GLIBC_IS_NEWER_THAN_THE_BOOT = """
python3 - <<'PYTHON'
import sqlite3, struct, time
with sqlite3.connect("/var/lib/rpm/rpmdb.sqlite") as database:
    for key, header in database.execute("SELECT hnum, blob FROM Packages").fetchall():
        entries, _ = struct.unpack(">II", header[:8])
        if b"\\0glibc\\0" in header or b"glibc\\0002.34" in header:
            for tag, _, offset, _ in struct.iter_unpack(">IIII", header[8 : 8 + 16 * entries]):
                if tag == 1008:
                    at = 8 + 16 * entries + offset
                    header = header[:at] + struct.pack(">I", int(time.time()) + 86400) + header[at + 4 :]
            database.execute("UPDATE Packages SET blob = ? WHERE hnum = ?", (header, key))
PYTHON
rpm -q glibc
"""
_HOLDS_DNF = daemon(
    "dnf upgrade",
    "".join(map(writes_its_id, ("/var/cache/dnf/metadata_lock.pid", "/var/cache/dnf/download_lock.pid",
                                "/var/lib/dnf/rpmdb_lock.pid"))) + holds_lock("/var/lib/rpm/.rpm.lock"),
)  # fmt: skip

_ANSWERING: tuple[MachineSpec, ...] = (
    MachineSpec("rocky", "advisories of every kind and severity, asked by an ordinary user"),
    MachineSpec("rocky-sudo", "the same, with sudo", prepare=(SUDO_FOR_ALL,)),
    MachineSpec(
        "rocky-user-cache",
        "the user has a cache of its own",
        prepare=(f"setpriv --reuid={USER} --regid={USER} --init-groups dnf -q makecache",),
    ),
    MachineSpec("rocky-current", "nothing is pending", prepare=("dnf -q -y upgrade", "dnf -q clean packages")),
    MachineSpec("rocky-german", "a German locale", prepare=GERMAN),
    MachineSpec("rocky-priorities", "a repository that comes before one with a newer version", prepare=(
        dnf_repository(_BASEOS, "priority=10"),)),
    MachineSpec("rocky-cache-elsewhere", "dnf.conf keeps the cache elsewhere", prepare=(
        "echo cachedir=/srv/dnf >>/etc/dnf/dnf.conf", "rm -rf /var/cache/dnf/*", _MAKE_CACHE)),
    MachineSpec("rocky-assumeyes", "dnf.conf says yes to all", prepare=("echo assumeyes=1 >>/etc/dnf/dnf.conf",)),
    MachineSpec(
        "rocky-noisy",
        "a .bashrc and a plugin of dnf that talk on both streams",
        prepare=(
            NOISY,
            f"cat >{_PLUGINS}/acme.py <<'PLUGIN'",
            "import sys",
            "import dnf",
            "class Acme(dnf.Plugin):",
            "    name = 'acme'",
            "    def config(self):",
            "        print('Updating Subscription Management repositories.')",
            "        print('This system is registered with an entitlement server, but is not receiving updates.')",
            "        print('Unable to read consumer identity', file=sys.stderr)",
            "PLUGIN",
        ),
    ),
    MachineSpec(
        "rocky-blocked",
        "locked, excluded by dnf.conf and by a repository, and in need of what is missing or excluded",
        prepare=(
            _installed(*((f"acme-{name}", "1.0-1.el9") for name in
                         ("locked", "excluded", "unwanted", "needsdep", "depexcluded"))),
            "dnf -q versionlock add acme-locked",
            "echo 'exclude=acme-excluded*' >>/etc/dnf/dnf.conf",
            dnf_repository(_APPSTREAM, "excludepkgs=acme-unwanted"),
        ),
    ),
    MachineSpec(
        "rocky-jobs",
        "where jobs install: everything that goes well, and most of what does not",
        prepare=(
            SUDO_FOR_ALL,
            rpms_installed("rocky", tuple(package for package in rocky_packages.JOBS if ".el9_4" not in package.evr)),
            _installed(*((f"acme-{name}", "1.0-1.el9") for name in ("locked", "excluded", "needsdep", "depexcluded"))),
            kernels_installed(RUNNING_KERNEL),
            "dnf -q versionlock add acme-locked",
            "echo 'exclude=acme-excluded*' >>/etc/dnf/dnf.conf",
            "echo 'changed here' >/etc/acme-config.conf",
        ),
        boot=(BOOT_LITTLE_ROOM,),
    ),
    MachineSpec(
        "rocky-kernel",
        "two kernels, a newer one is offered",
        prepare=(kernels_installed(OLD_KERNEL, RUNNING_KERNEL), pretends_kernel(f"{RUNNING_KERNEL}.x86_64")),
        boot=(BOOT_PRETENDED_KERNEL,),
    ),
    MachineSpec(
        "rocky-kernel-waits",
        "the newest kernel is installed and an older one runs",
        prepare=(kernels_installed(RUNNING_KERNEL, NEW_KERNEL), pretends_kernel(f"{RUNNING_KERNEL}.x86_64")),
        boot=(BOOT_PRETENDED_KERNEL,),
    ),
    MachineSpec(
        "rocky-with-dpkg",
        "the tools of another family are installed, without any package of theirs",
        prepare=(
            "mkdir -p /var/lib/dpkg && : >/var/lib/dpkg/status",
            r"for tool in dpkg dpkg-query apt-get; do printf '#!/bin/sh\nexit 1\n' >/usr/bin/$tool; done",
            "chmod 755 /usr/bin/dpkg /usr/bin/dpkg-query /usr/bin/apt-get",
        ),
    ),
    MachineSpec("rocky-restart", "a library is newer than the boot", prepare=(_GLIBC_IS_NEWER_THAN_THE_BOOT,)),
    MachineSpec("rocky-no-plugins", "dnf without any plugin", prepare=(f"rm -rf {_PLUGINS}/*",)),
    MachineSpec(
        "rocky-mixed",
        "one repository of several has no advisories",
        prepare=(dnf_repository(_EPEL), _installed(("acme-extra", "1.0-1.el9", NOARCH)), _MAKE_CACHE),
    ),
    MachineSpec("centos", "no repository has advisories", prepare=(
        *_repositories("rpm/bare/rocky"),
        os_release('NAME="CentOS Stream"', 'VERSION="9"', 'ID="centos"', 'ID_LIKE="rhel fedora"', 'VERSION_ID="9"',
                   'PLATFORM_ID="platform:el9"', 'PRETTY_NAME="CentOS Stream 9"'), _MAKE_CACHE)),
    MachineSpec("alma", "AlmaLinux", prepare=(
        os_release('NAME="AlmaLinux"', 'VERSION="9.4 (Seafoam Ocelot)"', 'ID="almalinux"', 'VERSION_ID="9.4"',
                   'ID_LIKE="rhel centos fedora"', 'PRETTY_NAME="AlmaLinux 9.4 (Seafoam Ocelot)"'),)),
    MachineSpec("fedora", "Fedora, with a dnf of the fourth generation", prepare=(
        os_release('NAME="Fedora Linux"', 'VERSION="40 (Server Edition)"', 'ID=fedora', 'VERSION_ID=40',
                   'PRETTY_NAME="Fedora Linux 40 (Server Edition)"', 'SUPPORT_END=2025-05-13'),)),
    MachineSpec("rocky-bare", "a container without systemd, sudo or ps", prepare=(
        "rm -f /usr/bin/sudo /usr/bin/ps /usr/bin/systemctl",)),
)  # fmt: skip
_UNWELL: tuple[MachineSpec, ...] = (
    MachineSpec("rocky-no-cache", "no metadata was ever fetched", prepare=("rm -rf /var/cache/dnf/*",)),
    MachineSpec("rocky-no-cache-sudo", "nor here, but sudo works", prepare=("rm -rf /var/cache/dnf/*", SUDO_FOR_ALL)),
    MachineSpec("sudoers-dnf", "for what `patchdeck check --sudoers` says", prepare=("rm -rf /var/cache/dnf/*",)),
    MachineSpec("rocky-no-repositories", "no repository is configured", prepare=("rm /etc/yum.repos.d/*",)),
    MachineSpec(
        "rocky-repository-down",
        "one repository cannot be reached, and was never",
        prepare=(dnf_repository(_EPEL, host=DOWN_HOST), SUDO_FOR_ALL),
    ),
    MachineSpec(
        "rocky-repository-skipped",
        "the same, and dnf is told to skip it",
        prepare=(dnf_repository(_EPEL, "skip_if_unavailable=1", host=DOWN_HOST), SUDO_FOR_ALL),
    ),
    MachineSpec(
        "rocky-broken-repository",
        "dnf leaves out a repository whose file it cannot read",
        prepare=("printf '[acme\\nname=acme\\n' >/etc/yum.repos.d/acme.repo",),
    ),
    MachineSpec(
        "rocky-stale",
        "repositories and metadata of last spring",
        prepare=(
            *_repositories("rpm/stale/rocky"),
            _MAKE_CACHE,
            "find /var/cache/dnf -exec touch -d '2024-05-10' {} +",
        ),
    ),
    MachineSpec("rocky-busy", "another dnf holds all locks", prepare=(SUDO_FOR_ALL,), boot=(_HOLDS_DNF,)),
    MachineSpec(
        "rocky-broken-database",
        "the rpm database is no database any more",
        prepare=(
            "dd if=/dev/zero of=/var/lib/rpm/rpmdb.sqlite bs=4096 count=3 conv=notrunc",
            "rm -f /var/lib/rpm/*-wal",
        ),
    ),
    MachineSpec(
        "rocky-broken-settings",
        "dnf.conf cannot be read",
        prepare=("echo 'this is no setting' >/etc/dnf/dnf.conf",),
    ),
)


def _below(spec: MachineSpec) -> MachineSpec:
    return replace(spec, below=ROCKY)


DNF: tuple[MachineSpec, ...] = tuple(map(_below, (*_ANSWERING, *_UNWELL)))
