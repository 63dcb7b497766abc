"""Proving credentials: every machine of a profile is logged in to, to run nothing but `true` or a greeting."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from collectors.login_proof import LOGIN_PROOF, sudo_proof
from collectors.secrets import Secret, SecretSource
from fleet.errors import PatchdeckError
from fleet.failures import FailureKind
from fleet.hostile import clean, decode
from fleet.machines import Machine, TransportKind
from fleet.profiles import Profile
from ops.assess_fan_out import fan_out
from ops.assess_limits import StartPace, crowd_of, default_starts_per_second
from ops.credentials.resolving import CredentialResolver
from ops.home import Home
from ops.reach import locate_transcript, open_ssh
from ops.state.database import opened
from ops.state.machines import MachineBook

if TYPE_CHECKING:
    from collectors.transports.base import Transport

# A login and one command: a machine that needs longer is told.
DEADLINE_SECONDS = 60.0
_MOST_OUTPUT_BYTES = 16_384
_SAID_CHARACTERS = 300
_REFUSED = frozenset(
    {
        FailureKind.LOGIN_REFUSED,
        FailureKind.NO_SHELL,
        FailureKind.BAD_CONFIGURATION,
        FailureKind.ACCESS_DENIED,
        FailureKind.LANGUAGE_CONSTRAINED,
        FailureKind.ENCRYPTION_REQUIRED,
    }
)


class Verdict(StrEnum):
    """What came of one machine: the credentials hold, it refused them, it was not reached, or it is left alone."""

    PROVEN = "proven"
    REFUSED = "refused"
    UNREACHED = "unreached"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class Proof:
    """One machine, and what came of it; ``text`` is one clean line, empty where it is proven."""

    machine: Machine
    verdict: Verdict
    text: str = ""
    seconds: float | None = None


def machines_by_profile(home: Home) -> dict[str, list[Machine]]:
    """The enabled machines that each profile holds for, by its id. Those whose groups differ have none."""
    resolver = CredentialResolver(home)
    with opened(home.state_file) as connection:
        machines = [machine for machine in MachineBook(connection).list_machines() if machine.enabled]
    found: dict[str, list[Machine]] = {}
    for machine in machines:
        with suppress(PatchdeckError):
            if (profile := resolver.of(machine).profile) is not None:
                found.setdefault(profile.id, []).append(machine)
    return found


def machines_of(home: Home, profile: Profile) -> list[Machine]:
    """The enabled machines that ``profile`` holds for, by name; see `machines_by_profile`."""
    return machines_by_profile(home).get(profile.id, [])


async def prove(
    home: Home,
    machines: Sequence[Machine],
    source: SecretSource,
    *,
    sudo: bool = False,
    on_proof: Callable[[Proof], None] = lambda _proof: None,
    stop: asyncio.Event | None = None,
) -> list[Proof]:
    """Logs in to each of ``machines`` as ``source`` says, and gives what came of each, in their order.

    With ``sudo`` the password for sudo is proved as well, without running anything as root. When ``stop`` is set, the
    rest is unreached.
    """
    proofs: dict[str, Proof] = {}
    async with open_ssh(home, source) as ssh:
        from collectors.transports.base import TransportFailed
        from collectors.transports.opening import open_transport

        async def work(machine: Machine) -> None:
            try:
                transport = open_transport(locate_transcript(home, machine), ssh)
                if machine.speaks_powershell:
                    proof = await _prove_windows(machine, transport, sudo=sudo)
                else:
                    proof = await _prove_shell(machine, transport, source, sudo=sudo)
            except TransportFailed as error:
                failure = error.failure
                proof = Proof(machine, _verdict(failure.kind), failure.describe(), failure.elapsed_seconds)
            except PatchdeckError as error:
                proof = Proof(machine, Verdict.REFUSED, clean(str(error)))
            proofs[machine.id] = proof
            on_proof(proof)

        reached = [machine for machine in machines if machine.transport is not TransportKind.SCRIPTED]
        await fan_out(
            reached,
            work,
            crowd=crowd_of(None, max(1, len(reached))),
            pace=StartPace(default_starts_per_second()),
            stop=stop or asyncio.Event(),
        )
    return [proofs.get(machine.id) or _not_tried(machine) for machine in machines]


async def _prove_windows(machine: Machine, transport: "Transport", *, sudo: bool) -> Proof:
    """A greeting proves a login to Windows; of its rights nothing is asked."""
    from collectors.greeting import greet

    if sudo:
        return Proof(machine, Verdict.LEFT_OUT, "Windows has no sudo.")
    greeting = await greet(machine, transport, deadline_seconds=DEADLINE_SECONDS)
    return Proof(machine, Verdict.PROVEN, greeting.doubt, greeting.elapsed_seconds)


async def _prove_shell(machine: Machine, transport: "Transport", source: SecretSource, *, sudo: bool) -> Proof:
    script = await _script(machine, source, sudo=sudo)
    result = await transport.run(script, deadline_seconds=DEADLINE_SECONDS, max_output_bytes=_MOST_OUTPUT_BYTES)
    return _judge(machine, result.exit_status, result.stderr, result.elapsed_seconds, sudo=sudo)


async def _script(machine: Machine, source: SecretSource, *, sudo: bool) -> bytes:
    if not sudo:
        return LOGIN_PROOF
    password: Secret | None = await asyncio.to_thread(source.sudo_password, machine)
    if password is None:
        raise PatchdeckError("it has no password for sudo.")
    return sudo_proof(password)


def _judge(machine: Machine, exit_status: int | None, stderr: bytes, seconds: float, *, sudo: bool) -> Proof:
    if exit_status == 0:
        return Proof(machine, Verdict.PROVEN, seconds=seconds)
    said = clean(decode(stderr), _SAID_CHARACTERS) or f"exit status {exit_status}"
    what = "sudo does not take the password" if sudo else "logged in, but `true` failed"
    return Proof(machine, Verdict.REFUSED, f"{what}: {said}", seconds)


def _verdict(kind: FailureKind) -> Verdict:
    if kind is FailureKind.OUT_OF_SCOPE:
        return Verdict.LEFT_OUT
    return Verdict.REFUSED if kind in _REFUSED else Verdict.UNREACHED


def _not_tried(machine: Machine) -> Proof:
    if machine.transport is TransportKind.SCRIPTED:
        return Proof(machine, Verdict.LEFT_OUT, "it replays a transcript: nobody logs in there.")
    return Proof(machine, Verdict.UNREACHED, "not tried: it was stopped before.")
