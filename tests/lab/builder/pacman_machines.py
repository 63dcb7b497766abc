"""Machines of the lab whose package manager is pacman: each one a situation, in a few lines of what makes it so."""

from dataclasses import replace

from tests.lab.builder.arch_packages import IGNORED
from tests.lab.builder.recipe import ARCHIVE_HOST, DOWN_HOST
from tests.lab.builder.situations import (
    BOOT_NEWEST_KERNEL,
    BOOT_PRETENDED_KERNEL,
    GERMAN,
    SUDO_FOR_ALL,
    pretends_kernel,
)
from tests.lab.builder.specs import MachineSpec
from tests.lab.builder.userlands import ARCH, arch_installed, os_release

_ANSWERING: tuple[MachineSpec, ...] = (
    MachineSpec("arch", "updates, and packages of which nobody offers a newer version"),
    MachineSpec("arch-sudo", "the same, with sudo", prepare=(SUDO_FOR_ALL,)),
    MachineSpec("arch-jobs", "where jobs install", prepare=(SUDO_FOR_ALL,)),
    MachineSpec("sudoers-pacman", "for what `patchdeck check --sudoers --patching` says", boot=(BOOT_NEWEST_KERNEL,)),
    MachineSpec("arch-current", "nothing is pending", prepare=("pacman -Su --noconfirm --noprogressbar",)),
    MachineSpec("arch-german", "a German locale", prepare=GERMAN),
    MachineSpec(
        "arch-ignored",
        "a package and a group that pacman.conf leaves alone",
        prepare=(
            arch_installed(IGNORED),
            r"sed -i 's/^Arch/IgnorePkg = acme-ignored acme-e*\nIgnoreGroup = acme-group\n&/' /etc/pacman.conf",
        ),
    ),
    MachineSpec(
        "arch-kernel-replaced",
        "the modules of the kernel that runs are gone",
        prepare=(pretends_kernel("6.8.9-arch1-1"),),
    ),
    MachineSpec("arch-busy", "another pacman holds the lock", prepare=(SUDO_FOR_ALL,), boot=(
        "touch /var/lib/pacman/db.lck",)),
    MachineSpec("manjaro", "Manjaro", prepare=(
        os_release('NAME="Manjaro Linux"', "ID=manjaro", "ID_LIKE=arch", 'PRETTY_NAME="Manjaro Linux"'),)),
)  # fmt: skip
_UNWELL: tuple[MachineSpec, ...] = (
    MachineSpec("arch-no-lists", "never ran pacman -Sy", prepare=("rm -f /var/lib/pacman/sync/*",)),
    MachineSpec("arch-one-list", "one repository's list is gone", prepare=("rm -f /var/lib/pacman/sync/extra.db",)),
    MachineSpec("arch-stale", "lists of last spring", prepare=("touch -d 2024-05-10 /var/lib/pacman/sync/*",)),
    MachineSpec("arch-mirror-down", "no repository can be reached any more", prepare=(
        SUDO_FOR_ALL, f"sed -i 's/{ARCHIVE_HOST}/{DOWN_HOST}/' /etc/pacman.conf")),
    MachineSpec("arch-broken-database", "a package's entry in the database is gone", prepare=(
        "rm /var/lib/pacman/local/acme-openssl-*/desc",)),
)  # fmt: skip


def _on_arch(spec: MachineSpec) -> MachineSpec:
    """The machine on Arch's layer, whose own kernel runs where none else does."""
    runs_another = "pretended-kernel" in "".join(spec.prepare)
    kernel = () if runs_another else (pretends_kernel("6.9.1-arch1-1"),)
    return replace(spec, below=ARCH, prepare=(*kernel, *spec.prepare), boot=(BOOT_PRETENDED_KERNEL, *spec.boot))


PACMAN: tuple[MachineSpec, ...] = tuple(map(_on_arch, (*_ANSWERING, *_UNWELL)))
