"""Lines of known_hosts that speak of many hosts: authorities whose certificates count, and keys that are revoked."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncssh

from collectors.known_hosts_file import lines_of, only_writer
from collectors.whole_files import write_whole
from fleet.errors import BadInput
from fleet.hostile import clean

# sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: patterns with * and ?, a ! before those that are not meant, [host]:port.
_PATTERN = re.compile(r"!?(?:[A-Za-z0-9._:*?-]+|\[[A-Za-z0-9._:*?-]+\]:[0-9*?]+)")
_MOST_CHARACTERS = 1_000


class Mark(StrEnum):
    """What a line says of its key."""

    AUTHORITY = "@cert-authority"
    REVOKED = "@revoked"


@dataclass(frozen=True, slots=True)
class MarkedKey:
    """A key with its mark, the hosts that are meant (patterns, with commas), and its fingerprint ``SHA256:…``."""

    mark: Mark
    hosts: str
    public_line: str
    fingerprint: str

    @property
    def line(self) -> str:
        """As it stands in the file."""
        return f"{self.mark} {self.hosts} {self.public_line}"


def mark_key(mark: Mark, hosts: str, public_text: str) -> MarkedKey:
    """The key in ``public_text``, the content of a public key file, marked for ``hosts``.

    Raises:
        BadInput: it is no public key, or the patterns of the hosts cannot be used.
    """
    try:
        key = asyncssh.import_public_key(public_text)
    except ValueError as error:
        raise BadInput("That is no public key: give the .pub file, one line 'ssh-ed25519 AAAA…'.") from error
    public_line = " ".join(key.export_public_key("openssh").decode().split()[:2])
    return MarkedKey(mark, check_patterns(hosts), public_line, key.get_fingerprint())


def check_patterns(hosts: str) -> str:
    """Patterns of hosts, with commas between them, in small letters.

    Raises:
        BadInput: one is malformed, or all of them only say who is not meant.
    """
    patterns = [pattern.strip().lower() for pattern in hosts.split(",")]
    if len(hosts) > _MOST_CHARACTERS or not all(map(_PATTERN.fullmatch, patterns)):
        raise BadInput(f"Host patterns {clean(hosts, 100)!r} are malformed: write '*.example.com,[10.0.0.*]:2222'.")
    if all(pattern.startswith("!") for pattern in patterns):
        raise BadInput(f"Host patterns {hosts!r} only say who is not meant.")
    return ",".join(patterns)


def read_marks(path: Path) -> list[MarkedKey]:
    """The marked keys of the known_hosts file ``path``, in its order; lines that cannot be read are none.

    Raises:
        OSError: it is there and cannot be read.
    """
    return [marked for line in lines_of(path) if (marked := _parse(line)) is not None]


def add_mark(path: Path, marked: MarkedKey) -> bool:
    """Writes ``marked`` into the known_hosts file ``path``; False where it says so already. The rest stays.

    Raises:
        OSError: it cannot be read or written; the old content stands.
    """
    with only_writer(path.parent):
        lines = lines_of(path)
        if any(_parse(line) == marked for line in lines):
            return False
        write_whole(path, "".join(f"{line}\n" for line in [*lines, marked.line]), is_shared=True)
    return True


def remove_mark(path: Path, mark: Mark, fingerprint: str, hosts: str | None) -> list[MarkedKey]:
    """Takes the keys of that mark and fingerprint out, of ``hosts`` or of all; gives what was there.

    Raises:
        OSError: it cannot be read or written; the old content stands.
    """
    with only_writer(path.parent):
        kept: list[str] = []
        gone: list[MarkedKey] = []
        for line in lines_of(path):
            found = _parse(line)
            is_meant = found is not None and (found.mark, found.fingerprint) == (mark, fingerprint)
            if found is not None and is_meant and hosts in (None, found.hosts):
                gone.append(found)
            else:
                kept.append(line)
        if gone:
            write_whole(path, "".join(f"{line}\n" for line in kept), is_shared=True)
    return gone


def _parse(line: str) -> MarkedKey | None:
    words = line.split()
    if len(words) < 4 or words[0] not in tuple(Mark):
        return None
    try:
        key = asyncssh.import_public_key(" ".join(words[2:4]))
    except ValueError:
        return None
    return MarkedKey(Mark(words[0]), words[1].lower(), " ".join(words[2:4]), key.get_fingerprint())
