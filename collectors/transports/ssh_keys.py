"""The keys to log in with, from files and agents, each read once for a whole scan."""

import asyncio
import binascii
import copy
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from asyncssh import SSHAgentClient, SSHKeyPair

from collectors.secrets import Secret
from collectors.transports.ssh_config import SshRoute
from collectors.transports.ssh_key_files import (
    CertificateFile,
    KeyFile,
    KeyUnusable,
    certify,
    read_certificate_file,
    read_key_file,
    tell_certificate,
)
from fleet.errors import PatchdeckError
from fleet.profiles import AgentUse, LoginBy

_DEFAULT_NAMES = ("id_ed25519", "id_ecdsa", "id_rsa")
# An agent answers at once; one that does not must not hold the fleet.
_AGENT_SECONDS = 5.0

AskPassphrase = Callable[[], Awaitable[Secret | None]]


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


class KeyRing:
    """Key files by path and agents by socket; opened when first asked for, closed together."""

    def __init__(self) -> None:
        self._files: dict[tuple[Path, str], KeyFile] = {}
        self._certificates: dict[Path, CertificateFile] = {}
        self._agents: dict[str, SSHAgentClient] = {}
        self._agent_pairs: dict[str, tuple[SSHKeyPair, ...]] = {}
        self._lock = asyncio.Lock()

    async def offers_for(self, route: SshRoute, ask_passphrase: AskPassphrase) -> KeyOffers:
        """What to offer on ``route``: the keys asked for and the agent's, or the agent's and the default files.

        ``ask_passphrase`` is asked for a key file that is encrypted and not in the agent, once for each of its owners.

        Raises:
            KeyUnusable: the machine or its profile asks for a key file or certificate that cannot be used.
        """
        if route.login_by is LoginBy.PASSWORD:
            return KeyOffers(())
        async with self._lock:
            agent = () if route.agent is AgentUse.NEVER else await self._read_agent(route.agent_path)
            files = {path: await self._read_file(path) for path in _paths(route)}
            certificates = [await self._read_certificate(path) for path in route.certificate_files]
            files = {
                path: await self._unlocked(path, file, agent, route, ask_passphrase) for path, file in files.items()
            }
        if route.is_key_file_required:
            _require(files, agent, certificates)
        offers = _certified(_in_order(files, agent, route), certificates)
        return KeyOffers(tuple(_unique(offers)), tuple(_left_out(files, agent, certificates)))

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

    async def _read_file(self, path: Path) -> KeyFile:
        if (path, "") not in self._files:
            self._files[path, ""] = await asyncio.to_thread(read_key_file, path)
        return self._files[path, ""]

    async def _read_certificate(self, path: Path) -> CertificateFile:
        if path not in self._certificates:
            self._certificates[path] = await asyncio.to_thread(read_certificate_file, path)
        return self._certificates[path]

    async def _unlocked(
        self,
        path: Path,
        file: KeyFile,
        agent: tuple[SSHKeyPair, ...],
        route: SshRoute,
        ask_passphrase: AskPassphrase,
    ) -> KeyFile:
        """``file``, opened with the passphrase that its owner has for it; as it is where there is none."""
        is_asked_for = route.is_key_file_required and route.agent is not AgentUse.ONLY
        if not (file.is_locked and is_asked_for and route.key_owner) or _agent_pair(file, agent):
            return file
        key = path, route.key_owner
        if key not in self._files:
            try:
                passphrase = await ask_passphrase()
            except PatchdeckError as error:
                # Not kept: whoever has the passphrase may be asked again.
                raise KeyUnusable(f"key file {path} is encrypted. {str(error).rstrip('.')}.", "") from error
            if passphrase is None:
                return file
            self._files[key] = await asyncio.to_thread(read_key_file, path, passphrase)
        return self._files[key]


async def _list_keys(agent: SSHAgentClient) -> tuple[SSHKeyPair, ...]:
    """The agent's keys; an agent that is not there or does not answer has none, as for OpenSSH."""
    try:
        async with asyncio.timeout(_AGENT_SECONDS):
            return tuple(await agent.get_keys())
    except (OSError, ValueError):
        return ()


