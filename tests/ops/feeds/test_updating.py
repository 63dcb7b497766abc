"""Feeds are fetched in bounds, put in place whole, and keep what they said when an update breaks."""

import os
import shutil
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from fleet.errors import BadInput, FeedUnusable, UnknownName
from fleet.tables import CVE
from ops.feeds.fetching import FetchLimits
from ops.feeds.updating import add_feed, list_feeds, remove_feed, update_feeds
from ops.home import Home
from ops.state.audit import Audit
from ops.state.database import opened
from ops.store.delta import StoredTable

SOON = FetchLimits(deadline_seconds=0.5, most_bytes=1 << 20, silence_seconds=0.5)

Site = Any  # the fixture's class lives in conftest, which is not importable


def rows_of_cve(home: Home) -> list[tuple[str, str]]:
    frame = StoredTable(home.tables_dir, CVE).read()
    return sorted(frame.select("Feed", "CVE").iter_rows())


def test_a_file_is_read_and_its_cves_are_a_table(home: Home, captures: Path) -> None:
    """What is known of each CVE can be asked for as soon as the feed was added."""
    reading = add_feed(home, str(captures / "kev.json"))
    assert (reading.feed.name, reading.feed.kind, reading.feed.cves) == ("kev", "kev", 2)
    assert rows_of_cve(home) == [("kev", "CVE-2017-3066"), ("kev", "CVE-2021-44228")]
    row = StoredTable(home.tables_dir, CVE).read().row(1, named=True)
    assert row["KnownExploited"] is True
    assert row["DueAt"] == datetime(2021, 12, 24, tzinfo=UTC)
    assert row["Score"] is None


def test_an_unchanged_file_is_not_read_again(home: Home, captures: Path, tmp_path: Path) -> None:
    """A changed one is, and takes the place of what it said before."""
    file = tmp_path / "dropped.json"
    shutil.copy(captures / "kev.json", file)
    add_feed(home, str(file))
    assert [reading.is_changed for reading in update_feeds(home)] == [False]
    file.write_text(file.read_text().replace("CVE-2017-3066", "CVE-2017-9999"))
    assert [reading.is_changed for reading in update_feeds(home)] == [True]
    assert rows_of_cve(home) == [("kev", "CVE-2017-9999"), ("kev", "CVE-2021-44228")]


@pytest.mark.parametrize("broken", ["", "{", '{"vulnerabilities": []}', '{"vulnerabilities": {}}', "<html>503</html>"])
def test_a_broken_update_keeps_what_was_known_and_says_so(
    home: Home, captures: Path, tmp_path: Path, broken: str
) -> None:
    """Cut, empty, of another shape, an error page in its place."""
    file = tmp_path / "kev.json"
    shutil.copy(captures / "kev.json", file)
    added = add_feed(home, str(file)).feed
    file.write_text(broken)
    (reading,) = update_feeds(home)
    assert reading.is_failed
    assert (reading.feed.digest, reading.feed.read_at, reading.feed.cves) == (added.digest, added.read_at, 2)
    assert list_feeds(home) == [reading.feed]
    assert len(rows_of_cve(home)) == 2
    shutil.copy(captures / "kev.json", file)
    assert [each.feed.error for each in update_feeds(home)] == [""]
    assert not list(home.feeds_dir.glob(".[0-9]*"))


def test_a_feed_that_cannot_be_read_is_not_added(home: Home, tmp_path: Path) -> None:
    """Nothing of it is left."""
    file = tmp_path / "x.json"
    file.write_text("nothing")
    with pytest.raises(FeedUnusable, match="no known format"):
        add_feed(home, str(file))
    with pytest.raises(BadInput, match="no file"):
        add_feed(home, str(tmp_path / "missing"))
    assert list_feeds(home) == []
    assert not list(home.feeds_dir.glob("*.db"))


