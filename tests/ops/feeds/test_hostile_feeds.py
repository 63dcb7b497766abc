"""Feeds that lie, flood or are cut: refused in one line, in bounded memory, and never half read."""

import gzip
import io
import json
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.cves import CveRecord, Fix
from fleet.errors import FeedUnusable
from ops.feeds.documents import Allowance, Document, open_documents
from ops.feeds.formats import FORMATS
from ops.feeds.json_stream import JsonStream

CAPTURES = Path(__file__).parent / "captures"
SEEDS = [path for path in sorted(CAPTURES.rglob("*.*")) if path.suffix != ".md"]

ReadFeed = Callable[[Path], list[CveRecord | Fix]]


def refused(read_feed: ReadFeed, path: Path, content: bytes) -> str:
    """Why a feed with ``content`` is not read."""
    path.write_bytes(content)
    with pytest.raises(FeedUnusable) as raised:
        read_feed(path)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 1000
    return str(raised.value)


# A row of CSV that ends early can be a row: there only the server's length tells.
@pytest.mark.parametrize("seed", [path for path in SEEDS if path.suffix != ".csv"], ids=lambda path: path.name)
def test_a_feed_that_is_cut_is_refused(seed: Path, tmp_path: Path, read_feed: ReadFeed) -> None:
    """Wherever a feed ends too early, it is not taken for a short one."""
    whole = seed.read_bytes().rstrip()
    for length in (len(whole) - 1, len(whole) - 20, len(whole) * 2 // 3):
        refused(read_feed, tmp_path / seed.name, whole[:length])


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_anywhere_leads_to_an_answer_or_a_refusal(seed: Path, data: st.DataObject) -> None:
    """Bytes replaced, doubled or taken away: never another exception than ours."""
    content = bytearray(seed.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.sampled_from([b"", b"\0", b"\xff", b'"', b"{", b"]", b"null", b"1e999", b"<a>", b"&lt;"]))
        content[at : at + data.draw(st.integers(0, 30))] = piece
    for found in FORMATS:
        if found.fits(bytes(content)):
            try:
                list(found.read(Document(seed.name, io.BufferedReader(io.BytesIO(content)))))
            except FeedUnusable:
                continue


@pytest.mark.parametrize("seed", [path for path in SEEDS if path.suffix == ".json"], ids=lambda path: path.name)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_values_of_wrong_types_lead_to_an_answer_or_a_refusal(seed: Path, data: st.DataObject) -> None:
    """Any value of the JSON in the place of any other."""
    whole = json.loads(seed.read_bytes())
    node = whole
    keys: list[tuple[Any, Any]] = []  # Any: JSON, and what finds a value in it
    while isinstance(node, dict | list) and node and (not keys or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else list(range(len(node)))))
        keys.append((node, key))
        node = node[key]
    holder, key = keys[-1]
    holder[key] = data.draw(st.sampled_from([None, 1, 1e400, "x", [], {}, [1], ["CVE-2024-1234"], {"a": [{}]}, True]))
    content = json.dumps(whole).encode()
    for found in FORMATS:
        if found.fits(content):
            try:
                list(found.read(Document(seed.name, io.BufferedReader(io.BytesIO(content)))))
            except FeedUnusable:
                continue


