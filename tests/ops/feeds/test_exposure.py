"""Which fixes machines lack: by feeds and by advisories, for what is installed and what is offered."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet.assessments import Assessment
from fleet.machines import Machine
from fleet.tables import MISSING_FIX, UPDATE, UPDATE_SUMMARY
from ops.assess_commit import store_batch
from ops.feeds.updating import add_feed, remove_feed
from ops.home import Home
from ops.store.delta import StoredTable

Scan = Callable[..., Assessment]
Enrol = Callable[[str], Machine]


@pytest.fixture
def feed(home: Home, tmp_path: Path) -> Callable[..., None]:
    """Adds a feed like Debian's tracker: ``feed(openssl={"CVE-2024-0001": "3.0.11-1"})``, for Debian 12."""

    def add(name: str = "debian", /, **packages: dict[str, str]) -> None:
        tracker = {
            package.replace("_", "-"): {
                cve: {"releases": {"bookworm": {"status": "resolved", "fixed_version": fixed, "urgency": "high"}}}
                for cve, fixed in fixes.items()
            }
            for package, fixes in packages.items()
        }
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(tracker))
        add_feed(home, str(file), name=name)

    return add


def missing(home: Home, *columns: str) -> list[tuple[object, ...]]:
    return list(StoredTable(home.tables_dir, MISSING_FIX).read().select(columns).iter_rows())


def test_an_older_package_lacks_the_fix_whether_it_is_offered_or_not(
    home: Home, enrol: Enrol, scan: Scan, feed: Callable[..., None]
) -> None:
    """By the order of versions; a newer or equal package lacks nothing, and a package that is not there neither."""
    feed(
        openssl={"CVE-2024-0001": "3.0.11-1"}, curl={"CVE-2024-0002": "7.88-1+deb12u9"}, vim={"CVE-2024-0003": "2:9-1"}
    )
    for name in ("old", "offered", "new"):
        enrol(name)
    store_batch(
        home,
        "one",
        [
            scan("old", "debian", "12", {"openssl": "3.0.9-1", "curl": "7.88-1+deb12u10"}),
            scan("offered", "debian", "12", {"openssl": "3.0.9-1"}, updates={"openssl": "3.0.11-1~deb12u1"}),
            scan("new", "debian", "12", {"openssl": "3.0.11-1"}),
        ],
    )
    assert missing(home, "Computer", "CVE", "Product", "IsOffered", "OfferedVersion", "FixedVersion", "Source") == [
        ("offered", "CVE-2024-0001", "openssl", False, "", "3.0.11-1", "debian"),
        ("old", "CVE-2024-0001", "openssl", False, "", "3.0.11-1", "debian"),
    ]
    store_batch(
        home,
        "two",
        [
            scan(
                "offered",
                "debian",
                "12",
                {"openssl": "3.0.9-1"},
                updates={"openssl": "3.0.11-1"},
                at=datetime.fromisoformat("2026-11-23T12:00:00Z"),
            )
        ],
    )
    assert missing(home, "Computer", "IsOffered", "OfferedVersion") == [
        ("offered", True, "3.0.11-1"),
        ("old", False, ""),
    ]


def test_a_scan_says_which_feeds_it_asked(home: Home, enrol: Enrol, scan: Scan, feed: Callable[..., None]) -> None:
    """Those that name fixes for the machine's release; whoever nobody could speak of is not safe."""
    feed(openssl={"CVE-2024-0001": "3.0.11-1"})
    for name in ("covered", "strange", "silent"):
        enrol(name)
    store_batch(
        home,
        "one",
        [
            scan("covered", "debian", "12", {"curl": "1"}),
            scan("strange", "debian", "11", {"curl": "1"}),
            scan("silent", "debian", "12", {}),
        ],
    )
    asked = StoredTable(home.tables_dir, UPDATE_SUMMARY).read().sort("Computer").select("Computer", "FixSources")
    assert list(asked.iter_rows()) == [("covered", "debian"), ("silent", ""), ("strange", "")]


