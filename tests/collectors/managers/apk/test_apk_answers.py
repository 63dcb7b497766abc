"""Answers of apk as public pages print them, and lines that apk never prints."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from collectors.managers.apk import parse_policy
from collectors.managers.apk_indexes import judge, name_repository, parse_indexes
from collectors.managers.apk_packages import find_pin, parse_list, parse_world
from collectors.sections import Section
from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.errors import UnreadableOutput
from fleet.failures import FailureKind, FindingKind
from fleet.updates import Blocker, Classification

Read = Callable[..., Assessment]
_NOW = datetime(2026, 11, 23, tzinfo=UTC)
_MAIN = "https://dl-cdn.alpinelinux.org/alpine/v3.10/main"


def _section(name: str, text: str, stderr: str = "") -> Section:
    return Section(name, text.encode(), stderr.encode(), 0)


def test_updates_say_what_apk_knows(read_text: Read, captures: dict[str, str]) -> None:
    """Versions, architecture, repository and source; what is pinned in the world is blocked by its line there."""
    assessment = read_text(captures["apk-2"])

    assert assessment.failure is None
    updates = {update.name: update for update in assessment.updates}
    assert set(updates) == {"libcrypto3", "libssl3", "musl", "nginx"}
    crypto = updates["libcrypto3"]
    assert (crypto.installed_version, crypto.offered_version, crypto.architecture) == (
        "3.0.12-r4",
        "3.0.13-r0",
        "x86_64",
    )
    assert (crypto.repository, crypto.source_package, crypto.blocker) == ("alpine/v3.19/main", "openssl", None)
    assert crypto.classification is Classification.UNCLASSIFIED
    assert (updates["nginx"].blocker, updates["nginx"].blocker_detail) == (
        Blocker.PINNED,
        "nginx=1.24.0-r15 in /etc/apk/world",
    )
    assert assessment.coverage is Coverage.UNCLASSIFIED
    assert assessment.installed[".build-deps", "noarch"] == "20250125.000318"


def test_nothing_missing_is_an_answer(read_text: Read, captures: dict[str, str]) -> None:
    """apk lists nothing and exits 0; with indexes that means none."""
    text = captures["apk-2"]
    start, end = (
        text.index("begin apk-updates\n") + len("begin apk-updates\n"),
        text.index("\n@MARKER@ begin apk-policy"),
    )
    policy_end = text.index("\n@MARKER@ begin apk-repositories")

    assessment = read_text(
        f"{text[:start]}\n@MARKER@ end 0\n\n@MARKER@ begin apk-policy\n\n@MARKER@ end 0\n{text[policy_end:]}"
    )

    assert text[start:end]
    assert (assessment.updates, assessment.coverage) == ((), Coverage.UNCLASSIFIED)


@pytest.mark.parametrize(
    "warning",
    [
        f"WARNING: opening from cache {_MAIN}: No such file or directory",
        "WARNING: Ignoring APKINDEX.7b0bb2e7.tar.gz: No such file or directory",
    ],
)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_repository_without_an_index_is_not_nothing_missing(warning: str, stream: str) -> None:
    """apk goes on without it, and only warns."""
    updates = parse_list(_section("apk-updates", *((warning, "") if stream == "stdout" else ("", warning))))
    repositories = _section("apk-repositories", f"{_MAIN}\nhttps://packages.example.org/os")
    indexes = parse_indexes(
        repositories, _section("apk-indexes", "APKINDEX.00000000.tar.gz 1795390000 1795390000"), updates.warnings
    )

    coverage, findings = judge(indexes, updates.warnings, _NOW)

    assert coverage is Coverage.UNKNOWN
    assert {finding.kind for finding in findings} == {FindingKind.REPOSITORY_FAILING}


def test_no_index_at_all_is_unknown() -> None:
    """A container's image comes without any."""
    indexes = parse_indexes(_section("apk-repositories", _MAIN), _section("apk-indexes", ""), ())

    coverage, findings = judge(indexes, (), _NOW)

    assert (coverage, findings[0].kind) == (Coverage.UNKNOWN, FindingKind.LISTS_MISSING)


def test_old_indexes_are_told_with_their_date() -> None:
    """Fetched three weeks ago is no answer about today."""
    text = "APKINDEX.00000000.tar.gz 1793490000 1793490000"
    indexes = parse_indexes(_section("apk-repositories", _MAIN), _section("apk-indexes", text), ())

    coverage, findings = judge(indexes, (), _NOW)

    assert (coverage, findings[0].kind) == (Coverage.UNKNOWN, FindingKind.LISTS_STALE)


