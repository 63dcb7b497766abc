"""How the host key that a machine shows stands to what is known of it: new, known, changed, or refused for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import asyncssh

from collectors.host_keys import HostKey
from collectors.transports.ssh_known_hosts import KnownHosts


class Standing(StrEnum):
    """What is known of a host key."""

    NEW = "new"
    KNOWN = "known"
    CHANGED = "changed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """How a key stands; ``known`` are the fingerprints ``SHA256:…`` that are trusted for that host and port."""

    standing: Standing
    known: tuple[str, ...] = ()


class KeyJudge:
    """Files in OpenSSH's known_hosts format, read once; the first that knows a host decides, all can revoke.

    Raises:
        OSError: one is there and cannot be read.
    """

    def __init__(self, known_hosts_files: Sequence[Path]) -> None:
        self._known = KnownHosts(known_hosts_files)

    def judge(self, key: HostKey) -> KeyStanding:
        """How ``key`` stands. A key noted for the host without its port makes another one at this port new."""
        shown = asyncssh.import_public_key(key.public_line)
        known = self._known.find(key.host, key.port)
        trusted = tuple(each.get_fingerprint() for each in known.trusted)
        if shown in known.revoked:
            return KeyStanding(Standing.REVOKED, trusted)
        if shown in known.trusted:
            return KeyStanding(Standing.KNOWN, trusted)
        if known.trusted and known.is_own:
            return KeyStanding(Standing.CHANGED, trusted)
        return KeyStanding(Standing.NEW)
