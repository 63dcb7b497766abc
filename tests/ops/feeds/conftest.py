"""Captured feeds, homes, a web server on loopback, and machines as scans give them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.cves import CveRecord, Fix
from fleet.facts import MachineFacts
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Classification, Update
from ops.feeds.documents import open_documents
from ops.feeds.formats import detect_format
from ops.home import Home, open_home
from ops.state.database import opened
from ops.state.machines import MachineBook

CAPTURES = Path(__file__).parent / "captures"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

ReadFeed = Callable[[Path], list[CveRecord | Fix]]
Scan = Callable[..., Assessment]


@pytest.fixture
def captures() -> Path:
    return CAPTURES


@pytest.fixture
def read_feed() -> ReadFeed:
    """All that a feed says, its format found by its content."""

    def read(path: Path) -> list[CveRecord | Fix]:
        found = detect_format(path)
        return [item for document in open_documents(path) for item in found.read(document)]

    return read


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.fixture
def enrol(home: Home) -> Callable[[str], Machine]:
    """Enrols a machine of that name."""

    def add(name: str) -> Machine:
        machine = Machine(id=f"id-{name}", name=name, transport=TransportKind.SSH, created_at=NOW)
        with opened(home.state_file) as connection:
            MachineBook(connection).add(machine)
        return machine

    return add


@pytest.fixture
def scan() -> Scan:
    """An answered assessment: ``scan("web", "debian", "12", {"openssl": "3.0-1"}, updates={"openssl": "3.1-1"})``."""

    def make(
        name: str,
        os_id: str,
        version: str,
        installed: Mapping[str, str],
        *,
        updates: Mapping[str, str] | None = None,
        sources: Mapping[str, str] | None = None,
        cves: tuple[str, ...] = (),
        at: datetime = NOW,
    ) -> Assessment:
        offered = tuple(
            Update(
                package,
                "amd64",
                installed[package],
                newer,
                Classification.SECURITY,
                "origin",
                "repo",
                cves=cves,
                advisories=("DSA-1",) if cves else (),
            )
            for package, newer in (updates or {}).items()
        )
        return Assessment(
            f"id-{name}",
            name,
            at,
            at,
            Coverage.COMPLETE,
            facts=MachineFacts(os_type=OSType.LINUX, os_id=os_id, os_version=version),
            updates=offered,
            installed={(package, "amd64"): held for package, held in installed.items()},
            sources={(package, "amd64"): source for package, source in (sources or {}).items()},
        )

    return make


@dataclass
class Site:
    """What the server answers: ``content`` with ``headers``, or what ``answer`` does with the request."""

    url: str
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    answer: Callable[[BaseHTTPRequestHandler], None] | None = None
    requests: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Site]:
    """A web server on loopback."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.requests.append(dict(self.headers.items()))
            if served.answer is not None:
                served.answer(self)
                return
            known = served.headers.get("ETag")
            if known and self.headers.get("If-None-Match") == known:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(200)
            for header, value in {"Content-Length": str(len(served.content)), **served.headers}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(served.content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Site(f"http://127.0.0.1:{server.server_address[1]}/feed.json")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
