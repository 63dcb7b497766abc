"""Jobs on machines with dnf, zypper and pacman: what they install, and what they say of what they could not."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from fleet.deployments.jobs import BatchOutcome, JobKind, JobReport, JobState
from fleet.deployments.plan import ChangeKind
from fleet.machines import Become
from tests.lab.builder.job_rpms import HOLD
from tests.lab.builder.lab import Lab
from tests.lab.builder.recipe import ARCHIVE_HOST, REPOSITORY_PORT
from tests.lab.builder.situations import holds_lock, writes_its_id
from tests.lab.rpm_jobs import brought, installed, order_of, run_job, simulate, stop_repositories

_RELEASE = "/run/release"
ROCKY, SLES, ARCH = "rocky-jobs", "sles-jobs", "arch-jobs"
KERNEL, SUSE_KERNEL = "5.14.0-427.20.1.el9_4", "6.4.0-150600.23.7.1"
_NEW = {ROCKY: "1.el9_4", SLES: "150600.3.3.1"}
_GOES_WELL = {
    ROCKY: (
        "acme-good 1.1-1.el9_4",
        "acme-openssl 1:3.0.1-2.el9_4",
        "acme-openssl-libs 1:3.0.1-2.el9_4",
        "acme-both 1.0-2.el9_4",
        "acme-newdeps 1.1-1.el9_4",
        "acme-low/noarch 1.0-2.el9_4",
        "acme-multi/i686 1.0-2.el9_4",
        "acme-multi 1.0-2.el9_4",
        f"kernel {KERNEL}",
    ),
    SLES: (
        "acme-good 1.1-150600.3.3.1",
        "acme-openssl 1:3.0.1-150600.3.3.1",
        "acme-both 1.0-150600.3.3.1",
        "acme-newdeps 1.1-150600.3.3.1",
        "acme-low/noarch 1.0-150600.3.3.1",
        f"kernel-default {SUSE_KERNEL}",
    ),
    ARCH: (
        "acme-openssl 3.0.2-1",
        "acme-epoch 1:1.0-1",
        "acme-data/any 1.1-1",
        "acme-newdeps 1.1-1",
        "linux 6.9.3.arch1-1",
    ),
}
# A repository of one package, signed with a key that rpm does not know yet.
_SIGNED_REPOSITORY = f"""
export GNUPGHOME=/tmp/gnupg; mkdir -m 700 $GNUPGHOME; mkdir /tmp/signed; cd /tmp/signed
gpg --batch --passphrase '' --quick-gen-key 'The lab' rsa2048 sign never
gpg --armor --export >/tmp/key.asc
python3 -c 'import sys, urllib.request as u; u.urlretrieve(*sys.argv[1:])' \\
    http://{ARCHIVE_HOST}:{REPOSITORY_PORT}/rpm/rocky/appstream/acme-good-1.1-1.el9_4.x86_64.rpm good.rpm
