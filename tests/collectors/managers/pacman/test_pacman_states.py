"""Each state of an update, made with a real pacman over a throw-away root and read from what that pacman says."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment, Outcome
from fleet.failures import FailureKind, FindingKind
from fleet.machines import Machine
from fleet.updates import Blocker, Classification, Update

if TYPE_CHECKING:
    from tests.collectors.managers.pacman.conftest import PacmanRoot


def _only(assessment: Assessment) -> Update:
    assert assessment.failure is None
    assert len(assessment.updates) == 1
    return assessment.updates[0]


def _text(assessment: Assessment, kind: FindingKind) -> str:
    return " ".join(finding.text for finding in assessment.findings if finding.kind is kind)


def test_ordinary_update_says_what_pacman_knows(pacman: PacmanRoot, machine: Machine) -> None:
    """Versions, architecture, repository, size and source; whether it is for security nobody knows."""
    pacman.install("acme-lib", "1:1.0-1", BASE="acme")
    pacman.add_repository("core", pacman.package("acme-lib", "1:1.0-2"))

    update = _only(assessment := pacman.assess(machine))

    assert (update.name, update.architecture, update.source_package) == ("acme-lib", "x86_64", "acme")
    assert (update.installed_version, update.offered_version) == ("1:1.0-1", "1:1.0-2")
    assert (update.repository, update.size_bytes, update.blocker) == ("core", 4321, None)
    assert update.classification is Classification.UNCLASSIFIED
    assert assessment.coverage is Coverage.UNCLASSIFIED
    assert assessment.outcome is Outcome.SUCCEEDED
    assert FindingKind.CLASSIFICATION_UNKNOWN in {finding.kind for finding in assessment.findings}


def test_nothing_missing_is_an_answer(pacman: PacmanRoot, machine: Machine) -> None:
    """pacman -Qu exits 1 and prints nothing; with every database there that means none."""
    pacman.install("acme", "2-1")
    pacman.install("newer", "9-1", ARCH="any")
    pacman.add_repository("core", pacman.package("acme", "2-1"), pacman.package("newer", "8-1"))

    assessment = pacman.assess(machine)

    assert assessment.failure is None
    assert (assessment.updates, assessment.coverage) == ((), Coverage.UNCLASSIFIED)
    assert assessment.installed == {("acme", "x86_64"): "2-1", ("newer", "any"): "9-1"}


@pytest.mark.parametrize(
    ("setting", "detail"),
    [
        ("IgnorePkg = other acme", "IgnorePkg = acme in pacman.conf"),
        ("IgnorePkg = ac*", "IgnorePkg = ac* in pacman.conf"),
        ("IgnoreGroup = frozen", "IgnoreGroup = frozen in pacman.conf"),
    ],
)
def test_ignored_update_is_held(pacman: PacmanRoot, machine: Machine, setting: str, detail: str) -> None:
    """It is shown with the line of the configuration that ignores it."""
    pacman.install("acme", "1-1", GROUPS="base\nfrozen")
    pacman.add_repository("core", pacman.package("acme", "2-1", GROUPS="frozen"))
    pacman.configure(setting)

    update = _only(pacman.assess(machine))

    assert (update.blocker, update.blocker_detail, update.repository) == (Blocker.HELD, detail, "core")


def test_repository_that_is_not_for_upgrades_holds_its_packages(pacman: PacmanRoot, machine: Machine) -> None:
    """Usage in pacman.conf can leave a repository out of upgrades."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1"))
    configuration = pacman.path / "pacman.conf"
    configuration.write_text(configuration.read_text() + "Usage = Sync Search\n")

    update = _only(pacman.assess(machine))

    assert (update.blocker, update.blocker_detail) == (
        Blocker.HELD,
        "pacman.conf does not use its repository for upgrades",
    )


