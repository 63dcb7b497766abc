"""Machines of the lab whose package manager is zypper: each one a situation, in a few lines of what makes it so."""

from dataclasses import replace

from tests.lab.builder import suse_packages
from tests.lab.builder.job_rpms import BOOT_LITTLE_ROOM
from tests.lab.builder.recipe import DOWN_HOST
from tests.lab.builder.situations import BOOT_PRETENDED_KERNEL, GERMAN, SUDO_FOR_ALL, pretends_kernel
from tests.lab.builder.specs import MachineSpec
from tests.lab.builder.suse_packages import NEW_KERNEL, OLD_KERNEL, OSS, OTHER, UPDATE
from tests.lab.builder.userlands import SLES, os_release, rpms_installed, zypper_repository

_REFRESH = "zypper --non-interactive --quiet refresh"
_FORGET = "rm -rf /var/cache/zypp/*"
# A user's zypper reads on; a second one of root stops at once.
_BUSY = "sleep 86400 | zypper --quiet shell >/dev/null 2>&1 &"


def _installed(name: str, version: str = "") -> str:
    return rpms_installed("suse", (suse_packages.package(name, version),))


_TUMBLEWEED = os_release(
    'NAME="openSUSE Tumbleweed"',
    'ID="opensuse-tumbleweed"',
    'ID_LIKE="opensuse suse"',
    'VERSION_ID="20240520"',
    'PRETTY_NAME="openSUSE Tumbleweed"',
    'CPE_NAME="cpe:/o:opensuse:tumbleweed:20240520"',
)
_LEAP = os_release(
    'NAME="openSUSE Leap"',
    'VERSION="15.6"',
    'ID="opensuse-leap"',
    'ID_LIKE="suse opensuse"',
    'VERSION_ID="15.6"',
    'PRETTY_NAME="openSUSE Leap 15.6"',
)
_MICRO_OS = os_release(
    'NAME="openSUSE MicroOS"',
    'ID="opensuse-microos"',
    'ID_LIKE="suse opensuse opensuse-tumbleweed microos"',
    'VERSION_ID="20240520"',
    'PRETTY_NAME="openSUSE MicroOS"',
)
_TRANSACTIONAL = """
cat >/usr/sbin/transactional-update <<'STUB'
#!/bin/sh
echo 'transactional-update 4.6.8 started' >&2
echo 'This program must be run as root.' >&2
exit 1
STUB
chmod 755 /usr/sbin/transactional-update"""

_ANSWERING: tuple[MachineSpec, ...] = (
    MachineSpec("sles", "patches of every category and severity, asked by an ordinary user"),
    MachineSpec("sles-sudo", "the same, with sudo", prepare=(SUDO_FOR_ALL,)),
    MachineSpec("sles-current", "nothing is pending", prepare=("zypper --non-interactive --quiet update",)),
    MachineSpec("sles-german", "a German locale", prepare=GERMAN),
    MachineSpec("leap", "openSUSE Leap", prepare=(_LEAP,)),
    MachineSpec(
        "tumbleweed",
        "a rolling release, without any patch",
        prepare=(_TUMBLEWEED, zypper_repository(UPDATE, path="rpm/bare/suse"), _FORGET, _REFRESH),
    ),
    MachineSpec(
        "sles-locked",
        "a package that has a patch is locked",
        prepare=(_installed("acme-locked"), "zypper --non-interactive --quiet addlock acme-locked"),
    ),
    MachineSpec(
        "sles-vendor",
        "another vendor has a newer version",
        prepare=(_installed("acme-vendor"), zypper_repository(OTHER), _REFRESH),
    ),
    MachineSpec(
        "sles-jobs",
        "where jobs install: everything that goes well, and most of what does not",
        prepare=(
            SUDO_FOR_ALL,
            rpms_installed("suse", tuple(package for package in suse_packages.JOBS if ".3.3.1" not in package.evr)),
            *map(_installed, ("acme-locked", "acme-needsdep", "kernel-default")),
            "zypper --non-interactive --quiet addlock acme-locked",
            "echo 'changed here' >/etc/acme-config.conf",
        ),
        boot=(BOOT_LITTLE_ROOM,),
    ),
    MachineSpec("sles-unmet", "an update needs what nobody offers", prepare=(_installed("acme-needsdep"),)),
    MachineSpec("sles-stack", "a patch of zypper itself comes before all others", prepare=(_installed("zypper"),)),
    MachineSpec(
        "sles-kernel",
        "a patch that wants a restart: it is interactive",
        prepare=(_installed("kernel-default"), pretends_kernel(f"{OLD_KERNEL}-default")),
        boot=(BOOT_PRETENDED_KERNEL,),
    ),
    MachineSpec(
        "sles-kernel-waits",
        "the newest kernel is installed and an older one runs",
        prepare=(
            _installed("kernel-default"),
            _installed("kernel-default", NEW_KERNEL),
            pretends_kernel(f"{OLD_KERNEL}-default"),
        ),
        boot=(BOOT_PRETENDED_KERNEL, "touch /run/reboot-needed"),
    ),
    MachineSpec("sles-restart", "zypper's own marker asks for a restart", boot=("touch /run/reboot-needed",)),
    MachineSpec("sles-busy", "root's zypper holds the lock", prepare=(SUDO_FOR_ALL,), boot=(_BUSY,)),
    MachineSpec(
        "microos",
        "updates become a new snapshot: transactional-update",
        prepare=(_MICRO_OS, _TRANSACTIONAL),
        boot=(*(f"mount --bind /{name} /{name}" for name in ("etc", "home", "var")), "mount -o remount,bind,ro /"),
    ),
)
_UNWELL: tuple[MachineSpec, ...] = (
    MachineSpec("sles-no-cache", "no metadata was ever fetched", prepare=(_FORGET,)),
    MachineSpec("sles-no-cache-sudo", "nor here, but sudo works", prepare=(_FORGET, SUDO_FOR_ALL)),
    MachineSpec("sudoers-zypper", "for what `patchdeck check --sudoers` says", prepare=(_FORGET,)),
    MachineSpec("sles-no-repositories", "no repository is configured", prepare=("rm /etc/zypp/repos.d/*", _FORGET)),
    MachineSpec(
        "sles-repository-down",
        "one repository cannot be reached, and was never",
        prepare=(zypper_repository("gone", host=DOWN_HOST), SUDO_FOR_ALL),
    ),
    MachineSpec(
        "sles-update-down",
        "the repository of the patches cannot be reached any more",
        prepare=(zypper_repository(UPDATE, host=DOWN_HOST), SUDO_FOR_ALL),
    ),
    MachineSpec(
        "sles-stale",
        "repositories and metadata of last spring",
        prepare=(
            zypper_repository(OSS, path="rpm/stale/suse"),
            zypper_repository(UPDATE, path="rpm/stale/suse"),
            _FORGET,
            _REFRESH,
            "find /var/cache/zypp -exec touch -d '2024-05-10' {} +",
        ),
    ),
)

ZYPPER: tuple[MachineSpec, ...] = tuple(replace(spec, below=SLES) for spec in (*_ANSWERING, *_UNWELL))
