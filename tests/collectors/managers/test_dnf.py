"""What a machine with dnf 4 amounts to: captured answers of a real dnf, read whole."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, Outcome
from fleet.failures import FailureKind, FindingKind
from fleet.updates import Blocker, Classification, Update

CAPTURES = Path(__file__).parents[1] / "captures/dnf"
Read = Callable[..., Assessment]


@pytest.fixture
def read(read_text: Callable[..., Assessment]) -> Read:
    """Reads the capture of that name, of which some parts may be replaced."""

    def read_capture(name: str, changes: Mapping[str, str] | None = None, stderr: str | None = None) -> Assessment:
        text, errors = ((CAPTURES / f"{name}.{ending}").read_text(encoding="utf-8") for ending in ("txt", "err"))
        return read_text(text, dict(changes or {}), errors if stderr is None else stderr)

    return read_capture


def _updates(assessment: Assessment) -> dict[str, Update]:
    assert assessment.failure is None, assessment.failure
    return {f"{update.name}.{update.architecture}": update for update in assessment.updates}


def _kinds(assessment: Assessment) -> list[FindingKind]:
    return [finding.kind for finding in assessment.findings]


@pytest.mark.parametrize("name", ["rocky-9-states", "rocky-9-commands"])
def test_each_update_has_versions_class_and_advisories(read: Read, name: str) -> None:
    """Whichever way dnf was asked: both architectures, epochs, the class by the gravest advisory up to the offer."""
    assessment = read(name)
    updates = _updates(assessment)
    openssl, both = updates["acme-openssl.i686"], updates["acme-both.noarch"]

    assert assessment.coverage is Coverage.COMPLETE
    assert (openssl.installed_version, openssl.offered_version) == ("1:3.0.1-1.el9", "1:3.0.1-2.el9_4")
    assert (openssl.advisories, openssl.cves) == (("RLSA-2024:0001",), ("CVE-2024-10001", "CVE-2024-10002"))
    assert (openssl.severity, openssl.size_bytes, openssl.source_package) == ("Important", 5617, "acme-openssl")
    assert (both.offered_version, both.classification, both.severity) == (
        "1.2-1.el9",
        Classification.SECURITY,
        "Moderate",
    )
    assert updates["acme-crit.noarch"].classification is Classification.CRITICAL
    assert updates["acme-bug.noarch"].classification_source == "advisory RLBA-2024:0003: bugfix"
    assert updates["acme-plain.noarch"].classification is Classification.UNCLASSIFIED
    assert updates["kernel.x86_64"].installed_version == "5.14.0-200.el9"
    assert updates["kernel.x86_64"].advisories == ("RLEA-2024:0008",)
    assert not {"acme-old.noarch", "acme-new.noarch"} & updates.keys()


def test_urls_dates_and_dependencies_come_from_dnfs_own_python(read: Read) -> None:
    """What no command prints: addresses, dates, and which updates an upgrade would leave out."""
    updates = _updates(read("rocky-9-states"))

    assert updates["acme-openssl.x86_64"].urls == ("https://errata.example.org/RLSA-2024:0001",)
    assert f"{updates['acme-openssl.x86_64'].published_at:%Y-%m-%d}" == "2024-05-02"
    assert updates["acme-broken.noarch"].blocker is Blocker.DEPENDENCY_MISSING
    assert "nothing provides acme-nowhere >= 1" in updates["acme-broken.noarch"].blocker_detail
    assert updates["acme-needsexcl.noarch"].blocker is Blocker.DEPENDENCY_EXCLUDED


@pytest.mark.parametrize("name", ["rocky-9-states", "rocky-9-commands"])
def test_what_is_locked_or_excluded_is_listed_and_its_advisory_found(read: Read, name: str) -> None:
    """check-update hides both, dnf hides the excluded one everywhere: neither may become invisible here."""
    assessment = read(name)
    updates = _updates(assessment)
    hidden = [finding.text for finding in assessment.findings if finding.kind is FindingKind.ADVISORY_HIDDEN]

    assert updates["acme-locked.noarch"].blocker is Blocker.VERSION_LOCKED
    assert updates["acme-excluded.noarch"].blocker is Blocker.EXCLUDED
    assert updates["acme-excluded.noarch"].blocker_detail == "exclude=acme-excluded foo* in /etc/dnf/dnf.conf"
    assert updates["acme-excluded.noarch"].severity == "Important"
    assert any("RLSA-2024:0004 (Important)" in text for text in hidden)
    assert any("RLSA-2024:0006 (Low)" in text for text in hidden)


def test_excludes_count_by_version_architecture_and_repository(read: Read) -> None:
    """excludepkgs over two lines, with a version, with an architecture, and in one repository only."""
    updates = _updates(read("rocky-9-excludes"))

    for name in ("acme-both.noarch", "acme-crit.noarch", "acme-openssl.i686", "acme-plain.noarch"):
        assert updates[name].blocker is Blocker.EXCLUDED, name
    assert updates["acme-plain.noarch"].blocker_detail.endswith("of [plain] in /etc/yum.repos.d/plain.repo")
    assert updates["acme-openssl.x86_64"].blocker is Blocker.KEPT_BACK
    assert updates["acme-excluded.noarch"].blocker is None


def test_fix_above_what_an_upgrade_sees_is_the_update(read: Read) -> None:
    """A security fix of which only an older, vulnerable version is visible: the fix is listed, blocked."""
    hidden = "vis\tacme-both\t1.2-1.el9"
    changes = {
        hidden: "vis\tacme-both\t1.0-1.5.el9",
        "plan\tUpgrade\tacme-both\t1.2-1.el9": "plan\tUpgrade\tacme-both\t1.0-1.5.el9",
    }
    update = _updates(read("rocky-9-states", changes))["acme-both.noarch"]

    assert (update.offered_version, update.blocker) == ("1.2-1.el9", Blocker.EXCLUDED)
    assert update.advisories == ("RLSA-2024:0002",)


def test_fix_that_an_upgrade_passes_over_is_the_update(read: Read) -> None:
    """A repository with a higher priority has an older version, in which the hole still is."""
    changes = {"plan\tUpgrade\tacme-both\t1.2-1.el9": "plan\tUpgrade\tacme-both\t1.0-1.5.el9"}
    update = _updates(read("rocky-9-states", changes))["acme-both.noarch"]

    assert (update.offered_version, update.blocker) == ("1.2-1.el9", Blocker.PINNED)
    assert "1.0-1.5.el9" in update.blocker_detail


@pytest.mark.parametrize("name", ["rocky-9-silent", "rocky-9-refresh", "rocky-9-refresh-failed"])
def test_repository_that_says_nothing_leaves_the_answer_unknown(read: Read, name: str) -> None:
    """skip_if_unavailable reads as up to date; here it is a finding, and the answer is not whole."""
    assessment = read(name)

    assert assessment.coverage is Coverage.UNKNOWN
    assert assessment.outcome is Outcome.INCOMPLETE
    assert FindingKind.REPOSITORY_FAILING in _kinds(assessment)
    assert assessment.updates
    assert (FindingKind.REFRESH_FAILED in _kinds(assessment)) is (name == "rocky-9-refresh-failed")


def test_failed_refresh_blocks_what_comes_from_that_repository(read: Read) -> None:
    """The cache still lists its updates, but nothing could be downloaded."""
    name = "rocky-9-refresh-failed"
    stderr = (CAPTURES / f"{name}.err").read_text().replace("repo 'gone'", "repo 'baseos'")
    updates = _updates(read(name, stderr=stderr))

    assert updates["acme-both.noarch"].blocker is Blocker.REPOSITORY_FAILING
    assert updates["acme-locked.noarch"].blocker is Blocker.VERSION_LOCKED


def test_repositories_without_advisories_leave_the_class_unknown(read: Read) -> None:
    """Never "0 security": the updates are known, their class is not."""
    assessment = read("rocky-9-plain")

    assert assessment.coverage is Coverage.UNCLASSIFIED
    assert FindingKind.CLASSIFICATION_UNKNOWN in _kinds(assessment)
    assert {update.classification for update in assessment.updates} == {Classification.UNCLASSIFIED}


@pytest.mark.parametrize("name", ["rocky-9-no-cache", "rocky-9-no-cache-commands", "rocky-9-no-repository"])
def test_empty_cache_is_unknown_and_never_nothing_missing(read: Read, name: str) -> None:
    """Without metadata dnf lists nothing and exits 0."""
    assessment = read(name)

    assert (assessment.coverage, assessment.updates) == (Coverage.UNKNOWN, ())
    assert FindingKind.LISTS_MISSING in _kinds(assessment)
    assert assessment.installed


@pytest.mark.parametrize("name", ["rocky-9-current", "rocky-9-current-commands"])
def test_machine_that_misses_nothing_is_complete(read: Read, name: str) -> None:
    """No update, and every repository spoke."""
    assessment = read(name)

    assert (assessment.coverage, assessment.updates) == (Coverage.COMPLETE, ())


def test_repositories_have_their_dates(read: Read) -> None:
    """Name with release, made by the repository's word, fetched by the machine."""
    facts = read("rocky-9-states").facts
    baseos = next(row for row in facts.repositories if row.name == "baseos 9")

    assert (baseos.has_advisories, baseos.is_failing) == (True, False)
    assert baseos.made_at is not None
    assert baseos.fetched_at is not None
    assert baseos.made_at < baseos.fetched_at
    assert facts.metadata_at is not None


