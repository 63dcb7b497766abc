"""HTTP/1.1, as much of it as WinRM needs: a request is read, an answer is written."""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus

_MOST_BODY_BYTES = 8_388_608
SOAP_TYPE = "application/soap+xml;charset=UTF-8"


class NotHttp(Exception):
    """What came is no HTTP that this server reads."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request; the names of ``headers`` are in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def login(self) -> tuple[str, str]:
        """Scheme (in small letters) and value of its Authorization."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return scheme.casefold(), value.strip()


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer; ``headers`` may name one header several times."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    content_type: str = SOAP_TYPE

    def head(self, length: int) -> bytes:
        """Status line and headers, for a body of ``length`` bytes."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}", "Server: Microsoft-HTTPAPI/2.0"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Type: {self.content_type}")
        return "".join(f"{line}\r\n" for line in (*lines, f"Content-Length: {length}", "")).encode("latin-1")

    def wire(self) -> bytes:
        """The whole answer."""
        return self.head(len(self.body)) + self.body


async def read_http(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request, None where the other side closed instead.

    Raises:
        NotHttp: it is something else.
    """
    try:
        first = await reader.readexactly(1)
        if not first.isalpha() or not first.isupper():
            # TLS, or something else that is not for us: it would never come to an end of its headers.
            raise NotHttp
        head = first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise NotHttp from error
    line, *lines = head.decode("latin-1").split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise NotHttp
    headers = {name.strip().casefold(): value.strip() for name, _, value in (header.partition(":") for header in lines)}
    length = int(headers.get("content-length") or 0)
    if not 0 <= length <= _MOST_BODY_BYTES:
        raise NotHttp
    return HttpRequest(words[0], words[1], headers, await reader.readexactly(length))