rpmsign --define '_gpg_name The lab' --define '__gpg /usr/bin/gpg' --addsign good.rpm
createrepo_c -q .
printf '[signed]\\nname=signed\\nbaseurl=file:///tmp/signed\\ngpgcheck=1\\npassword=secret\\n' >/tmp/repo
{{ cat /tmp/repo; echo 'gpgkey=file:///tmp/key.asc'; }} >/etc/yum.repos.d/appstream.repo
"""
_LOCKED = {ROCKY: ("acme-locked 1.0-2.el9_4", "acme-excluded 1.0-2.el9_4"), SLES: ("acme-locked 1.0-150600.3.3.1",)}


@pytest.fixture
def fresh(lab: Lab) -> Iterator[Callable[[str], Lab]]:
    """``fresh(name)``: the lab with that machine as it was built; it is so again when the test is over."""
    used: list[str] = []

    def give(name: str) -> Lab:
        used.append(name)
        lab.reset(name)
        return lab

    yield give
    for name in used:
        lab.reset(name)


def _new(machine: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{name} 1.1-{_NEW[machine]}" for name in names)


@pytest.mark.parametrize("name", [ROCKY, SLES, ARCH])
def test_installation_does_what_its_simulation_said(fresh: Callable[[str], Lab], name: str) -> None:
    """Package by package and version by version, nothing else, and the simulation itself changed nothing."""
    lab = fresh(name)
    order = order_of(*_GOES_WELL[name])
    before = installed(lab, name)

    simulation = simulate(lab, name, order)
    assert installed(lab, name) == before
    finished = run_job(lab, name, order)

    assert (simulation.problem, simulation.kept) == ("", ())
    assert finished.report.state is JobState.ENDED
    assert finished.report.exit_status == 0
    assert finished.outcomes == {BatchOutcome.SUCCEEDED}
    coming = {(change.name, change.to_version) for change in simulation.changes if change.kind is not ChangeKind.REMOVE}
    assert brought(before, installed(lab, name)) == coming
    assert {tuple(text.replace("/noarch", "").split()) for text in _GOES_WELL[name] if "/" not in text} <= coming


@pytest.mark.parametrize("name", [ROCKY, SLES])
def test_failing_scripts_sink_nothing_else(fresh: Callable[[str], Lab], name: str) -> None:
    """%pre keeps its own package back; %post is noted, its package is there; a changed setting is kept and told."""
    lab = fresh(name)
    words = _new(name, "acme-good", "acme-prefails", "acme-postfails", "acme-config", "acme-talkative")

    finished = run_job(lab, name, order_of(*words))

    versions = dict(installed(lab, name))
    new = words[0].split()[1]
    assert versions["acme-prefails"] != new
    assert {versions[f"acme-{each}"] for each in ("good", "postfails", "config", "talkative")} == {new}
    assert finished.report.exit_status == 1
    assert BatchOutcome.FAILED in finished.outcomes
    assert finished.report.conffiles == ("/etc/acme-config.conf.rpmnew",)
    assert "%post(acme-postfails" in finished.notes
    assert lab.exec(name, ["cat", "/etc/acme-config.conf"]).stdout == "changed here\n"


@pytest.mark.parametrize("name", [ROCKY, SLES])
def test_locked_package_is_left_and_the_rest_installed(fresh: Callable[[str], Lab], name: str) -> None:
    """In the simulation with words; in the job without breaking the lock."""
    lab = fresh(name)
    order = order_of(*_new(name, "acme-good"), *_LOCKED[name])

    simulation = simulate(lab, name, order)
    finished = run_job(lab, name, order)

    names = {text.split()[0] for text in _LOCKED[name]}
    assert {each.name for each in simulation.kept} == names
    assert all(each.words for each in simulation.kept)
    assert dict(installed(lab, name))["acme-good"] == _new(name, "acme-good")[0].split()[1]
    assert not names & {
        package for package, version in installed(lab, name) if "1.0-2" in version or "3.3.1" in version
    }
    assert finished.report.exit_status == 1


@pytest.mark.parametrize("name", [ROCKY, SLES])
def test_unmet_dependency_is_left_and_the_rest_installed(fresh: Callable[[str], Lab], name: str) -> None:
    """What nobody has, or what an exclude hides, keeps only the package back that needs it."""
    lab = fresh(name)
    left = ("acme-needsdep", "acme-depexcluded") if name == ROCKY else ("acme-needsdep",)
    order = order_of(*_new(name, "acme-good", *left))

    kept = {each.name: each.words for each in simulate(lab, name, order).kept}
    run_job(lab, name, order)

    assert set(kept) == set(left)
    assert "acme-not-published" in kept["acme-needsdep"]
    assert "acme-excluded-lib" in kept.get("acme-depexcluded", "acme-excluded-lib")
    assert dict(installed(lab, name))["acme-good"].startswith("1.1-")
    assert not any(package in left and version.startswith("1.1-") for package, version in installed(lab, name))


@pytest.mark.parametrize("name", [ROCKY, SLES])
def test_full_file_system_is_told_and_the_rest_installed(fresh: Callable[[str], Lab], name: str) -> None:
    """One package needs more room than there is: it alone is left."""
    lab = fresh(name)

    finished = run_job(lab, name, order_of(*_new(name, "acme-good", "acme-bulky")))

    versions = dict(installed(lab, name))
    assert versions["acme-good"].startswith("1.1-")
    assert versions["acme-bulky"].startswith("1.0-")
    assert BatchOutcome.NO_SPACE in finished.outcomes


@pytest.mark.parametrize("name", [ROCKY, SLES])
def test_repositories_out_of_reach_are_the_networks_fault(fresh: Callable[[str], Lab], name: str) -> None:
    """Nothing is installed, and it is not called a failure of the package."""
    lab = fresh(name)
    before = installed(lab, name)
    stop_repositories(lab, name)

    finished = run_job(lab, name, order_of(*_new(name, "acme-good")))

    assert finished.outcomes == {BatchOutcome.NETWORK}
    assert installed(lab, name) == before


@pytest.mark.parametrize("name", [ROCKY, SLES])
def test_what_was_downloaded_is_installed_without_repositories(fresh: Callable[[str], Lab], name: str) -> None:
    """In several transactions too, none of which takes away what the next one needs; and in the end nothing is left."""
    lab = fresh(name)
    before = installed(lab, name)

    fetched = run_job(lab, name, order_of(*_GOES_WELL[name], kind=JobKind.DOWNLOAD))
    assert installed(lab, name) == before
    stop_repositories(lab, name)
    finished = run_job(lab, name, order_of(*_GOES_WELL[name], batch_size=3))

    assert fetched.outcomes == {BatchOutcome.SUCCEEDED}
    assert finished.report.exit_status == 0
    assert len(finished.report.batches) > 1
    assert len(brought(before, installed(lab, name))) >= len(_GOES_WELL[name])
    assert lab.exec(name, ["find", "/var/cache", "-name", "*.rpm"]).stdout == ""


@pytest.mark.parametrize("name", [ROCKY, SLES])
def test_held_lock_is_waited_for(fresh: Callable[[str], Lab], name: str) -> None:
    """Whoever has it is named; what is installed comes after it."""
    lab = fresh(name)
    _hold_lock(lab, name)

    def let_go(report: JobReport) -> None:
        if "waiting for the lock" in "".join(note.text for note in report.notes):
            lab.exec(name, ["touch", _RELEASE])

    finished = run_job(lab, name, order_of(*_new(name, "acme-good"), lock_wait_seconds=150), on_report=let_go)

    assert finished.report.exit_status == 0
    assert "waiting for the lock held by" in finished.notes


@pytest.mark.parametrize("name", [ROCKY, SLES])
def test_lock_that_stays_is_told(fresh: Callable[[str], Lab], name: str) -> None:
    """After the time that was given for it, nothing is done, and it is called locked."""
    lab = fresh(name)
    _hold_lock(lab, name)

    finished = run_job(lab, name, order_of(*_new(name, "acme-good"), lock_wait_seconds=1))

    assert finished.outcomes == {BatchOutcome.LOCKED}
    assert dict(installed(lab, name))["acme-good"].startswith("1.0-")


def _hold_lock(lab: Lab, name: str) -> None:
    """Has another process hold the manager's lock until the file comes."""
    if name == SLES:
        begin = f"(until [ -e {_RELEASE} ]; do sleep 0.1; done | zypper --quiet shell) >/dev/null 2>&1 </dev/null &"
        held = "/run/zypp.pid"
    else:
        held = "/run/held"
        begin = (
            'perl -e \'use Fcntl qw(:DEFAULT :flock SEEK_SET F_SETLK F_WRLCK); $0 = "dnf upgrade"; '
            f"{holds_lock('/var/lib/rpm/.rpm.lock')} {writes_its_id(held)} "
            f'select(undef, undef, undef, 0.1) until -e "{_RELEASE}"\' >/dev/null 2>&1 </dev/null &'
        )
    wait = f"i=0; until [ -s {held} ]; do i=$((i + 1)); [ $i -lt 300 ] || exit 1; sleep 0.1; done"
    done = lab.exec(name, ["sh", "-c", f"{begin}\n{wait}"])
    assert done.returncode == 0, done.stderr