def test_entities_that_grow_are_refused(tmp_path: Path, read_feed: ReadFeed) -> None:
    """A billion laughs, and every other document type."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    content = f'<!DOCTYPE oval_definitions [<!ENTITY l0 "ha">{laughs}]><oval_definitions>&l9;</oval_definitions>'
    assert "document type" in refused(read_feed, tmp_path / "laughs.xml", content.encode())


def test_packed_bombs_are_refused(tmp_path: Path, read_feed: ReadFeed) -> None:
    """What unpacks to hundreds of times its size is left alone after the first of it."""
    bomb = b"<oval_definitions><definitions/>" + b" " * (100 << 20) + b"</oval_definitions>"
    assert "times its size" in refused(read_feed, tmp_path / "bomb.xml.gz", gzip.compress(bomb, 6))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(8):
            archive.writestr(f"{number}.xml", b"<oval_definitions><definitions/>" + b" " * (16 << 20))
    refused(read_feed, tmp_path / "bomb.zip", packed.getvalue())


def test_an_allowance_holds_for_all_documents_together() -> None:
    """Many small documents are no way around it."""
    allowance = Allowance(packed_bytes=1, most_bytes=100)
    allowance.take(60, "one")
    with pytest.raises(FeedUnusable, match="two"):
        allowance.take(60, "two")


def test_deep_nesting_is_refused(tmp_path: Path, read_feed: ReadFeed) -> None:
    """Deeper than Python can follow, as JSON and as XML."""
    refused(read_feed, tmp_path / "deep.json", b'{"csaf_version": ' + b"[" * 200_000)
    refused(read_feed, tmp_path / "deep.json", b'{"a": {"CVE-2024-0001": ' + b'{"a":' * 200_000)
    refused(read_feed, tmp_path / "deep.xml", b"<oval_definitions>" + b"<a>" * 100_000)


def test_names_of_absurd_length_and_archives_of_other_kinds_are_refused(tmp_path: Path, read_feed: ReadFeed) -> None:
    """A zstd archive is named as what it is; a member without end is not read."""
    assert "zstd" in refused(read_feed, tmp_path / "vex.tar.zst", b"\x28\xb5\x2f\xfd" + b"x" * 100)
    assert "member" in refused(
        read_feed, tmp_path / "long.json", b'{"a": {"CVE-2024-0001": {"description": "' + b"x" * (20 << 20)
    )


def test_a_stream_of_members_stops_at_the_end_of_the_object() -> None:
    """Members of two levels, numbers and texts across any border of what was read."""
    text = json.dumps({f"p{n}": {f"CVE-{m}": {"v": [m, 1.5, "é" * n]} for m in range(50)} for n in range(100)})
    stream = JsonStream(io.BytesIO(text.encode()), "made up")
    found = [(outer, inner, value) for outer, inner, value in stream.nested_members()]
    assert len(found) == 5000
    assert found[-1] == ("p99", "CVE-49", {"v": [49, 1.5, "é" * 99]})


@pytest.mark.soak
def test_a_tracker_of_real_size_is_read_in_little_memory(tmp_path: Path) -> None:
    """70 MB in the form of Debian's: the process never takes 200 MB."""
    file = tmp_path / "tracker.json"
    with file.open("w") as out:
        out.write("{")
        for package in range(3500):
            entries = {
                f"CVE-2024-{package * 13 + n:05}": {
                    "description": "d" * 220,
                    "scope": "local",
                    "releases": {
                        release: {
                            "status": "resolved",
                            "repositories": {release: "1.0-1", f"{release}-security": "1.0-1+deb"},
                            "fixed_version": f"1.{n}-1",
                            "urgency": "not yet assigned",
                        }
                        for release in ("bookworm", "bullseye", "trixie", "forky", "sid", "buster", "stretch", "jessie")
                    },
                }
                for n in range(13)
            }
            out.write(f'{"," if package else ""}"package{package}": {json.dumps(entries)}')
        out.write("}")
    assert file.stat().st_size > 60 << 20
    script = (
        "import re, sys; from pathlib import Path; from ops.feeds.documents import open_documents\n"
        "from ops.feeds.formats import detect_format; from ops.feeds.index import write_index\n"
        "path = Path(sys.argv[1]); found = detect_format(path)\n"
        "counts = write_index(Path(sys.argv[2]), (i for d in open_documents(path) for i in found.read(d)))\n"
        # ru_maxrss would count what the test's own process had before the exec.
        "most = re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1]\n"
        "print(counts.cves, counts.fixes, most)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file), str(tmp_path / "index.db")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=Path(__file__).parents[3],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30)),
    )
    cves, fixes, most_kib = map(int, done.stdout.split())
    assert (cves, fixes) == (3500 * 13, 3500 * 13 * 7)
    assert most_kib < 200 << 10


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Neither a device that never ends nor a folder without feeds."""
    with pytest.raises(FeedUnusable, match="neither"):
        list(open_documents(Path("/dev/zero")))
    with pytest.raises(FeedUnusable, match="no feed"):
        list(open_documents(tmp_path))
