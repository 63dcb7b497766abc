"""What comes back in place of an answer, where a fault is planned: whatever else stands at an address, or between."""

import re
from collections.abc import Callable

from tests.winrm_peer.faults import FaultKind
from tests.winrm_peer.http_message import HttpAnswer

_HTML = b"<html><head><title>Hotel</title><body><p>Welcome!<br>Please accept our terms.</body></html>"
_XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Welcome!</p></body></html>'
PORTAL_PATH = "/portal"
_PORTAL = [("Location", f"{PORTAL_PATH}/login"), ("Cache-Control", "no-store")]
GARBAGE = b"\x15\x03\x01\x00\x02\x02\x46SSH-2.0-nothing\r\n\x00\xff" * 3

# None of these is sealed: whoever sends them has no keys.
ANSWERS = {
    FaultKind.HTTP500: HttpAnswer(500),
    FaultKind.HTTP500_TEXT: HttpAnswer(500, b"Internal Server Error", content_type="text/plain"),
    FaultKind.HTTP503: HttpAnswer(503, b"Service Unavailable", content_type="text/plain"),
    FaultKind.HTTP502_HTML: HttpAnswer(502, b"<html><body><h1>502 Bad Gateway</h1><hr></body></html>", [], "text/html"),
    FaultKind.HTML200: HttpAnswer(200, _HTML, [], "text/html"),
    FaultKind.XHTML200: HttpAnswer(200, _XHTML, [], "application/xhtml+xml"),
    FaultKind.PORTAL: HttpAnswer(302, _HTML, _PORTAL, "text/html"),
    FaultKind.LATIN1_HTML500: HttpAnswer(500, "<p>Dienst nicht verfügbar</p>".encode("latin-1"), [], "text/html"),
    FaultKind.EMPTY200: HttpAnswer(200),
    FaultKind.BAD_REQUEST: HttpAnswer(400),
}

# What http.sys says to TLS where HTTP is spoken.
NOT_HTTP = HttpAnswer(400, b"<h2>Bad Request - Invalid Verb</h2>", [("Connection", "close")], "text/html")


def relate_to_another(content: bytes) -> bytes:
    """The same envelope as the answer to a message that nobody sent."""
    other = b"uuid:00000000-0000-4000-8000-00000000dead"
    return re.sub(rb"(<a:RelatesTo>)[^<]*", rb"\g<1>" + other, content)


def define_entities(content: bytes) -> bytes:
    """The same envelope with a document type, which SOAP forbids."""
    declaration, _, rest = content.rpartition(b"?>")
    return declaration + (b"?>" if declaration else b"") + b'<!DOCTYPE e [<!ENTITY a "aaaa">]>' + rest


def truncate(content: bytes) -> bytes:
    """The envelope without its second half."""
    return content[: len(content) // 2]


# What becomes of the envelope that answers a message.
SPOILERS: dict[FaultKind, Callable[[bytes], bytes]] = {
    FaultKind.BAD_RELATES: relate_to_another,
    FaultKind.TRUNCATE_XML: truncate,
    FaultKind.ENTITIES: define_entities,
}
