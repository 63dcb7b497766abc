"""By what the sample machines are known: names, ids, architectures."""

from generator.conditions import CLONES
from generator.era import identity
from generator.roster import Member
from generator.systems import System


def fqdn_of(member: Member) -> str:
    """The machine's full name."""
    return f"{member.name}.{member.machine.tags['site']}.example.com"


def machine_id_of(member: Member) -> str:
    """What stands in its /etc/machine-id."""
    return identity("machine-id", CLONES.get(member.name, member.name)).replace("-", "")


def uname_machine(system: System) -> str:
    """Its architecture as `uname -m` says it."""
    return {"amd64": "x86_64", "arm64": "aarch64", "x64": "x86_64"}.get(system.architecture, system.architecture)
