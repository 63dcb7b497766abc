"""Tokens with which machines introduce themselves: what each allows, and what it does not."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType

from fleet.errors import BadInput
from fleet.introductions import Introduction

_LIFETIME = re.compile(r"(?P<number>[1-9][0-9]{0,5})(?P<unit>[mhd])")
_UNITS = MappingProxyType({"m": "minutes", "h": "hours", "d": "days"})
_LONGEST = timedelta(days=366)
MOST_USES = 10_000

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ApprovalMode(StrEnum):
    """Who decides about a machine that introduces itself: an administrator, or the limits of its token."""

    ASK = "ask"
    AUTO = "auto"


class ReachBy(StrEnum):
    """What of an introduction becomes the machine's address."""

    ADDRESS = "address"
    FQDN = "fqdn"
    NAME = "name"


class TokenState(StrEnum):
    """Whether a token can be used."""

    ACTIVE = "active"
    USED_UP = "used up"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class EnrolToken:
    """One token. Of its secret only the SHA-256 is kept, and of its key only the public half.

    ``used`` counts machines, not introductions: the same machine twice is once. ``networks``, ``names`` (globs) and
    ``allowed_tags`` (``key=value``, the value a glob) are limits; ``tags`` are given to each machine of the token.
    ``authorized_in`` is the authorized_keys file that Patchdeck itself wrote its line into. ``refusals`` counts
    introductions that were refused, ``repeats`` those that changed what a machine had said before.
    """

    id: str
    created_at: datetime
    created_by: str
    expires_at: datetime
    secret_sha256: str
    public_key: str
    count: int = 1
    used: int = 0
    approval: ApprovalMode = ApprovalMode.ASK
    networks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    allowed_tags: tuple[str, ...] = ()
    profile: str | None = None
    user: str | None = None
    reach_by: ReachBy = ReachBy.ADDRESS
    note: str = ""
    revoked_at: datetime | None = None
    authorized_in: str | None = None
    refusals: int = 0
    last_refusal: str = ""
    repeats: int = 0

    def state(self, now: datetime) -> TokenState:
        """Whether it can be used at ``now``."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        if now >= self.expires_at:
            return TokenState.EXPIRED
        return TokenState.USED_UP if self.used >= self.count else TokenState.ACTIVE

    def knows(self, proof: str) -> bool:
        """Whether ``proof`` is its secret; takes as long for any."""
        return hmac.compare_digest(hash_secret(proof), self.secret_sha256)

    def admits(self, came_from: str) -> bool:
        """Whether a machine may introduce itself from ``came_from``; from nowhere only where no network is named."""
        if not self.networks:
            return True
        address = read_client(came_from)
        return address is not None and any(
            address.version == network.version and address in network for network in map(check_network, self.networks)
        )

    def allows_tag(self, key: str, value: str) -> bool:
        """Whether a machine may say that it has this tag."""
        if key in self.tags:
            return self.tags[key] == value
        pairs = (text.partition("=") for text in self.allowed_tags)
        return any(key == allowed and fnmatchcase(value, glob) for allowed, _, glob in pairs)


def doubts_of(token: EnrolToken, introduction: Introduction) -> tuple[str, ...]:
    """Why the token's own limits do not approve of what a machine says; an administrator still may."""
    doubts = []
    if token.names and not any(fnmatchcase(introduction.name.lower(), glob.lower()) for glob in token.names):
        doubts.append(f"its name is none of {', '.join(token.names)}, which the token allows")
    for key, value in introduction.tags.items():
        if not token.allows_tag(key, value):
            doubts.append(f"its tag {key}={value} is none that the token allows")
    if not introduction.says_name:
        doubts.append(f"its name {introduction.name} is one that many machines have")
    listener = introduction.best_winrm
    if not introduction.host_keys and not (listener and listener.certificate):
        doubts.append("it showed no host key that can be relied on, and no certificate of WinRM")
    return tuple(doubts)


def hash_secret(secret: str) -> str:
    """What is kept of a token's secret, which is random and long: a plain hash cannot be undone."""
    return hashlib.sha256(secret.encode()).hexdigest()


def parse_lifetime(text: str) -> timedelta:
    """``30m``, ``24h``, ``7d``; at most a year.

    Raises:
        BadInput: it is not one.
    """
    found = _LIFETIME.fullmatch(text)
    lifetime = timedelta(**{_UNITS[found["unit"]]: int(found["number"])}) if found else None
    if lifetime is None or lifetime > _LONGEST:
        raise BadInput(f"{text!r} is no time that a token may last: write 30m, 24h or 7d, at most 366d.")
    return lifetime


def check_count(count: int) -> int:
    """How many machines a token may introduce.

    Raises:
        BadInput: none, or more than a token should.
    """
    if not 1 <= count <= MOST_USES:
        raise BadInput(f"A token can be for 1 to {MOST_USES:,} machines, not for {count:,}.")
    return count


def check_network(text: str) -> _Network:
    """``10.0.0.0/24``, ``2001:db8::/32``, or one address.

    Raises:
        BadInput: it is not one, or has bits beyond its mask.
    """
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is no network: {error}; write it as 10.0.0.0/24.") from error


def check_allowed_tag(text: str) -> str:
    """``key=glob``: the values of a tag that a machine may give itself.

    Raises:
        BadInput: it is not one.
    """
    key, equals, value = text.partition("=")
    if not (key and equals and value) or not text.isprintable():
        raise BadInput(f"{text!r} does not say which tags a machine may give itself: write role=web or role=*.")
    return text


def read_client(text: str) -> _Address | None:
    """The address that a connection came from, without a zone, IPv4 as such; None where it is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def choose_address(token: EnrolToken, introduction: Introduction, came_from: str) -> tuple[str, str]:
    """Where the machine is to be reached, and what is to be said of that.

    The address that its connection came from is its own where it names it among its addresses; else there is a
    translation in between, and what the machine says of itself must do.
    """
    if token.reach_by is ReachBy.NAME:
        return introduction.name, ""
    if token.reach_by is ReachBy.FQDN and introduction.fqdn:
        return introduction.fqdn, ""
    client = read_client(came_from)
    own = introduction.addresses
    if client is not None and (client.is_loopback or not own or str(client) in own):
        return str(client), ""
    return _claimed_address(introduction), f"Came through {client}, which is none of its addresses." if client else ""


def _claimed_address(introduction: Introduction) -> str:
    return introduction.fqdn or next(iter(introduction.addresses), introduction.name)