def test_fixes_by_source_package_count_once_for_all_its_packages(
    home: Home, enrol: Enrol, scan: Scan, feed: Callable[..., None]
) -> None:
    """The source's own version is compared where it differs from the package's."""
    feed(openssl={"CVE-2024-0001": "3.0.11-1"}, lvm2={"CVE-2024-0002": "2.03.20-1"})
    enrol("web")
    installed = {"libssl3": "3.0.9-1", "openssl": "3.0.9-1", "dmsetup": "2:1.02.185-2"}
    sources = {"libssl3": "openssl", "dmsetup": "lvm2 2.03.16-2"}
    store_batch(
        home, "one", [scan("web", "debian", "12", installed, sources=sources, updates={"dmsetup": "2:1.02.196-1"})]
    )
    assert missing(home, "CVE", "Product", "IsOffered") == [
        ("CVE-2024-0001", "openssl", False),
        ("CVE-2024-0002", "dmsetup", None),
    ]


def test_old_kernels_and_headers_alone_lack_nothing(
    home: Home, enrol: Enrol, scan: Scan, feed: Callable[..., None]
) -> None:
    """Only the newest kernel counts: the others are there to fall back to."""
    feed(linux={"CVE-2024-0001": "6.1.99-1"})
    for name in ("updated", "behind", "container"):
        enrol(name)
    sources = dict.fromkeys(("linux-image-6.1.0-1-amd64", "linux-image-6.1.0-2-amd64", "linux-libc-dev"), "linux")
    new, old = {"linux-image-6.1.0-2-amd64": "6.1.99-1"}, {"linux-image-6.1.0-1-amd64": "6.1.55-1"}
    store_batch(
        home,
        "one",
        [
            scan("updated", "debian", "12", {**old, **new}, sources=sources),
            scan("behind", "debian", "12", old, sources=sources),
            scan("container", "debian", "12", {"linux-libc-dev": "6.1.55-1"}, sources=sources),
        ],
    )
    assert missing(home, "Computer", "Product") == [("behind", "linux-image-6.1.0-1-amd64")]


def test_other_releases_and_unknown_systems_lack_nothing_by_this_feed(
    home: Home, enrol: Enrol, scan: Scan, feed: Callable[..., None]
) -> None:
    """A fix of Debian 12 says nothing of Debian 11, of Ubuntu, or of a system without a version."""
    feed(openssl={"CVE-2024-0001": "3.0.11-1"})
    for name in ("eleven", "ubuntu", "sid"):
        enrol(name)
    store_batch(
        home,
        "one",
        [
            scan("eleven", "debian", "11", {"openssl": "1.1"}),
            scan("ubuntu", "ubuntu", "22.04", {"openssl": "1.1"}),
            scan("sid", "debian", "", {"openssl": "1.1"}),
        ],
    )
    assert missing(home, "Computer") == []


def test_red_hat_branches_and_module_streams_are_told_apart(
    home: Home, enrol: Enrol, scan: Scan, tmp_path: Path
) -> None:
    """A machine on extended support has the fix by that branch's version; a module's streams are apart."""

    def record(cve: str, package: str, fixed: dict[str, str]) -> dict[str, object]:
        affected = [
            {
                "package": {"ecosystem": f"Red Hat:{product}", "name": package},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": version}]}],
            }
            for product, version in fixed.items()
        ]
        return {"schema_version": "1", "id": f"RHSA-{cve}", "upstream": [cve], "affected": affected}

    folder = tmp_path / "osv"
    folder.mkdir()
    stream_20, stream_18 = "1:20.1-1.module+el9+2", "1:18.9-1.module+el9+1"
    branches = {"enterprise_linux:9::baseos": "1.9.5-10.el9_3", "rhel_eus:9.3::baseos": "1.9.5-7.el9_0.4"}
    for number, made in enumerate(
        (
            record("CVE-2024-0001", "sudo", branches),
            record("CVE-2024-0002", "nodejs", {"enterprise_linux:9::appstream": stream_20}),
            record("CVE-2024-0002", "nodejs", {"enterprise_linux:9::appstream": stream_18}),
        )
    ):
        (folder / f"{number}.json").write_text(json.dumps(made))
    add_feed(home, str(folder))
    for name in ("behind", "extended", "node18"):
        enrol(name)
    store_batch(
        home,
        "one",
        [
            scan("behind", "rhel", "9.3", {"sudo": "1.9.5-6.el9", "nodejs": "1:18.1-1.module+el9+1"}),
            scan("extended", "rhel", "9.3", {"sudo": "1.9.5-7.el9_0.4"}),
            scan("node18", "rhel", "9.3", {"nodejs": "1:18.9-1.module+el9+1"}),
        ],
    )
    assert missing(home, "Computer", "CVE", "FixedVersion") == [
        ("behind", "CVE-2024-0001", "1.9.5-7.el9_0.4"),
        ("behind", "CVE-2024-0002", stream_18),
    ]


