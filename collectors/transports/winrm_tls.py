"""TLS for WinRM: contexts that all machines of a scan share, and a look at the certificate that a machine shows."""

import hashlib
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography import x509

from collectors.secrets import Secret
from collectors.transports.output import CappedOutput
from collectors.transports.winrm_adapter import TlsConnection
from collectors.transports.winrm_context import WinrmContext
from collectors.transports.winrm_journey import WinrmJourney
from collectors.transports.winrm_own_certificate import load_own, require_file
from collectors.transports.winrm_target import WinrmTarget
from collectors.transports.winrm_wire import Wire
from fleet.errors import BadInput
from fleet.hostile import clean

if TYPE_CHECKING:
    from collectors.certificates import Certificate

_MOST_NAMES = 20
_NAME_CHARACTERS = 200


class _SharedContext(ssl.SSLContext):
    """A context that many threads use at once: urllib3 sets the protocols above TLS anew for each connection."""

    def set_alpn_protocols(self, alpn_protocols: object) -> None:
        """Nothing: HTTP/1.1 is what is spoken without any."""


def shared_context(
    context: WinrmContext, target: WinrmTarget, *, is_pinned: bool, passphrase: Callable[[], Secret | None]
) -> ssl.SSLContext:
    """The context for ``target``: loading the system's authorities takes 20 ms, so each is made once in a scan.

    With ``is_pinned`` no authority is asked: whoever connects compares the fingerprint. May block.

    Raises:
        BadInput: a file of the machine's or its profile's is not there, or not what it should be.
    """
    trust = None if is_pinned else (target.ca_file or "")
    own = (target.certificate_file or "", target.key_file or "") if target.certificate_file else None
    return context.tls((trust, own), lambda: _make(trust, own, passphrase))


def show(target: WinrmTarget, context: WinrmContext, seconds: float, *, wire: Wire | None = None) -> "Certificate":
    """The certificate that ``target`` shows now, trusted or not. Blocks; ``wire`` ends it from another thread.

    Raises:
        BadInput: see `shared_context`.
        Exception: whatever urllib3, ssl or the system raise on the way.
    """
    der = _connect(target, context, seconds, wire, is_trusting=True)
    try:
        _connect(target, context, seconds, wire, is_trusting=False)
    except ssl.SSLCertVerificationError as error:
        return read_certificate(target, der, error.verify_message)
    except ssl.SSLError as error:
        return read_certificate(target, der, str(error.reason or error))
    return read_certificate(target, der, "")


def shown(target: WinrmTarget, context: WinrmContext, seconds: float) -> "Certificate | None":
    """The certificate that ``target`` shows now, None where it shows none; for the words of a failure. Blocks."""
    try:
        return read_certificate(target, _connect(target, context, seconds, None, is_trusting=True), "")
    except Exception:  # noqa: BLE001 - whatever it is, the failure that is being told is the one that counts
        return None


def read_certificate(target: WinrmTarget, der: bytes, problem: str) -> "Certificate":
    """What the certificate ``der`` of ``target`` says.

    Raises:
        ValueError: it is no certificate.
    """
    from collectors.certificates import Certificate

    parsed = x509.load_der_x509_certificate(der)
    return Certificate(
        host=target.host,
        port=target.port,
        fingerprint=f"SHA256:{hashlib.sha256(der).hexdigest().upper()}",
        thumbprint=hashlib.sha1(der, usedforsecurity=False).hexdigest().upper(),
        subject=clean(parsed.subject.rfc4514_string(), _NAME_CHARACTERS),
        issuer=clean(parsed.issuer.rfc4514_string(), _NAME_CHARACTERS),
        names=_names(parsed),
        valid_from=parsed.not_valid_before_utc,
        valid_until=parsed.not_valid_after_utc,
        problem=clean(problem, _NAME_CHARACTERS),
    )


def _make(trust: str | None, own: tuple[str, str] | None, passphrase: Callable[[], Secret | None]) -> ssl.SSLContext:
    made = _SharedContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if trust is None:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    else:
        _load_authorities(made, trust)
    if own is not None:
        load_own(made, *own, passphrase)
    return made


def _load_authorities(made: ssl.SSLContext, ca_file: str) -> None:
    if not ca_file:
        made.load_default_certs()
        return
    require_file(ca_file)
    try:
        made.load_verify_locations(cafile=ca_file)
    except ssl.SSLError as error:
        raise BadInput(f"{ca_file}: no certificates of authorities in it (PEM).") from error


def _connect(
    target: WinrmTarget, context: WinrmContext, seconds: float, wire: Wire | None, *, is_trusting: bool
) -> bytes:
    tls = shared_context(context, _without_login(target), is_pinned=is_trusting, passphrase=lambda: None)
    journey = WinrmJourney("", target, seconds, CappedOutput(0))
    connection = _connection_to(target, wire or Wire(journey), tls, seconds)
    try:
        connection.connect()
        der = connection.sock.getpeercert(binary_form=True)  # type: ignore[union-attr]  # connected it has a TLS socket
    finally:
        connection.close()
        if wire is not None:
            wire.release()
    return bytes(der or b"")


def _connection_to(target: WinrmTarget, wire: Wire, tls: ssl.SSLContext, seconds: float) -> TlsConnection:
    from urllib3.util import parse_url

    if target.proxy is None:
        return TlsConnection(wire, target.host, target.port, timeout=seconds, ssl_context=tls)
    proxy = parse_url(target.proxy)
    connection = TlsConnection(wire, proxy.host, proxy.port or 8080, timeout=seconds, ssl_context=tls, proxy=proxy)
    connection.set_tunnel(target.host, target.port, scheme="http")
    return connection


def _without_login(target: WinrmTarget) -> WinrmTarget:
    from dataclasses import replace

    return replace(target, certificate_file=None, key_file=None)


def _names(parsed: x509.Certificate) -> tuple[str, ...]:
    try:
        alternative = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    addresses = [str(each) for each in alternative.get_values_for_type(x509.IPAddress)]
    names = [*alternative.get_values_for_type(x509.DNSName), *addresses]
    return tuple(clean(name, _NAME_CHARACTERS) for name in names[:_MOST_NAMES])
