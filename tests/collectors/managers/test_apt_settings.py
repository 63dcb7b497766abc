"""Machines whose apt is set up in unusual ways: what the user may not read, and settings that change much."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.failures import Finding, FindingKind, Severity
from fleet.machines import Machine
from fleet.updates import Blocker, Classification

if TYPE_CHECKING:
    from tests.collectors.managers.conftest import AptRoot


@pytest.fixture
def shared_root(root: AptRoot) -> Iterator[AptRoot]:
    """The throw-away apt, in a folder that other users may enter: pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="apt-root-"))
    folder.chmod(0o755)
    shutil.copytree(root.path, folder / "apt", dirs_exist_ok=True)
    root.path = folder / "apt"
    (root.path / "sources.d").mkdir()
    root.configure(f'Dir::Etc::sourceparts "{root.path}/sources.d";')
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable-security", [root.package("acme", "1.1")], label="Debian-Security")
    root.update()
    yield root
    shutil.rmtree(folder)


def _unreadable(assessment: Assessment) -> list[Finding]:
    return [finding for finding in assessment.findings if finding.kind is FindingKind.SETTINGS_UNREADABLE]


def test_everything_can_be_read_by_an_ordinary_user(shared_root: AptRoot, machine: Machine) -> None:
    """With the modes that Debian gives, nothing is amiss."""
    assessment = shared_root.assess(machine, as_nobody=True)

    assert assessment.coverage is Coverage.COMPLETE
    assert _unreadable(assessment) == []


@pytest.mark.parametrize("closed", ["sources.d/vendor.list", "sources.d"])
def test_sources_closed_to_the_user_are_not_a_whole_answer(shared_root: AptRoot, machine: Machine, closed: str) -> None:
    """apt only warns, and then sees none of those repositories; whatever they offer would be missed."""
    (shared_root.path / "sources.d/vendor.list").write_text("deb [trusted=yes] file:/nowhere vendor main\n")
    (shared_root.path / closed).chmod(0)

    assessment = shared_root.assess(machine, as_nobody=True)

    (shared_root.path / closed).chmod(0o755)
    assert assessment.coverage is Coverage.UNKNOWN
    assert [finding.severity for finding in _unreadable(assessment)] == [Severity.ERROR]
    assert closed in _unreadable(assessment)[0].text


@pytest.mark.parametrize("closed", ["etc/preferences.d/vendor", "etc/preferences.d", "parts/90vendor"])
def test_pins_and_settings_closed_to_the_user_are_told(shared_root: AptRoot, machine: Machine, closed: str) -> None:
    """What is missing is known all the same; what would be installed may not be."""
    for name in ("etc/preferences.d/vendor", "parts/90vendor"):
        (shared_root.path / name).write_text("")
    shared_root.configure(f'Dir::Etc::sourceparts "{shared_root.path}/sources.d";')
    (shared_root.path / closed).chmod(0)

    assessment = shared_root.assess(machine, as_nobody=True)

    (shared_root.path / closed).chmod(0o755)
    assert assessment.coverage is Coverage.COMPLETE
    assert [finding.severity for finding in _unreadable(assessment)] == [Severity.WARNING]
    assert closed in _unreadable(assessment)[0].text


def test_lists_without_their_release_file_leave_security_unknown(shared_root: AptRoot, machine: Machine) -> None:
    """The lists alone do not say whose they are, so nothing of them is called no security update."""
    next((shared_root.path / "lists").glob("*_Release")).unlink()

    assessment = shared_root.assess(machine, as_nobody=True)

    assert assessment.coverage is Coverage.SECURITY_UNKNOWN
    assert [update.classification for update in assessment.updates] == [Classification.UNCLASSIFIED]
    assert any("stable-security" in f.text for f in assessment.findings if f.kind is FindingKind.REPOSITORY_FAILING)


def test_subscription_suite_without_news_is_not_stale(root: AptRoot, machine: Machine) -> None:
    """Ubuntu Pro's suites of a young release rest for years; the ordinary one tells the age of the lists."""
    root.add_repository("jammy-security", [], label="Ubuntu", origin="Ubuntu")
    root.add_repository("jammy-infra-security", [], label="UbuntuESM", origin="UbuntuESM", age=timedelta(days=200))
    root.update()

    assert root.assess(machine).coverage is Coverage.COMPLETE


def test_subscription_suite_alone_may_be_stale(root: AptRoot, machine: Machine) -> None:
    """Where nothing else tells the age of the lists, the date of Ubuntu Pro's suite does."""
    root.add_repository("jammy-infra-security", [], label="UbuntuESM", origin="UbuntuESM", age=timedelta(days=200))
    root.update()

    assert root.assess(machine).coverage is Coverage.SECURITY_UNKNOWN