def test_two_architectures_of_a_package_move_together(fresh: Callable[[str], Lab]) -> None:
    """Neither can be upgraded alone, and so they are not, however small the transactions."""
    lab = fresh(ROCKY)
    order = order_of("acme-multi/i686 1.0-2.el9_4", "acme-multi 1.0-2.el9_4", batch_size=1)

    finished = run_job(lab, ROCKY, order)

    assert finished.report.exit_status == 0
    assert {version for name, version in installed(lab, ROCKY) if name == "acme-multi"} == {"1.0-2.el9_4"}


def test_key_is_never_imported_and_a_known_one_is_enough(fresh: Callable[[str], Lab]) -> None:
    """The repository names its key, which dnf -y would import; what the administrator has imported is trusted."""
    lab = fresh(ROCKY)
    made = lab.exec(ROCKY, ["sh", "-euc", _SIGNED_REPOSITORY])
    assert made.returncode == 0, made.stderr
    before = installed(lab, ROCKY)

    refused = run_job(lab, ROCKY, order_of(*_new(ROCKY, "acme-good")))
    assert installed(lab, ROCKY) == before
    lab.exec(ROCKY, ["rpm", "--import", "/tmp/key.asc"])
    taken = run_job(lab, ROCKY, replace(order_of(*_new(ROCKY, "acme-good")), id="lab-again"))

    assert refused.outcomes == {BatchOutcome.FAILED}
    assert "rpm --import" in refused.notes
    assert "password" not in refused.log
    assert taken.outcomes == {BatchOutcome.SUCCEEDED}


