"""What variables of Ansible say of WinRM: its plug-ins ``winrm`` and ``psrp``, each with names of its own."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fleet.hostile import clean
from fleet.winrm import HTTP_PORT, WinrmKind, WinrmScheme

WINRM = ("winrm", "ansible.builtin.winrm")
PSRP = ("psrp", "ansible.builtin.psrp")
SECRETS = ("ansible_winrm_pass", "ansible_winrm_password", "ansible_psrp_pass", "ansible_psrp_password")
ADDRESSES = ("ansible_winrm_host", "ansible_psrp_host")
PORTS = ("ansible_winrm_port", "ansible_psrp_port")
USERS = ("ansible_winrm_user", "ansible_psrp_user")
TRANSPORTS = ("ansible_winrm_transport", "ansible_psrp_auth")

# `plaintext` and `ssl` are pywinrm's words for Basic over HTTP and HTTPS; `negotiate` is Kerberos or NTLM, as it comes.
_KINDS: Mapping[str, WinrmKind | None] = MappingProxyType(
    {kind.value: kind for kind in WinrmKind} | {"plaintext": WinrmKind.BASIC, "ssl": WinrmKind.BASIC, "negotiate": None}
)
_SIGNS = re.compile(r"[\s'\"\[\]()]+")
# What has no place here, and what would be lost with it.
_LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "ansible_winrm_path": "WinRM is asked at /wsman",
        "ansible_psrp_path": "WinRM is asked at /wsman",
        "ansible_winrm_cert_pem": "a certificate to log in with stands in a profile",
        "ansible_winrm_cert_key_pem": "a key to log in with stands in a profile",
        "ansible_psrp_certificate_pem": "a certificate to log in with stands in a profile",
        "ansible_psrp_certificate_key_pem": "a key to log in with stands in a profile",
        "ansible_winrm_kinit_cmd": "tickets are taken as they are",
        "ansible_psrp_configuration_name": "the shell of every machine is used",
    }
)
_USUAL_PATHS = ("/wsman", "wsman")

Ask = Callable[..., str | None]


@dataclass(frozen=True, slots=True)
class SaidOfWinrm:
    """How WinRM is reached, as far as it is said; ``notes`` are what was not taken over, and why."""

    scheme: WinrmScheme | None = None
    kind: WinrmKind | None = None
    ca_file: str | None = None
    proxy: str | None = None
    notes: tuple[str, ...] = ()


def said_of_winrm(connection: str, port: int | None, ask: Ask) -> SaidOfWinrm:
    """What a host says, whose ``connection`` is one of `WINRM` or `PSRP`; ``ask`` gives a variable's text.

    Ansible's own rule is kept: without a scheme, port 5985 is HTTP and every other one HTTPS.
    """
    notes: list[str] = []
    prefix = "ansible_psrp" if connection in PSRP else "ansible_winrm"
    scheme = _scheme(ask(f"{prefix}_protocol" if connection in PSRP else f"{prefix}_scheme"), port, notes)
    words = ask(f"{prefix}_auth" if connection in PSRP else f"{prefix}_transport") or ""
    validation = ask(
        f"{prefix}_cert_validation" if connection in PSRP else f"{prefix}_server_cert_validation",
    )
    if (validation or "").casefold() == "ignore" and scheme is not WinrmScheme.HTTP:
        notes.append(
            "its certificate is not checked there; here it is: patchdeck machines accept-certificate, or a file of "
            "authorities"
        )
    authorities = ask(f"{prefix}_ca_cert" if connection in PSRP else f"{prefix}_ca_trust_path")
    proxy = _proxy(ask(f"{prefix}_proxy"), notes)
    notes += _left_out(ask)
    is_http = scheme is WinrmScheme.HTTP
    return SaidOfWinrm(scheme, _kind(words, notes), None if is_http else authorities, proxy, tuple(notes))


def _scheme(text: str | None, port: int | None, notes: list[str]) -> WinrmScheme | None:
    word = (text or "").casefold()
    if word in ("http", "https"):
        return WinrmScheme(word)
    if word:
        notes.append(f"{clean(word, 40)!r} is no scheme of WinRM: left out")
    return WinrmScheme.HTTP if port == HTTP_PORT else None


def _kind(text: str, notes: list[str]) -> WinrmKind | None:
    """The first way to log in that there is here; what Ansible tries after it is left out."""
    words = [word for word in _SIGNS.sub("", text).casefold().split(",") if word]
    for word in words:
        if word in _KINDS:
            return _KINDS[word]
    if words:
        notes.append(f"there is no login {clean(', '.join(words), 60)!r} here: left out")
    return None


def _proxy(text: str | None, notes: list[str]) -> str | None:
    if text and "@" in text:
        notes.append("its proxy has a user or a password: left out")
        return None
    return text


def _left_out(ask: Ask) -> list[str]:
    said = {name: ask(name) for name in _LEFT_OUT}
    return [
        f"{name}: {_LEFT_OUT[name]}"
        for name, text in said.items()
        if text and not (name.endswith("_path") and text in _USUAL_PATHS)
    ]