def test_a_removed_feed_takes_its_cves_with_it(home: Home, captures: Path) -> None:
    """Those of other feeds stay."""
    add_feed(home, str(captures / "kev.json"))
    add_feed(home, str(captures / "osv"), name="distributions")
    remove_feed(home, "KEV")
    assert {feed for feed, _ in rows_of_cve(home)} == {"distributions"}
    assert [path.name for path in home.feeds_dir.glob("*.db")] == ["distributions.db"]
    with pytest.raises(UnknownName, match="kev"):
        remove_feed(home, "kev")


def test_feeds_have_names_of_their_own(home: Home, captures: Path) -> None:
    """A second one of a kind gets a number; a name that is taken or cannot be one is refused."""
    add_feed(home, str(captures / "kev.json"))
    assert add_feed(home, str(captures / "kev.csv")).feed.name == "kev-2"
    with pytest.raises(BadInput, match="already"):
        add_feed(home, str(captures / "osv"), name="kev")
    for name in ("../x", "a b", ".hidden", "X" * 60):
        with pytest.raises(BadInput, match="cannot be called"):
            add_feed(home, str(captures / "kev.csv"), name=name)


def test_the_same_source_is_no_second_feed(home: Home, captures: Path) -> None:
    """It would only count everything twice; the message says what reads it anew."""
    add_feed(home, str(captures / "kev.json"))
    with pytest.raises(BadInput, match="feeds update kev reads it anew"):
        add_feed(home, str(captures / "kev.json"), name="again")


@pytest.mark.parametrize("source", ["", " ", "~nobody-here/x", "/tmp/\0", "/" + "x" * 5000])
def test_what_is_no_path_is_refused(home: Home, source: str) -> None:
    """No path at all is not the current folder."""
    with pytest.raises(BadInput):
        add_feed(home, source)


def test_a_pipe_is_told_from_what_is_not_there(home: Home, tmp_path: Path) -> None:
    """Nobody waits for what it may say."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FeedUnusable, match="neither a file nor a folder"):
        add_feed(home, str(tmp_path / "pipe"))


def test_what_else_lies_in_a_folder_is_let_alone(home: Home, captures: Path, tmp_path: Path) -> None:
    """Neither read nor waited for, and no reason to read the feed anew."""
    folder = tmp_path / "dropped"
    folder.mkdir()
    shutil.copy(captures / "kev.json", folder)
    os.mkfifo(folder / "pipe.json")
    add_feed(home, str(folder))
    (folder / "README").write_text("what this is")
    assert [reading.is_changed for reading in update_feeds(home)] == [False]


def test_a_wrong_kind_is_refused(home: Home, captures: Path) -> None:
    """Both one that there is not and one that the content is not of."""
    with pytest.raises(BadInput, match="Did you mean 'kev'"):
        add_feed(home, str(captures / "kev.json"), kind="kef")
    with pytest.raises(FeedUnusable, match="nothing in the format osv"):
        add_feed(home, str(captures / "kev.json"), kind="osv")


@pytest.mark.parametrize(
    "source",
    [
        "https://me:secret@example.org/kev.json",
        "https://secret@example.org/",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "https://example.org/k\u00ebv.json",
    ],
)
def test_an_address_with_a_password_or_of_another_scheme_is_refused(home: Home, source: str) -> None:
    """And what was refused is nowhere: neither in the message, nor in the state, nor in the audit."""
    with pytest.raises(BadInput) as raised:
        add_feed(home, source)
    assert "secret" not in str(raised.value)
    with opened(home.state_file) as connection:
        assert Audit(connection).list_entries() == []


def test_a_url_is_fetched_only_if_it_changed(home: Home, captures: Path, site: Site) -> None:
    """By the server's ETag; what it says is as of a file."""
    site.content = (captures / "kev.json").read_bytes()
    site.headers = {"ETag": '"one"', "Last-Modified": "Mon, 24 Feb 2025 17:55:31 GMT"}
    add_feed(home, site.url)
    (reading,) = update_feeds(home)
    assert not reading.is_changed
    assert not reading.is_failed
    assert site.requests[1]["If-None-Match"] == '"one"'
    assert site.requests[1]["If-Modified-Since"] == "Mon, 24 Feb 2025 17:55:31 GMT"
    site.headers = {"ETag": '"two"'}
    site.content = site.content.replace(b"CVE-2017-3066", b"CVE-2017-9999")
    assert [each.is_changed for each in update_feeds(home)] == [True]
    assert ("kev", "CVE-2017-9999") in rows_of_cve(home)


