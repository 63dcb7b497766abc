"""Ranges of addresses that somebody names to be probed: ``10.0.0.0/24``, ``10.0.0.5-20``, ``2001:db8::10``, a name."""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.fields import parse_port
from fleet.machines import check_address

MOST_ADDRESSES = 65_536
MOST_PORTS = 16
USUAL_PORTS = (22, 5985, 5986)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """An address to probe, or a name that leads to one. ``named`` is the text, file or zone that asked for it."""

    address: str
    named: str
    name: str = ""


def parse_targets(texts: Iterable[str]) -> list[ProbeTarget]:
    """Every address that ``texts`` name, each once, in order.

    A network's own address and its broadcast address are none.

    Raises:
        BadInput: one cannot be read, is no address of a single machine, or all together are too many.
    """
    found: dict[str, ProbeTarget] = {}
    for text in texts:
        for address in _addresses(text.strip()):
            found.setdefault(address.casefold(), ProbeTarget(address, text.strip()))
            check_count(len(found))
    return [*found.values()]


def check_count(count: int) -> None:
    """Refuses to probe more addresses than anybody means.

    Raises:
        BadInput: they are too many.
    """
    if count > MOST_ADDRESSES:
        raise BadInput(f"More than {MOST_ADDRESSES:,} addresses are not probed at once: name smaller ranges.")


def parse_ports(text: str) -> tuple[int, ...]:
    """Ports with commas between them.

    Raises:
        BadInput: one is none, or they are too many.
    """
    ports = [parse_port(part) for part in text.split(",")]
    if len(set(ports)) > MOST_PORTS:
        raise BadInput(f"At most {MOST_PORTS} ports are probed, not {len(set(ports))}.")
    return tuple(dict.fromkeys(ports))


def _addresses(text: str) -> Iterator[str]:
    if "/" in text:
        yield from _network(text)
    elif "-" in text and (ends := _ends(text)):
        yield from _between(text, *ends)
    else:
        yield _single(text)


def _network(text: str) -> Iterator[str]:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise BadInput(f"Range {clean(text, 80)!r} cannot be read: {error}.") from error
    check_count(min(network.num_addresses, MOST_ADDRESSES + 3) - 2)
    _check_single(network.network_address, text)
    yield from map(str, network.hosts())


def _ends(text: str) -> tuple[_Address, _Address] | None:
    """The first and last address; None where it is a name with a dash."""
    first, _, last = text.partition("-")
    try:
        begin = ipaddress.ip_address(first.strip())
    except ValueError:
        return None
    try:
        short = last.strip()
        whole = f"{first.strip().rpartition('.')[0]}.{short}" if begin.version == 4 and short.isdecimal() else short
        return begin, ipaddress.ip_address(whole)
    except ValueError as error:
        raise BadInput(f"Range {clean(text, 80)!r} cannot be read: write 10.0.0.5-20 or 10.0.0.5-10.0.1.4.") from error


def _between(text: str, begin: _Address, end: _Address) -> Iterator[str]:
    if begin.version != end.version or int(end) < int(begin):
        raise BadInput(f"Range {clean(text, 80)!r} ends before it begins.")
    check_count(int(end) - int(begin) + 1)
    _check_single(begin, text)
    for number in range(int(begin), int(end) + 1):
        yield str(type(begin)(number))


def _single(text: str) -> str:
    check_address(text)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text  # a name
    _check_single(address, text)
    return str(address)


def _check_single(address: _Address, text: str) -> None:
    if address.is_multicast or address.is_unspecified or (address.version == 4 and int(address) == 0xFFFFFFFF):
        raise BadInput(f"{clean(text, 80)!r} names no single machines.")
