"""How a host is reached according to the machine's own settings and to OpenSSH's configuration files.

What is set on the machine wins. asyncssh reads the files: Host, Match and Include among them; it ignores what it does
not know, and CanonicalizeHostname is not followed.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from asyncssh import SSHClientConnectionOptions
from asyncssh.config import SSHConfig

from fleet.profiles import AgentUse, LoginBy

# A stalled link is noticed after 20 s; without, a run on it hangs until its deadline.
KEEPALIVE_SECONDS = 5.0
KEEPALIVE_COUNT = 3

_HOP = re.compile(r"(?:ssh://)?(?:(?P<user>[^@]+)@)?(?P<host>\[[^\]]+\]|[^:@\s\[\]]+)(?::(?P<port>\d{1,5}))?/?")


class BadJump(ValueError):
    """A list of jump hosts that cannot be read."""


@dataclass(frozen=True, slots=True)
class SshTarget:
    """A host as it was asked for; None where the configuration decides.

    ``key_owner`` tells apart whose passphrase opens a key file; ``login_by`` is by which way alone the login may be.
    """

    name: str
    port: int | None = None
    user: str | None = None
    key_file: str | None = None
    proxy_jump: str | None = None
    certificate_file: str | None = None
    agent: AgentUse = AgentUse.ALSO
    key_owner: str = ""
    login_by: LoginBy = LoginBy.ANYTHING


@dataclass(frozen=True, slots=True)
class SshRoute:
    """How one host is reached. ``known_as`` and ``known_port`` are what known_hosts calls it.

    ``key_files`` are those that were asked for, ``is_key_file_required`` where the machine itself asks. ``options`` are
    asyncssh's, with the algorithms of the configuration.
    """

    host: str
    port: int
    user: str
    known_as: str
    known_port: int
    known_hosts_files: tuple[Path, ...]
    jump: SshTarget | None
    proxy_command: str | None
    key_files: tuple[Path, ...]
    is_key_file_required: bool
    certificate_files: tuple[Path, ...]
    key_owner: str
    login_by: LoginBy
    agent: AgentUse
    is_agent_limited: bool
    agent_path: str
    connect_seconds: float | None
    options: SSHClientConnectionOptions

    @property
    def shown(self) -> str:
        """``user@host:port``, an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.user}@{host}:{self.port}"


def find_route(target: SshTarget, config_files: Sequence[Path]) -> SshRoute:
    """The route to ``target``. May block: it reads files and runs what ``Match exec`` asks.

    Raises:
        ValueError: a configuration file does not parse, or a jump host is malformed; names the place.
        OSError: a configuration file is there and cannot be read.
    """
    options = _read_options(target, [path for path in config_files if path.is_file()])
    config = options.config
    alias = options.host_key_alias
    identity_files = cast("list[str]", config.get("IdentityFile") or [])
    timeout = cast("int | None", config.get("ConnectTimeout"))
    jump = target.proxy_jump or cast("str | None", config.get("ProxyJump"))
    return SshRoute(
        host=options.host,
        port=options.port,
        user=options.username,
        known_as=alias or options.host,
        known_port=22 if alias else options.port,
        known_hosts_files=_paths(cast("list[str]", config.get("UserKnownHostsFile") or [])),
        jump=parse_jumps(jump) if jump and jump.lower() not in ("none", target.name.lower()) else None,
        proxy_command=None if jump else cast("str | None", config.get("ProxyCommand")),
        key_files=_paths([target.key_file] if target.key_file else identity_files),
        is_key_file_required=target.key_file is not None,
        certificate_files=_certificate_files(target, config),
        key_owner=target.key_owner,
        login_by=target.login_by,
        agent=target.agent,
        is_agent_limited=bool(config.get("IdentitiesOnly")),
        agent_path=_agent_path(config.get("IdentityAgent", "SSH_AUTH_SOCK")),
        connect_seconds=float(timeout) if timeout else None,
        options=options,
    )


def parse_jumps(text: str) -> SshTarget:
    """The last host of a ProxyJump, ``[user@]host[:port]`` with commas between them; those before it are its own jump.

    Raises:
        BadJump: one of them cannot be read.
    """
    before, _, last = text.rpartition(",")
    return _parse_hop(last.strip(), before or None)


def _parse_hop(text: str, proxy_jump: str | None) -> SshTarget:
    match = _HOP.fullmatch(text)
    if match is None or text.startswith("-") or not 0 < int(match["port"] or 22) < 65536:
        raise BadJump(f"jump host {text!r} is malformed: expected [user@]host[:port]")
    port = int(match["port"]) if match["port"] else None
    return SshTarget(match["host"].strip("[]"), port, match["user"], proxy_jump=proxy_jump)


def _read_options(target: SshTarget, config_files: list[Path]) -> SSHClientConnectionOptions:
    options = _options(target, config_files, is_final=False)
    if not options.config.has_match_final():
        return options
    # Taken over as they are: with `final`, asyncssh would begin anew without the files when it connects.
    return SSHClientConnectionOptions(_options(target, config_files, is_final=True), config=None, final=False)


def _options(target: SshTarget, config_files: list[Path], *, is_final: bool) -> SSHClientConnectionOptions:
    """asyncssh's options; it looks up nothing by itself: no default file, no agent, no Kerberos, no certificates."""
    return SSHClientConnectionOptions(
        config=[str(path) for path in config_files] or None,
        final=is_final,
        host=target.name,
        port=target.port or (),
        username=target.user or (),
        tunnel=None,
        proxy_command=None,
        known_hosts=([], [], []),
        client_keys=None,
        client_certs=(),
        agent_path=None,
        agent_identities=None,
        agent_forwarding=False,
        pkcs11_provider=None,
        client_host_keysign=False,
        host_based_auth=False,
        gss_host=None,
        gss_kex=False,
        gss_auth=False,
        x509_trusted_certs=None,
        x509_trusted_cert_paths=[],
        x11_forwarding=False,
        preferred_auth=("publickey", "keyboard-interactive", "password"),
        connect_timeout=None,
        login_timeout=0,
        keepalive_interval=KEEPALIVE_SECONDS,
        keepalive_count_max=KEEPALIVE_COUNT,
        # A banner before the login may be in any encoding: OpenSSH does not mind, asyncssh would give up.
        utf8_decode_errors="replace",
        request_pty=False,
        command=None,
        env=None,
        send_env=None,
    )


def _certificate_files(target: SshTarget, config: SSHConfig) -> tuple[Path, ...]:
    """A key file of the target's own has its own certificate, and not one that the configuration has for others."""
    if target.certificate_file is not None:
        return _paths([target.certificate_file])
    if target.key_file is not None:
        return ()
    return _paths(cast("list[str]", config.get("CertificateFile") or []))


def _paths(texts: Sequence[str]) -> tuple[Path, ...]:
    return tuple(Path(text).expanduser() for text in texts)


def _agent_path(setting: object) -> str:
    if setting is None:
        return ""
    text = str(setting)
    if text == "SSH_AUTH_SOCK":
        return os.environ.get("SSH_AUTH_SOCK", "")
    return os.path.expandvars(str(Path(text).expanduser()))
