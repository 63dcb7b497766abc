"""Whole answers of a real zypper, from a throw-away root."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.failures import FailureKind, FindingKind
from fleet.updates import Blocker, Classification, Update

Read = Callable[..., Assessment]
Capture = Callable[[str], str]
ByName = Callable[[Assessment], dict[str, Update]]


@pytest.fixture(scope="module")
def root(read_text: Read, capture: Capture) -> Assessment:
    """The machine as root sees it."""
    return read_text(capture("zypper/leap-15-root.txt"))


def _kinds(assessment: Assessment) -> set[FindingKind]:
    return {finding.kind for finding in assessment.findings}


def test_machine_is_managed_by_zypper(root: Assessment) -> None:
    """dnf and apt-get are there as well, but the system is of SUSE's kind."""
    assert root.failure is None
    assert root.facts.package_manager == "zypper"
    assert root.coverage is Coverage.COMPLETE
    assert [r.name for r in root.facts.repositories] == [
        "repo-base (opensuse-leap 15.6)",
        "repo-update (opensuse-leap 15.6)",
    ]
    assert [r.has_advisories for r in root.facts.repositories] == [False, True]


def test_patch_gives_an_update_class_severity_advisory_and_cves(root: Assessment, by_name: ByName) -> None:
    """zypper's lists do not say which package a patch holds; its conflicts do."""
    update = by_name(root)["acme-openssl"]
    assert (update.installed_version, update.offered_version) == ("1:3.0.1-1", "1:3.0.1-3")
    assert update.classification is Classification.CRITICAL
    assert update.classification_source == "patch openSUSE-SLE-15.6-2024-1001 (security, critical)"
    assert update.severity == "critical"
    assert update.advisories == ("openSUSE-SLE-15.6-2024-1001",)
    assert update.cves == ("CVE-2024-10001",)
    assert update.urls == ("https://bugzilla.suse.com/1222222",)
    assert update.published_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert update.repository == "repo-update"
    assert update.is_installable


def test_categories_become_classes(root: Assessment, by_name: ByName) -> None:
    """Security patches are security updates; recommended and optional ones, and packages without one, are others."""
    classes = {name: update.classification for name, update in by_name(root).items()}
    assert classes["acme-kernel"] is Classification.SECURITY
    assert classes["acme-tool"] is Classification.OTHERS
    assert classes["acme-opt"] is Classification.OTHERS
    assert classes["acme-plain"] is Classification.OTHERS
    assert by_name(root)["acme-plain"].classification_source == "no patch of repo-update names it"


def test_updates_that_zypper_leaves_out_say_why(root: Assessment, by_name: ByName) -> None:
    """list-updates is silent about them; list-updates --all names them and a dry run gives the reason."""
    updates = by_name(root)
    assert updates["acme-locked"].blocker is Blocker.HELD
    assert updates["acme-locked"].blocker_detail == "zypper has a lock on it: acme-locked"
    assert updates["acme-dep"].blocker is Blocker.DEPENDENCY_MISSING
    assert updates["acme-dep"].blocker_detail == "nothing provides acme-absent >= 2"
    assert updates["acme-vendor"].blocker is Blocker.VENDOR_CHANGE
    assert "'Other'" in updates["acme-vendor"].blocker_detail
    assert updates["acme-locked"].classification is Classification.SECURITY


def test_ordinary_user_sees_the_same_updates(read_text: Read, capture: Capture, by_name: ByName) -> None:
    """Only the reasons need root; a lock is read from its file."""
    user = read_text(capture("zypper/leap-15-user.txt"))
    whole = read_text(capture("zypper/leap-15-root.txt"))
    seen = {name: (u.offered_version, u.classification, u.cves) for name, u in by_name(user).items()}
    assert seen == {name: (u.offered_version, u.classification, u.cves) for name, u in by_name(whole).items()}
    assert by_name(user)["acme-locked"].blocker is Blocker.HELD
    assert by_name(user)["acme-dep"].blocker is Blocker.KEPT_BACK


def test_patch_of_zypper_itself_comes_first(root: Assessment) -> None:
    """One run of zypper patch is then not a whole one."""
    assert FindingKind.UPDATE_STACK_FIRST in _kinds(root)


def test_wish_for_a_reboot_blocks_nothing(root: Assessment, by_name: ByName) -> None:
    """The kernel's patch is interactive for its reboot alone, and zypper update installs its package."""
    assert by_name(root)["acme-kernel"].is_installable


