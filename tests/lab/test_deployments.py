"""One run over machines of three families, each with something of its own: every update ends as it should."""

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.rollout import Rollout
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, RunStatus, RunStep
from fleet.failures import FindingKind
from ops.state.runs import JournalPhase
from tests.lab.builder.lab import Lab
from tests.lab.builder.rocky_packages import NEW_KERNEL, RUNNING_KERNEL
from tests.lab.builder.situations import holds_lock
from tests.lab.real_runs import EVERYTHING, Outcome, RealRuns

_WELL = ("run-apt", "run-restart", "run-reboots-itself", "run-locked", "run-clock", "run-dnf", "run-zypper")
_UNWELL = ("run-trouble", "run-full", "run-dnf-trouble", "run-dnf-old-kernel", "run-zypper-trouble")
_SUCCEEDED, _INSTALL_FAILED, _FAILED, _EXCLUDED = (
    InstallationStatus.SUCCEEDED,
    InstallationStatus.INSTALL_FAILED,
    InstallationStatus.FAILED,
    InstallationStatus.EXCLUDED,
)
# In life two minutes: until the job says that it waits, by a process that lets go then.
_HOLDS_FOR_A_WHILE = (
    f"""perl -e 'use Fcntl qw(:DEFAULT SEEK_SET F_SETLK F_WRLCK); $0 = "unattended-upgr"; """
    f"""{holds_lock("/var/lib/dpkg/lock-frontend")} """
    """sleep 1 until `grep -l "for the lock held by unattended" /var/lib/patchdeck/jobs/*-install/*`' """
    """>/dev/null 2>&1 &"""
)
Night = tuple[RealRuns, Outcome]


