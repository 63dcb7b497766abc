"""What requests sends through for WinRM: connections that a `Wire` can cut, to one place, and answers with a limit."""

import socket
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import BaseHTTPResponse

from collectors.transports.winrm_target import WinrmTarget
from collectors.transports.winrm_wire import BadStatus, ClearReply, ForeignReply, KeysStale, Wire
from fleet.winrm import WinrmKind

# We ask for envelopes of 150 kB, Windows grants 500 kB; what is larger was not sent by WinRM.
_MOST_REPLY_BYTES = 2 * 1024 * 1024
_QUOTED_BYTES = 1024


class WinrmAdapter(HTTPAdapter):
    """Sends what requests sends, to ``target`` alone.

    Args:
        target: where to, whatever the URL says: a URL has no room for the zone of an address.
        wire: the connection.
        tls: the shared context, None over HTTP; ``pin`` is the one certificate that is taken, in hexadecimal.
    """

    def __init__(self, target: WinrmTarget, wire: Wire, tls: ssl.SSLContext | None, pin: str | None) -> None:
        self._target = target
        self._wire = wire
        self._tls = {"ssl_context": tls, "assert_fingerprint": pin} if tls is not None else {}
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # as requests hands it on
        """Pools whose connections are the wire's."""
        super().init_poolmanager(*args, **kwargs)
        _use_wire(self.poolmanager, self._wire)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:  # as requests has it
        """Pools whose connections are the wire's, through a proxy."""
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        _use_wire(manager, self._wire)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # as requests has it
        """Nothing: requests would load the system's authorities into the shared context, for each connection."""

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:  # two dictionaries, whose types are private to requests
        """The target, and its TLS."""
        del request, verify, cert
        place = {"scheme": self._target.scheme.value, "host": self._target.pool_host, "port": self._target.port}
        return place, dict(self._tls)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The answer to ``request``, never that of another place, and never more than an envelope can be.

        Raises:
            ForeignReply: it sends us elsewhere.
            BadStatus: see there.
            ClearReply: the request was encrypted, and the answer is not.
            KeysStale: the machine does not know the login any more; it has not done what it was asked.
        """
        response = super().send(request, *args, **kwargs)
        _limit(response, self._wire)
        if response.is_redirect:
            raise ForeignReply(f"a redirection to {response.headers.get('location', '')!r}")
        kind = response.headers.get("Content-Type", "").lower()
        self._wire.note_answer(f"HTTP {response.status_code}, {kind or 'no kind of content named'}")
        if response.status_code == requests.codes.unauthorized:
            self._wire.note_challenge(response.headers.get("www-authenticate", ""))
            if self._wire.is_sealed:
                raise KeysStale(_begin_of(response).decode("utf-8", "replace"))
        elif response.status_code >= requests.codes.bad_request and "soap" not in kind and "multipart/" not in kind:
            raise BadStatus(response.status_code, _begin_of(response))
        elif self._wire.is_sealed and not self._is_encrypted(response):
            if "soap" in kind or "multipart/" in kind:
                raise ClearReply
            raise ForeignReply(self._wire.last_answer)
        return response

    def _is_encrypted(self, response: requests.Response) -> bool:
        """Whether pywinrm decrypts ``response``: it looks for this very text, and takes all else as clear text."""
        login = "CredSSP" if self._target.kind is WinrmKind.CREDSSP else "SPNEGO"
        protocol = f'protocol="application/HTTP-{login}-session-encrypted"'
        return protocol in response.headers.get("Content-Type", "")


class _PlainConnection(HTTPConnection):
    def __init__(self, wire: Wire, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wire = wire

    def connect(self) -> None:
        self._wire.begin()
        with self._wire.waiting():
            super().connect()
        self._wire.note_connected()

    def send(self, data: Any) -> None:  # as http.client has it
        if self.sock is None:
            self.connect()
        with self._wire.waiting():
            super().send(data)

    def getresponse(self) -> BaseHTTPResponse:  # type: ignore[override]  # urllib3 says the same
        with self._wire.waiting():
            return super().getresponse()

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self._wire.hold(sock)
        return sock


class TlsConnection(HTTPSConnection):
    """A connection over TLS that a `Wire` can cut."""

    def __init__(self, wire: Wire, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wire = wire

    def connect(self) -> None:
        """See `http.client.HTTPConnection.connect`."""
        self._wire.begin()
        with self._wire.waiting():
            super().connect()
        if isinstance(self.sock, ssl.SSLSocket):
            self._wire.note_certificate(self.sock.getpeercert(binary_form=True))
        self._wire.note_connected()

    def send(self, data: Any) -> None:  # as http.client has it
        """See `http.client.HTTPConnection.send`."""
        if self.sock is None:
            self.connect()
        with self._wire.waiting():
            super().send(data)

    def getresponse(self) -> BaseHTTPResponse:  # type: ignore[override]  # urllib3 says the same
        """See `http.client.HTTPConnection.getresponse`."""
        with self._wire.waiting():
            return super().getresponse()

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self._wire.hold(sock)
        return sock


def _use_wire(manager: PoolManager, wire: Wire) -> None:
    pools: Any = {"http": partial(_plain_pool, wire), "https": partial(_tls_pool, wire)}  # called like a class, no more
    manager.pool_classes_by_scheme = pools


def _plain_pool(wire: Wire, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
    pool = HTTPConnectionPool(*args, **kwargs)
    pool.ConnectionCls = partial(_PlainConnection, wire)  # type: ignore[assignment]  # called like a class, no more
    return pool


def _tls_pool(wire: Wire, *args: Any, **kwargs: Any) -> HTTPSConnectionPool:
    pool = HTTPSConnectionPool(*args, **kwargs)
    pool.ConnectionCls = partial(TlsConnection, wire)  # type: ignore[assignment]  # as above
    return pool


def _limit(response: requests.Response, wire: Wire) -> None:
    """Let nobody read more of ``response`` than a reply can have, however it is compressed."""
    stream = response.raw.stream

    def limited(*args: Any, **kwargs: Any) -> Iterator[bytes]:
        size_bytes = 0
        pieces = stream(*args, **kwargs)
        while True:
            with wire.waiting():
                piece = next(pieces, None)
            if piece is None:
                return
            size_bytes += len(piece)
            if size_bytes > _MOST_REPLY_BYTES:
                raise ForeignReply(f"more than {_MOST_REPLY_BYTES:,} bytes in one answer")
            yield piece

    response.raw.stream = limited  # type: ignore[method-assign]  # the one place that all bytes pass


def _begin_of(response: requests.Response) -> bytes:
    begun = b""
    for piece in response.iter_content(_QUOTED_BYTES):
        begun += piece
        if len(begun) >= _QUOTED_BYTES:
            break
    response.close()
    return begun[:_QUOTED_BYTES]
