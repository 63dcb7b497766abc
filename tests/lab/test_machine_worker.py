"""What a run asks of real machines beside jobs: a look, a script, a health gate, a reboot."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from collectors.transports.base import TransportFailed
from fleet.deployments.pulse import Pulse
from fleet.failures import FailureKind
from fleet.machines import Become
from tests.lab.builder.lab import Lab, running
from tests.lab.job_machine import JobMachine


@pytest.fixture(scope="module")
def lab(can_build: None) -> Iterator[Lab]:
    """A machine with sudo, and one whose user has none."""
    with running(("job-apt", "job-nobody")) as machines:
        yield machines


@pytest.fixture
async def machine(lab: Lab) -> AsyncIterator[JobMachine]:
    """The machine with sudo."""
    async with JobMachine(lab, "job-apt") as machine:
        yield machine


async def _until_rebooted(machine: JobMachine, before: Pulse) -> Pulse:
    async with asyncio.timeout(90):
        while True:
            try:
                if (pulse := await machine.worker.look()).boot_id != before.boot_id:
                    return pulse
            except TransportFailed:
                pass
            await asyncio.sleep(0.2)


async def test_look_is_the_machine_s_own_word(machine: JobMachine) -> None:
    """Boot id and listening ports are those that the machine has; without systemd nothing tells of units."""
    pulse = await machine.worker.look()

    assert pulse.boot_id == machine.shell("cat /proc/sys/kernel/random/boot_id").strip()
    assert f"tcp {machine.lab.machines['job-apt'].address}:{machine.lab.machines['job-apt'].port}" in (
        pulse.listening or ()
    )
    assert pulse.failed_units is None


async def test_script_runs_as_the_user_and_leaves_nothing(machine: JobMachine) -> None:
    """Not as root, with its input, and without a trace in /tmp."""
    before = machine.shell("ls -A /tmp")

    end = await machine.worker.run_script(
        b"#!/bin/sh\nid -un; cat; echo $WHICH; exit 3\n",
        environment={"WHICH": "web's"},
        stdin=b'{"run": 1}\n',
        timeout_seconds=20,
    )

    assert (end.output, end.exit_status) == ('patcher\n{"run": 1}\nweb\'s\n', 3)
    assert machine.shell("ls -A /tmp") == before


async def test_gate_looks_at_the_machine_s_own_ports(machine: JobMachine) -> None:
    """Its sshd, which listens at one address alone, accepts; nothing listens at the port of a web server."""
    port = machine.lab.machines["job-apt"].port

    assert await machine.worker.probe("true", (port,), timeout_seconds=20) == ()
    assert await machine.worker.probe("", (80,), timeout_seconds=20) == ("tcp port 80: nothing listens there",)


async def test_reboot_outlives_the_connection(machine: JobMachine) -> None:
    """The answer comes before the machine goes, and it comes back with another boot id."""
    before = await machine.worker.look()

    await machine.worker.reboot(notice_minutes=0, message="Updates: back in a minute.")
    after = await _until_rebooted(machine, before)

    assert after.boot_id not in ("", before.boot_id)
    assert any(command.startswith("shutdown -r now") for command, _, _ in machine.commands)


async def test_job_that_a_reboot_ended_is_interrupted(machine: JobMachine) -> None:
    """A reboot in the middle of a job: it is found interrupted in another boot, and finished when that is asked for."""
    order = machine.order("acme-waits", "acme-tool", id="cut-off")
    await machine.worker.start(order)
    machine.wait_for("pgrep -f acme-wait[s].postinst")
    before = await machine.worker.look()
    await machine.worker.reboot(notice_minutes=0, message="")
    await _until_rebooted(machine, before)

    report = await machine.look(order.id)
    again = machine.order("acme-waits", "acme-tool", id="once-more", repair_first=True)
    machine.let_go_on()
    followed = await machine.install(again)

    assert report.state.value == "interrupted"
    assert report.began_in_boot == before.boot_id != report.boot_id
    assert followed.report.exit_status == 0
    assert machine.version("acme-waits") == "1.1-1 installed"


@pytest.mark.parametrize("become", [Become.NONE, Become.SUDO])
async def test_reboot_without_root_is_refused(lab: Lab, become: Become) -> None:
    """A user who cannot become root is told so, and the machine stays up."""
    async with JobMachine(lab, "job-nobody", become=become) as machine:
        with pytest.raises(TransportFailed) as caught:
            await machine.worker.reboot(notice_minutes=0, message="")

    assert caught.value.failure.kind is FailureKind.NO_ROOT