def test_first_repository_wins(pacman: PacmanRoot, machine: Machine) -> None:
    """pacman takes the first repository that has the package, not the newest version."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1"))
    pacman.add_repository("extra", pacman.package("acme", "3-1"))

    update = _only(pacman.assess(machine))

    assert (update.offered_version, update.repository) == ("2-1", "core")


def test_missing_dependency_stops_everything(pacman: PacmanRoot, machine: Machine) -> None:
    """pacman upgrades all or nothing: the one that cannot be is named, the others wait for it."""
    pacman.install("acme", "1-1")
    pacman.install("other", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1", DEPENDS="nowhere"), pacman.package("other", "2-1"))

    assessment = pacman.assess(machine)

    blockers = {update.name: update.blocker for update in assessment.updates}
    assert blockers == {"acme": Blocker.DEPENDENCY_MISSING, "other": Blocker.PACKAGE_MANAGER_BROKEN}
    assert "unable to satisfy dependency 'nowhere'" in _text(assessment, FindingKind.DEPENDENCIES_BROKEN)
    assert not assessment.is_ready


def test_new_dependency_does_not_block(pacman: PacmanRoot, machine: Machine) -> None:
    """pacman -Su installs what is new and needed; that is no update of itself, nor is what replaces another package."""
    pacman.install("acme", "1-1")
    pacman.install("old", "1-1")
    heir = pacman.package("heir", "1-1", REPLACES="old", CONFLICTS="old")
    pacman.add_repository("core", pacman.package("acme", "2-1", DEPENDS="lib"), pacman.package("lib", "1-1"), heir)

    update = _only(pacman.assess(machine))

    assert (update.name, update.blocker) == ("acme", None)


def test_package_of_no_repository_is_told(pacman: PacmanRoot, machine: Machine) -> None:
    """Whether an AUR package has an update is not known: a note, not an update."""
    pacman.install("acme", "1-1")
    pacman.install("acme-git", "1-1")
    pacman.add_repository("core", pacman.package("acme", "1-1"))

    assessment = pacman.assess(machine)

    assert _text(assessment, FindingKind.FOREIGN_PACKAGES).startswith("1 packages are in no repository")
    assert "acme-git" in _text(assessment, FindingKind.FOREIGN_PACKAGES)
    assert assessment.updates == ()


def test_no_database_is_not_nothing_missing(pacman: PacmanRoot, machine: Machine) -> None:
    """A machine that never fetched its lists has no updates to tell, which says nothing."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1"))
    (pacman.database / "sync/core.db").unlink()

    assessment = pacman.assess(machine)

    assert (assessment.updates, assessment.coverage) == ((), Coverage.UNKNOWN)
    assert FindingKind.LISTS_MISSING in {finding.kind for finding in assessment.findings}
    assert FindingKind.FOREIGN_PACKAGES not in {finding.kind for finding in assessment.findings}


@pytest.mark.parametrize("damage", ["absent", "empty", "not a database"])
def test_one_silent_repository_makes_the_answer_unknown(pacman: PacmanRoot, machine: Machine, damage: str) -> None:
    """What the others offer is shown; whether that is all is not known."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1"))
    pacman.add_repository("extra", pacman.package("other", "2-1"))
    database = pacman.database / "sync/extra.db"
    if damage == "absent":
        database.unlink()
    else:
        database.write_text("" if damage == "empty" else damage)

    assessment = pacman.assess(machine)

    assert [update.name for update in assessment.updates] == ["acme"]
    assert assessment.coverage is Coverage.UNKNOWN
    assert "extra" in _text(assessment, FindingKind.REPOSITORY_FAILING)


def test_no_repository_at_all(pacman: PacmanRoot, machine: Machine) -> None:
    """A pacman.conf without repositories offers nothing, which is unknown as well."""
    pacman.install("acme", "1-1")

    assessment = pacman.assess(machine)

    assert assessment.coverage is Coverage.UNKNOWN
    assert "No repository is configured" in _text(assessment, FindingKind.LISTS_MISSING)


def test_stale_databases_are_told_with_their_date(pacman: PacmanRoot, machine: Machine) -> None:
    """The log tells when pacman last looked: three weeks ago is no answer about today."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1"), age=timedelta(days=22))
    pacman.log.write_text("[2026-01-01T00:00:00+0100] [PACMAN] synchronizing package lists\n[x] [ALPM] other\n")

    assessment = pacman.assess(machine)

    assert assessment.coverage is Coverage.UNKNOWN
    assert "(2025-12-31)" in _text(assessment, FindingKind.LISTS_STALE)
    assert len(assessment.updates) == 1


def test_refresh_uses_a_copy_and_leaves_nothing(pacman: PacmanRoot, machine: Machine) -> None:
    """A refresh sees what is new; the machine's own databases stay, and so does its folder for temporary files."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1"))
    pacman.publish("core", pacman.package("acme", "3-1"))
    before = (pacman.database / "sync/core.db").stat()

    stale, fresh = pacman.assess(machine), pacman.assess(machine, refresh=True)

    assert (_only(stale).offered_version, _only(fresh).offered_version) == ("2-1", "3-1")
    assert fresh.coverage is Coverage.UNCLASSIFIED
    after = (pacman.database / "sync/core.db").stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )
    assert sorted(p.name for p in pacman.path.iterdir()) == sorted(
        ["bin", "cache", "db", "gnupg", "pacman.conf", "server"]
    )


@pytest.mark.skipif(not shutil.which("fakeroot"), reason="fakeroot is not installed here")
def test_refresh_needs_no_root(pacman: PacmanRoot, machine: Machine) -> None:
    """fakeroot stands for it, as in checkupdates."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1"))
    pacman.publish("core", pacman.package("acme", "3-1"))

    assessment = pacman.assess(machine, refresh=True, changes=("root_way=root", "root_way=none"))

    assert _only(assessment).offered_version == "3-1"
    assert assessment.coverage is Coverage.UNCLASSIFIED


