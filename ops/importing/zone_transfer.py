"""The hosts of a zone, asked of a name server that lets us have them (AXFR), or read from a file."""

import socket
from collections.abc import Sequence

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.fields import parse_port
from fleet.importing.listed import ListBuilder
from fleet.importing.ranges import ProbeTarget, check_count
from fleet.machines import check_address
from ops.importing.disk_files import DiskFiles
from ops.importing.zone_file import ZoneHost, add_host, check_origin, read_zone

_TRANSFER_SECONDS = 60.0


def targets_of_file(path: str, origin: str) -> list[ProbeTarget]:
    """The hosts of a zone file as targets.

    Raises:
        BadInput: it cannot be read.
    """
    builder = ListBuilder(path, "zone")
    return _targets(read_zone(path, DiskFiles().read(path), origin, builder), path)


def targets_of_transfer(text: str) -> list[ProbeTarget]:
    """The hosts of ``ZONE@SERVER[:PORT]``, as that server gives them.

    Raises:
        BadInput: that is malformed, or the server does not give the zone within a minute; says why.
    """
    zone, at, place = text.partition("@")
    if not (zone and at and place):
        raise BadInput(f"{clean(text, 80)!r} is not usable: write ZONE@SERVER, for example example.org@10.0.0.53.")
    server, port = _server(place)
    return _targets(_transfer(zone, server, port), text)


def _transfer(zone: str, server: str, port: int) -> Sequence[ZoneHost]:
    import dns.exception
    import dns.query
    import dns.rdatatype
    import dns.zone

    origin = check_origin(zone)
    received = dns.zone.Zone(origin, relativize=False)
    try:
        address = socket.getaddrinfo(server, port, type=socket.SOCK_STREAM)[0][4][0]
        dns.query.inbound_xfr(str(address), received, port=port, timeout=10.0, lifetime=_TRANSFER_SECONDS)
    except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
        why = clean(str(error), 200) or type(error).__name__
        raise BadInput(f"{clean(server, 80)} does not give the zone {clean(zone, 80)}: {why}.") from error
    hosts: dict[str, ZoneHost] = {}
    for kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
        for name, _, data in received.iterate_rdatas(kind):
            add_host(hosts, name, origin, data.to_text(), None)
    return [*hosts.values()]


def _server(text: str) -> tuple[str, int]:
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return check_address(host), parse_port(rest[1:]) if rest.startswith(":") else 53
    host, colon, port = text.partition(":") if text.count(":") == 1 else (text, "", "")
    return check_address(host), parse_port(port) if colon else 53


def _targets(hosts: Sequence[ZoneHost], named: str) -> list[ProbeTarget]:
    check_count(len(hosts))
    return [ProbeTarget(host.addresses[0], named, host.name) for host in hosts]
