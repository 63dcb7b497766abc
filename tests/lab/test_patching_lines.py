"""The lines that `patchdeck check --sudoers --patching` prints: sudo itself lets exactly that user patch and reboot."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.transports.base import TransportFailed
from fleet.assessments import Assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.jobs import JobKind, JobOrder, PackageOrder
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import MachineRunStatus, RunStatus
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import UpdateMask, UpdateRules
from fleet.facts import PatchWay
from fleet.failures import FailureKind
from fleet.machines import Become
from fleet.readiness import CheckStatus, Reading, find_checks, judge_all
from fleet.updates import Update
from tests.lab.builder.lab import Lab, running
from tests.lab.builder.recipe import USER
from tests.lab.fleet_of import assess_all, enrol
from tests.lab.job_machine import JobMachine
from tests.lab.real_runs import EVERYTHING, RealRuns

# A machine of each family whose user sudo knows nothing of, and an update that it misses.
MACHINES = {
    "apt": ("job-nobody", "acme-tool"),
    "dnf": ("sudoers-dnf", "acme-both"),
    "zypper": ("sudoers-zypper", "acme-both"),
    "pacman": ("sudoers-pacman", "acme-openssl"),
}
# pacman knows only all or nothing.
_RULES = {
    family: EVERYTHING if family == "pacman" else UpdateRules(include=(UpdateMask(wanted),))
    for family, (_, wanted) in MACHINES.items()
}
# What would be more than the lines, also for those whose words are free.
_REFUSED = ("sh -c id", "cat /etc/shadow", "systemctl stop sshd", "rpm -i x.rpm", "dpkg -i x.deb", "tee /etc/passwd")
_PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def users(can_build: None) -> Iterator[Lab]:
    """Those machines."""
    with running(tuple(name for name, _ in MACHINES.values())) as lab:
        yield lab


@pytest.mark.parametrize("family", MACHINES)
async def test_printed_lines_are_enough_to_patch_and_to_reboot(users: Lab, family: str, tmp_path: Path) -> None:
    """Refused before, with the command that has the lines; with them the update comes in and the machine reboots."""
    name, wanted = MACHINES[family]
    async with JobMachine(users, name) as machine:
        assert _judge(users, name, await _assess(users, name)) is CheckStatus.FAILED
        await _is_refused(machine)

        _give_lines(users, name, family, tmp_path)
        assessment = await _assess(users, name)
        assert _judge(users, name, assessment) is CheckStatus.PASSED
        assert (assessment.facts.patch_way, assessment.facts.is_reboot_allowed) == (PatchWay.LIMITED_SUDO, True)
        updates = {each.name: each for each in assessment.updates}
        assert wanted in updates
        packages = tuple(_order(each) for each in updates.values() if family == "pacman" or each.name == wanted)
        order = JobOrder("lines", JobKind.INSTALL, packages, 600)
        changed = {change.name for change in (await machine.worker.simulate(order)).changes}
        assert changed >= {package.name for package in packages}
        followed = await machine.install(order)
        assert followed.report.exit_status == 0, followed.log
        await _reboots(machine)


@pytest.mark.parametrize("family", MACHINES)
def test_a_whole_deployment_needs_nothing_but_the_printed_lines(users: Lab, family: str, tmp_path: Path) -> None:
    """Scripts, download, installation, reboot and scripts again: sudo is asked for nothing beyond the lines."""
    name, wanted = MACHINES[family]
    runs = RealRuns(users, tmp_path)
    runs.enrol(name)
    lines = _give_lines(users, name, family, tmp_path)
    _have_sudo_log(users, name)
    assess_all(users, [name], become=Become.SUDO, refresh=True)
    scripts = tuple(_script(stage, tmp_path) for stage in ScriptStage)
    reboot = RebootRules(RebootPolicy.ALWAYS)

    outcome = runs.do(Deployment("lines", (name,), _RULES[family], scripts=scripts, reboot=reboot))

    record = outcome.machines[name]
    assert outcome.run.status is RunStatus.SUCCEEDED, outcome.describe()
    assert (record.status, wanted in outcome.statuses(name)) == (MachineRunStatus.SUCCEEDED, True), outcome.describe()
    assert record.rebooted
    assert runs.shell(name, f"cat /home/{USER}/pre /home/{USER}/post").split() == [USER, USER]
    allowed = [line.partition("NOPASSWD: ")[2].replace("\\", "") for line in lines if "NOPASSWD" in line]
    ran = _commands_of_sudo(runs.shell(name, "cat /var/log/sudo.log"))
    assert ran
    assert [command for command in ran if not any(command.startswith(words) for words in allowed)] == []


@pytest.mark.parametrize("family", MACHINES)
def test_patching_lines_allow_no_other_program(users: Lab, family: str, tmp_path: Path) -> None:
    """What sudo lists for the user is what was printed, and whatever else is tried is refused."""
    name, _ = MACHINES[family]
    users.reset(name)
    lines = _give_lines(users, name, family, tmp_path)

    listed = users.exec(name, ["sudo", "-n", "-l"], user=USER).stdout
    granted = {line.partition("NOPASSWD: ")[2] for line in listed.splitlines() if "NOPASSWD: " in line}

    assert granted == {line.partition("NOPASSWD: ")[2] for line in lines if "NOPASSWD: " in line}
    for command in _REFUSED:
        tried = users.exec(name, ["sudo", "-n", *command.split()], user=USER)
        assert tried.returncode == 1, command
        assert "password is required" in tried.stderr or "not allowed" in tried.stderr, (command, tried.stderr)


async def _assess(lab: Lab, name: str) -> Assessment:
    return (await asyncio.to_thread(assess_all, lab, [name], become=Become.SUDO, refresh=True))[name]


def _order(update: Update) -> PackageOrder:
    return PackageOrder(update.name, update.architecture, update.offered_version, update.installed_version)


def _judge(lab: Lab, name: str, assessment: Assessment) -> CheckStatus:
    (result,) = judge_all(Reading.of(enrol(lab, name, Become.SUDO), assessment), find_checks(["patching"]))
    assert result.verdict.evidence
    return result.verdict.status


async def _is_refused(machine: JobMachine) -> None:
    order = JobOrder("lines", JobKind.INSTALL, (PackageOrder("acme-tool", "", "1.1-1"),), 600)
    for asked in (machine.worker.start(order), machine.worker.reboot(notice_minutes=0, message="")):
        with pytest.raises(TransportFailed) as caught:
            await asked
        assert caught.value.failure.kind is FailureKind.NO_ROOT
        assert "patchdeck check --sudoers --patching" in caught.value.failure.remedy


def _script(stage: ScriptStage, folder: Path) -> Script:
    """A script that notes on the machine, as whoever runs it, that it ran."""
    path = folder / f"{stage}.sh"
    path.write_text(f"#!/bin/sh\nid -un >~/{stage}\n")
    return Script(stage, ScriptPlace.MACHINE, str(path))


def _have_sudo_log(lab: Lab, name: str) -> None:
    script = "umask 227 && echo 'Defaults logfile=/var/log/sudo.log, loglinelen=0' >/etc/sudoers.d/zz-log"
    assert lab.exec(name, ["sh", "-c", script]).returncode == 0


def _commands_of_sudo(log: str) -> list[str]:
    """What sudo was asked to run as root, whether it did or not; not what it was asked to list."""
    return [
        line.partition(" COMMAND=")[2]
        for line in log.splitlines()
        if " COMMAND=" in line and "COMMAND=list" not in line
    ]


def _give_lines(lab: Lab, name: str, family: str, home: Path) -> list[str]:
    words = [str(Path(sys.executable).with_name("patchdeck")), "check", family, "--sudoers", "--patching"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "PATCHDECK_HOME": str(home / "lines")}
    done = subprocess.run(
        [*words, "--user", USER], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    script = 'umask 227 && printf "%s" "$1" >/etc/sudoers.d/patchdeck && visudo -cf /etc/sudoers.d/patchdeck'
    checked = lab.exec(name, ["sh", "-c", script, "sh", done.stdout])
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return done.stdout.splitlines()


async def _reboots(machine: JobMachine) -> None:
    before = (await machine.worker.look()).boot_id
    await machine.worker.reboot(notice_minutes=0, message="")
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while machine.shell("cat /proc/sys/kernel/random/boot_id").strip() in (before, ""):
        assert time.monotonic() < give_up_at, "the machine did not reboot"
        await asyncio.sleep(0.2)
