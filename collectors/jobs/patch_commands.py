"""What a user must be able to run as root so that jobs can install: all that sudoers must allow for patching.

Whoever may install packages can become root by a package of his own, so these lines do not hold anybody back; they say
what is run, and keep the rest out of the way of mistakes.
"""

from dataclasses import dataclass

# What jobs set for a package manager so that it asks and restarts nothing; sudo drops it unless told to keep it.
KEPT_VARIABLES = (
    "DEBIAN_FRONTEND",
    "DEBIAN_PRIORITY",
    "APT_LISTCHANGES_FRONTEND",
    "APT_LISTBUGS_FRONTEND",
    "NEEDRESTART_MODE",
    "NEEDRESTART_SUSPEND",
    "UCF_FORCE_CONFFOLD",
    "ZYPP_LOCK_TIMEOUT",
)


@dataclass(frozen=True, slots=True)
class PatchCommand:
    """A program that jobs run as root. ``arguments`` None: any; otherwise exactly these words. ``systems`` says where
    it is found, ``purpose`` what for, ``cannot`` what whoever may run it as root still can't do.
    """

    manager: str
    program: str
    arguments: tuple[str, ...] | None
    systems: str
    purpose: str
    cannot: str


# Names and versions are others each time, and so are the words.
_ONE_PROGRAM = "start a shell or another program by name; but its words are free, so that it is as good as root"


def _any(manager: str, program: str, systems: str) -> PatchCommand:
    return PatchCommand(manager, program, None, systems, "download and install updates", _ONE_PROGRAM)


PATCH_COMMANDS: tuple[PatchCommand, ...] = (
    _any("apt", "/usr/bin/apt-get", "Debian, Ubuntu and their like"),
    PatchCommand(
        "apt",
        "/usr/bin/dpkg",
        ("--configure", "-a", "--force-confdef", "--force-confold"),
        "Debian, Ubuntu and their like",
        "finish what a failed transaction left half done",
        "install, replace or remove a package, take any other word",
    ),
    _any("dnf", "/usr/bin/dnf", "RHEL 8 and later, its rebuilds, Fedora, Amazon Linux"),
    _any("dnf", "/usr/bin/dnf5", "Fedora 41 and later"),
    _any("dnf", "/usr/bin/yum", "RHEL 7, CentOS 7, Amazon Linux 2"),
    _any("zypper", "/usr/bin/zypper", "SLES and openSUSE"),
    _any("pacman", "/usr/bin/pacman", "Arch Linux and its like"),
    _any("apk", "/sbin/apk", "Alpine"),
)
# For deployments that reboot; without them a machine is patched, and its reboot is refused.
REBOOT_COMMANDS: tuple[PatchCommand, ...] = tuple(
    PatchCommand("", program, None, "any system", "reboot after updates", "run anything; it can also halt the machine")
    for program in ("/usr/sbin/shutdown", "/usr/sbin/reboot", "/sbin/shutdown", "/sbin/reboot")
)