def test_patch_with_a_message_needs_confirmation(read_text: Read, capture: Capture, by_name: ByName) -> None:
    """zypper patch leaves out what asks, and a licence stops zypper update as well."""
    old = 'severity="critical" pkgmanager="false" restart="false" interactive="false"'
    new = 'severity="critical" pkgmanager="false" restart="false" interactive="true"'
    update = by_name(read_text(capture("zypper/leap-15-root.txt"), {old: new}))["acme-openssl"]
    assert update.blocker is Blocker.NEEDS_CONFIRMATION


def test_failed_refresh_shows_the_repository_and_blocks_its_updates(
    read_text: Read, capture: Capture, by_name: ByName
) -> None:
    """zypper goes on with the metadata of yesterday."""
    answer = read_text(capture("zypper/leap-15-failing.txt"), stderr=capture("zypper/leap-15-failing.err"))
    assert answer.coverage is Coverage.SECURITY_UNKNOWN
    assert {FindingKind.REFRESH_FAILED, FindingKind.REPOSITORY_FAILING} <= _kinds(answer)
    assert any("Problem retrieving files from 'Repo update'" in finding.text for finding in answer.findings)
    assert by_name(answer)["acme-openssl"].blocker is Blocker.REPOSITORY_FAILING
    assert by_name(answer)["acme-locked"].blocker is Blocker.HELD


def test_current_machine_misses_nothing(read_text: Read, capture: Capture) -> None:
    """Two lists are enough to know it, and both are whole."""
    answer = read_text(capture("zypper/leap-15-current.txt"))
    assert answer.updates == ()
    assert answer.coverage is Coverage.COMPLETE
    assert answer.installed["acme-openssl", "noarch"] == "1:3.0.1-3"


def test_running_zypper_is_shown(read_text: Read, capture: Capture) -> None:
    """Lists are read without the lock; whoever holds it is named."""
    change = {"reboot_rules=": "lock_pid=4711\nlock_program=packagekitd\nreboot_rules="}
    answer = read_text(capture("zypper/leap-15-root.txt"), change)
    assert any(f.kind is FindingKind.PACKAGE_MANAGER_LOCKED and "packagekitd" in f.text for f in answer.findings)


def test_locked_machine_that_answers_nothing_fails_in_zyppers_words(read_text: Read, capture: Capture) -> None:
    """Exit 7 of a zypper that does not know how to read without the lock."""
    before, begin, rest = capture("zypper/leap-15-root.txt").partition("begin zypper-updates\n")
    _, end, after = rest.partition("\n\n@MARKER@ end 0")
    message = '<message type="error">System management is locked by pid 31.</message>'
    error = f"<?xml version='1.0'?>\n<stream>\n{message}\n</stream>"
    answer = read_text(before + begin + error + end.replace("end 0", "end 7") + after)
    assert answer.failure is not None
    assert answer.failure.kind is FailureKind.PACKAGE_MANAGER_FAILED
    assert "exit status 7: System management is locked" in answer.failure.came_back


def test_machine_without_patches_says_so(read_text: Read, capture: Capture) -> None:
    """Without metadata that tell, no update is called ordinary."""
    answer = read_text(
        capture("zypper/leap-15-root.txt"), {" advisories=yes\n": "", 'category="security"': 'category=""'}
    )
    assert answer.coverage is Coverage.UNCLASSIFIED
    assert FindingKind.CLASSIFICATION_UNKNOWN in _kinds(answer)


def test_tumbleweed_is_unclassified_even_with_a_patch(read_text: Read, capture: Capture, by_name: ByName) -> None:
    """Its repositories hold packages; that no patch names one tells nothing."""
    change = {'ID="opensuse-leap"': 'ID="opensuse-tumbleweed"', 'VERSION_ID="15.6"': 'VERSION_ID="20261120"'}
    answer = read_text(capture("zypper/leap-15-root.txt"), change)
    assert answer.coverage is Coverage.UNCLASSIFIED
    plain = by_name(answer)["acme-plain"]
    assert plain.classification is Classification.UNCLASSIFIED
    assert {r.name for r in answer.facts.repositories} == {
        "repo-base (opensuse-tumbleweed)",
        "repo-update (opensuse-tumbleweed)",
    }


def test_unregistered_sles_needs_its_subscription(read_text: Read, capture: Capture) -> None:
    """Without a registration SUSE offers it no repository at all."""
    change = {'ID="opensuse-leap"': 'ID="sles"', " enabled=1": " enabled=0"}
    answer = read_text(capture("zypper/leap-15-root.txt"), change)
    assert answer.coverage is Coverage.UNKNOWN
    assert {FindingKind.SUBSCRIPTION_NEEDED, FindingKind.LISTS_MISSING} <= _kinds(answer)


