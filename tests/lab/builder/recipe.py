"""Where the lab keeps what it builds, and what makes a built layer out of date."""

import hashlib
import shutil
from pathlib import Path

SUITE = "bookworm"
KEPT_AT = Path("/var/tmp/patchdeck-lab")
_IN_MEMORY = Path("/dev/shm")  # the folders in it have random names
_ROOM_FOR_A_RUN = 8 * 2**30
USER = "patcher"
PASSWORD = "only-in-the-lab"

# The repositories of the lab, by names that /etc/hosts of each machine leads to loopback.
REPOSITORY_PORT = 8327
ARCHIVE_HOST = "archive.lab.example"
SECURITY_HOST = "security.lab.example"
ACME_HOST = "acme.lab.example"
DOWN_HOST = "down.lab.example"

# Package lists age, and Patchdeck says so: what holds lists is made anew after this.
LISTS_KEPT_SECONDS = 2 * 86_400

# The base holds Debian's userland; the security updates published since are what "debian-behind" has pending.
BASE_PACKAGES = ("openssh-server", "sudo", "procps", "locales", "tcsh")


def place_of_runs() -> Path:
    """Where the machines of a run write: in memory where there is room, since dpkg waits for the disk at every file."""
    has_room = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM_FOR_A_RUN
    return _IN_MEMORY if has_room else KEPT_AT


def fingerprint(*parts: str) -> str:
    """A short name for what ``parts`` say: the same as long as they are."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def source_of(*modules: str) -> str:
    """The text of the builder's own files: a layer is out of date when what builds it has changed."""
    return "\0".join((Path(__file__).parent / name).read_text() for name in modules)