def test_a_password_comes_from_netrc_and_goes_to_its_host_only(
    home: Home, captures: Path, site: Site, tmp_path: Path
) -> None:
    """A redirect does not carry it along."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    content = (captures / "kev.json").read_bytes()

    def lead_on(request: BaseHTTPRequestHandler) -> None:
        is_first = request.path != "/moved"
        request.send_response(302 if is_first else 200)
        request.send_header("Location", "/moved")
        request.send_header("Content-Length", "0" if is_first else str(len(content)))
        request.end_headers()
        request.wfile.write(b"" if is_first else content)

    site.answer = lead_on
    assert add_feed(home, site.url).feed.cves == 2
    assert site.requests[0]["Authorization"].startswith("Basic ")
    assert "Authorization" not in site.requests[1]
    assert "secret" not in home.state_file.read_bytes().decode("latin-1")


def answer_of(site: Site, home: Home, answer: object) -> str:
    """Why a feed is not added that the server answers so."""
    site.answer = answer
    with pytest.raises(FeedUnusable) as raised:
        add_feed(home, site.url, limits=SOON)
    assert list_feeds(home) == []
    assert not list(home.feeds_dir.glob(".[0-9]*"))
    return str(raised.value)


def test_a_server_that_cuts_lies_floods_or_refuses_costs_little(home: Home, site: Site) -> None:
    """Each is told for what it is; nothing is kept."""

    def send(status: int, length: str, body: bytes, location: str = "") -> object:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            if length:
                request.send_header("Content-Length", length)
            if location:
                request.send_header("Location", location)
            request.end_headers()
            request.wfile.write(body)
            request.close_connection = True

        return answer

    assert "ended too early, after 5 of 1,000 bytes" in answer_of(site, home, send(200, "1000", b"{....")).lower()
    assert "offers 9,999,999 bytes" in answer_of(site, home, send(200, "9999999", b""))
    assert "sends more than" in answer_of(site, home, send(200, "", b"x" * (2 << 20)))
    assert "answers 304" in answer_of(site, home, send(304, "", b""))
    assert "in a circle" in answer_of(site, home, send(302, "0", b"", site.url))
    assert "answers 503" in answer_of(site, home, send(503, "0", b""))
    assert "not followed" in answer_of(site, home, send(302, "0", b"", "file:///etc/passwd"))
    assert "not followed" in answer_of(site, home, send(302, "0", b"", "http://me:secret@127.0.0.1/"))
    assert "secret" not in answer_of(site, home, send(302, "0", b"", "http://me:secret@127.0.0.1/"))


def test_a_server_that_drips_meets_the_deadline(home: Home, site: Site) -> None:
    """Bytes that keep coming are no reason to wait on, neither in headers nor in data."""
    ended = threading.Event()

    def drip(start: bytes) -> object:
        def answer(request: BaseHTTPRequestHandler) -> None:
            try:
                request.wfile.write(start)
                while not ended.wait(0.05):
                    request.wfile.write(b"x")
            except OSError:
                pass
            request.close_connection = True

        return answer

    try:
        assert "was not done after 0.5 s" in answer_of(site, home, drip(b"HTTP/1.1 200 OK\r\nX-Long: "))
        assert "was not done after 0.5 s" in answer_of(site, home, drip(b"HTTP/1.1 200 OK\r\n\r\n"))
    finally:
        ended.set()


def test_nobody_at_the_address_is_told(home: Home) -> None:
    """In one line that names the host, not the whole address."""
    with pytest.raises(FeedUnusable, match=r"Cannot fetch from 127\.0\.0\.1:9"):
        add_feed(home, "http://127.0.0.1:9/kev.json?token=x", limits=SOON)