def test_broken_database_is_noted_and_nothing_begun(lab: Lab) -> None:
    """Nothing is repaired unasked, and no transaction is tried over it."""
    lab.exec("rocky-broken-database", ["sh", "-c", "echo 'patcher ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/lab"])

    finished = run_job(lab, "rocky-broken-database", order_of("acme-bug 1.0-2.el9_4"))

    assert finished.report.exit_status == 2
    assert [batch.exit_status for batch in finished.report.batches] == [None]
    assert finished.notes.startswith("rpm cannot read its database: ")
    lab.reset("rocky-broken-database")


def test_sudo_for_dnf_alone_is_enough(fresh: Callable[[str], Lab]) -> None:
    """Every change goes through that one program, by its path; what root alone may remove stays for dnf to remove."""
    lab = fresh(ROCKY)
    lab.exec(ROCKY, ["sh", "-c", "echo 'patcher ALL=(root) NOPASSWD: /usr/bin/dnf' >/etc/sudoers.d/lab"])

    finished = run_job(lab, ROCKY, order_of(*_new(ROCKY, "acme-good", "acme-postfails")))

    assert finished.report.exit_status == 0
    assert dict(installed(lab, ROCKY))["acme-good"].startswith("1.1-")


def test_sudo_for_zypper_alone_is_enough(fresh: Callable[[str], Lab]) -> None:
    """For the simulation as well."""
    lab = fresh(SLES)
    lab.exec(SLES, ["sh", "-c", "echo 'patcher ALL=(root) NOPASSWD: /usr/bin/zypper' >/etc/sudoers.d/lab"])
    order = order_of(*_new(SLES, "acme-good"))

    simulation = simulate(lab, SLES, order)
    finished = run_job(lab, SLES, order)

    assert [change.name for change in simulation.changes] == ["acme-good"]
    assert finished.report.exit_status == 0


@pytest.mark.parametrize("name", [ROCKY, ARCH])
def test_simulation_needs_no_root(fresh: Callable[[str], Lab], name: str) -> None:
    """dnf 4 and pacman solve for any user."""
    lab = fresh(name)

    assert simulate(lab, name, order_of(*_GOES_WELL[name]), Become.NONE).problem == ""


def test_new_packages_come_only_where_they_are_allowed(fresh: Callable[[str], Lab]) -> None:
    """An upgrade that needs one is left, and it is noted which; a further kernel is no new package."""
    for name in (ROCKY, SLES):
        lab = fresh(name)
        words = (*_new(name, "acme-good", "acme-newdeps"), *(text for text in _GOES_WELL[name] if "kernel" in text))

        finished = run_job(lab, name, order_of(*words, allow_new_packages=False))

        versions = installed(lab, name)
        assert not any(package == "acme-brandnew" for package, _ in versions)
        assert dict(versions)["acme-good"].startswith("1.1-")
        assert any(KERNEL in version or SUSE_KERNEL in version for _, version in versions)
        assert "+acme-brandnew" in finished.notes


def test_progress_names_the_package_in_work(fresh: Callable[[str], Lab]) -> None:
    """While a script of it runs, which ends once that was said."""
    lab = fresh(ROCKY)
    lab.exec(ROCKY, ["touch", HOLD])

    def let_go_on(report: JobReport) -> None:
        if report.progress and (report.progress.package, report.progress.doing) == ("acme-slow", "Running scriptlet"):
            lab.exec(ROCKY, ["rm", "-f", HOLD])

    finished = run_job(lab, ROCKY, order_of(*_new(ROCKY, "acme-slow")), on_report=let_go_on)

    assert finished.report.exit_status == 0
    assert ("acme-slow", "Running scriptlet") in finished.steps


def test_part_of_an_upgrade_is_refused_on_arch(fresh: Callable[[str], Lab]) -> None:
    """By the simulation in one line, and by the job should it come so far."""
    lab = fresh(ARCH)
    before = installed(lab, ARCH)
    order = order_of(*_GOES_WELL[ARCH][:2])

    simulation = simulate(lab, ARCH, order)
    finished = run_job(lab, ARCH, order)

    assert "all or nothing" in simulation.problem
    assert finished.report.exit_status == 1
    assert installed(lab, ARCH) == before


def test_snapshot_system_is_refused(lab: Lab) -> None:
    """With what to do instead."""
    assert "transactional-update" in simulate(lab, "microos", order_of("acme-good 1.1-1"), Become.NONE).problem
