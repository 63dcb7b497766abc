"""What each format says: captured feeds, read whole."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.cves import CveRecord, CveSeverity, Fix
from ops.feeds.formats import FORMATS, detect_format

ReadFeed = Callable[[Path], list[CveRecord | Fix]]


def records(items: list[CveRecord | Fix]) -> dict[str, CveRecord]:
    return {item.cve: item for item in items if isinstance(item, CveRecord)}


def fixes(items: list[CveRecord | Fix]) -> list[Fix]:
    return [item for item in items if isinstance(item, Fix)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("kev.json", "kev"),
        ("kev.csv", "kev"),
        ("debian-tracker.json", "debian-tracker"),
        ("alpine-secdb.json", "alpine-secdb"),
        ("ubuntu-tracker.json", "ubuntu-tracker"),
        ("osv", "osv"),
        ("csaf", "csaf"),
        ("oval", "oval"),
    ],
)
def test_kind_is_told_by_content(captures: Path, name: str, kind: str) -> None:
    """Each capture is of one format only, whatever its file is called."""
    assert detect_format(captures / name).kind == kind
    for document in (captures / name).iterdir() if (captures / name).is_dir() else [captures / name]:
        assert [each.kind for each in FORMATS if each.fits(document.read_bytes())] == [kind]


def test_known_exploited_catalogue_reads_alike_as_json_and_csv(captures: Path, read_feed: ReadFeed) -> None:
    """Every CVE in it is exploited; when that was noted and when it is due are kept."""
    found = read_feed(captures / "kev.json")
    assert found == read_feed(captures / "kev.csv")
    log4j = records(found)["CVE-2021-44228"]
    assert log4j.known_exploited is True
    assert log4j.exploited_since == datetime(2021, 12, 10, tzinfo=UTC)
    assert log4j.due_at == datetime(2021, 12, 24, tzinfo=UTC)


def test_debian_tracker_gives_fixes_by_source_package(captures: Path, read_feed: ReadFeed) -> None:
    """Resolved releases with a version are fixes; "0" (never affected), open ones and sid are none."""
    found = read_feed(captures / "debian-tracker.json")
    assert fixes(found) == [
        Fix("debian:9", "prototypejs", True, "CVE-2008-7220", "1.6.0.2-1"),
        Fix("debian:12", "chromium", True, "CVE-2022-0456", "98.0.4758.80-1"),
        Fix("debian:11", "chromium", True, "CVE-2022-0456", "98.0.4758.80-1~deb11u1"),
    ]
    assert records(found)["CVE-2008-7220"].severity is CveSeverity.HIGH
    assert records(found)["CVE-2007-2383"].severity is CveSeverity.NEGLIGIBLE
    assert records(found)["CVE-2022-0456"].severity is None


def test_alpine_secdb_gives_fixes_by_origin(captures: Path, read_feed: ReadFeed) -> None:
    """Version "0" says that Alpine never had it: the CVE is known, there is no fix to lack."""
    found = read_feed(captures / "alpine-secdb.json")
    assert Fix("alpine:3.15", "busybox", True, "CVE-2017-16544", "1.27.2-r4") in fixes(found)
    assert "CVE-2021-42373" in records(found)
    assert not [fix for fix in fixes(found) if fix.cve == "CVE-2021-42373"]


def test_ubuntu_tracker_gives_released_versions(captures: Path, read_feed: ReadFeed) -> None:
    """A status "released" names the version; "needed" and "upstream" name none of Ubuntu's."""
    found = read_feed(captures / "ubuntu-tracker.json")
    assert [(fix.release, fix.package, fix.version) for fix in fixes(found)] == [
        ("ubuntu:20.04", "bind9", "1:9.16.48-0ubuntu0.20.04.1"),
        ("ubuntu:22.04", "bind9", "1:9.18.18-0ubuntu0.22.04.2"),
        ("ubuntu:22.04", "openssl", "3.0.2-0ubuntu1.10"),
        ("ubuntu:20.04", "openssl", "1.1.1f-1ubuntu2.18"),
    ]
    assert records(found)["CVE-2023-50387"].score == 7.5


