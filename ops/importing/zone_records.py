"""The records of a zone file that hold addresses, each with its line."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer
import dns.zonefile

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.listed import ListBuilder, Place
from ops.importing.zone_file import check_origin

# A zone that says its own name where it begins.
_SOA = re.compile(r"^(\S+\.)\s[^;\n]*\bSOA\s", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """An address of a name. ``origin`` is the zone, None while nothing has named it."""

    name: dns.name.Name
    origin: dns.name.Name | None
    address: str
    line: int


def read_records(path: str, text: str, origin: str, builder: ListBuilder) -> Sequence[AddressRecord]:
    """The records of addresses in ``text``, in its order; a record that cannot be read is refused in ``builder``.

    Raises:
        BadInput: names are relative to a zone that nothing names, or a line breaks all that follow.
    """
    named = _SOA.search(text)
    begins_with = named[1] if named else ""
    zone = check_origin(origin or begins_with) if origin or begins_with else None
    tokenizer = dns.tokenizer.Tokenizer(text, path)
    manager = dns.zonefile.RRSetsReaderManager(zone, relativize=False)
    reader = _Reader(tokenizer, manager, path, builder)
    try:
        reader.read()
    except dns.zonefile.UnknownOrigin as error:
        raise BadInput(
            f"{path}:{tokenizer.where()[1]}: names in it are relative, and no $ORIGIN says to what: give --zone."
        ) from error
    except (dns.exception.DNSException, UnicodeError) as error:
        raise BadInput(f"{path}:{tokenizer.where()[1]}: {clean(str(error), 200)}.") from error
    return reader.found


class _Reader(dns.zonefile.Reader):
    """dnspython's reader, which knows where each record begins; a broken one is refused, and reading goes on."""

    def __init__(
        self,
        tokenizer: dns.tokenizer.Tokenizer,
        manager: dns.zonefile.RRSetsReaderManager,
        path: str,
        builder: ListBuilder,
    ) -> None:
        self.found: list[AddressRecord] = []
        self._path = path
        self._builder = builder
        self._line = 0
        sink = _Sink(manager, self._add)
        super().__init__(tokenizer, dns.rdataclass.IN, sink, allow_directives=("$ORIGIN", "$TTL"), default_ttl=0)

    def _rr_line(self) -> None:
        self._line = self.tok.where()[1]
        try:
            super()._rr_line()
        except dns.zonefile.UnknownOrigin:
            raise
        except (dns.exception.DNSException, UnicodeError, ValueError) as error:
            name = self.last_name.to_text(omit_final_dot=True) if self.last_name else ""
            self._builder.refuse(name, Place(self._path, self._line), f"the record cannot be read: {_why(error)}")
            self._eat_line()  # type: ignore[no-untyped-call]  # dnspython does not say

    def _add(self, name: dns.name.Name, data: dns.rdata.Rdata) -> None:
        if data.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
            self.found.append(AddressRecord(name, self.zone_origin, data.to_text(), self._line))


class _Sink(dns.zonefile.RRsetsReaderTransaction):
    """Where the reader puts records: handed on, and not kept."""

    def __init__(
        self, manager: dns.zonefile.RRSetsReaderManager, take: Callable[[dns.name.Name, dns.rdata.Rdata], None]
    ) -> None:
        super().__init__(manager, True, False)  # type: ignore[no-untyped-call]  # dnspython does not say
        self._take = take

    def add(self, *args: Any) -> None:  # Any: as dnspython declares it; its reader gives name, TTL and data
        self._take(args[0], args[2])


def _why(error: Exception) -> str:
    return clean(str(error), 200) or type(error).__name__