def test_updates_learn_their_cves_and_how_bad_they_are(
    home: Home, enrol: Enrol, scan: Scan, feed: Callable[..., None], tmp_path: Path
) -> None:
    """Where the machine's metadata names none; exploited is a no once a catalogue is there, unknown before."""
    feed(openssl={"CVE-2024-0001": "3.0.11-1", "CVE-2024-0009": "3.0.99-1"}, curl={"CVE-2024-0002": "8-1"})
    enrol("web")
    installed = {"openssl": "3.0.9-1", "curl": "7-1", "vim": "1"}
    assessment = scan("web", "debian", "12", installed, updates={"openssl": "3.0.11-1", "curl": "8-1", "vim": "2"})
    columns = ("Product", "CVENumbers", "CVESource", "CVESeverity", "KnownExploited")

    def updates() -> list[tuple[object, ...]]:
        return list(StoredTable(home.tables_dir, UPDATE).read().select(columns).iter_rows())

    store_batch(home, "one", [assessment])
    assert updates() == [
        ("curl", "CVE-2024-0002", "debian", "high", None),
        ("openssl", "CVE-2024-0001", "debian", "high", None),
        ("vim", "", "", "", None),
    ]
    catalogue = tmp_path / "kev.json"
    catalogue.write_text('{"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2024-0001"}]}')
    add_feed(home, str(catalogue))
    store_batch(home, "two", [assessment])
    assert [(row[0], row[4]) for row in updates()] == [("curl", False), ("openssl", True), ("vim", None)]


def test_advisories_of_updates_count_without_any_feed(home: Home, enrol: Enrol, scan: Scan) -> None:
    """Families whose metadata name CVEs need no feed to say who lacks a fix that is offered."""
    enrol("web")
    store_batch(
        home, "one", [scan("web", "rocky", "9", {"sudo": "1-1"}, updates={"sudo": "2-1"}, cves=("CVE-2024-0001",))]
    )
    assert missing(home, "CVE", "Product", "IsOffered", "OfferedVersion", "FixedVersion", "BulletinID", "Source") == [
        ("CVE-2024-0001", "sudo", True, "2-1", "", "DSA-1", "repo")
    ]


def test_first_seen_stays_and_mended_fixes_go(
    home: Home, enrol: Enrol, scan: Scan, feed: Callable[..., None], tmp_path: Path
) -> None:
    """Over later scans; a feed that is gone says nothing any more at the next one."""
    feed(openssl={"CVE-2024-0001": "3.0.11-1"}, curl={"CVE-2024-0002": "8-1"})
    enrol("web")
    first = scan("web", "debian", "12", {"openssl": "3.0.9-1", "curl": "7-1"})
    later = first.ended_at + timedelta(days=3)
    store_batch(home, "one", [first])
    store_batch(home, "two", [scan("web", "debian", "12", {"openssl": "3.0.9-1", "curl": "8-1"}, at=later)])
    assert missing(home, "CVE", "FirstSeen", "TimeGenerated") == [("CVE-2024-0001", first.ended_at, later)]
    remove_feed(home, "debian")
    store_batch(home, "three", [scan("web", "debian", "12", {"openssl": "3.0.9-1"}, at=later + timedelta(days=1))])
    assert missing(home, "CVE") == []


def test_alpine_fixes_are_compared_by_origin_in_the_order_of_apk(
    home: Home, enrol: Enrol, scan: Scan, captures: Path
) -> None:
    """A minor release counts as its branch; a package of another name is known by what it is built from."""
    add_feed(home, str(captures / "alpine-secdb.json"))
    for name in ("behind", "mended"):
        enrol(name)
    old, new = {"busybox-binsh": "1.27.2-r3"}, {"busybox-binsh": "1.27.2-r10"}
    sources = {"busybox-binsh": "busybox"}
    store_batch(
        home,
        "one",
        [
            scan("behind", "alpine", "3.15.4", old, sources=sources),
            scan("mended", "alpine", "3.15.4", new, sources=sources),
        ],
    )
    assert missing(home, "Computer", "CVE", "Product", "FixedVersion") == [
        ("behind", cve, "busybox-binsh", "1.27.2-r4") for cve in ("CVE-2017-15873", "CVE-2017-15874", "CVE-2017-16544")
    ]
