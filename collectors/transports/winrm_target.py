"""Where WinRM is spoken to and how it is logged in to: a machine's words and its profile's, if they fit together."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.profiles import Credentials
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay

_NEEDS_PASSWORD = frozenset({WinrmKind.NTLM, WinrmKind.CREDSSP, WinrmKind.BASIC})
# The module without which a kind cannot be, and the extra of ours that brings it.
_EXTRAS = {WinrmKind.KERBEROS: ("kerberos", "kerberos"), WinrmKind.CREDSSP: ("requests_credssp", "credssp")}


@dataclass(frozen=True, slots=True)
class WinrmTarget:
    """One machine's WinRM. ``host`` is a name or an address, that of IPv6 with its zone and without brackets."""

    host: str
    port: int
    scheme: WinrmScheme
    kind: WinrmKind
    user: str | None = None
    ca_file: str | None = None
    proxy: str | None = None
    key_file: str | None = None
    certificate_file: str | None = None

    @property
    def is_https(self) -> bool:
        """Whether TLS carries the messages."""
        return self.scheme is WinrmScheme.HTTPS

    @property
    def is_sealed(self) -> bool:
        """Whether the login encrypts the messages, for lack of TLS."""
        return not self.is_https and self.kind.encrypts_messages

    @property
    def needs_password(self) -> bool:
        """Whether it is logged in to with a password."""
        return self.kind in _NEEDS_PASSWORD

    @property
    def pool_host(self) -> str:
        """The host as urllib3 takes it: with brackets, and the mark of a zone escaped: RFC 6874."""
        return f"[{self.host.replace('%', '%25')}]" if ":" in self.host else self.host

    @property
    def authority(self) -> str:
        """``host:port`` as a URL has it; the zone of IPv6 means something on this side only and is left out."""
        host = self.host.partition("%")[0]
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @property
    def endpoint(self) -> str:
        """The URL of its WinRM."""
        return f"{self.scheme}://{self.authority}/wsman"


def winrm_target(machine: Machine, credentials: Credentials) -> WinrmTarget:
    """How ``machine`` is reached with ``credentials``.

    Raises:
        BadInput: that would show a password to everybody, lacks a part, or an extra that is not installed.
    """
    way = machine.winrm or WinrmWay()
    profile = credentials.profile
    kind = way.kind or (profile.winrm if profile is not None else None) or WinrmKind.NTLM
    target = WinrmTarget(
        host=machine.address or machine.name,
        port=machine.port or way.default_port,
        scheme=way.scheme,
        kind=kind,
        user=_user_for(kind, credentials.user),
        ca_file=path_of(way.ca_file),
        proxy=way.proxy,
        key_file=path_of(credentials.key_file),
        certificate_file=path_of(credentials.certificate_file),
    )
    _check_scheme(target, way)
    _check_login(target)
    _check_extra(kind)
    return target


def place_of(machine: Machine) -> tuple[str, int]:
    """The host and the port of ``machine``, whatever it is logged in to with."""
    way = machine.winrm or WinrmWay()
    return machine.address or machine.name, machine.port or way.default_port


def path_of(text: str | None) -> str | None:
    """The path of a file as it was given, with the home folder in the place of ``~``."""
    return str(Path(text).expanduser()) if text else None


def _user_for(kind: WinrmKind, user: str | None) -> str | None:
    if kind is not WinrmKind.KERBEROS or user is None:
        return user
    if "\\" in user or "@" not in user:
        raise BadInput(f"Kerberos knows no user {user!r}: write user@EXAMPLE.COM, the realm behind the @.")
    name, _, realm = user.rpartition("@")
    return f"{name}@{realm.upper()}"  # a domain's realm is in capitals, and Kerberos takes no other


def _check_scheme(target: WinrmTarget, way: WinrmWay) -> None:
    if target.is_https or target.is_sealed:
        return
    if target.kind is WinrmKind.CERTIFICATE:
        raise BadInput("WinRM takes certificates over HTTPS only: leave out the scheme http.")
    if not way.is_clear_text_allowed:
        raise BadInput(
            "Basic over HTTP shows the password to everybody on the way: use HTTPS, or NTLM, which encrypts messages."
        )


def _check_login(target: WinrmTarget) -> None:
    if target.kind is WinrmKind.CERTIFICATE and not (target.key_file and target.certificate_file):
        raise BadInput("A login by certificate needs a profile with a key file and a certificate file, both PEM.")
    if target.needs_password and not target.user:
        raise BadInput("WinRM needs a user: name one on the machine, or in its profile.")


def _check_extra(kind: WinrmKind) -> None:
    if kind not in _EXTRAS:
        return
    module, extra = _EXTRAS[kind]
    if importlib.util.find_spec(module) is None:
        raise BadInput(f"A login by {kind} needs an extra: pip install 'patchdeck[{extra}]'.")
