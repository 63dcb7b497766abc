"""The home's known_hosts file: the keys of each host replaced as a whole, and found again by the key."""

import base64
import fcntl
import hmac
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from collectors.whole_files import read_whole, write_whole

_WAIT_SECONDS = 10.0
# Ten thousand hosts with three keys each.
_MOST_BYTES = 16 * 1024 * 1024


def replace_known_hosts(path: Path, lines_by_name: Mapping[str, Sequence[str]]) -> None:
    """Write each host's keys into the known_hosts file ``path`` as the only ones that it has there.

    Hosts are called as by `lookup_name`, keys are lines ``ALGORITHM BASE64``. Everything else stays as it is: comments,
    other hosts, patterns, lines that begin with ``@``. The file is replaced as a whole, and only its owner can read it.
    Of two writers at once the second waits, and finds what the first wrote.

    Raises:
        OSError: it cannot be read or written; the old content stands.
    """
    with only_writer(path.parent):
        kept = [rest for line in lines_of(path) if (rest := _without(line, lines_by_name)) is not None]
        new = [f"{name} {line}" for name, public_lines in lines_by_name.items() for line in public_lines]
        write_whole(path, "\n".join([*kept, *new]) + "\n", is_shared=True)


def lines_of(path: Path) -> list[str]:
    """The lines of a known_hosts file, whatever bytes are in it; none where there is no file.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than any such file.
    """
    try:
        text = read_whole(path, _MOST_BYTES).decode("utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return []
    return text.removesuffix("\n").split("\n") if text else []


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """While inside, no other process is inside for the same folder; waits for it, but not for ever.

    Raises:
        BlockingIOError: another is inside for longer than we wait.
    """
    deadline = time.monotonic() + _WAIT_SECONDS
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


class AcceptedKeys:
    """The keys that the known_hosts file at a path held when this was made; lines that begin with ``@`` are none.

    Raises:
        OSError: it is there and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        words = [line.split() for line in lines_of(path) if not line.startswith(("#", "@"))]
        entries = [(host, f"{line[1]} {line[2]}") for line in words if len(line) > 2 for host in line[0].split(",")]
        self._hashed = [entry for entry in entries if entry[0].startswith("|1|")]
        self._by_name: dict[str, set[str]] = {}
        self._by_key: dict[str, list[str]] = {}
        for host, key in entries:
            self._by_name.setdefault(host.lower(), set()).add(key)
            self._by_key.setdefault(key, []).append(host)

    def of(self, name: str) -> frozenset[str]:
        """The keys ``ALGORITHM BASE64`` of the host that `lookup_name` calls ``name``."""
        hashed = {key for host, key in self._hashed if _is_called(host, name)}
        return frozenset(self._by_name.get(name, set()) | hashed)

    def hosts_with(self, keys: Collection[str]) -> tuple[str, ...]:
        """The hosts that have one of ``keys``, by key, as they stand in the file; hashed ones too."""
        return tuple(dict.fromkeys(host for key in sorted(keys) for host in self._by_key.get(key, ())))


def _is_called(host: str, name: str) -> bool:
    """Whether ``host`` of a known_hosts line is ``name``, plain or hashed."""
    if not host.startswith("|1|"):
        return host.lower() == name
    try:
        salt, digest = (base64.b64decode(part) for part in host.split("|")[2:])
    except ValueError:
        return False
    return hmac.compare_digest(hmac.digest(salt, name.encode(), "sha1"), digest)


def _without(line: str, names: Collection[str]) -> str | None:
    """``line`` without the hosts ``names``; None where no other host is left in it."""
    hosts, _, rest = line.strip().partition(" ")
    if not rest or hosts.startswith(("#", "@")):
        return line
    others = [host for host in hosts.split(",") if not _is_one_of(host, names)]
    if len(others) == len(hosts.split(",")):
        return line
    return f"{','.join(others)} {rest}" if others else None


def _is_one_of(host: str, names: Collection[str]) -> bool:
    if host.startswith("|1|"):
        return any(_is_called(host, name) for name in names)
    return host.lower() in names
