"""Making a token: its key and its secret, of which only what cannot be undone is kept, and the line that holds both."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from fleet.enrol_tokens import (
    ApprovalMode,
    EnrolToken,
    ReachBy,
    check_allowed_tag,
    check_count,
    check_network,
    hash_secret,
)
from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.machines import check_user
from ops.enrol_tokens.console import Console, read_public_key
from ops.enrol_tokens.lines import KeyInstallation, TokenSecrets, powershell_line, shell_line
from ops.home import Home
from ops.state.audit import Audit, utc_now
from ops.state.database import opened, transaction
from ops.state.enrol_tokens import EnrolTokenBook
from ops.state.profiles import ProfileBook

_SECRET_BYTES = 18  # 144 bits
_ID_BYTES = 4
_MOST_NETWORKS = 16


class KeyType(StrEnum):
    """The kind of a token's key: Ed25519, or ECDSA for machines that may use only what FIPS 140 allows."""

    ED25519 = "ed25519"
    ECDSA = "ecdsa"


_ALGORITHMS = {KeyType.ED25519: "ssh-ed25519", KeyType.ECDSA: "ecdsa-sha2-nistp256"}


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What a token is to allow, as `fleet.enrol_tokens.EnrolToken` says it, and what its line is to do."""

    lifetime: timedelta
    count: int = 1
    approval: ApprovalMode = ApprovalMode.ASK
    networks: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    allowed_tags: tuple[str, ...] = ()
    profile: str | None = None
    user: str | None = None
    reach_by: ReachBy = ReachBy.ADDRESS
    note: str = ""
    installed_key: Path | None = None
    is_for_windows: bool = False
    key_type: KeyType = KeyType.ED25519


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was made, and the line to run on machines: the only place where its secrets are."""

    token: EnrolToken
    line: str = field(repr=False)


def make_token(
    home: Home, request: TokenRequest, console: Console, clock: Callable[[], datetime] = utc_now
) -> NewToken:
    """Makes a token and its line; nobody can use it before its key is authorized (`ops.enrol_tokens.authorizing`).

    Raises:
        UnknownName: there is no such profile.
        BadInput: something that was asked for cannot be used.
    """
    _check(request)
    private_key, public_key = _make_key(request.key_type)
    token_secrets = TokenSecrets(private_key, secrets.token_urlsafe(_SECRET_BYTES))
    line = _line(request, token_secrets, console)
    with opened(home.state_file) as connection, transaction(connection):
        audit = Audit(connection)
        if request.profile is not None:
            ProfileBook(connection).find(request.profile)
        token = _token(request, public_key, hash_secret(token_secrets.proof), audit.actor.user, clock())
        EnrolTokenBook(connection, audit).put(token, "enrol-token.new")
    return NewToken(token, line)


def _check(request: TokenRequest) -> None:
    check_count(request.count)
    for network in request.networks:
        check_network(network)
    for tag in request.allowed_tags:
        check_allowed_tag(tag)
    if len(request.networks) > _MOST_NETWORKS:
        raise BadInput(f"A token can have {_MOST_NETWORKS} networks at most: make several tokens.")
    if request.user is not None:
        check_user(request.user)
    if request.is_for_windows and request.installed_key is not None:
        raise BadInput("--install-key is for the line of sh; the one of PowerShell installs nothing.")


def _make_key(key_type: KeyType) -> tuple[str, str]:
    """The private key in base64, without its frame, and the public one as ``ALGORITHM BASE64``."""
    import asyncssh

    key = asyncssh.generate_private_key(_ALGORITHMS[key_type])
    lines = key.export_private_key("openssh").decode("ascii").split("\n")
    body = "".join(line for line in lines if not line.startswith("-"))
    return body, " ".join(key.export_public_key("openssh").decode("ascii").split()[:2])


def _line(request: TokenRequest, token_secrets: TokenSecrets, console: Console) -> str:
    if request.is_for_windows:
        return powershell_line(token_secrets, console)
    installation = None
    if request.installed_key is not None:
        installation = KeyInstallation(read_public_key(request.installed_key), request.user)
    return shell_line(token_secrets, console, installation)


def _token(request: TokenRequest, public_key: str, secret_sha256: str, user: str, now: datetime) -> EnrolToken:
    return EnrolToken(
        id=secrets.token_hex(_ID_BYTES),
        created_at=now,
        created_by=user,
        expires_at=now + request.lifetime,
        secret_sha256=secret_sha256,
        public_key=public_key,
        count=request.count,
        approval=request.approval,
        networks=request.networks,
        names=request.names,
        tags=request.tags,
        allowed_tags=request.allowed_tags,
        profile=request.profile,
        user=request.user,
        reach_by=request.reach_by,
        note=clean(request.note),
    )