def test_metadata_that_were_fetched_long_ago_are_stale(read: Read) -> None:
    """What dnf has not looked at for a week may hide security updates."""
    text = (CAPTURES / "rocky-9-states.txt").read_text()
    row = next(line for line in text.splitlines() if line.startswith("repo\tbaseos"))
    old = "\t".join([*row.split("\t")[:3], "1790000000", "yes"])
    assessment = read("rocky-9-states", {row: old})

    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert FindingKind.LISTS_STALE in _kinds(assessment)


def test_reboot_rests_on_the_tools_words(read: Read) -> None:
    """A missing plugin exits 1 as a needed reboot does: that is no yes."""
    real = {"container=/.dockerenv": "container="}
    text = (CAPTURES / "rocky-9-commands.txt").read_text()
    said = text[text.index("Core libraries or services") : text.index("solutions/27943") + len("solutions/27943")]
    missing = {said: "No such command: needs-restarting. Please use /usr/bin/dnf --help"}

    for name in ("rocky-9-states", "rocky-9-commands"):
        facts = read(name, real).facts
        assert (facts.reboot_required, facts.reboot_reason[-6:]) == (Answer.YES, "kernel"), name
    assert read("rocky-9-commands", real | missing).facts.reboot_required is not Answer.YES
    assert read("rocky-9-states", real | {"reboot\tkernel": "reboot\t"}).facts.reboot_required is not Answer.YES


