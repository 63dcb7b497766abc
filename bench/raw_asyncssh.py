"""The yardstick: one command on each of many addresses with asyncssh alone, tuned as well as we know how.

    python bench/raw_asyncssh.py FOLDER USER AT_ONCE COMMAND [SCRIPT] < addresses

SCRIPT is a file that each command has as its standard input.

Tuned: keys and host key read once and handed over, no agent, no GSS, no configuration, one process.
"""

import asyncio
import sys
from pathlib import Path

import asyncssh


async def run_everywhere(
    folder: Path, user: str, at_once: int, command: str, addresses: list[str], script: bytes = b""
) -> int:
    """How many of ``addresses`` ran ``command`` with success."""
    key = asyncssh.read_private_key(folder / "login")
    trusted = asyncssh.read_public_key(folder / "host.pub")
    turns = asyncio.Semaphore(at_once)

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
            feed = {"input": script} if script else {"stdin": asyncssh.DEVNULL}
            return (await connection.run(command, encoding=None, **feed)).exit_status == 0

    return sum(await asyncio.gather(*map(run_one, addresses)))


if __name__ == "__main__":
    _, folder_given, user_given, at_once_given, command_given, *script_given = sys.argv
    fed = Path(script_given[0]).read_bytes() if script_given else b""
    targets = sys.stdin.read().split()
    work = run_everywhere(Path(folder_given), user_given, int(at_once_given), command_given, targets, fed)
    succeeded = asyncio.run(work)
    sys.exit(0 if succeeded == len(targets) else f"{succeeded} of {len(targets)} succeeded")
