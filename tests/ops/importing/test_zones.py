"""Hosts of DNS zones: from files, and from a name server on loopback."""

import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import dns.rrset
import dns.zone
import pytest

from fleet.errors import BadInput
from fleet.importing.listed import ListBuilder
from ops.importing.zone_file import fits, read_zone
from ops.importing.zone_transfer import targets_of_file, targets_of_transfer

_ZONE = """$TTL 1h
@ IN SOA ns1 admin ( 1 2h
   3600 4w 300 )
  IN NS ns1
ns1      A 10.0.0.53
web-1    A 10.0.0.1
         AAAA 2001:db8::1
bad      A 10.0.0.999
_sip._tcp SRV 1 1 1 web-1
*.app    A 10.0.0.9
alias    CNAME web-1
$INCLUDE other.zone
db 300 IN A 10.0.0.2 ; the database
"""


def test_hosts_with_addresses_are_read_with_their_lines() -> None:
    """The zone itself, wildcards, services and aliases are none; a broken record is refused alone."""
    builder = ListBuilder("z", "zone")
    hosts = read_zone("z", _ZONE, "example.org", builder)
    assert [(host.name, host.line, host.addresses) for host in hosts] == [
        ("ns1.example.org", 5, ["10.0.0.53"]),
        ("web-1.example.org", 6, ["10.0.0.1", "2001:db8::1"]),
        ("db.example.org", 13, ["10.0.0.2"]),
    ]
    assert [(refusal.name, refusal.place.line) for refusal in builder.refusals] == [("bad.example.org", 8)]
    assert [note.place.line for note in builder.notes] == [12]


def test_zone_says_its_own_name_or_has_it_said() -> None:
    """Relative names without either are refused."""
    own = _ZONE.replace("@ IN SOA", "example.net. IN SOA")
    assert read_zone("z", own, "", ListBuilder("z", "zone"))[0].name == "ns1.example.net"
    with pytest.raises(BadInput, match="give --zone"):
        read_zone("z", _ZONE, "", ListBuilder("z", "zone"))
    assert fits("x", _ZONE)
    assert not fits("x", "name,address\n")


def test_hosts_of_a_file_are_targets(tmp_path: Path) -> None:
    """Each by its first address."""
    path = tmp_path / "z"
    path.write_text(_ZONE, encoding="utf-8")
    found = targets_of_file(str(path), "example.org")
    assert [(target.address, target.name) for target in found][1] == ("10.0.0.1", "web-1.example.org")


class _Server(socketserver.BaseRequestHandler):
    """Gives the zone example.org to whoever asks for all of it, and refuses others."""

    def handle(self) -> None:
        """One question."""
        query, _ = dns.query.receive_tcp(self.request, expiration=None)
        answer = dns.message.make_response(query)
        zone = dns.zone.from_text(
            _ZONE.replace("bad ", ";").replace("$INCLUDE", ";"), "example.org", relativize=False, check_origin=True
        )
        if query.question[0].name == zone.origin:
            records = [dns.rrset.from_rdata_list(n, s.ttl, list(s)) for n, s in zone.iterate_rdatasets()]
            (soa,) = [record for record in records if record.rdtype == dns.rdatatype.SOA]
            answer.answer = [soa, *(record for record in records if record is not soa), soa]
        else:
            answer.set_rcode(dns.rcode.REFUSED)
        dns.query.send_tcp(self.request, answer)


@pytest.fixture
def server() -> Iterator[int]:
    """The port of the name server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Server) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield int(listening.server_address[1])
        listening.shutdown()
        thread.join()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_zone_is_asked_of_its_server(server: int) -> None:
    """All hosts of it are targets; a server that does not give it says why."""
    found = targets_of_transfer(f"example.org@127.0.0.1:{server}")
    assert {(target.name, target.address) for target in found} == {
        *(("ns1.example.org", "10.0.0.53"), ("web-1.example.org", "10.0.0.1"), ("db.example.org", "10.0.0.2"))
    }
    with pytest.raises(BadInput, match=r"does not give the zone example\.net"):
        targets_of_transfer(f"example.net@127.0.0.1:{server}")
    with pytest.raises(BadInput, match="write ZONE@SERVER"):
        targets_of_transfer("example.org")