def test_broken_database_is_a_failure_with_its_remedy(read: Read) -> None:
    """rpm's own words, and what to do."""
    assessment = read("rocky-9-broken")

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.PACKAGE_MANAGER_FAILED
    assert FindingKind.PACKAGE_BROKEN in _kinds(assessment)


def test_dnf_that_hangs_is_a_failure(read: Read) -> None:
    """It was stopped, and is not asked once more in another way."""
    text = (CAPTURES / "rocky-9-states.txt").read_text()
    body = text[text.index("@MARKER@ begin dnf-answer") :].split("\n@MARKER@ end 0")[0]
    assessment = read("rocky-9-states", {body + "\n@MARKER@ end 0": "@MARKER@ begin dnf-answer\n\n@MARKER@ end 124"})

    assert assessment.failure is not None
    assert "did not end in time" in assessment.failure.came_back


def test_lock_and_duplicates_are_found(read: Read) -> None:
    """Who holds a lock now, and what an interrupted transaction left twice; kernels may be there twice."""
    twin = "acme-bug\t0:1.0-1.el9\tnoarch\tacme-bug-1.0-1.el9.src.rpm"
    text = (CAPTURES / "rocky-9-states.txt").read_text()
    locks = text[text.index("@MARKER@ begin dnf-locks\n") :].split("\n@MARKER@ end")[0]
    assessment = read(
        "rocky-9-states", {twin: f"{twin}\n{twin.replace('1.0', '0.9')}", locks: f"{locks}417|/var/run/yum.pid|dnf\n"}
    )
    texts = {finding.kind: finding.text for finding in assessment.findings}

    assert "process 417 (dnf)" in texts[FindingKind.PACKAGE_MANAGER_LOCKED]
    assert texts[FindingKind.PACKAGE_MANAGER_INTERRUPTED].startswith(
        "1 packages are installed in two versions (acme-bug)"
    )


