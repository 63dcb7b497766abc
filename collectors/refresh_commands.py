"""The commands that fetch package lists, word by word: what the probes run as root, and all that sudoers must allow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefreshCommand:
    """The command of one package manager's program. ``words`` are its path and all its arguments, as ``probes/`` has
    them; ``seconds`` is how long it may take; ``systems`` says where it is found.
    """

    manager: str
    program: str
    seconds: int
    words: tuple[str, ...]
    systems: str

    @property
    def limited_words(self) -> tuple[str, ...]:
        """The command with its limit in front, which is how a probe prefers to run it: see ``become.sh``."""
        return ("timeout", "-k", "5", str(self.seconds), *self.words)


def _command(manager: str, seconds: int, line: str, systems: str) -> RefreshCommand:
    words = tuple(line.split())
    return RefreshCommand(manager, words[0].rpartition("/")[2], seconds, words, systems)


REFRESH_COMMANDS = (
    _command(
        "apt",
        300,
        "/usr/bin/apt-get -q -o APT::Update::Error-Mode=any -o APT::Output-Version=0 -o APT::Color=0 "
        "-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Acquire::Retries=1 update",
        "Debian, Ubuntu and their like",
    ),
    _command(
        "dnf", 300, "/usr/bin/dnf -q -y makecache --refresh", "RHEL 8 and later, its rebuilds, Fedora, Amazon Linux"
    ),
    _command("dnf", 300, "/usr/bin/dnf5 -q -y makecache --refresh", "Fedora 41 and later"),
    _command("dnf", 300, "/usr/bin/yum -q -y makecache", "RHEL 7, CentOS 7, Amazon Linux 2"),
    _command("dnf", 300, "/usr/bin/microdnf -y makecache", "small containers of RHEL and its rebuilds"),
    _command("zypper", 300, "/usr/bin/zypper --non-interactive refresh", "SLES and openSUSE"),
    _command("ostree", 300, "/usr/bin/rpm-ostree upgrade --check", "Fedora CoreOS and Atomic Desktops, RHEL for Edge"),
    _command("ostree", 300, "/usr/bin/bootc upgrade --check", "systems of bootc without rpm-ostree"),
    _command("apk", 300, "/sbin/apk update", "Alpine"),
)

# Package managers that are read and refreshed without root, and how.
WITHOUT_ROOT = {"pacman": "a refresh works on a copy of its lists, under fakeroot (install that package)"}
