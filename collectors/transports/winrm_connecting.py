"""What stopped a connection of WinRM: names, ports, firewalls, TLS and certificates."""

import http.client
import socket
import ssl
from collections.abc import Sequence
from urllib.parse import urlsplit

import requests
from urllib3 import exceptions as urllib3_errors

from collectors.transports.winrm_context import WinrmContext
from collectors.transports.winrm_faults import Told
from collectors.transports.winrm_journey import Stage, WinrmJourney
from collectors.transports.winrm_tls import shown
from fleet.failures import FailureKind
from fleet.hostile import clean
from fleet.winrm import WinrmKind

_LOOK_SECONDS = 3.0
_CHECK_NAME = "Correct the address, or make the name resolvable."
_CHECK_FIREWALL = "Check that the machine is up, its address, and firewalls between (ports 5985, 5986)."
_TRY_AGAIN = "Look at the machine again before anything else: it may be at work, or rebooting."
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})
_NOT_WANTED = ("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "UNKNOWN_CA", "CERTIFICATE_UNKNOWN", "HANDSHAKE_FAILURE")
_TLS_RECORD = ("\x15\x03", "\x16\x03")
_QUOTED_CHARACTERS = 120


def tell_connection(error: Exception, journey: WinrmJourney, causes: Sequence[BaseException]) -> Told:
    """What ``error``, with all that it was raised for in ``causes``, stands for."""
    if _find(causes, urllib3_errors.ProxyError, requests.exceptions.ProxyError) is not None:
        return _tell_proxy(journey, causes)
    if _find(causes, socket.gaierror) is not None:
        return FailureKind.ADDRESS_NOT_FOUND, "the name is not known.", _CHECK_NAME
    if _find(causes, ConnectionRefusedError) is not None:
        return FailureKind.CONNECTION_REFUSED, "the connection was refused.", _enable(journey)
    tls = _find(causes, ssl.SSLError, ssl.CertificateError, urllib3_errors.SSLError)
    if tls is not None:
        return _tell_tls(journey, causes, tls)
    if any(isinstance(each, OSError) and each.errno and not isinstance(each, TimeoutError) for each in causes):
        return _tell_broken(error, journey, causes)
    if _find(causes, requests.Timeout, urllib3_errors.TimeoutError, TimeoutError) is not None:
        return _tell_silence(journey, causes)
    return _tell_broken(error, journey, causes)


def _tell_silence(journey: WinrmJourney, causes: Sequence[BaseException]) -> Told:
    connecting = _find(causes, requests.ConnectTimeout, urllib3_errors.ConnectTimeoutError)
    seconds = journey.elapsed_seconds
    if journey.stage <= Stage.CONNECT or connecting is not None:
        words = f"no answer to the TCP connection within {seconds:.3g} s."
        return FailureKind.CONNECTION_TIMED_OUT, words, _CHECK_FIREWALL
    if journey.stage is Stage.TLS:
        words = f"connected, but TLS was not begun within {seconds:.3g} s."
        return FailureKind.TLS_FAILED, words, "Check the port: it should be that of the HTTPS listener of WinRM (5986)."
    if journey.stage is Stage.LOGIN:
        words = f"connected, but nothing was answered within {seconds:.3g} s."
        return FailureKind.LOGIN_TIMED_OUT, words, "Check the port, and the state of WinRM there: it may hang."
    return FailureKind.CONNECTION_LOST, f"no answer any more, waiting for {journey.message}.", _TRY_AGAIN


def _tell_broken(error: Exception, journey: WinrmJourney, causes: Sequence[BaseException]) -> Told:
    foreign = _find(causes, http.client.BadStatusLine, urllib3_errors.InvalidHeader)
    if foreign is not None and not isinstance(foreign, http.client.RemoteDisconnected):
        return _tell_foreign(str(foreign))
    if journey.stage < Stage.SESSION and not journey.target.is_https and _speaks_tls(journey):
        return _tell_foreign(_TLS_RECORD[0])
    said = _words(error, causes)
    if journey.stage <= Stage.CONNECT and _find(causes, ConnectionError) is None:
        return FailureKind.CONNECTION_TIMED_OUT, f"{said}.", _CHECK_FIREWALL
    if journey.stage < Stage.SESSION:
        words = f"the connection was closed before WinRM answered: {said}."
        return FailureKind.CONNECTION_LOST, words, "Check the port and what stands between; its WinRM may be starting."
    size = f"{journey.output.size_bytes:,} bytes of output"
    words = f"the connection was lost at {journey.message}, after {size}: {said}."
    return FailureKind.CONNECTION_LOST, words, _TRY_AGAIN


def _tell_foreign(line: str) -> Told:
    if any(record in line for record in _TLS_RECORD):
        words = "HTTP was spoken, and the port speaks TLS."
        return FailureKind.NOT_WINRM, words, "Reach it over HTTPS, or name the port of its HTTP listener (5985)."
    words = f"what answered does not speak HTTP: {clean(line, _QUOTED_CHARACTERS)!r}."
    return FailureKind.NOT_WINRM, words, "Check the port: another service listens there."


def _tell_tls(journey: WinrmJourney, causes: Sequence[BaseException], error: BaseException) -> Told:
    untrusted = _find(causes, ssl.SSLCertVerificationError)
    if isinstance(untrusted, ssl.SSLCertVerificationError):
        why = untrusted.verify_message or str(untrusted)
        return _tell_certificate(journey, FailureKind.CERTIFICATE_UNTRUSTED, f"its certificate is not trusted: {why}")
    if "Fingerprints did not match" in str(error):
        return _tell_certificate(journey, FailureKind.CERTIFICATE_CHANGED, "it shows another certificate than accepted")
    reason = str(getattr(error, "reason", "") or error)
    if any(word in reason for word in _NOT_TLS):
        words = "HTTPS was spoken, and the port does not speak TLS."
        remedy = "Name the port of its HTTPS listener (5986), or set one up: docs/winrm.md."
        return FailureKind.TLS_FAILED, words, remedy
    if journey.target.kind is WinrmKind.CERTIFICATE and any(word in reason.upper() for word in _NOT_WANTED):
        words = f"the machine does not take the certificate that logs in: {clean(reason, _QUOTED_CHARACTERS)}."
        return FailureKind.LOGIN_REFUSED, words, "Let it trust the authority of that certificate, and map it to a user."
    words = f"TLS did not come about: {clean(reason, _QUOTED_CHARACTERS)}."
    return (
        FailureKind.TLS_FAILED,
        words,
        "The machine must speak TLS 1.2 or newer on that port, with a valid certificate.",
    )


def _tell_certificate(journey: WinrmJourney, kind: FailureKind, words: str) -> Told:
    certificate = shown(journey.target, WinrmContext(None), _LOOK_SECONDS)
    seen = ""
    if certificate is not None:
        dates = f"{certificate.valid_from:%Y-%m-%d} to {certificate.valid_until:%Y-%m-%d}"
        seen = f"; {certificate.fingerprint}, {certificate.subject}, {dates}"
    remedy = (
        "Compare the fingerprint with the machine's own and accept it (patchdeck machines accept-certificate), or name "
        "the file of its authority (--ca-file)."
        if kind is FailureKind.CERTIFICATE_UNTRUSTED
        else "It was renewed, or somebody stands between: compare its fingerprint with the machine's own, and accept "
        "it (patchdeck machines accept-certificate)."
    )
    return kind, f"{words.rstrip('.')}{seen}.", remedy


def _tell_proxy(journey: WinrmJourney, causes: Sequence[BaseException]) -> Told:
    place = urlsplit(journey.target.proxy or "").netloc.rpartition("@")[2]
    words = f"the proxy {place} gave no connection: {_words(causes[0], causes)}."
    return FailureKind.CONNECTION_REFUSED, words, "Look at the proxy, or reach the machine without it."


def _enable(journey: WinrmJourney) -> str:
    if journey.target.is_https:
        return "Check the port, and that WinRM listens for HTTPS there: winrm quickconfig -transport:https."
    return "Check the port, and that WinRM is on there: Enable-PSRemoting -Force."


def _speaks_tls(journey: WinrmJourney) -> bool:
    return shown(journey.target, WinrmContext(None), _LOOK_SECONDS) is not None


def _find(causes: Sequence[BaseException], *kinds: type[BaseException]) -> BaseException | None:
    return next((each for each in causes if isinstance(each, kinds)), None)


def _words(error: BaseException, causes: Sequence[BaseException]) -> str:
    """What the system said, where it is in it, else what the innermost exception says."""
    system = [each for each in causes if isinstance(each, OSError) and each.strerror]
    if system:
        return clean(str(system[-1].strerror), _QUOTED_CHARACTERS)
    return clean(str(list(causes)[-1]) or type(error).__name__, _QUOTED_CHARACTERS).rstrip(".")
