"""Accepting machines' host keys: an act of a person who compared fingerprints, and one that is audited."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collectors.secrets import NoSecrets
from fleet.errors import BadInput, HomeUnusable, PatchdeckError
from fleet.host_key_lines import describe_key
from fleet.machines import Machine, TransportKind
from ops.assess_fan_out import fan_out
from ops.assess_limits import StartPace, crowd_of, default_starts_per_second
from ops.home import Home
from ops.reach import known_hosts_files, open_ssh
from ops.state.audit import Audit
from ops.state.database import opened, transaction

if TYPE_CHECKING:
    from collectors.host_keys import HostKey
    from collectors.key_standing import KeyStanding
    from collectors.known_hosts_file import AcceptedKeys
    from collectors.transports.opening import SshContext

DEADLINE_SECONDS = 15.0


class HostKeyNotFetched(PatchdeckError):
    """The machine did not show its host key; says what was tried and what came back."""


@dataclass(frozen=True, slots=True)
class FetchedKey:
    """What a machine shows now, and how that stands to what is known; or in ``problem`` why it shows nothing.

    ``sharers`` are the other machines that show this key, and the other places for which the home trusts it.
    """

    machine: Machine
    key: "HostKey | None" = None
    standing: "KeyStanding | None" = None
    problem: str = ""
    sharers: tuple[str, ...] = ()


async def fetch_key(home: Home, machine: Machine, *, deadline_seconds: float = DEADLINE_SECONDS) -> "HostKey":
    """The host key that ``machine`` shows now, not trusted yet: compare its fingerprint with the machine's own.

    Raises:
        BadInput: the machine is not reached over SSH.
        HostKeyNotFetched: it did not show one.
    """
    async with open_ssh(home, NoSecrets()) as ssh:
        return await _fetch(machine, ssh, deadline_seconds)


async def fetch_keys(
    home: Home, machines: Sequence[Machine], *, deadline_seconds: float = DEADLINE_SECONDS
) -> list[FetchedKey]:
    """What each of ``machines`` shows now, in their order; nobody logs in to them.

    Raises:
        HomeUnusable: a file of known hosts cannot be read.
    """
    from collectors.key_standing import KeyJudge
    from collectors.known_hosts_file import AcceptedKeys

    try:
        judge = await asyncio.to_thread(KeyJudge, known_hosts_files(home))
        accepted = await asyncio.to_thread(AcceptedKeys, home.known_hosts)
    except OSError as error:
        raise HomeUnusable(f"Cannot read {error.filename}: {error.strerror}.") from error
    fetched: dict[str, FetchedKey] = {}
    async with open_ssh(home, NoSecrets()) as ssh:

        async def work(machine: Machine) -> None:
            try:
                key = await _fetch(machine, ssh, deadline_seconds)
                fetched[machine.id] = FetchedKey(machine, key, judge.judge(key))
            except PatchdeckError as error:
                fetched[machine.id] = FetchedKey(machine, problem=str(error))

        crowd = crowd_of(None, max(1, len(machines)))
        await fan_out(machines, work, crowd=crowd, pace=StartPace(default_starts_per_second()), stop=asyncio.Event())
    return _with_sharers([fetched[machine.id] for machine in machines], accepted)


def accept_key(home: Home, machine: Machine, key: "HostKey") -> None:
    """Trusts ``key`` for ``machine`` from now on, in the place of any other key of that address; audited.

    Raises:
        HomeUnusable: the home's known_hosts or its state cannot be written.
    """
    accept_keys(home, [(machine, key)])


def accept_keys(home: Home, accepted: "Sequence[tuple[Machine, HostKey]]") -> None:
    """Trusts each key for its machine, all of them or, where that fails, none; see `accept_key`.

    Raises:
        HomeUnusable: the home's known_hosts or its state cannot be written.
    """
    from collectors.known_hosts_file import AcceptedKeys, replace_known_hosts

    lines = {_place(key): (key.public_line,) for _, key in accepted}
    with opened(home.state_file) as connection, transaction(connection):
        audit = Audit(connection)
        try:
            before = AcceptedKeys(home.known_hosts)
            for machine, key in accepted:
                old = sorted(before.of(_place(key)))
                replaced = json.dumps([describe_key(line) for line in old]) if old else None
                audit.record("machine.accept-key", machine.name, replaced, json.dumps(describe_key(key.public_line)))
            replace_known_hosts(home.known_hosts, lines)
        except OSError as error:
            raise HomeUnusable(f"Cannot write {home.known_hosts}: {error.strerror}.") from error


def _with_sharers(fetched: Sequence[FetchedKey], accepted: "AcceptedKeys") -> list[FetchedKey]:
    """``fetched``, each with who else has its key: the machines by name, other places as known_hosts calls them."""
    names: dict[str, dict[str, str]] = {}
    for each in fetched:
        if each.key is not None:
            names.setdefault(each.key.public_line, {})[_place(each.key)] = each.machine.name
    return [
        each if each.key is None else replace(each, sharers=_sharers(each.key, names, accepted)) for each in fetched
    ]


def _sharers(key: "HostKey", names: Mapping[str, Mapping[str, str]], accepted: "AcceptedKeys") -> tuple[str, ...]:
    here = names[key.public_line]
    trusted = (host for host in accepted.hosts_with([key.public_line]) if not host.startswith("|"))
    places = dict.fromkeys((*here, *trusted))
    return tuple(here.get(place, place) for place in places if place != _place(key))


def _place(key: "HostKey") -> str:
    from collectors.transports.known_names import lookup_name

    return lookup_name(key.host, key.port)


async def _fetch(machine: Machine, ssh: "SshContext", deadline_seconds: float) -> "HostKey":
    from collectors.host_keys import fetch_host_key
    from collectors.transports.base import TransportFailed

    if machine.transport is TransportKind.WINRM:
        accept = f"patchdeck machines accept-certificate {machine.name}"
        raise BadInput(f"{machine.name} is reached by WinRM: it has no host key, but a certificate: {accept}")
    if machine.transport is not TransportKind.SSH:
        raise BadInput(f"{machine.name} is reached by the transport {machine.transport.value!r}: it has no host key.")
    try:
        return await fetch_host_key(machine, ssh=ssh, deadline_seconds=deadline_seconds)
    except TransportFailed as error:
        raise HostKeyNotFetched(f"{machine.name}: {error.failure.describe()}") from error
