"""What is read once for a whole scan to reach machines; nothing is read before the first machine of a kind."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.secrets import SecretSource
from collectors.transports.gate import MachineGate, OpenGate
from collectors.transports.winrm_context import WinrmContext

if TYPE_CHECKING:  # asyncssh takes a fifth of a second to import: a scan of this machine alone does without
    from collectors.transports.ssh_connection import SshReach


class SshContext:
    """Belongs to one scan and one event loop; `close` it at the end.

    Args:
        known_hosts_files: files of trusted host keys. The first that knows a host decides, so the home's comes first.
        config_files: OpenSSH's configuration; the first value wins. Files that are missing are skipped.
        secrets: where passwords come from, asked only when a server takes one and no key was accepted.
        gate: says who may be touched; asked before every connection, also to machines that are not reached over SSH.
        known_certificates: the file of certificates that were accepted for machines that are reached over HTTPS.
    """

    def __init__(
        self,
        known_hosts_files: Sequence[Path],
        config_files: Sequence[Path],
        secrets: SecretSource,
        gate: MachineGate | None = None,
        known_certificates: Path | None = None,
    ) -> None:
        self.secrets = secrets
        self.gate = gate or OpenGate()
        self._known_hosts_files = tuple(known_hosts_files)
        self._config_files = tuple(config_files)
        self._lock = asyncio.Lock()
        self._reach: SshReach | None = None
        self.winrm = WinrmContext(known_certificates)

    async def reach(self) -> "SshReach":
        """What opens connections, made when first asked for.

        Raises:
            OSError: a file of host keys is there and cannot be read.
        """
        async with self._lock:
            if self._reach is None:
                self._reach = await asyncio.to_thread(_open_reach, self._known_hosts_files, self._config_files)
            return self._reach

    async def close(self) -> None:
        """Close jump hosts and agents, and let go of threads. Closing twice is harmless."""
        self.winrm.close()
        if self._reach is not None:
            reach, self._reach = self._reach, None
            await reach.close()


async def load_ssh_context(
    *,
    known_hosts_files: Sequence[Path],
    config_files: Sequence[Path],
    secrets: SecretSource,
    gate: MachineGate | None = None,
    known_certificates: Path | None = None,
) -> SshContext:
    """The context of one scan; see `SshContext`."""
    return SshContext(known_hosts_files, config_files, secrets, gate, known_certificates)


def _open_reach(known_hosts_files: Sequence[Path], config_files: Sequence[Path]) -> "SshReach":
    from collectors.transports.ssh_connection import SshReach
    from collectors.transports.ssh_equipment import SshEquipment

    return SshReach(SshEquipment(known_hosts_files, config_files))
