"""What answers at a port: the banner of SSH, or WinRM's word of itself. Nobody logs in, and nothing secret is sent."""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from fleet.hostile import clean, decode
from fleet.importing.words import parse_os_type
from fleet.machines import OSType

WINRM_PORT = 5985
WINRM_TLS_PORT = 5986
_MOST_BYTES = 16_384
# RFC 4253, 4.2: lines may come before the version, and none of them begins with SSH-.
_MOST_LINES = 20
_IDENTIFY = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    b'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">'
    b"<s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>"
)
_PRODUCT = re.compile(r"<\w+:Product(Vendor|Version)>([^<]{0,200})<")


class BannerKind(StrEnum):
    """What answers."""

    SSH = "ssh"
    WINRM = "winrm"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Banner:
    """What a port said of itself: ``text`` clean, for people; ``os_type`` as far as that tells."""

    port: int
    kind: BannerKind
    text: str = ""
    os_type: OSType | None = None


async def read_banner(address: str, port: int, seconds: float) -> Banner | None:
    """What answers at ``port`` of ``address``; None where nothing takes the connection within ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            is_web = port in (WINRM_PORT, WINRM_TLS_PORT)
            context = _any_certificate() if port == WINRM_TLS_PORT else None
            reader, writer = await asyncio.open_connection(address, port, ssl=context, limit=_MOST_BYTES)
    except (OSError, TimeoutError, UnicodeError):
        return None
    try:
        async with asyncio.timeout(seconds):
            return await (_ask_winrm(address, port, reader, writer) if is_web else _read_ssh(port, reader))
    except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
        return Banner(port, BannerKind.OTHER, "it took the connection and said nothing that is known")
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await writer.wait_closed()


async def _read_ssh(port: int, reader: asyncio.StreamReader) -> Banner:
    for _ in range(_MOST_LINES):
        line = await reader.readline()
        if line.startswith(b"SSH-"):
            text = clean(decode(line), 200)
            return Banner(port, BannerKind.SSH, text, _system_of(text))
        if not line:
            break
    return Banner(port, BannerKind.OTHER, "it speaks no SSH")


async def _ask_winrm(address: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Banner:
    host = f"[{address}]" if ":" in address else address
    head = (
        f"POST /wsman HTTP/1.1\r\nHost: {host}:{port}\r\nWSMANIDENTIFY: unauthenticated\r\nConnection: close\r\n"
        f"Content-Type: application/soap+xml;charset=UTF-8\r\nContent-Length: {len(_IDENTIFY)}\r\n\r\n"
    )
    writer.write(head.encode() + _IDENTIFY)
    await writer.drain()
    answer = decode(await _some(reader))
    if not answer.startswith("HTTP/"):
        return Banner(port, BannerKind.OTHER, "it speaks no HTTP")
    products = dict(_PRODUCT.findall(answer))
    vendor, version = products.get("Vendor", ""), products.get("Version", "")
    is_windows = "Microsoft-HTTPAPI" in answer or "microsoft" in vendor.casefold()
    if not (is_windows or products or "wsman" in answer.casefold()):
        return Banner(port, BannerKind.OTHER, clean(answer.split("\n", 1)[0], 100))
    text = clean(f"WinRM {vendor} {version}", 200)
    return Banner(port, BannerKind.WINRM, text, OSType.WINDOWS if is_windows else None)


async def _some(reader: asyncio.StreamReader) -> bytes:
    """All up to the end, or as much as is looked at."""
    parts = b""
    with suppress(ConnectionError):  # some close so hard that it is a reset
        while len(parts) < _MOST_BYTES and (part := await reader.read(_MOST_BYTES)):
            parts += part
    return parts[:_MOST_BYTES]


def _system_of(banner: str) -> OSType | None:
    """The system, where the banner names it: ``SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3``."""
    if "BSD" in banner:
        return None
    return parse_os_type(banner)


def _any_certificate() -> ssl.SSLContext:
    """TLS with whoever answers: it is only asked what it is, and WinRM's certificates are often its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
