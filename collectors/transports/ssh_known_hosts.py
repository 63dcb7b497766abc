"""Which host keys are trusted, read once for a whole scan from files in OpenSSH's known_hosts format."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from asyncssh import SSHKey, SSHKnownHosts

from collectors.transports.known_names import SSH_PORT, lookup_name
from collectors.whole_files import read_whole

_log = logging.getLogger(__name__)

_MOST_BYTES = 16 * 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class _File:
    """One file: which keys it trusts, and apart from these its authorities and what it revokes."""

    believed: SSHKnownHosts
    authorities: SSHKnownHosts
    revoked: SSHKnownHosts
    certifies_any: bool = False
    revokes_any: bool = False


class KnownHosts:
    """The files in the order in which they are believed: the first that knows a host's key decides; all can revoke.

    So a key that was accepted into the home replaces an older one that OpenSSH still knows, and the hashed names in
    later files, which cost a computation each, are not gone through for it. Authorities say nothing of one host alone:
    those of all files count.
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
        # OpenSSH, too, believes the key of a host's port 22 at its other ports.
        names = dict.fromkeys((lookup_name(host, port), lookup_name(host, SSH_PORT)))
        revoking = [file for file in files if file.revokes_any]
        revoked = tuple(key for name in names for file in revoking for key in _match(file.revoked, name)[2])
        certifying = [file for file in files if file.certifies_any]
        found = [key for name in names for file in certifying for key in _match(file.authorities, name)[1]]
        authorities = tuple({key.public_data: key for key in found}.values())
        for name in names:
            for file in files:
                trusted = _match(file.believed, name)[0]
                if trusted:
                    return KnownKeys(trusted, authorities, revoked, is_own=name == lookup_name(host, port))
        return KnownKeys((), authorities, revoked)

    def _file(self, path: Path) -> _File:
        if path not in self._by_path:
            self._by_path[path] = _read(path)
        return self._by_path[path]


def _read(path: Path) -> _File:
    """One file; a missing one knows nobody, and lines that are no entry are logged and give no trust."""
    by_mark = {"": SSHKnownHosts(), "@cert-authority": SSHKnownHosts(), "@revoked": SSHKnownHosts()}
    marks: set[str] = set()
    try:
        # /dev/null is how people say that there are none.
        content = b"" if path.is_char_device() else read_whole(path, _MOST_BYTES)
    except FileNotFoundError:
        content = b""
    text = content.decode("utf-8", errors="surrogateescape")
    for number, line in enumerate(text.splitlines(), start=1):
        first = line.split(maxsplit=1)[:1]
        mark = first[0] if first and first[0] in by_mark else ""
        try:
            by_mark[mark].load(line)
        except ValueError:
            _log.warning("known_hosts line not read path=%s line=%d", path, number)
        marks.add(mark)
    authorities, revoked = by_mark["@cert-authority"], by_mark["@revoked"]
    return _File(by_mark[""], authorities, revoked, "@cert-authority" in marks, "@revoked" in marks)


def _match(known: SSHKnownHosts, name: str) -> tuple[tuple[SSHKey, ...], tuple[SSHKey, ...], tuple[SSHKey, ...]]:
    # The name alone, without the address it resolved to: as OpenSSH does, whoever answers there.
    trusted, authorities, revoked, *_ = known.match(name, "", None)
    return tuple(trusted), tuple(authorities), tuple(revoked)