def test_machine_held_at_a_release_does_not_read_as_whole(read: Read) -> None:
    """Amazon Linux 2023 offers nothing of newer releases, and says so in its greeting."""
    begin = "@MARKER@ begin dnf-notices\n"
    notice = 'A newer release of "Amazon Linux" is available.\n  Version 2023.10.20260120:\n'
    assessment = read("rocky-9-current", {begin: begin + notice})

    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert any("2023.10.20260120" in finding.text for finding in assessment.findings)


def test_settings_that_may_not_be_read_leave_the_answer_unknown(read: Read) -> None:
    """A repository file of mode 600 hides its repositories from an ordinary user."""
    begin = "@MARKER@ begin dnf-settings\n"
    assessment = read("rocky-9-states", {begin: f"{begin}unreadable\t/etc/yum.repos.d/secret.repo\n"})

    assert assessment.coverage is Coverage.UNKNOWN
    assert FindingKind.SETTINGS_UNREADABLE in _kinds(assessment)


def test_unread_row_is_said_and_a_broken_one_is_a_failure(read: Read) -> None:
    """A plugin's chatter is named; a row that is cut is no answer."""
    chatty = read("rocky-9-states", {"enabled\tbaseos": "Hello from a plugin\nenabled\tbaseos"})
    assert FindingKind.LINES_NOT_READ in _kinds(chatty)
    assert chatty.coverage is Coverage.COMPLETE

    for broken in ("vis\tacme-both", "fix\tRLSA-9:9\tacme\t1-1\tnoarch", "adv\tx", "repo\tbaseos\tx"):
        cut = read("rocky-9-states", {"enabled\tbaseos": f"{broken}\nenabled\tbaseos"})
        assert cut.failure is not None
        assert cut.failure.kind is FailureKind.OUTPUT_UNREADABLE


def test_repository_is_the_one_that_the_plan_takes_the_version_from(read: Read) -> None:
    """Priority and cost decide; of the references, CVEs and web addresses are taken."""
    planned = "plan\tUpgrade\tacme-bug\t1.0-2.el9\tnoarch\t"
    odd = "https://errata.example.org/RLSA-2024:0001\tCVE-2024-10001 CVE-2024-10002"
    updates = _updates(
        read(
            "rocky-9-excludes",
            {f"{planned}baseos": f"{planned}appstream", odd: "javascript:x https://e/1\tCVE-2024-10001 and CVE-2024-7"},
        )
    )

    assert updates["acme-bug.noarch"].repository == "appstream"
    assert updates["acme-openssl.x86_64"].cves == ("CVE-2024-10001", "CVE-2024-7")
    assert updates["acme-openssl.x86_64"].urls == ("https://e/1",)


def test_dependencies_that_stop_every_upgrade_block_every_update(read: Read) -> None:
    """dnf solves nothing at all: each update says so, and what is locked stays locked."""
    text = (CAPTURES / "rocky-9-states.txt").read_text()
    tail = text[text.index("\nsolved\n") : text.index("\nend\n")]
    assessment = read("rocky-9-states", {tail: "\nunsolvable\tpackage a requires b"})
    updates = _updates(assessment)

    assert updates["acme-both.noarch"].blocker is Blocker.PACKAGE_MANAGER_BROKEN
    assert updates["acme-locked.noarch"].blocker is Blocker.VERSION_LOCKED
    assert FindingKind.DEPENDENCIES_BROKEN in _kinds(assessment)


def test_microdnf_alone_cannot_say_what_is_missing(read: Read) -> None:
    """It lists neither updates nor advisories: unknown, and what to install."""
    assessment = read("rocky-9-current", {"tool=dnf": "tool=microdnf"})

    assert (assessment.coverage, assessment.updates) == (Coverage.UNKNOWN, ())
    assert FindingKind.TOOL_MISSING in _kinds(assessment)
    assert assessment.installed
