"""Who is at the other end of a connection: Basic, NTLM, a certificate; and what is offered to who is not known yet."""

import base64
import binascii
import hashlib
import os
import tempfile
import threading
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tests.winrm_peer.http_message import HttpAnswer, HttpRequest
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerUser

_MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
_NTLM_NEGOTIATE = b"NTLMSSP\x00\x01"
# pyspnego reads who may log in from the file that this variable of the environment names, and from nowhere else.
_STORE = "NTLM_USER_FILE"
_STORE_LOCK = threading.Lock()


@dataclass(slots=True)
class Login:
    """The login of one connection. ``context`` seals messages; NTLM holds for the connection, Basic for one message."""

    machine: PeerMachine
    is_tls: bool
    certificate_user: str = ""
    user: PeerUser | None = None
    # spnego's context, which has no types.
    context: Any = field(default=None)

    def admit(self, request: HttpRequest) -> HttpAnswer | None:
        """What is answered to who is not let in (yet); None where `user` is known."""
        scheme, value = request.login
        if scheme == "basic":
            self.user = self._by_password(value)
        elif scheme in ("negotiate", "ntlm") and self.machine.limits.allows_negotiate:
            if challenge := self._negotiate(scheme, value):
                return challenge
        elif request.headers.get("authorization") == _MUTUAL:
            self.user = self._by_certificate()
        if self.user is not None:
            self.machine.counters.logins += scheme != ""
            return None
        self.machine.counters.logins_refused += scheme != ""
        return self.refuse()

    def refuse(self, text: str = "") -> HttpAnswer:
        """401, with the ways to log in that there are."""
        limits = self.machine.limits
        offers = [("WWW-Authenticate", "Negotiate")] if limits.allows_negotiate else []
        if limits.allows_kerberos:
            offers.append(("WWW-Authenticate", "Kerberos"))
        if self._takes_basic:
            offers.append(("WWW-Authenticate", 'Basic realm="WSMAN"'))
        return HttpAnswer(401, text.encode(), offers, "text/plain")

    @property
    def _takes_basic(self) -> bool:
        limits = self.machine.limits
        return limits.allows_basic and (self.is_tls or limits.allows_unencrypted)

    def _by_password(self, value: str) -> PeerUser | None:
        try:
            name, _, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        user = self.machine.find_user(name)
        return user if self._takes_basic and user is not None and user.password == password else None

    def _by_certificate(self) -> PeerUser | None:
        if not (self.is_tls and self.machine.limits.allows_certificate and self.certificate_user):
            return None
        return self.machine.find_user(self.certificate_user)

    def _negotiate(self, scheme: str, value: str) -> HttpAnswer | None:
        from spnego.exceptions import SpnegoError

        try:
            token = base64.b64decode(value, validate=True)
            if token.startswith(_NTLM_NEGOTIATE):
                self.context, self.user = None, None
            answer = self._step(token)
        except (SpnegoError, binascii.Error, ValueError):
            self.context, self.user = None, None
            return None
        if not self.context.complete:
            text = f"{scheme.title() if scheme == 'negotiate' else 'NTLM'} {base64.b64encode(answer).decode('ascii')}"
            return HttpAnswer(401, headers=[("WWW-Authenticate", text)])
        self.user = self.machine.find_user(self.context.client_principal or "")
        return None

    def _step(self, token: bytes) -> bytes:
        import spnego

        with _STORE_LOCK:
            before = os.environ.get(_STORE)
            os.environ[_STORE] = _store_of(self.machine)
            try:
                if self.context is None:
                    self.context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
                return self.context.step(token) or b""
            finally:
                os.environ.pop(_STORE)
                if before is not None:
                    os.environ[_STORE] = before


def _store_of(machine: PeerMachine) -> str:
    users = tuple((user.name, user.password) for user in machine.users)
    return _write_store(users, (machine.name, machine.domain))


@cache
def _write_store(users: tuple[tuple[str, str], ...], realms: tuple[str, str]) -> str:
    """The file of users as pyspnego reads it: hashes, since a password may hold what separates its fields."""
    from spnego._ntlm_raw.crypto import ntowfv1

    lines = []
    for name, password in users:
        hashed = ntowfv1(password).hex().upper()
        forms = [
            name,
            *(f"{realm}\\{name}" for realm in (*realms, ".") if realm),
            *(f"{name}@{r}" for r in realms if r),
        ]
        lines += [f"{form}:1000:{'0' * 32}:{hashed}:[U]:LCT-1" for form in forms]
    text = "\n".join(lines)
    path = _folder() / hashlib.sha256(text.encode()).hexdigest()[:24]
    path.write_text(text, "utf-8")
    return str(path)


@cache
def _folder() -> Path:
    held = tempfile.TemporaryDirectory(prefix="winrm-peer-")
    _HELD.append(held)
    return Path(held.name)


# Removed as the interpreter ends.
_HELD: list[tempfile.TemporaryDirectory[str]] = []
