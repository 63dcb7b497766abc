"""Which host keys are trusted, read once for a whole scan from files in OpenSSH's known_hosts format."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asyncssh import SSHKey, SSHKnownHosts

from collectors.transports.known_names import SSH_PORT, lookup_name

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """What is known of one host. ``is_own`` is False where the keys were noted for the same host without its port."""

    trusted: tuple[SSHKey, ...] = ()
    authorities: tuple[SSHKey, ...] = ()
    revoked: tuple[SSHKey, ...] = ()
    is_own: bool = True

    def as_lists(self) -> tuple[list[SSHKey], list[SSHKey], list[SSHKey]]:
        """The form that asyncssh takes without looking anything up."""
        return list(self.trusted), list(self.authorities), list(self.revoked)


class KnownHosts:
    """The files in the order in which they are believed: the first that knows a host decides; all can revoke.

    So a key that was accepted into the home replaces an older one that OpenSSH still knows.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)
        self._by_path = {path: _read(path) for path in paths}

    def find(self, host: str, port: int, more_paths: Sequence[Path] = ()) -> KnownKeys:
        """What is known of ``host`` at ``port``, also in ``more_paths``, which are believed last.

        Raises:
            OSError: one of ``more_paths`` is there and cannot be read.
        """
        files = [self._file(path) for path in (*self._paths, *more_paths)]
        own = _first(_match(file, lookup_name(host, port)) for file in files)
        if own.trusted or own.authorities or port == SSH_PORT:
            return own
        # OpenSSH, too, believes the key of a host's port 22 at its other ports.
        portless = _first(_match(file, lookup_name(host, SSH_PORT)) for file in files)
        return KnownKeys(portless.trusted, portless.authorities, own.revoked + portless.revoked, is_own=False)

    def _file(self, path: Path) -> SSHKnownHosts:
        if path not in self._by_path:
            self._by_path[path] = _read(path)
        return self._by_path[path]


def _read(path: Path) -> SSHKnownHosts:
    """One file; a missing one knows nobody, and lines that are no entry are logged and give no trust."""
    known = SSHKnownHosts()
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return known
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            known.load(line)
        except ValueError:
            _log.warning("known_hosts line not read path=%s line=%d", path, number)
    return known


def _match(file: SSHKnownHosts, name: str) -> KnownKeys:
    # The name alone, without the address it resolved to: as OpenSSH does, whoever answers there.
    trusted, authorities, revoked, *_ = file.match(name, "", None)
    return KnownKeys(tuple(trusted), tuple(authorities), tuple(revoked))


def _first(found: Iterable[KnownKeys]) -> KnownKeys:
    everything = tuple(found)
    revoked = tuple(_unique(key for keys in everything for key in keys.revoked))
    for keys in everything:
        if keys.trusted or keys.authorities:
            return KnownKeys(keys.trusted, keys.authorities, revoked)
    return KnownKeys(revoked=revoked)


def _unique(keys: Iterable[SSHKey]) -> Iterator[SSHKey]:
    seen: set[bytes] = set()
    for key in keys:
        if key.public_data not in seen:
            seen.add(key.public_data)
            yield key
