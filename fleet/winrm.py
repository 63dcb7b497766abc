"""How a machine is reached by WinRM, beside its address, port and user."""

from dataclasses import dataclass
from enum import StrEnum

HTTP_PORT = 5985
HTTPS_PORT = 5986


class WinrmKind(StrEnum):
    """How WinRM is logged in to."""

    NTLM = "ntlm"
    KERBEROS = "kerberos"
    CREDSSP = "credssp"
    BASIC = "basic"
    CERTIFICATE = "certificate"

    @property
    def encrypts_messages(self) -> bool:
        """Whether messages are encrypted by the login itself, so that HTTP does not show them."""
        return self in (WinrmKind.NTLM, WinrmKind.KERBEROS, WinrmKind.CREDSSP)


class WinrmScheme(StrEnum):
    """What carries the messages."""

    HTTPS = "https"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class WinrmWay:
    """How one machine is reached by WinRM. ``kind`` None: as its profile says, else NTLM.

    ``ca_file`` holds the authorities that its certificate is checked against, None: those of the system. A certificate
    that was accepted for its address is trusted before that. ``proxy`` is ``http://HOST:PORT``, None: none, whatever
    the environment says. ``is_clear_text_allowed``: Basic over HTTP, where everybody on the way reads the password.
    """

    scheme: WinrmScheme = WinrmScheme.HTTPS
    kind: WinrmKind | None = None
    ca_file: str | None = None
    proxy: str | None = None
    is_clear_text_allowed: bool = False

    @property
    def default_port(self) -> int:
        """The port where none is given."""
        return HTTPS_PORT if self.scheme is WinrmScheme.HTTPS else HTTP_PORT