def _paths(route: SshRoute) -> tuple[Path, ...]:
    if route.is_key_file_required:
        return route.key_files
    if route.agent is AgentUse.ONLY:
        return ()
    return route.key_files or tuple(Path.home() / ".ssh" / name for name in _DEFAULT_NAMES)


def _require(
    files: Mapping[Path, KeyFile], agent: tuple[SSHKeyPair, ...], certificates: Iterable[CertificateFile]
) -> None:
    for path, file in files.items():
        if file.problem and not _agent_pair(file, agent):
            raise KeyUnusable(f"key file {path} {file.problem}.", file.remedy)
        for each in certificates:
            if each.problem:
                raise KeyUnusable(f"certificate {each.path} {each.problem}.", "Correct the certificate of the profile.")
            if each.certificate is not None and each.certificate.key.public_data != file.public_data:
                raise KeyUnusable(
                    f"certificate {each.path} is for another key than {path}.", "Have it made for this key."
                )


def _in_order(files: Mapping[Path, KeyFile], agent: tuple[SSHKeyPair, ...], route: SshRoute) -> Iterator[KeyOffer]:
    is_agent_only = route.agent is AgentUse.ONLY
    from_files = list(_from_files(files, agent, is_agent_only=is_agent_only))
    is_named_alone = route.is_key_file_required and (is_agent_only or route.login_by is LoginBy.KEY)
    from_agent = [] if route.is_agent_limited or is_named_alone else [_offer(pair, "agent") for pair in agent]
    yield from from_files if route.key_files else from_agent
    yield from from_agent if route.key_files else from_files


def _from_files(
    files: Mapping[Path, KeyFile], agent: tuple[SSHKeyPair, ...], *, is_agent_only: bool
) -> Iterator[KeyOffer]:
    for path, file in files.items():
        pairs = () if is_agent_only else file.pairs
        yield from (_offer(pair, str(path)) for pair in pairs)
        pair = _agent_pair(file, agent)
        if pair is not None and not pairs:
            yield _offer(pair, f"{path}, in the agent")


def _certified(offers: Iterable[KeyOffer], certificates: list[CertificateFile]) -> Iterator[KeyOffer]:
    """Before each key that one of ``certificates`` is for, the same with the certificate."""
    for offer in offers:
        found = None if offer.pair.has_cert else certify(offer.pair, certificates)
        if found is not None and found.certificate is not None:
            pair = copy.copy(offer.pair)
            pair.set_certificate(found.certificate)
            yield KeyOffer(pair, f"{pair.get_algorithm()} ({found.path}, {found.told})")
        yield offer


def _left_out(
    files: Mapping[Path, KeyFile], agent: tuple[SSHKeyPair, ...], certificates: Iterable[CertificateFile]
) -> Iterator[str]:
    for path, file in files.items():
        if file.problem and not file.is_missing and not _agent_pair(file, agent):
            yield f"{path} {file.problem}"
    for each in certificates:
        if each.problem:
            yield f"{each.path} {each.problem}"


def _agent_pair(file: KeyFile, agent: tuple[SSHKeyPair, ...]) -> SSHKeyPair | None:
    return next((pair for pair in agent if file.public_data and pair.public_data == file.public_data), None)


def _offer(pair: SSHKeyPair, source: str) -> KeyOffer:
    # A copy for each connection: asyncssh notes in the pair which signature the server wants.
    told = f", {tell_certificate(_line(pair))}" if pair.has_cert else ""
    return KeyOffer(copy.copy(pair), f"{pair.get_algorithm()} ({source}{told})")


def _line(pair: SSHKeyPair) -> bytes:
    return pair.algorithm + b" " + binascii.b2a_base64(pair.public_data, newline=False)


def _unique(offers: Iterable[KeyOffer]) -> Iterator[KeyOffer]:
    seen: set[bytes] = set()
    for offer in offers:
        if offer.pair.public_data not in seen:
            seen.add(offer.pair.public_data)
            yield offer
