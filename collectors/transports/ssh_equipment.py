"""What every SSH connection of a scan uses, read or opened once: configuration, host keys, keys."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh

from collectors.transports.ssh_keys import KeyRing
from collectors.transports.ssh_known_hosts import KnownHosts
from collectors.transports.ssh_routes import RouteBook

# Name servers that do not answer hold a thread for many seconds; others must not wait behind them.
_LOOKUP_THREADS = 32


class SshEquipment:
    """Shared by all connections of one scan, in one event loop.

    Args:
        known_hosts_files: believed in this order.
        config_files: OpenSSH's, the first value wins.

    Raises:
        OSError: one of the files is there and cannot be read.
    """

    def __init__(self, known_hosts_files: Sequence[Path], config_files: Sequence[Path]) -> None:
        _keep_off_the_terminal()
        self.routes = RouteBook(config_files)
        self.known_hosts = KnownHosts(known_hosts_files)
        self.keys = KeyRing()
        self.lookups = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="lookup")

    async def close(self) -> None:
        """Close the agents."""
        await self.keys.close()
        self.lookups.shutdown(wait=False, cancel_futures=True)


def _keep_off_the_terminal() -> None:
    """asyncssh logs each step; only warnings are wanted, and never on standard error for lack of a handler."""
    logger = logging.getLogger("asyncssh")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    asyncssh.set_log_level(logging.WARNING)
