"""Fetching a feed over HTTP: in bounds of time and size, only what changed, by the proxies of the environment."""

import http.client
import netrc
import socket
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from fleet.errors import BadInput, FeedUnusable, HomeUnusable
from fleet.hostile import clean
from ops.feeds.book import check_source

# OSV's all.zip of a large ecosystem has 300 MB, Red Hat's archive of VEX files about as much.
MOST_BYTES = 2 << 30
DEADLINE_SECONDS = 600.0
# A server that says nothing for so long is not going to.
_SILENCE_SECONDS = 30.0
_CHUNK_BYTES = 1 << 18
_NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How long a fetch may take and how much it may bring."""

    deadline_seconds: float = DEADLINE_SECONDS
    most_bytes: int = MOST_BYTES
    silence_seconds: float = _SILENCE_SECONDS


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch gave: whether there was anything new, and what the server says to ask with the next time."""

    is_changed: bool
    etag: str = ""
    last_modified: str = ""


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http and https only, and never from https to http: nobody on the way may lead elsewhere."""

    # Any: as urllib has it.
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise FeedUnusable("The server leads from https to an address without: it is not followed.")
        try:
            check_source(newurl)
        except BadInput as error:
            raise FeedUnusable(f"The server leads to an address that is not followed: {error}") from error
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Watch:
    """Cuts the connections of one fetch at its deadline, whatever they wait for: names, headers or data by drops."""

    def __init__(self, seconds: float) -> None:
        self.has_struck = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.daemon = True

    def handlers(self) -> tuple[urllib.request.BaseHandler, ...]:
        """Handlers of urllib whose connections are watched."""
        watch = self

        class PlainConnection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                watch.add(self.sock)

        class SecureConnection(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                watch.add(self.sock)

        class PlainHandler(urllib.request.HTTPHandler):
            def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(PlainConnection, req)

        class SecureHandler(urllib.request.HTTPSHandler):
            def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
                return self.do_open(SecureConnection, req)

        return PlainHandler(), SecureHandler()

    def add(self, connected: socket.socket) -> None:
        """Watches ``connected`` too."""
        self._sockets.append(connected)
        if self.has_struck:
            self._strike()

    def __enter__(self) -> "_Watch":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _strike(self) -> None:
        self.has_struck = True
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def fetch(url: str, target: Path, etag: str, last_modified: str, limits: FetchLimits) -> Fetched:
    """Bring what is at ``url`` to the file ``target``, unless it is what ``etag`` or ``last_modified`` stand for.

    Raises:
        FeedUnusable: it cannot be had, ends too early, takes too long or is too large; ``target`` is then to go.
        HomeUnusable: ``target`` cannot be written.
    """
    host = urlsplit(url).netloc
    with _Watch(limits.deadline_seconds) as watch:
        try:
            return _fetch(url, target, (etag, last_modified), limits, watch)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == _NOT_MODIFIED and (etag or last_modified):
                    return Fetched(False, etag, last_modified)
                raise FeedUnusable(f"{host} answers {error.code}{_reason_of(error)}.") from error
        except (OSError, http.client.HTTPException, FeedUnusable) as error:
            if watch.has_struck:
                raise FeedUnusable(f"{host} was not done after {limits.deadline_seconds:g} s.") from error
            if isinstance(error, FeedUnusable):
                raise
            raise FeedUnusable(f"Cannot fetch from {host}: {_cause_of(error)}.") from error


def _reason_of(error: urllib.error.HTTPError) -> str:
    if error.code // 100 == 3 and error.code != _NOT_MODIFIED:  # urllib's own text, of several lines
        return " and leads in a circle, or to where it is not followed"
    return f" {reason}" if (reason := clean(str(error.reason), 100)) else ""


def _cause_of(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, http.client.BadStatusLine):
        return "what answers does not speak HTTP"
    text = (reason.strerror or str(reason)) if isinstance(reason, OSError) else str(reason)
    return clean(text, 200) or type(reason).__name__


def _fetch(url: str, target: Path, known: tuple[str, str], limits: FetchLimits, watch: _Watch) -> Fetched:
    opener = urllib.request.build_opener(_Redirects(), *watch.handlers())
    timeout_seconds = min(limits.silence_seconds, limits.deadline_seconds)
    with opener.open(_request(url, *known), timeout=timeout_seconds) as response:
        _store(response, target, limits, urlsplit(url).netloc)
        if watch.has_struck:  # a connection that was cut looks like one that ended
            raise FeedUnusable("The deadline is over.")
        return _fetched(response.headers)


def _request(url: str, etag: str, last_modified: str) -> urllib.request.Request:
    headers = {"User-Agent": "patchdeck", "Accept": "*/*"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked
    if authorization := _authorization(urlsplit(url).hostname or ""):
        request.add_unredirected_header("Authorization", authorization)
    return request


def _authorization(host: str) -> str:
    """What ~/.netrc holds for ``host``, empty if nothing."""
    try:
        known = netrc.netrc().authenticators(host)
    except FileNotFoundError:
        return ""
    except (netrc.NetrcParseError, OSError) as error:
        raise FeedUnusable(f"~/.netrc cannot be read: {clean(str(getattr(error, 'msg', error)), 100)}.") from error
    if known is None or not known[2]:
        return ""
    return "Basic " + b64encode(f"{known[0]}:{known[2]}".encode()).decode("ascii")


def _store(response: Any, target: Path, limits: FetchLimits, host: str) -> None:  # Any: urllib's
    stated = response.headers.get("Content-Length", "")
    expected = int(stated) if stated.isdecimal() and len(stated) < 19 else None
    if expected is not None and expected > limits.most_bytes:
        raise FeedUnusable(
            f"{host} offers {expected:,} bytes, more than the {limits.most_bytes:,} that a feed may have."
        )
    count = 0
    try:
        with target.open("wb") as file:
            while data := response.read1(_CHUNK_BYTES):
                count += len(data)
                if count > limits.most_bytes:
                    raise FeedUnusable(f"{host} sends more than the {limits.most_bytes:,} bytes that a feed may have.")
                _write(file, data, target)
    except http.client.IncompleteRead as error:
        raise FeedUnusable(f"{host} ended too early, after {count:,} bytes.") from error
    if expected is not None and count != expected:
        raise FeedUnusable(f"{host} ended too early, after {count:,} of {expected:,} bytes.")


def _write(file: IO[bytes], data: bytes, target: Path) -> None:
    try:
        file.write(data)
    except OSError as error:
        raise HomeUnusable(f"Cannot write {target}: {error.strerror}.") from error


def _fetched(headers: Message) -> Fetched:
    return Fetched(True, (headers.get("ETag") or "")[:500], (headers.get("Last-Modified") or "")[:100])