@pytest.fixture(scope="module")
def night(deployed: Lab, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A run over all of them."""
    runs = RealRuns(deployed, tmp_path_factory.mktemp("night"))
    runs.enrol(*_WELL, *_UNWELL)
    runs.shell("run-locked", _HOLDS_FOR_A_WHILE)
    runs.wait_for("run-locked", "pgrep -x unattended-upgr")
    return runs, runs.do(Deployment("night", ("all",), EVERYTHING, rollout=Rollout(concurrency=20)))


def test_each_machine_has_its_own_end(night: Night) -> None:
    """What fails on one machine is that one's result; the run says how many of how many."""
    _, outcome = night

    statuses = {name: record.status for name, record in outcome.machines.items()}

    assert statuses == dict.fromkeys(_WELL, MachineRunStatus.SUCCEEDED) | dict.fromkeys(
        _UNWELL, MachineRunStatus.FAILED
    ), outcome.describe()
    assert outcome.run.status is RunStatus.FAILED
    assert outcome.run.note == "7 of 12 machines succeeded, 5 failed"


@pytest.mark.parametrize("name", _WELL)
def test_machine_that_is_well_gets_all_of_its_updates(night: Night, name: str) -> None:
    """Every update of the plan succeeded, and each step was written down when it began and when it ended, once."""
    runs, outcome = night

    assert set(outcome.statuses(name).values()) == {_SUCCEEDED}
    ended = [e.step for e in outcome.journal if e.machine_id == f"id-of-{name}" and e.phase is JournalPhase.END]
    for step in (RunStep.ASSESS_BEFORE, RunStep.PLAN, RunStep.CHECK, RunStep.INSTALL):
        assert ended.count(step) == 1
    assert runs.shell(name, "ls -A /var/lib/patchdeck/jobs | grep -v active") == ""


def test_success_on_apt_is_what_dpkg_says(night: Night) -> None:
    """Versions by dpkg's own word, each installed once; the log and the real commands are kept."""
    runs, outcome = night

    assert runs.deb("run-apt", "acme-lib") == "1.0-1+deb12u1 installed"
    assert [runs.upgrades("run-apt", name) for name in ("acme-lib", "acme-tool", "acme-epoch")] == [1, 1, 1]
    assert b"Setting up acme-lib (1.0-1+deb12u1)" in outcome.log("run-apt")
    assert "/usr/bin/apt-get -y" in outcome.commands("run-apt")


def test_bad_packages_do_not_sink_the_others(night: Night) -> None:
    """Failing, missing and held packages are told apart; what floods, asks or kills is installed all the same."""
    runs, outcome = night

    updates, statuses = outcome.updates("run-trouble"), outcome.statuses("run-trouble")

    assert statuses.pop("acme-fails") is _INSTALL_FAILED
    assert (
        "installed acme-fails package post-installation script subprocess returned error" in updates["acme-fails"].error
    )
    assert statuses.pop("acme-gone") in (_FAILED, _INSTALL_FAILED)
    assert "404" in updates["acme-gone"].error
    assert statuses.pop("acme-held") is _EXCLUDED
    assert "held" in updates["acme-held"].error
    assert set(statuses.values()) == {_SUCCEEDED}, outcome.describe()
    assert runs.deb("run-trouble", "acme-held") == "1.0-1 installed"
    assert {name: runs.deb("run-trouble", name) for name in statuses} == {
        name: f"{update.offered_version} installed" for name, update in updates.items() if name in statuses
    }


def test_what_scripts_asked_was_answered_by_nobody(night: Night) -> None:
    """The changed file is kept and said, debconf's default is taken, a script that reads gets nothing."""
    runs, outcome = night

    assert runs.shell("run-trouble", "cat /etc/acme-conffile.conf") == "colour = green\n"
    assert "/etc/acme-conffile.conf.dpkg-dist" in outcome.findings("run-trouble")
    assert FindingKind.CONFIGURATION_KEPT in outcome.findings("run-trouble")
    assert runs.shell("run-trouble", "cat /var/lib/acme-question.answer") == "blue\n"


def test_flood_is_kept_whole_and_harmless(night: Night) -> None:
    """All that was printed is in the log of the run; nothing of it reaches what is shown."""
    _, outcome = night

    log = outcome.log("run-trouble")

    assert log.count(b"a flood of words\n") >= 290_000
    assert b"\x1b[31mred" in log
    excerpts = "".join(update.log_excerpt + update.error for update in outcome.updates("run-trouble").values())
    assert "\x1b" not in excerpts


def test_reboot_that_an_update_wants_is_made_and_proved(night: Night) -> None:
    """The machine is in another boot afterwards, and nothing wants a reboot any more."""
    runs, outcome = night
    record = outcome.machines["run-restart"]

    assert record.rebooted
    assert record.reboot_seconds is not None
    assert record.pulse_before is not None
    assert record.pulse_after is not None
    assert record.pulse_before.boot_id != record.pulse_after.boot_id
    assert record.pulse_after.boot_id == runs.shell("run-restart", "cat /proc/sys/kernel/random/boot_id").strip()
    assert runs.shell("run-restart", "ls /run/reboot-required") == ""


def test_machine_that_reboots_by_itself_is_finished_afterwards(night: Night) -> None:
    """dpkg died with the machine; a second job finishes what it left, and says so."""
    runs, outcome = night
    record = outcome.machines["run-reboots-itself"]

    assert FindingKind.JOB_INTERRUPTED in outcome.findings("run-reboots-itself")
    assert "rebooted by itself" in outcome.findings("run-reboots-itself")
    assert record.attempts == 2
    for name in ("acme-lib", "acme-reboots", "acme-zeal"):
        assert "installed" in runs.deb("run-reboots-itself", name)
        assert runs.upgrades("run-reboots-itself", name) == 1


def test_lock_is_waited_for(night: Night) -> None:
    """Somebody else's dpkg came first; the job says for whom it waited."""
    _, outcome = night

    assert "waiting for the lock held by unattended-upgr" in outcome.findings("run-locked")


def test_full_disk_stops_a_machine_before_anything_is_begun(night: Night) -> None:
    """Nothing was installed, and every update says why."""
    runs, outcome = night

    assert set(outcome.statuses("run-full").values()) == {_FAILED}
    assert "/var/cache/apt/archives has 0 bytes free" in outcome.machines["run-full"].error
    assert runs.deb("run-full", "acme-lib") == "1.0-1 installed"
    assert outcome.machines["run-full"].job_id == ""


def test_machine_with_a_wrong_clock_is_in_the_window_all_the_same(night: Night) -> None:
    """An hour of skew neither closes the window nor moves what is told of the run."""
    runs, outcome = night
    record = outcome.machines["run-clock"]

    assert runs.deb("run-clock", "acme-lib") == "1.0-1+deb12u1 installed"
    assert record.started_at is not None
    assert record.ended_at is not None
    for update in record.outcomes:
        assert update.started_at is not None
        assert update.ended_at is not None
        assert record.started_at <= update.started_at <= update.ended_at <= record.ended_at


def test_reboot_brings_the_new_kernel(night: Night) -> None:
    """dnf installs the kernel beside the old one, and the machine comes back with it."""
    runs, outcome = night
    record = outcome.machines["run-dnf"]

    assert {f"kernel {NEW_KERNEL}", f"kernel {RUNNING_KERNEL}"} <= runs.rpms("run-dnf")
    assert record.rebooted
    assert record.pulse_after is not None
    assert record.pulse_after.kernel == f"{NEW_KERNEL}.x86_64"
    assert outcome.machines["run-zypper"].rebooted


def test_machine_that_comes_back_with_the_old_kernel_has_failed(night: Night) -> None:
    """Its updates are there; what is not as planned is an error and a finding."""
    _, outcome = night

    assert set(outcome.statuses("run-dnf-old-kernel").values()) == {_SUCCEEDED}
    assert f"it runs the kernel {RUNNING_KERNEL}.x86_64, not {NEW_KERNEL}.x86_64" in (
        outcome.machines["run-dnf-old-kernel"].error
    )
    assert FindingKind.NOT_AS_BEFORE in outcome.findings("run-dnf-old-kernel")


@pytest.mark.parametrize("name", ["run-dnf-trouble", "run-zypper-trouble"])
def test_rpm_scripts_that_fail_fail_alone(night: Night, name: str) -> None:
    """%pre keeps its package out, %post does not; one that does not fit and a locked one are the only others left."""
    runs, outcome = night
    updates, statuses = outcome.updates(name), outcome.statuses(name)

    assert statuses.pop("acme-prefails") is _INSTALL_FAILED, outcome.describe()
    assert statuses.pop("acme-bulky") is _FAILED
    assert "not enough space" in updates["acme-bulky"].error
    assert statuses.pop("acme-locked") is _EXCLUDED
    assert set(statuses.values()) == {_SUCCEEDED}, outcome.describe()
    assert "scriptlet failed" in updates["acme-postfails"].error
    assert runs.shell(name, "cat /etc/acme-config.conf") == "changed here\n"
    assert "/etc/acme-config.conf.rpmnew" in outcome.findings(name)
    packages = " ".join(sorted(runs.rpms(name)))
    assert "acme-prefails 1.0" in packages
    assert "acme-postfails 1.1" in packages
    assert "acme-config 1.1" in packages


@pytest.mark.soak
def test_package_that_is_not_what_the_index_says_is_tried_again(runs: RealRuns) -> None:
    """A mirror may be in the middle of a change; what stays wrong fails alone, with apt's own words."""
    runs.enrol("run-corrupt")

    outcome = runs.do(Deployment("night", ("all",), EVERYTHING))

    assert outcome.statuses("run-corrupt") == {"acme-corrupt": _FAILED, "acme-lib": _SUCCEEDED}
    assert "Hash Sum mismatch" in outcome.updates("run-corrupt")["acme-corrupt"].error
    assert runs.deb("run-corrupt", "acme-corrupt") == "1.0-1 installed"