def test_repositories_of_every_notation() -> None:
    """Tags, local folders, and apk 3's lines with components; addresses never give a name with a password."""
    text = (
        "@edge https://a.example.org/alpine/edge/testing/\n/media/cdrom/apks\nhttps://packages.example.org/os x86 extra"
    )

    indexes = parse_indexes(_section("apk-repositories", text), _section("apk-indexes", ""), ())

    names = [repository.name for repository in indexes.repositories]
    assert names == [
        "alpine/edge/testing",
        "/media/cdrom/apks",
        "packages.example.org/os/x86",
        "packages.example.org/os/extra",
    ]
    assert name_repository("https://me:secret@packages.example.org/os") == "packages.example.org/os"


def test_index_is_found_by_the_hash_of_its_address() -> None:
    """apk-tools 2 names it so: 00740ba1 is that of Alpine 3.10's main."""
    plain = _MAIN.replace("https", "http")
    text = "APKINDEX.00740ba1.tar.gz 1795390000 1795393000"

    indexes = parse_indexes(_section("apk-repositories", plain), _section("apk-indexes", text), ())

    fact = indexes.list_repositories()[0]
    assert (fact.name, fact.made_at) == ("alpine/v3.10/main", datetime.fromtimestamp(1795390000, UTC))


@pytest.mark.parametrize(
    ("line", "offered", "is_pinned"),
    [
        ("nginx", "2.0-r0", False),
        ("nginx=1.0-r0", "1.0-r1", True),
        ("nginx<2", "1.9-r0", False),
        ("nginx<2", "2.0-r0", True),
        ("nginx>1", "2.0-r0", False),
        ("nginx<=2.0-r0", "2.0-r0", False),
        ("nginx~1.24", "1.24.1-r0", False),
        ("nginx~=1.24", "1.26.0-r0", True),
        ("nginx@edge", "2.0-r0", False),
        ("nginx@edge=1.0", "2.0-r0", True),
        ("nginx><Q1abc=", "2.0-r0", True),
        ("!nginx other", "2.0-r0", False),
    ],
)
def test_world_pins_versions(line: str, offered: str, is_pinned: bool) -> None:
    """Whatever the world asks for, apk upgrade keeps to it."""
    assert bool(find_pin(parse_world(_section("apk-world", line)), "nginx", offered)) is is_pinned


def test_newest_of_several_versions_is_offered(read_text: Read, captures: dict[str, str]) -> None:
    """apk lists each newer version in each repository."""
    line = "musl-1.2.5-r0 x86_64 {musl} (MIT) [upgradable from: musl-1.2.4-r0]"

    assessment = read_text(captures["apk-2"], {line: f"{line.replace('1.2.5-r0', '1.2.5-r10')}\n{line}"})

    assert {u.name: u.offered_version for u in assessment.updates}["musl"] == "1.2.5-r10"


def test_line_that_apk_does_not_print_is_a_failure(read_text: Read, captures: dict[str, str]) -> None:
    """It is never left out in silence."""
    assessment = read_text(captures["apk-2"], {"musl-1.2.5-r0 x86_64": "musl 1.2.5 x86_64"})

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.OUTPUT_UNREADABLE


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_list, "musl x86_64 {musl} (MIT)"),
        (parse_world, "=1.0"),
        (parse_policy, "    https://x/y"),
        (parse_policy, "musl policy:\nfoo"),
        (lambda section: parse_indexes(section, _section("i", ""), ()), "not an address"),
        (lambda section: parse_indexes(_section("r", ""), section, ()), "APKINDEX.tar.gz yesterday"),
    ],
)
def test_lines_of_no_known_shape_are_refused(parse: Callable[[Section], object], text: str) -> None:
    """With their number and their text."""
    with pytest.raises(UnreadableOutput):
        parse(_section("apk-x", text))


def test_more_repositories_than_any_machine_has_are_refused() -> None:
    """Each is looked for in each of apk's complaints, so a flood of both would take hours."""
    flood = _section("apk-repositories", f"{_MAIN} {'a ' * 30_000}")

    with pytest.raises(UnreadableOutput, match="more repositories"):
        parse_indexes(flood, _section("apk-indexes", ""), ())