def test_refresh_without_root_and_fakeroot_is_told(pacman: PacmanRoot, machine: Machine) -> None:
    """The answer is as old as the machine's own databases, and says so."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1"))
    changes = ("if command -v sed", "refresh_pacman() { echo none >&2; return 97; }\nif command -v sed")

    assessment = pacman.assess(machine, refresh=True, changes=changes)

    assert "no fakeroot" in _text(assessment, FindingKind.REFRESH_FAILED)
    assert (assessment.coverage, len(assessment.updates)) == (Coverage.UNKNOWN, 1)


def test_refresh_that_fails_keeps_what_was_known(pacman: PacmanRoot, machine: Machine) -> None:
    """A repository that is gone: the copy of what the machine had still speaks, but not for today."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core", pacman.package("acme", "2-1")).unlink()

    assessment = pacman.assess(machine, refresh=True)

    assert "pacman -Sy" in _text(assessment, FindingKind.REFRESH_FAILED)
    assert (assessment.coverage, len(assessment.updates)) == (Coverage.UNKNOWN, 1)


def test_lock_without_a_process_was_left_behind(pacman: PacmanRoot, machine: Machine) -> None:
    """pacman's lock is a file; it stops upgrades until somebody removes it."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core")
    (pacman.database / "db.lck").touch()

    assessment = pacman.assess(machine)

    assert "no package manager runs" in _text(assessment, FindingKind.PACKAGE_MANAGER_LOCKED)
    assert not assessment.is_ready


def test_only_the_process_that_holds_the_lock_works_on_these_packages(pacman: PacmanRoot, machine: Machine) -> None:
    """libalpm keeps its lock open: the pacman of a container or over another root does not hold this one."""
    pacman.install("acme", "1-1")
    pacman.add_repository("core")
    (pacman.path / "pacman").symlink_to("/bin/cat")
    (pacman.database / "db.lck").touch()
    with subprocess.Popen([pacman.path / "pacman"], stdin=subprocess.PIPE):
        elsewhere = pacman.assess(machine)
    with (
        (pacman.database / "db.lck").open() as lock,
        subprocess.Popen([pacman.path / "pacman"], stdin=subprocess.PIPE, pass_fds=[lock.fileno()]) as holder,
    ):
        here = pacman.assess(machine)
    with subprocess.Popen([pacman.path / "pacman"], stdin=subprocess.PIPE):
        unseen = pacman.assess(machine, changes=('"$1"/fd/*', '"$1"/of-another-user/*'))

    assert "no package manager runs" in _text(elsewhere, FindingKind.PACKAGE_MANAGER_LOCKED)
    assert f"process {holder.pid} pacman works" in _text(here, FindingKind.PACKAGE_MANAGER_LOCKED)
    assert "pacman works" in _text(unseen, FindingKind.PACKAGE_MANAGER_LOCKED)


def test_entry_without_description_is_told(pacman: PacmanRoot, machine: Machine) -> None:
    """What a crash left of its database is seen, and that pacman does nothing more."""
    pacman.install("acme", "1-1")
    pacman.install("lost", "1-1")
    pacman.add_repository("core", pacman.package("lost", "2-1"))
    (pacman.database / "local/lost-1-1/desc").unlink()

    assessment = pacman.assess(machine)

    assert "no description of lost:" in _text(assessment, FindingKind.PACKAGE_BROKEN)
    assert {update.blocker for update in assessment.updates} == {Blocker.PACKAGE_MANAGER_BROKEN}
    assert assessment.installed["lost", ""] == "1-1"


def test_configuration_that_cannot_be_read_is_a_failure(pacman: PacmanRoot, machine: Machine) -> None:
    """pacman-conf says why."""
    pacman.install("acme", "1-1")
    (pacman.path / "pacman.conf").unlink()

    assessment = pacman.assess(machine)

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.PACKAGE_MANAGER_FAILED
    assert "pacman-conf" in assessment.failure.tried


def test_every_version_is_the_one_that_pacman_prints(pacman: PacmanRoot, machine: Machine) -> None:
    """The inventory is read from pacman's files: pacman -Q says the same."""
    for number in range(40):
        pacman.install(f"acme{number}", f"1.{number}-1")
    pacman.add_repository("core")

    assessment = pacman.assess(machine)

    said = {tuple(line.split()) for line in pacman.run("pacman", "-Q").splitlines()}
    assert {(name, version) for (name, _), version in assessment.installed.items()} == said