def test_osv_gives_fixes_of_every_distribution_it_holds(captures: Path, read_feed: ReadFeed) -> None:
    """Source packages for Debian, Ubuntu, Alpine and Rocky, installed ones for Alma; scores come of vectors."""
    found = read_feed(captures / "osv")
    assert {(fix.release, fix.package, fix.is_source, fix.version, fix.introduced) for fix in fixes(found)} == {
        ("alpine:3.23", "curl", True, "8.22.0-r0", "8.13.0"),
        ("almalinux:9", "libtiff", False, "4.4.0-2.el9", ""),
        ("almalinux:9", "libtiff-devel", False, "4.4.0-2.el9", ""),
        ("debian:13", "php-league-commonmark", True, "2.6.0-1", ""),
        ("rocky:9", "python3.12-lxml", True, "0:4.9.3-2.el9_8.1", ""),
        ("ubuntu:22.04", "vips", True, "8.12.1-1ubuntu0.1~esm1", ""),
    }
    known = records(found)
    assert known["CVE-2024-58382"].score == 8.7
    assert known["CVE-2024-58382"].severity is CveSeverity.HIGH
    assert known["CVE-2025-29769"].severity is CveSeverity.MEDIUM  # Ubuntu's own word, not that of the score
    assert known["CVE-2026-80255"].published_at is None  # "0001-01-01" says that it is not known
    assert known["CVE-2022-0561"].severity is None  # an advisory of several says nothing of one


def test_csaf_gives_fixes_by_platform(captures: Path, read_feed: ReadFeed) -> None:
    """Red Hat's advisory and SUSE's VEX: the platform's CPE is the release, extended support one of its own."""
    found = read_feed(captures / "csaf")
    assert fixes(found) == [
        Fix("sles:15.5", "python311-aiohttp", False, "CVE-2023-47627", "3.9.3-150400.10.14.1"),
        Fix("rhel:9.0", "sudo", True, "CVE-2023-28486", "1.9.5p2-7.el9_0.4", "", "RHSA-2024:0811"),
        Fix("rhel:9", "sudo", True, "CVE-2023-28486", "1.9.5p2-10.el9_3", "", "RHSA-2024:0811"),
    ]
    assert records(found)["CVE-2023-28486"].severity_text == "Moderate"
    assert records(found)["CVE-2023-28486"].score == 5.3


def test_oval_gives_fixes_of_ubuntu_red_hat_and_suse(captures: Path, read_feed: ReadFeed) -> None:
    """Lists of packages, single ones, and fixes that hold for one platform of several."""
    found = read_feed(captures / "oval")
    assert [(fix.release, fix.package, fix.version, fix.advisory) for fix in fixes(found)] == [
        ("ubuntu:22.04", "dnsutils", "1:9.18.1-1ubuntu1.1", "USN-5429-1"),
        ("ubuntu:22.04", "bind9", "1:9.18.1-1ubuntu1.1", "USN-5429-1"),
        ("rhel:9", "zlib", "1.2.11-31.el9_0.1", "RHSA-2022:4584"),
        ("sles:15", "clamav", "0.100.0-1", ""),
        ("sles:15.1", "clamav", "0.100.3-3.9", ""),
    ]
    assert records(found)["CVE-2018-25032"].published_at == datetime(2018, 4, 20, tzinfo=UTC)
    assert records(found)["CVE-2018-25032"].score == 8.2


def test_packed_feeds_read_like_plain_ones(captures: Path, tmp_path: Path, read_feed: ReadFeed) -> None:
    """gzip, bzip2, xz, zip and packed tar give the same as the files in them."""
    plain = (captures / "debian-tracker.json").read_bytes()
    expected = read_feed(captures / "debian-tracker.json")
    for suffix, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)):
        packed = tmp_path / f"tracker.json{suffix}"
        packed.write_bytes(pack(plain))
        assert read_feed(packed) == expected
    records_of_osv = sorted((captures / "osv").iterdir())
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in records_of_osv:
            archive.write(file, file.name)
        archive.writestr("README.txt", "not a record")
    assert read_feed(tmp_path / "all.zip") == read_feed(captures / "osv")
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as archive_of_tar:
        for file in records_of_osv:
            archive_of_tar.add(file, file.name)
    assert set(read_feed(tmp_path / "all.tar.gz")) == set(read_feed(captures / "osv"))
