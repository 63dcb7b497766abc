"""The commands that fetch package lists, word by word: what the probes run as root, and all that sudoers must allow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefreshCommand:
    """The command of one package manager's program. ``words`` are its path and all its arguments, as ``probes/`` has
    them; ``seconds`` is how long it may take; ``systems`` says where it is found; ``cannot`` is what whoever may run
    it as root with exactly these words still can't do.
    """

    manager: str
    program: str
    seconds: int
    words: tuple[str, ...]
    systems: str
    cannot: str

    @property
    def limited_words(self) -> tuple[str, ...]:
        """The command with its limit in front, which is how a probe prefers to run it: see ``become.sh``."""
        return ("timeout", "-k", "5", str(self.seconds), *self.words)


# Below the deadline of a machine, so that what is cached is still read after a server that never answered.
_SECONDS = 90
# An assessment accepts no key of a repository, and waits for no lock: see probes/dnf.sh.
_ASKS_NOBODY = "--assumeno --setopt=assumeyes=0 --setopt=exit_on_lock=1 --setopt=timeout=15 makecache"


# A word more or less, and sudo refuses: no option of the user's own, which might run a command or lead elsewhere.
_NO_OTHER_WORD = "take any other word"


def _command(manager: str, line: str, systems: str, cannot: str) -> RefreshCommand:
    words = tuple(line.split())
    return RefreshCommand(manager, words[0].rpartition("/")[2], _SECONDS, words, systems, f"{cannot}, {_NO_OTHER_WORD}")


_INSTALLS_NOTHING = "install, upgrade or remove anything, trust a repository's new key"


REFRESH_COMMANDS = (
    _command(
        "apt",
        "/usr/bin/apt-get -q -o APT::Update::Error-Mode=any -o APT::Output-Version=0 -o APT::Color=0 "
        "-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Acquire::Retries=1 update",
        "Debian, Ubuntu and their like",
        _INSTALLS_NOTHING,
    ),
    _command(
        "dnf",
        f"/usr/bin/dnf -q {_ASKS_NOBODY} --refresh",
        "RHEL 8 and later, its rebuilds, Fedora, Amazon Linux",
        _INSTALLS_NOTHING,
    ),
    _command("dnf", f"/usr/bin/dnf5 -q {_ASKS_NOBODY} --refresh", "Fedora 41 and later", _INSTALLS_NOTHING),
    _command("dnf", f"/usr/bin/yum -q {_ASKS_NOBODY}", "RHEL 7, CentOS 7, Amazon Linux 2", _INSTALLS_NOTHING),
    _command(
        "dnf",
        "/usr/bin/microdnf --assumeno makecache",
        "small containers of RHEL and its rebuilds",
        _INSTALLS_NOTHING,
    ),
    _command("zypper", "/usr/bin/zypper --non-interactive refresh", "SLES and openSUSE", _INSTALLS_NOTHING),
    _command(
        "ostree",
        "/usr/bin/rpm-ostree upgrade --check",
        "Fedora CoreOS and Atomic Desktops, RHEL for Edge",
        "stage another system, reboot into one",
    ),
    _command(
        "ostree",
        "/usr/bin/bootc upgrade --check",
        "systems of bootc without rpm-ostree",
        "stage another system, reboot into one",
    ),
    _command("apk", "/sbin/apk update", "Alpine", "install, upgrade or remove anything, add a repository"),
)
