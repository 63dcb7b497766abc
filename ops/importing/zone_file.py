"""DNS zone files: the hosts that have addresses in them, each with its line. dnspython reads every record.

A record that cannot be read is refused, and the others go in. ``$INCLUDE`` and ``$GENERATE`` are noted, not followed.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, ListedMachine, MachineList, Place
from fleet.importing.request import ReadingOptions

if TYPE_CHECKING:
    import dns.name

FORMAT = "zone"
_DIRECTIVE = re.compile(r"^\$(INCLUDE|GENERATE)\b.*$", re.MULTILINE | re.IGNORECASE)
_RECORD = re.compile(r"^[^;\n]*\s(SOA|A|AAAA)\s+\S", re.MULTILINE)
_SIGN = re.compile(r"^\$(ORIGIN|TTL)\s|^[^;\n]*\sIN\s+SOA\s", re.MULTILINE | re.IGNORECASE)
# What Active Directory and mail keep beside machines.
_NO_MACHINES = frozenset({"localhost", "domaindnszones", "forestdnszones", "gc"})


@dataclass(slots=True)
class ZoneHost:
    """A host of a zone: its whole name without the last dot, and its addresses, IPv4 first."""

    name: str
    line: int | None
    addresses: list[str] = field(default_factory=list)


def fits(path: str, sample: str) -> bool:
    """Whether it has what begins a zone, or is called as zones are and has records."""
    return bool(_SIGN.search(sample)) or (path.endswith((".zone", ".db")) and bool(_RECORD.search(sample)))


def read(path: str, files: ListFiles, options: ReadingOptions) -> MachineList:
    """The hosts of the zone at ``path`` that have an address. The zone itself, wildcards and services are none.

    Raises:
        BadInput: names are relative, and nothing says to what.
    """
    builder = ListBuilder(path, FORMAT)
    for host in read_zone(path, files.read(path), options.zone, builder):
        notes = (f"of {len(host.addresses)} addresses the first is kept",) if len(host.addresses) > 1 else ()
        builder.machines.append(ListedMachine(host.name, Place(path, host.line), host.addresses[0], notes=notes))
    return builder.done()


def read_zone(path: str, text: str, origin: str, builder: ListBuilder) -> list[ZoneHost]:
    """The hosts of the zone ``text``; what cannot be read is refused in ``builder``.

    Raises:
        BadInput: ``origin`` is no name, or is needed and missing.
    """
    from ops.importing.zone_records import read_records

    for match in _DIRECTIVE.finditer(text):
        builder.note(Place(path, text.count("\n", 0, match.start()) + 1), f"${match[1].upper()} is not followed")
    hosts: dict[str, ZoneHost] = {}
    for record in read_records(path, _DIRECTIVE.sub("", text), origin, builder):
        add_host(hosts, record.name, record.origin, record.address, record.line)
    return list(hosts.values())


def add_host(
    hosts: dict[str, ZoneHost], name: "dns.name.Name", origin: "dns.name.Name | None", address: str, line: int | None
) -> None:
    """Add an address of ``name``, unless that is the zone itself, a wildcard or a service."""
    if name == origin or name.is_wild():
        return
    text = name.to_text(omit_final_dot=True)
    labels = text.casefold().split(".")
    if labels[0] in _NO_MACHINES or any(label.startswith("_") for label in labels):
        return
    host = hosts.setdefault(text.casefold(), ZoneHost(text, line))
    if address not in host.addresses:
        host.addresses.append(address)
        host.addresses.sort(key=lambda each: ":" in each)  # stable: IPv4 first


def check_origin(text: str) -> "dns.name.Name":
    """The name of a zone.

    Raises:
        BadInput: it is none.
    """
    import dns.exception
    import dns.name

    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise BadInput(f"{clean(text, 80)!r} is no name of a zone.") from error
