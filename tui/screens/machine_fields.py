"""The fields of a machine's form, and the definition that they make: each way to a machine shows its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fleet.errors import BadInput, UnknownName
from fleet.machines import Become, OSType, TransportKind, check_address, check_port
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay
from ops.enrolment import Definition, parse_tags
from tui.screens.form import Field

if TYPE_CHECKING:
    from tui.machine_words import MachineWords

REACHING = frozenset(
    (
        *("name", "transport", "os", "address", "user", "port", "key_file", "jump", "profile"),
        *("scheme", "login", "ca_file", "proxy"),
    )
)
_OF_NETWORK = frozenset({"transport", "address", "user", "port"})
_OF_SSH = frozenset({"os", "key_file", "jump", "become"})
_OF_WINRM = frozenset({"scheme", "login", "ca_file", "proxy"})
_CLEAR = "http-in-clear"
_SCHEMES = ("https", "http", _CLEAR)
_BY_NETWORK = (TransportKind.SSH, TransportKind.WINRM)


def machine_fields(begun: Definition, words: "MachineWords") -> Sequence[Field]:
    """All fields that the machine could have, however it is reached; `hidden_fields` are not shown."""
    way = begun.winrm or WinrmWay()
    scheme = _CLEAR if way.is_clear_text_allowed else way.scheme.value
    tags = " ".join(f"{key}={value}" for key, value in begun.tags.items())
    ways = tuple(kind.value for kind in _BY_NETWORK)
    systems = tuple(kind.value for kind in OSType)
    logins = tuple(kind.value for kind in WinrmKind)
    fields = (
        Field("name", "Name", begun.name, "web-01"),
        Field("address", "Address", begun.address or "", "192.0.2.7 or a host name; empty: the name"),
        Field("user", "User", begun.user or "", "empty: the profile's; by SSH, what ~/.ssh/config says"),
        Field("port", "Port", str(begun.port or ""), "empty: 22; of WinRM 5986, 5985 for http"),
        Field("transport", "Reached by", begun.transport.value, "ssh; winrm: Windows", choices=ways),
        Field("scheme", "Carried by", scheme, "https; http: encrypted by the login", choices=_SCHEMES),
        Field("login", "Login by", way.kind.value if way.kind else "", "empty: the profile's, or ntlm", choices=logins),
        Field("ca_file", "Authorities", way.ca_file or "", "PEM file that vouches for it; empty: the system's"),
        Field("proxy", "Proxy", way.proxy or "", "http://HOST:PORT; empty: none"),
        Field("key_file", "Key file", begun.key_file or "", "empty: the profile's, the agent's, the usual ones"),
        Field("jump", "Jump hosts", begun.proxy_jump or "", "user@host:port, several separated by commas"),
        Field("profile", "Profile", begun.profile or "", "empty: that of its groups", choices=words.profiles),
        Field("os", "System", begun.os_type.value if begun.os_type else "", "empty: as it says", choices=systems),
        Field("become", "Root by", begun.become.value, "none, sudo, doas", choices=tuple(b.value for b in Become)),
        Field("tags", "Tags", tags, "env=prod role=web", words=words.tags),
    )
    missing = frozenset() if begun.transport in _BY_NETWORK else _OF_NETWORK | _OF_WINRM | (_OF_SSH - {"become"})
    return tuple(field for field in fields if field.name not in missing)


def hidden_fields(transport: str) -> frozenset[str]:
    """The fields that mean nothing for a machine that is reached so; a word that is none shows those of SSH."""
    return _OF_SSH if transport.lower() == TransportKind.WINRM.value else _OF_WINRM


def reached_definition(begun: Definition, texts: dict[str, str], name: str, profiles: Sequence[str]) -> Definition:
    """``begun`` with what the fields say of the way to the machine, which is called ``name``.

    Raises:
        BadInput: a field cannot be used; says which and why.
    """
    profile = texts["profile"] or None
    if profile is not None and profile.casefold() not in map(str.casefold, profiles):
        raise UnknownName("profile", profile, profiles)
    if "transport" not in texts:
        return replace(begun, name=name, profile=profile)
    transport = TransportKind(_choice("way to a machine", texts["transport"], [kind.value for kind in _BY_NETWORK]))
    if texts["port"] and not (texts["port"].isascii() and texts["port"].isdecimal() and len(texts["port"]) < 6):
        raise BadInput(f"Port {texts['port']!r} is not a number between 1 and 65535.")
    common = replace(
        begun,
        name=name,
        transport=transport,
        address=check_address(texts["address"]) if texts["address"] else None,
        user=texts["user"] or None,
        port=check_port(int(texts["port"])) if texts["port"] else None,
        profile=profile,
    )
    if transport is TransportKind.WINRM:
        return replace(
            common, key_file=None, proxy_jump=None, become=Become.NONE, os_type=OSType.WINDOWS, winrm=_way(texts)
        )
    os_type = OSType(_choice("system", texts["os"], [kind.value for kind in OSType])) if texts["os"] else None
    return replace(
        common, key_file=texts["key_file"] or None, proxy_jump=texts["jump"] or None, os_type=os_type, winrm=None
    )


def whole_definition(begun: Definition, texts: dict[str, str], name: str, profiles: Sequence[str]) -> Definition:
    """`reached_definition` with how root is gained and the tags.

    Raises:
        BadInput: a field cannot be used; says which and why.
    """
    definition = replace(reached_definition(begun, texts, name, profiles), tags=parse_tags(texts["tags"].split()))
    if definition.transport is TransportKind.WINRM:
        return definition
    return replace(definition, become=Become(_choice("way to become root", texts["become"], list(Become))))


def _way(texts: dict[str, str]) -> WinrmWay:
    scheme = _choice("scheme", texts["scheme"] or "https", _SCHEMES)
    login = _choice("login", texts["login"], [kind.value for kind in WinrmKind]) if texts["login"] else None
    return WinrmWay(
        scheme=WinrmScheme.HTTPS if scheme == "https" else WinrmScheme.HTTP,
        kind=WinrmKind(login) if login else None,
        ca_file=texts["ca_file"] or None,
        proxy=texts["proxy"] or None,
        is_clear_text_allowed=scheme == _CLEAR,
    )


def _choice(what: str, text: str, choices: Sequence[str]) -> str:
    """The choice that was written, whatever its case.

    Raises:
        UnknownName: it is none.
    """
    found = next((choice for choice in choices if str(choice).casefold() == text.casefold()), None)
    if found is None:
        raise UnknownName(what, text, [str(choice) for choice in choices])
    return str(found)
