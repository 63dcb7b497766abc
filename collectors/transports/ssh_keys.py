"""The keys to log in with, from files and agents, each read once for a whole scan."""

import asyncio
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
from asyncssh import SSHAgentClient, SSHKeyPair

from collectors.transports.ssh_config import SshRoute

_DEFAULT_NAMES = ("id_ed25519", "id_ecdsa", "id_rsa")
# An agent answers at once; one that does not must not hold the fleet.
_AGENT_SECONDS = 5.0


class KeyUnusable(Exception):
    """A key file that the machine asks for cannot be used; the message is what came back, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class KeyOffer:
    """A key that a server is offered, and what it is called in a failure."""

    pair: SSHKeyPair
    label: str


@dataclass(frozen=True, slots=True)
class KeyOffers:
    """Keys in the order of trying, and why others that could have been are not among them."""

    offers: tuple[KeyOffer, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _KeyFile:
    """A key file; ``public_data`` is known also of an encrypted one that has its ``.pub`` beside it."""

    pairs: tuple[SSHKeyPair, ...] = ()
    problem: str = ""
    remedy: str = ""
    is_missing: bool = False
    public_data: bytes | None = None


class KeyRing:
    """Key files by path and agents by socket; opened when first asked for, closed together."""

    def __init__(self) -> None:
        self._files: dict[Path, _KeyFile] = {}
        self._agents: dict[str, SSHAgentClient] = {}
        self._agent_pairs: dict[str, tuple[SSHKeyPair, ...]] = {}
        self._lock = asyncio.Lock()

    async def offers_for(self, route: SshRoute) -> KeyOffers:
        """What to offer on ``route``: the keys asked for and the agent's, or the agent's and the default files.

        Raises:
            KeyUnusable: the machine itself asks for a key file that is missing, encrypted or no key.
        """
        async with self._lock:
            agent = await self._read_agent(route.agent_path)
            paths = route.key_files or _default_paths()
            for path in set(paths) - set(self._files):
                self._files[path] = await asyncio.to_thread(_read_key_file, path)
        files = {path: self._files[path] for path in paths}
        if route.is_key_file_required:
            _require(files, agent)
        offers = _in_order(files, agent, route)
        return KeyOffers(tuple(_unique(offers)), tuple(_left_out(files, agent)))

    async def close(self) -> None:
        """Close the agents' connections."""
        for agent in self._agents.values():
            agent.close()
            await agent.wait_closed()
        self._agents.clear()

    async def _read_agent(self, path: str) -> tuple[SSHKeyPair, ...]:
        if path and path not in self._agent_pairs:
            self._agents[path] = SSHAgentClient(path)
            self._agent_pairs[path] = await _list_keys(self._agents[path])
        return self._agent_pairs.get(path, ())


async def _list_keys(agent: SSHAgentClient) -> tuple[SSHKeyPair, ...]:
    """The agent's keys; an agent that is not there or does not answer has none, as for OpenSSH."""
    try:
        async with asyncio.timeout(_AGENT_SECONDS):
            return tuple(await agent.get_keys())
    except (OSError, ValueError):
        return ()


def _read_key_file(path: Path) -> _KeyFile:
    try:
        pairs = tuple(asyncssh.load_keypairs(str(path)))
    except FileNotFoundError:
        return _KeyFile(problem="is not there", remedy="Correct the machine's key file.", is_missing=True)
    except OSError as error:
        return _KeyFile(problem=f"cannot be read: {error.strerror}", remedy="Correct its permissions.")
    except asyncssh.KeyImportError as error:
        # asyncssh: "Passphrase must be specified to import encrypted private keys"
        return _encrypted(path) if "Passphrase" in str(error) else _public_only(path)
    return _KeyFile(pairs, public_data=pairs[-1].public_data) if pairs else _public_only(path)


def _encrypted(path: Path) -> _KeyFile:
    public_data = _read_public(Path(f"{path}.pub"))
    return _KeyFile(problem="is encrypted and not in the agent", remedy=f"Run: ssh-add {path}", public_data=public_data)


def _public_only(path: Path) -> _KeyFile:
    """A public key stands for the private one in the agent, as with OpenSSH's IdentityFile."""
    public_data = _read_public(path)
    if public_data is None:
        return _KeyFile(problem="holds no key that can be read", remedy="Give a private key file.")
    return _KeyFile(
        problem="is a public key whose private key is not in the agent",
        remedy="Give the private key, or add it to the agent.",
        public_data=public_data,
    )


def _read_public(path: Path) -> bytes | None:
    try:
        return asyncssh.read_public_key(str(path)).public_data
    except (OSError, asyncssh.KeyImportError):
        return None


def _require(files: dict[Path, _KeyFile], agent: tuple[SSHKeyPair, ...]) -> None:
    for path, file in files.items():
        if file.problem and not _agent_pair(file, agent):
            raise KeyUnusable(f"key file {path} {file.problem}.", file.remedy)


def _in_order(files: dict[Path, _KeyFile], agent: tuple[SSHKeyPair, ...], route: SshRoute) -> Iterator[KeyOffer]:
    from_files = list(_from_files(files, agent))
    from_agent = [] if route.is_agent_limited else [_offer(pair, "agent") for pair in agent]
    yield from from_files if route.key_files else from_agent
    yield from from_agent if route.key_files else from_files


def _from_files(files: dict[Path, _KeyFile], agent: tuple[SSHKeyPair, ...]) -> Iterator[KeyOffer]:
    for path, file in files.items():
        yield from (_offer(pair, str(path)) for pair in file.pairs)
        pair = _agent_pair(file, agent)
        if pair is not None and not file.pairs:
            yield _offer(pair, f"{path}, in the agent")


def _left_out(files: dict[Path, _KeyFile], agent: tuple[SSHKeyPair, ...]) -> Iterator[str]:
    for path, file in files.items():
        if file.problem and not file.is_missing and not _agent_pair(file, agent):
            yield f"{path} {file.problem}"


def _agent_pair(file: _KeyFile, agent: tuple[SSHKeyPair, ...]) -> SSHKeyPair | None:
    return next((pair for pair in agent if file.public_data and pair.public_data == file.public_data), None)


def _offer(pair: SSHKeyPair, source: str) -> KeyOffer:
    # A copy for each connection: asyncssh notes in the pair which signature the server wants.
    return KeyOffer(copy.copy(pair), f"{pair.get_algorithm()} ({source})")


def _unique(offers: Iterable[KeyOffer]) -> Iterator[KeyOffer]:
    seen: set[bytes] = set()
    for offer in offers:
        if offer.pair.public_data not in seen:
            seen.add(offer.pair.public_data)
            yield offer


def _default_paths() -> tuple[Path, ...]:
    return tuple(Path.home() / ".ssh" / name for name in _DEFAULT_NAMES)
