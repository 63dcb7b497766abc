"""One `Protocol` of pywinrm on one connection, for one thread: what it sends, and what it may take for an answer."""

import ssl
from dataclasses import dataclass
from typing import Any

from requests.auth import HTTPBasicAuth
from spnego import ContextReq
from winrm.exceptions import WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError
from winrm.protocol import Protocol

from collectors.secrets import Secret
from collectors.transports.winrm_adapter import WinrmAdapter
from collectors.transports.winrm_journey import Stage, WinrmJourney
from collectors.transports.winrm_password_trials import PasswordTrial
from collectors.transports.winrm_replies import check_definitions, check_reply, name_of
from collectors.transports.winrm_wire import ClearReply, ForeignReply, KeysStale, Wire
from fleet.winrm import WinrmKind

_CODEPAGE_UTF8 = 65001
# A shell that nobody could delete, for lack of its name or of a way to it, is gone by then; Windows waits two hours.
_IDLE = "PT300S"


@dataclass(frozen=True, slots=True)
class WinrmLogin:
    """What the target is logged in to with; ``pin`` is the one certificate that is taken, in hexadecimal.

    ``trial`` is asked before the password is sent, None where that locks no account.
    """

    password: Secret | None = None
    tls: ssl.SSLContext | None = None
    pin: str | None = None
    trial: PasswordTrial | None = None


class TimeIsOver(Exception):
    """Nothing more is asked: the time is over."""


class WinrmLink:
    """The way to one WinRM. Nothing is sent before the first question.

    ``is_well`` is whether the last question was answered, be it by a fault: then the connection serves the next one.
    """

    def __init__(self, journey: WinrmJourney, wire: Wire, login: WinrmLogin) -> None:
        self.is_well = True
        self._journey = journey
        self._wire = wire
        self._login = login
        self._protocol = _protocol(journey, login)
        self._ask = self._protocol.send_message
        self._protocol.send_message = self._send
        self._carry = self._protocol.transport.send_message
        self._protocol.transport.send_message = self._carry_checked
        self._begin()

    def open_shell(self) -> str:
        """The id of a new shell."""
        shell = self._ready().open_shell(codepage=_CODEPAGE_UTF8, noprofile=True, idle_timeout=_IDLE)
        return _id_in(shell)

    def run_command(self, shell: str, command: str) -> str:
        """The id of ``command``, which has begun in ``shell``."""
        return _id_in(self._ready().run_command(shell, command, console_mode_stdin=False))

    def send_input(self, shell: str, command: str, data: bytes, *, is_last: bool) -> None:
        """Hands ``data`` to the command."""
        self._ready().send_command_input(shell, command, data, end=is_last)

    def receive(self, shell: str, command: str) -> tuple[bytes, bytes, int, bool]:
        """Standard output and error since the last time, the exit status, and whether there is one.

        Raises:
            WinRMOperationTimeoutError: there was nothing for a while; ask again.
        """
        stdout, stderr, status, is_done = self._ready().get_command_output_raw(shell, command)
        return stdout, stderr, status, is_done

    def end_command(self, shell: str, command: str) -> None:
        """Terminates the command, or lets go of what it had."""
        self._ready().cleanup_command(shell, command)

    def delete_shell(self, shell: str) -> None:
        """Deletes the shell, and ends what runs in it."""
        self._ready().close_shell(shell, close_session=False)

    def close(self) -> None:
        """Closes the connection."""
        self._protocol.transport.close_session()
        self._wire.release()

    def _ready(self) -> Any:  # pywinrm is untyped
        self._protocol.operation_timeout_sec = self._journey.operation_seconds
        return self._protocol

    def _begin(self) -> None:
        """A new session, and with it a new connection; as Ansible does, whose keys die with the connection, too."""
        transport = self._protocol.transport
        transport.close_session()
        transport.encryption = None
        self._wire.is_sealed = False
        self._wire.release()
        self._dress(transport.build_session())

    def _dress(self, session: Any) -> None:
        """Nothing of the environment counts: no proxy, no netrc, no authorities."""
        target = self._journey.target
        session.trust_env = False
        session.verify = target.is_https
        session.cert = None
        session.proxies = {} if target.proxy is None else {"http": target.proxy, "https": target.proxy}
        session.headers.update({"Accept-Encoding": "identity", "Host": target.authority})
        adapter = WinrmAdapter(target, self._wire, self._login.tls, self._login.pin)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        if target.kind is WinrmKind.BASIC:
            # requests encodes text as Latin-1, which has not everything that stands in passwords: RFC 7617.
            session.auth = HTTPBasicAuth((target.user or "").encode(), _reveal(self._login.password).encode())

    def _send(self, message: str) -> bytes:
        self._journey.message = name_of(message)
        try:
            reply = self._exchange(message)
        except KeysStale:
            self._begin()
            reply = self._exchange(message)
        check_reply(message, reply)
        self._journey.reach(Stage.SESSION)
        self.is_well = True
        return reply

    def _exchange(self, message: str) -> bytes:
        if self._journey.left_seconds <= 0:
            raise TimeIsOver
        self.is_well = False
        transport = self._protocol.transport
        transport.read_timeout_sec = self._journey.timeouts_seconds
        self._journey.reach(Stage.CONNECT)
        if self._journey.target.is_sealed and transport.encryption is None:
            transport.setup_encryption(transport.build_session())
            self._check_keys(transport.build_session().auth)
            self._wire.is_sealed = True
        try:
            return bytes(self._ask(message))
        except (WSManFaultError, WinRMOperationTimeoutError):
            self._journey.reach(Stage.SESSION)
            self.is_well = True
            raise

    def _check_keys(self, auth: Any) -> None:  # as requests_ntlm has it, untyped for us
        if self._journey.target.kind is not WinrmKind.NTLM:
            return
        if auth.session_security is None:  # nobody asked for a login
            raise ForeignReply(self._wire.last_answer)
        # Whoever is on the way could take both out of what the machine offers; and nothing public says what is left.
        agreed = auth.session_security._context.context_attr
        if not (agreed & ContextReq.confidentiality and agreed & ContextReq.integrity):
            raise ClearReply

    def _carry_checked(self, message: str) -> bytes:
        try:
            reply = bytes(self._carry(message))
        except WinRMTransportError as error:
            check_definitions(str(error.response_text).encode())
            raise
        check_definitions(reply)
        return reply


def _protocol(journey: WinrmJourney, login: WinrmLogin) -> Any:  # pywinrm is untyped
    target = journey.target
    no_file: Any = None  # pywinrm's own default asks the environment; its types leave None out
    return Protocol(
        endpoint=target.endpoint,
        transport=target.kind.value,
        username=target.user,
        password=_reveal(login.password),
        cert_pem=target.certificate_file,
        cert_key_pem=target.key_file,
        # Whoever sees to it that messages are encrypted is `_exchange`: pywinrm would connect before it is dressed.
        message_encryption="never",
        proxy=None,
        ca_trust_path=no_file,
    )


def _reveal(password: Secret | None) -> str:
    return password.reveal() if password is not None else ""


def _id_in(answer: object) -> str:
    if not isinstance(answer, str) or not answer.strip():
        raise ForeignReply("an answer without an id")
    return answer
