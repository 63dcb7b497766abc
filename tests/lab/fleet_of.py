"""Patchdeck's own way to the machines of a running lab: enrolled, reached by its transport, assessed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from collectors.assess import AssessOptions, assess_machine
from collectors.secrets import NoSecrets, SecretSource
from collectors.transports.opening import SshContext, load_ssh_context, open_transport
from fleet.assessments import Assessment
from fleet.machines import Become, Machine, TransportKind
from tests.lab.builder.lab import Lab

# Long enough for the slowest fault to be told apart (a login that never ends: 30 s), short where waiting is the fault.
_DEADLINE_SECONDS = 45.0
_SHORT_DEADLINES = {"hangs": 5.0}
_AT_ONCE = 12


def enrol(lab: Lab, name: str, become: Become = Become.NONE, tags: Mapping[str, str] = MappingProxyType({})) -> Machine:
    """The machine ``name`` as an administrator enrols it."""
    machine = lab.machines[name]
    return Machine(
        id=f"id-of-{name}",
        name=name,
        transport=TransportKind.SSH,
        created_at=datetime.now(UTC),
        address=machine.address,
        port=machine.port,
        user=machine.user,
        key_file=str(lab.key_file),
        become=become,
        tags=tags,
    )


def assess_all(
    lab: Lab,
    names: Sequence[str],
    *,
    become: Become = Become.NONE,
    refresh: bool = False,
    secrets: SecretSource | None = None,
) -> dict[str, Assessment]:
    """The assessments of ``names``, taken at the same time over SSH."""
    return asyncio.run(_assess_all(lab, names, become, refresh, secrets or NoSecrets()))


async def _assess_all(
    lab: Lab, names: Sequence[str], become: Become, refresh: bool, secrets: SecretSource
) -> dict[str, Assessment]:
    ssh = await load_ssh_context(known_hosts_files=[lab.known_hosts], config_files=[], secrets=secrets)
    turns = asyncio.Semaphore(_AT_ONCE)

    async def assess(name: str) -> Assessment:
        async with turns:
            return await _assess(ssh, enrol(lab, name, become), refresh, secrets)

    try:
        return dict(zip(names, await asyncio.gather(*map(assess, names)), strict=True))
    finally:
        await ssh.close()


async def _assess(ssh: SshContext, machine: Machine, refresh: bool, secrets: SecretSource) -> Assessment:
    deadline_seconds = _SHORT_DEADLINES.get(machine.name, _DEADLINE_SECONDS)
    options = AssessOptions(deadline_seconds=deadline_seconds, refresh=refresh, secrets=secrets)
    transport = open_transport(machine, ssh)
    try:
        return await assess_machine(machine, transport, options, lambda: datetime.now(UTC))
    finally:
        await transport.close()
