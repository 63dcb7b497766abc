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
from fleet.deployments.jobs import JobKind, JobOrder, PackageOrder
from fleet.facts import PatchWay
from fleet.failures import FailureKind
from fleet.machines import Become
from fleet.readiness import CheckStatus, Reading, find_checks, judge_all
from tests.lab.builder.lab import Lab, running
from tests.lab.builder.recipe import USER
from tests.lab.fleet_of import assess_all, enrol
from tests.lab.job_machine import JobMachine

# A machine of each family whose user sudo knows nothing of, and an update that it misses.
MACHINES = {
    "apt": ("job-nobody", "acme-tool"),
    "dnf": ("sudoers-dnf", "acme-both"),
    "zypper": ("sudoers-zypper", "acme-both"),
}
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
        update = updates[wanted]
        package = PackageOrder(update.name, update.architecture, update.offered_version, update.installed_version)
        order = JobOrder("lines", JobKind.INSTALL, (package,), 600)
        assert [change.name for change in (await machine.worker.simulate(order)).changes] == [update.name]
        followed = await machine.install(order)
        assert followed.report.exit_status == 0, followed.log
        await _reboots(machine)


async def _assess(lab: Lab, name: str) -> Assessment:
    return (await asyncio.to_thread(assess_all, lab, [name], become=Become.SUDO, refresh=True))[name]


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


def _give_lines(lab: Lab, name: str, family: str, home: Path) -> None:
    words = [str(Path(sys.executable).with_name("patchdeck")), "check", family, "--sudoers", "--patching"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "PATCHDECK_HOME": str(home)}
    done = subprocess.run(
        [*words, "--user", USER], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    script = 'umask 227 && printf "%s" "$1" >/etc/sudoers.d/patchdeck && visudo -cf /etc/sudoers.d/patchdeck'
    checked = lab.exec(name, ["sh", "-c", script, "sh", done.stdout])
    assert checked.returncode == 0, checked.stdout + checked.stderr


async def _reboots(machine: JobMachine) -> None:
    before = (await machine.worker.look()).boot_id
    await machine.worker.reboot(notice_minutes=0, message="")
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while machine.shell("cat /proc/sys/kernel/random/boot_id").strip() in (before, ""):
        assert time.monotonic() < give_up_at, "the machine did not reboot"
        await asyncio.sleep(0.2)