def test_cdrom_whose_name_holds_spaces_is_named_whole(root: AptRoot, machine: Machine) -> None:
    """A disc that was never read is named as its source names it."""
    root.add_repository("stable-security", [], label="Debian-Security")
    root.update()
    root.sources_file.write_text(f"{root.sources[0]}\ndeb cdrom:[Debian GNU/Linux 12 DVD]/ bookworm main\n")

    texts = [finding.text for finding in root.assess(machine).findings]

    assert any("cdrom://[Debian GNU/Linux 12 DVD] bookworm" in text for text in texts)


@pytest.mark.parametrize("setting", ["Assume-Yes", "Simulate", "Trivial-Only", "Assume-No"])
def test_settings_of_how_to_ask_do_not_change_the_answer(root: AptRoot, machine: Machine, setting: str) -> None:
    """With Assume-Yes in its configuration apt refuses a plan that holds a downgrade, and simulates with Simulate."""
    root.install(root.package("acme", "1.0"), root.package("newer", "2.0"))
    root.add_repository("stable", [root.package("newer", "1.0")])
    root.add_repository("stable-security", [root.package("acme", "1.1")], label="Debian-Security")
    root.pin("Package: newer\nPin: release n=stable\nPin-Priority: 1001")
    root.update()
    root.configure(f'APT::Get::{setting} "true";')

    assessment = root.assess(machine)

    assert [(u.name, u.blocker, u.size_bytes) for u in assessment.updates] == [("acme", None, 1000)]
    assert not any(finding.kind is FindingKind.LINES_NOT_READ for finding in assessment.findings)


def test_fix_that_the_default_release_hides_is_pinned(root: AptRoot, machine: Machine) -> None:
    """apt would install 1.1 of stable, in which the hole still is: the security update is not what would come."""
    root.configure('APT::Default-Release "stable";')
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable", [root.package("acme", "1.1")])
    root.add_repository("stable-security", [root.package("acme", "1.2")], label="Debian-Security")
    root.update()

    updates = root.assess(machine).updates

    assert [(u.offered_version, u.blocker) for u in updates] == [("1.2", Blocker.PINNED)]
    assert updates[0].classification is Classification.SECURITY


def test_fix_of_another_release_hides_no_fix_of_this_one(root: AptRoot, machine: Machine) -> None:
    """With testing's security pinned away, the security update of stable is offered as ever."""
    root.install(root.package("acme", "1.0"))
    root.add_repository("stable-security", [root.package("acme", "1.1")], label="Debian-Security")
    root.add_repository("testing-security", [root.package("acme", "9.0")], label="Debian-Security")
    root.pin("Package: *\nPin: release n=testing-security\nPin-Priority: 100")
    root.update()

    assert [(u.offered_version, u.blocker) for u in root.assess(machine).updates] == [("1.1", None)]


def test_machine_without_any_package_is_read(root: AptRoot, machine: Machine) -> None:
    """Nothing is installed, so nothing is missing."""
    root.add_repository("stable-security", [root.package("acme", "1.1")], label="Debian-Security")
    root.update()

    assessment = root.assess(machine)

    assert (assessment.failure, assessment.coverage, assessment.updates) == (None, Coverage.COMPLETE, ())


def test_package_to_be_reinstalled_that_is_nowhere_blocks_the_others(root: AptRoot, machine: Machine) -> None:
    """apt plans nothing at all then, but what is missing is known, and why it would not come."""
    root.install(root.package("acme", "1.0", Status="install reinstreq half-installed"), root.package("other", "1.0"))
    root.add_repository("stable-security", [root.package("other", "1.1")], label="Debian-Security")
    root.update()

    assessment = root.assess(machine)

    assert [(u.name, u.blocker) for u in assessment.updates] == [("other", Blocker.PACKAGE_MANAGER_BROKEN)]
    assert any("acme" in f.text for f in assessment.findings if f.kind is FindingKind.PACKAGE_BROKEN)
    assert not assessment.is_ready


def test_lists_closed_to_the_user_are_told_from_none(shared_root: AptRoot, machine: Machine) -> None:
    """apt sees none there; whether there are any is not known."""
    lists = shared_root.path / "lists"
    lists.chmod(0)

    assessment = shared_root.assess(machine, as_nobody=True)

    lists.chmod(0o755)
    assert assessment.coverage is Coverage.UNKNOWN
    assert any("may not read" in f.text for f in assessment.findings if f.kind is FindingKind.LISTS_MISSING)
