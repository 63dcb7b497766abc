"""What of a machine's definition fits together: each way to a machine has its own options, and ignores none."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from fleet.errors import BadInput
from fleet.jump_hosts import check_jump_hosts
from fleet.machines import Become, Machine, OSType, TransportKind, check_address, check_port
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay

# What says where a machine is and how it is logged in to; the other ways, to this machine and transcripts, have none.
_OF_NETWORK = ("address", "port", "user", "key_file", "proxy_jump")
_NOT_OF_WINRM: Mapping[str, str] = MappingProxyType(
    {
        "key_file": "the key and the certificate of --winrm certificate stand in a profile (profiles add).",
        "proxy_jump": "WinRM has no jump hosts; --proxy http://HOST:PORT is its way through another host.",
    }
)


def check_reaching(machine: Machine) -> Machine:
    """``machine``, if the way to it says nothing that would silently be ignored, and nothing that cannot work.

    Raises:
        BadInput: two things of it do not fit together; says which, and what to do.
    """
    match machine.transport:
        case TransportKind.SSH:
            _check_ssh(machine)
        case TransportKind.WINRM:
            _check_winrm(machine)
        case TransportKind.LOCAL | TransportKind.SCRIPTED:
            _refuse_given(machine, _OF_NETWORK)
    if machine.winrm is not None and machine.transport is not TransportKind.WINRM:
        raise BadInput(
            f"--winrm, --http, --ca-file, --proxy and --allow-clear-text belong to the transport 'winrm', and this is "
            f"{machine.transport.value!r}."
        )
    if (machine.transcript is not None) != (machine.transport is TransportKind.SCRIPTED):
        raise BadInput("--transcript and the transport 'scripted' belong together.")
    return machine


def check_way(way: WinrmWay) -> WinrmWay:
    """``way``, if its parts fit together.

    Raises:
        BadInput: they do not; says which, and what to do.
    """
    is_clear = way.scheme is WinrmScheme.HTTP
    if is_clear and way.ca_file is not None:
        raise BadInput("--ca-file means nothing with --http: only HTTPS has a certificate. Leave one of them out.")
    if is_clear and way.kind is WinrmKind.CERTIFICATE:
        raise BadInput("--winrm certificate needs HTTPS: leave out --http.")
    if is_clear and way.kind is WinrmKind.BASIC and not way.is_clear_text_allowed:
        raise BadInput(
            "Basic over HTTP shows the password to everybody on the way: leave out --http, or take --winrm ntlm; "
            "--allow-clear-text forces it."
        )
    if way.is_clear_text_allowed and not (is_clear and way.kind in (None, WinrmKind.BASIC)):
        raise BadInput("--allow-clear-text is for --http with --winrm basic alone: everything else is encrypted.")
    if way.proxy is not None:
        check_proxy(way.proxy)
    return way


def check_proxy(text: str) -> str:
    """The URL of an HTTP proxy: ``http://HOST:PORT``.

    Raises:
        BadInput: it is none, or it holds a password.
    """
    try:
        parts = urlsplit(text)
        host, port, has_login = parts.hostname, parts.port, "@" in parts.netloc
    except ValueError as error:
        raise BadInput(f"Proxy {text!r} is malformed: write http://HOST:PORT.") from error
    if has_login:
        raise BadInput("A proxy is given without user and password, as http://HOST:PORT: they would be seen here.")
    if parts.scheme != "http" or not host or port is None or parts.path.strip("/") or parts.query or parts.fragment:
        raise BadInput(f"Proxy {text!r} is malformed: write http://HOST:PORT.")
    check_address(host)
    check_port(port)
    return text


def usual_is_none(way: WinrmWay | None) -> WinrmWay | None:
    """None in the place of a way that says nothing, so that the same machine is the same however it was written."""
    return None if way == WinrmWay() else way


def _check_ssh(machine: Machine) -> None:
    if machine.proxy_jump is not None:
        check_jump_hosts(machine.proxy_jump)
    if machine.os_type is OSType.WINDOWS:
        _refuse_become(machine)


def _check_winrm(machine: Machine) -> None:
    for name, why in _NOT_OF_WINRM.items():
        if getattr(machine, name) is not None:
            raise BadInput(f"--{name.replace('_', '-')} means nothing for the transport 'winrm': {why}")
    check_way(machine.winrm or WinrmWay())
    if machine.os_type is OSType.LINUX:
        raise BadInput("WinRM is a way to Windows: leave out --os, or give --os Windows.")
    _refuse_become(machine)


def _refuse_become(machine: Machine) -> None:
    if machine.become is not Become.NONE:
        raise BadInput("--become means nothing on Windows: log in as an administrator.")


def _refuse_given(machine: Machine, names: tuple[str, ...]) -> None:
    for name in names:
        if getattr(machine, name) is not None:
            raise BadInput(f"--{name.replace('_', '-')} means nothing for the transport {machine.transport.value!r}.")


def way_of(machine: Machine) -> WinrmWay | None:
    """How ``machine`` is reached by WinRM, whole; None where it is not."""
    return (machine.winrm or WinrmWay()) if machine.transport is TransportKind.WINRM else None


def port_of(machine: Machine) -> int | None:
    """The port that ``machine`` is reached at; None where nothing here says it: OpenSSH's configuration may."""
    way = way_of(machine)
    return machine.port or (way.default_port if way else None)


def describe_way(machine: Machine) -> str:
    """``HTTPS, port 5986, by ntlm``, with the mark of a way that protects less; empty where it is not WinRM's."""
    way = way_of(machine)
    if way is None:
        return ""
    by = f", by {way.kind.value}" if way.kind else ""
    parts = (f" through {way.proxy}" if way.proxy else "", f", authorities of {way.ca_file}" if way.ca_file else "")
    return f"{way.scheme.value.upper()}, port {port_of(machine)}{by}{''.join(parts)}{mark_of(way)}"


def mark_of(way: WinrmWay) -> str:
    """What is to be seen of a way that protects less than HTTPS; empty for HTTPS."""
    if way.scheme is WinrmScheme.HTTPS:
        return ""
    if way.is_clear_text_allowed:
        return " (NOT ENCRYPTED where it logs in by basic: everybody on the way reads password and answers)"
    return " (encrypted by the login; answers are not authenticated)"
