"""The yardstick: one command on each of many addresses with asyncssh alone, tuned as well as we know how.

    python bench/raw_asyncssh.py FOLDER USER COMMAND < addresses

Tuned: keys and host key read once and handed over, no agent, no GSS, no configuration, one process.
"""

import asyncio
import sys
from pathlib import Path

import asyncssh

_AT_ONCE = 128


async def run_everywhere(folder: Path, user: str, command: str, addresses: list[str]) -> int:
    """How many of ``addresses`` ran ``command`` with success."""
    key = asyncssh.read_private_key(folder / "login")
    trusted = asyncssh.read_public_key(folder / "host.pub")
    turns = asyncio.Semaphore(_AT_ONCE)

    tuned = asyncssh.SSHClientConnectionOptions(
        username=user,
        client_keys=[key],
        known_hosts=([trusted], [], []),
        config=None,
        agent_path=None,
        gss_host=None,
        preferred_auth="publickey",
        compression_algs=None,
    )

    async def run_one(address: str) -> bool:
        async with turns, asyncssh.connect(address, options=tuned) as connection:
            return (await connection.run(command, stdin=asyncssh.DEVNULL)).exit_status == 0

    return sum(await asyncio.gather(*map(run_one, addresses)))


if __name__ == "__main__":
    targets = sys.stdin.read().split()
    succeeded = asyncio.run(run_everywhere(Path(sys.argv[1]), sys.argv[2], sys.argv[3], targets))
    sys.exit(0 if succeeded == len(targets) else f"{succeeded} of {len(targets)} succeeded")