def test_repository_without_metadata_makes_the_answer_unknown(read_text: Read, capture: Capture) -> None:
    """What it offers is not known, so nothing that is not listed is known to be current."""
    text = capture("zypper/leap-15-root.txt").replace(" [repo-base]", " [repo-new]")
    answer = read_text(text)
    assert answer.coverage is Coverage.UNKNOWN
    assert any("repo-new" in finding.text for finding in answer.findings)


def test_repository_that_zypper_leaves_out_makes_the_answer_unknown(read_text: Read, capture: Capture) -> None:
    """An ordinary user cannot build the cache that its metadata need; the list is then one without its updates."""
    warning = "<message type=\"warning\">Skipping repository 'Repo update' because of the above error.</message>"
    before, begin, rest = capture("zypper/leap-15-current.txt").partition("begin zypper-updates\n")
    rest = rest.replace("<stream>", f"<stream>{warning}", 1).replace("@MARKER@ end 0", "@MARKER@ end 106", 1)
    answer = read_text(before + begin + rest)
    assert answer.coverage is Coverage.UNKNOWN
    assert any(f.kind is FindingKind.REPOSITORY_FAILING and "left out" in f.text for f in answer.findings)
    assert [repository.is_failing for repository in answer.facts.repositories] == [False, True]


def test_old_metadata_are_stale(read_text: Read, capture: Capture) -> None:
    """zypper touches its files whenever it has asked, so their time tells when that was."""
    text = capture("zypper/leap-15-root.txt")
    lines = [
        f"fetched 1793000000 {line.split()[2]}" if line.startswith("fetched ") else line for line in text.split("\n")
    ]
    answer = read_text("\n".join(lines))
    assert answer.coverage is Coverage.SECURITY_UNKNOWN
    assert FindingKind.LISTS_STALE in _kinds(answer)


def test_patches_that_cannot_be_read_leave_the_classes_unknown(
    read_text: Read, capture: Capture, by_name: ByName
) -> None:
    """Without what they mend, no update is known not to be a security update."""
    before, begin, rest = capture("zypper/leap-15-root.txt").partition("begin zypper-contents\n")
    answer = read_text(before + begin + rest.replace("@MARKER@ end 0", "@MARKER@ end 124", 1))
    assert answer.coverage is Coverage.SECURITY_UNKNOWN
    assert {u.classification for u in by_name(answer).values()} == {Classification.UNCLASSIFIED}
    assert any(f.kind is FindingKind.CLASSIFICATION_UNKNOWN and "took too long" in f.text for f in answer.findings)


def test_old_zypper_does_not_say_what_is_installed(read_text: Read, capture: Capture, by_name: ByName) -> None:
    """Before 1.13 its lists have no edition-old and perhaps no kind; rpm knows the version."""
    text = re.sub(r' edition-old="[^"]*"', "", capture("zypper/leap-15-root.txt"))
    answer = read_text(text.replace('<update kind="package" ', "<update "))
    assert by_name(answer)["acme-openssl"].installed_version == "1:3.0.1-1"
    assert by_name(answer)["acme-openssl"].cves == ("CVE-2024-10001",)


def test_locked_patch_is_not_hidden(read_text: Read, capture: Capture, by_name: ByName) -> None:
    """zypper calls it unwanted; the hole is there all the same."""
    old = 'name="openSUSE-SLE-15.6-2024-1001" edition="1" arch="noarch" status="needed"'
    answer = read_text(capture("zypper/leap-15-root.txt"), {old: old.replace("needed", "unwanted")})
    assert by_name(answer)["acme-openssl"].classification is Classification.CRITICAL
    assert any(f.kind is FindingKind.ADVISORY_HIDDEN and "1001" in f.text for f in answer.findings)


def test_needed_patch_without_an_update_is_not_lost(read_text: Read, capture: Capture) -> None:
    """Its package may come from a repository that is switched off."""
    answer = read_text(capture("zypper/leap-15-root.txt"), {"acme-dep < 1.1-1": "acme-other < 1.1-1"})
    assert any(f.kind is FindingKind.ADVISORY_HIDDEN and "2024-1005" in f.text for f in answer.findings)


def test_words_outside_the_xml_are_reported(read_text: Read, capture: Capture) -> None:
    """Plugins print where they like; an unread line is never dropped in silence."""
    text = capture("zypper/leap-15-root.txt").replace("<?xml", "Plugin says hello\n<?xml", 1)
    answer = read_text(text)
    assert any(f.kind is FindingKind.LINES_NOT_READ and "Plugin says hello" in f.text for f in answer.findings)
    assert answer.updates
