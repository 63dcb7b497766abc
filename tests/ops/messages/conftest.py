"""Homes with channels, and real receivers on loopback: a web server that behaves badly on purpose, a mail server."""

import asyncio
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleet.alerts.severity import Severity
from fleet.channels import Channel, ChannelKind
from fleet.message_json import MessageSource
from fleet.messages import Message, MessageKind
from ops.home import Home, open_home
from ops.messages.carrying.parcels import Parcel
from ops.messages.wording import word
from ops.state.channels import ChannelBook
from ops.state.database import opened
from ops.state.outbox import Outbox

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SOURCE = MessageSource("console", "/home/x")


def message(message_id: str = "m-1", **more: object) -> Message:
    """A message as an alert makes it."""
    fields = {"title": "Disk low", "text": "2 machines", "severity": Severity.CRITICAL, "at": AT} | more
    return Message(id=message_id, kind=MessageKind.ALERT_OPENED, **fields)  # type: ignore[arg-type]


def parcel(**more: object) -> Parcel:
    """The same, worded."""
    return word(Channel("1", "c", ChannelKind.WEBHOOK), message(**more), SOURCE)  # type: ignore[arg-type]


@dataclass(slots=True)
class Request:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Receiver:
    """A web server. ``answers`` says by path what it does; what it does not know it takes."""

    port: int
    received: list[Request] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its URL, without a path."""
        return f"http://127.0.0.1:{self.port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        """Takes it, or does what the path says."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.receiver.received.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        behave: Callable[[], None] = getattr(self, f"_{self.path.strip('/').split('/')[0]}", self._take)
        behave()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        """Says nothing."""

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _take(self) -> None:
        self._answer(204)

    def _broken(self) -> None:
        self._answer(500, b"no \x1b[31mroom\nleft", Content_Type="text/plain")

    def _busy(self) -> None:
        self._answer(429, b"slow down", Retry_After="120")

    def _malformed(self) -> None:
        self._answer(400)

    def _elsewhere(self) -> None:
        self._answer(302, Location="file:///etc/passwd")

    def _hang(self) -> None:
        self.receiver.released.wait(20)
        self.close_connection = True

    def _drip(self) -> None:
        self.send_response_only(200)
        while not self.receiver.released.wait(0.2):
            self.wfile.write(b"x")
            self.wfile.flush()

    def _huge(self) -> None:
        self.send_response(503)
        self.end_headers()
        self.close_connection = True
        for _ in range(2_000):
            self.wfile.write(b"x" * 65_536)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server on loopback."""
    yield from _serve(None)


@pytest.fixture
def tls_receiver(certificate: "Certificate") -> Iterator[Receiver]:
    """The same behind TLS, with a certificate that nobody trusts."""
    yield from _serve(certificate)


def _serve(certificate: "Certificate | None") -> Iterator[Receiver]:
    class Handler(_Handler):
        pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that go away are the point
    if certificate is not None:
        server.socket = certificate.context().wrap_socket(server.socket, server_side=True)
    Handler.receiver = receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield receiver
    receiver.released.set()
    server.shutdown()
    server.server_close()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for 127.0.0.1 that vouches for itself."""

    file: Path
    key_file: Path

    def context(self) -> ssl.SSLContext:
        """For a server that has it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key_file)
        return context


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Made for these tests."""
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, key_file = folder / "certificate.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return Certificate(file, key_file)


@dataclass(slots=True)
class MailBox:
    """A mail server: what came in, what it says to recipients and to a mail where it refuses them, and at the end."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    says_to_data: str = "250 taken"
    says_to_quit: str = "221 bye"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes a recipient, or not."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Takes the mail, or not."""
        if self.says_to_data.startswith("250"):
            self.mails.append(bytes(envelope.original_content or b""))
            self.recipients += envelope.rcpt_tos
        return self.says_to_data

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Says goodbye, or what it likes."""
        return self.says_to_quit


class _AnyPort(Controller):
    """On whichever port is free."""

    def _trigger_server(self) -> None:
        server = self.server
        assert isinstance(server, asyncio.Server)
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd is partly typed


PASSWORD = "correct horse"


@pytest.fixture
def mail_box(certificate: Certificate) -> Iterator[MailBox]:
    """A mail server that wants STARTTLS and a login, on loopback."""
    box = MailBox()

    def log_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        given = isinstance(data, LoginPassword) and data.password == PASSWORD.encode() and data.login == b"patchdeck"
        return AuthResult(success=given, handled=False)

    controller = _AnyPort(
        box,
        hostname="127.0.0.1",
        port=0,
        tls_context=certificate.context(),
        require_starttls=True,
        authenticator=log_in,
        auth_required=True,
    )
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")


def keep(home: Home, *channels: Channel) -> None:
    """Puts ``channels`` into ``home``."""
    with opened(home.state_file) as connection:
        for channel in channels:
            ChannelBook(connection).put(channel)


def post(home: Home, about: Message, *channels: str) -> None:
    """Posts a message."""
    with opened(home.state_file) as connection:
        Outbox(connection).post(about, channels)
