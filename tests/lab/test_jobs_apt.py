"""Jobs on real apt machines over real SSH, by setsid, since no systemd runs in the lab."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from collectors.transports.base import TransportFailed
from fleet.deployments.jobs import BatchOutcome, JobKind, JobState
from fleet.failures import FailureKind
from fleet.machines import Become
from tests.lab.builder.lab import Lab, running
from tests.lab.builder.recipe import PASSWORD
from tests.lab.job_machine import UPDATES, JobMachine, OnePassword


@pytest.fixture
def fresh(can_build: None) -> Iterator[Lab]:
    """The machine called job-apt as it was built: each test installs on one of its own."""
    with running(("job-apt",)) as lab:
        yield lab


@pytest.fixture
async def machine(fresh: Lab) -> AsyncIterator[JobMachine]:
    """That machine, reached by an ordinary user with sudo."""
    async with JobMachine(fresh, "job-apt") as machine:
        yield machine


def _outcomes(report: object) -> list[tuple[tuple[str, ...], BatchOutcome | None, int]]:
    return [(tuple(name for name, _ in b.packages), b.outcome, b.attempt) for b in report.batches]  # type: ignore[attr-defined]


async def test_job_brings_packages_to_their_versions(machine: JobMachine) -> None:
    """What was ordered is installed, by dpkg's own word; journal, log, commands and exit record say so."""
    order = machine.order(*UPDATES)
    simulation = await machine.worker.simulate(order)

    followed = await machine.install(order)

    assert {name: machine.version(name) for name in UPDATES} == {n: f"{v} installed" for n, v in UPDATES.items()}
    assert {change.name: change.to_version for change in simulation.changes} == UPDATES
    report = followed.report
    assert (report.state, report.exit_status, report.detached_by) == (JobState.ENDED, 0, "setsid")
    assert report.boot_id == report.began_in_boot != ""
    assert _outcomes(report) == [(tuple(UPDATES), BatchOutcome.SUCCEEDED, 1)]
    assert b"Setting up acme-lib (1.0-1+deb12u1)" in followed.log
    assert followed.report.log_end == len(followed.log) == report.batches[0].log_to
    assert any(line.startswith("/usr/bin/apt-get -y") and status == 0 for line, _, status in machine.commands)
    assert (await machine.worker.simulate(order)).changes == ()


async def test_forgotten_job_leaves_no_folder(machine: JobMachine) -> None:
    """After `forget` nothing of the job is left but the record of who had the machine last."""
    await machine.install(machine.order("acme-tool"))

    await machine.worker.forget("run-1-install")

    assert machine.shell("ls -A /var/lib/patchdeck/jobs").split() == ["active.1"]
    assert (await machine.look("run-1-install")).state is JobState.ABSENT
    assert machine.shell("ls -A /tmp").split() == []


async def test_bad_packages_do_not_sink_the_others(machine: JobMachine) -> None:
    """A failing script, a version that nobody offers and a held package fail alone, in single transactions."""
    good = ("acme-lib", "acme-epoch", "acme-tool", "acme-both")
    order = machine.order(*good, "acme-fails", "acme-held")
    gone = order.packages[0].__class__("acme-fixed", "all", "9.9-9")
    order = order.__class__(order.id, order.kind, (*order.packages, gone), order.start_within_seconds)

    followed = await machine.install(order)

    assert {name: machine.version(name) for name in good} == {n: f"{UPDATES[n]} installed" for n in good}
    assert machine.version("acme-held") == "1.0-1 installed"
    assert machine.version("acme-fixed") == "1.0-1+deb12u1 installed"
    assert machine.version("acme-fails") == "1.1-1 half-configured"
    last = {name: outcome for names, outcome, _ in _outcomes(followed.report) for name in names}
    assert {name for name, outcome in last.items() if outcome is BatchOutcome.FAILED} == {
        "acme-fails",
        "acme-held",
        "acme-fixed",
    }
    assert followed.report.exit_status == 1
    assert b"Version '9.9-9' for 'acme-fixed' was not found" in followed.log
    assert b"this update fails" in followed.log


async def test_simulation_says_what_the_job_then_does(machine: JobMachine) -> None:
    """New packages, kept ones and their reasons, sizes: and the installation gives the same."""
    order = machine.order("acme-newdep", "acme-remover", "acme-held", "acme-tool")

    simulation = await machine.worker.simulate(order)
    await machine.install(order)

    assert {(c.kind.value, c.name, c.to_version) for c in simulation.changes} == {
        ("upgrade", "acme-newdep", "1.1-1"),
        ("install", "acme-newlib", "1.0-1"),
        ("upgrade", "acme-tool", "1.1-1"),
    }
    assert {kept.name for kept in simulation.kept} == {"acme-remover", "acme-held"}
    assert all(kept.words for kept in simulation.kept)
    assert simulation.download_bytes == sum(c.size_bytes or 0 for c in simulation.changes)
    assert simulation.problem == ""
    for change in simulation.changes:
        assert machine.version(change.name) == f"{change.to_version} installed"
    assert machine.version("acme-remover") == "1.0-1 installed"
    assert machine.version("acme-held") == "1.0-1 installed"


async def test_removal_happens_only_where_it_is_allowed(machine: JobMachine) -> None:
    """The same order with removals allowed is simulated and done with the removal."""
    order = machine.order("acme-remover", allow_removals=True)

    simulation = await machine.worker.simulate(order)
    await machine.install(order)

    assert {(c.kind.value, c.name, c.from_version) for c in simulation.changes} == {
        ("upgrade", "acme-remover", "1.0-1"),
        ("remove", "acme-old", "1.0-1"),
    }
    assert machine.version("acme-remover") == "1.0-1+deb12u1 installed"
    assert "not-installed" in machine.version("acme-old")


async def test_new_packages_can_be_forbidden(machine: JobMachine) -> None:
    """Without new packages, what needs one is left, and the rest goes on."""
    order = machine.order("acme-newdep", "acme-tool", allow_new_packages=False)

    simulation = await machine.worker.simulate(order)
    await machine.install(order)

    assert [change.name for change in simulation.changes] == ["acme-tool"]
    assert [kept.name for kept in simulation.kept] == ["acme-newdep"]
    assert machine.version("acme-newdep") == "1.0-1 installed"
    assert machine.version("acme-tool") == "1.1-1 installed"


async def test_nothing_can_ask_or_hang(machine: JobMachine) -> None:
    """A script that reads, one that leaves a daemon, and a configuration file changed by hand: all end, none asks."""
    followed = await machine.install(machine.order("acme-asks", "acme-daemon", "acme-conffile", "acme-prints"))

    assert followed.report.exit_status == 0
    assert machine.shell("cat /etc/acme-conffile.conf") == "colour = green\n"
    assert followed.report.conffiles == ("/etc/acme-conffile.conf.dpkg-dist",)
    assert b"caf\xe9 \x1b[31mred\x1b[0m \x00 end" in followed.log


async def test_job_goes_on_when_the_connection_is_cut(machine: JobMachine) -> None:
    """While dpkg runs every session is killed; the job ends, and is found again with its whole log, each byte once."""
    order = machine.order("acme-waits", "acme-tool")
    await machine.worker.start(order)
    heard = bytearray()
    following = asyncio.create_task(
        machine.worker.follow(order.id, 0, lambda report: heard.extend(report.log), for_seconds=60)
    )
    machine.wait_for("pgrep -f acme-wait[s].postinst")
    async with asyncio.timeout(30):
        while b"waiting for /run/go-on" not in heard:
            await asyncio.sleep(0.05)
    # Both processes of each session, and not the first one, which is the sshd that listens.
    machine.shell("pkill -9 -f '^sshd: patcher'")
    with pytest.raises(TransportFailed) as caught:
        await following
    assert caught.value.failure.kind is FailureKind.CONNECTION_LOST
    machine.let_go_on()

    followed = await machine.follow(order.id, len(heard))

    assert followed.report.exit_status == 0
    assert (
        bytes(heard) + followed.log
        == machine.lab.exec("job-apt", ["cat", "/var/lib/patchdeck/jobs/run-1-install/log"]).stdout.encode()
    )
    assert machine.version("acme-waits") == "1.1-1 installed"
    assert machine.installations("acme-waits") == 1


async def test_starting_twice_at_once_installs_once(machine: JobMachine) -> None:
    """Six starts of one job at the same moment, and one after its end, run it once."""
    order = machine.order("acme-waits")

    reports = await asyncio.gather(*(machine.worker.start(order) for _ in range(6)))
    machine.let_go_on()
    await machine.follow(order.id)
    again = await machine.worker.start(order)

    assert {report.state for report in reports} <= {JobState.RUNNING, JobState.ENDED}
    assert again.state is JobState.ENDED
    assert machine.installations("acme-waits") == 1
    assert machine.shell("grep -c began /var/lib/patchdeck/jobs/run-1-install/journal").strip() == "1"


async def test_second_job_finds_the_machine_busy(machine: JobMachine) -> None:
    """While one job works, another is refused with its name, and can be started afterwards."""
    await machine.worker.start(machine.order("acme-waits", id="first"))

    busy = await machine.worker.start(machine.order("acme-tool", id="second"))

    assert (busy.state, busy.other_job) == (JobState.BUSY, "first")
    machine.let_go_on()
    await machine.follow("first")
    await machine.install(machine.order("acme-tool", id="second"))
    assert machine.version("acme-tool") == "1.1-1 installed"


async def test_killed_job_is_interrupted_once_apt_has_ended(machine: JobMachine) -> None:
    """kill -9 of the job leaves apt at work, and the machine busy; afterwards the job is interrupted, not repeated."""
    order = machine.order("acme-waits", "acme-tool")
    await machine.worker.start(order)
    machine.wait_for("pgrep -f acme-wait[s].postinst")

    machine.shell("kill -9 $(cut -d' ' -f1 /var/lib/patchdeck/jobs/run-1-install/claim)")

    assert (await machine.look(order.id)).state is JobState.RUNNING
    assert (await machine.worker.start(machine.order("acme-lib", id="other"))).state is JobState.BUSY
    machine.let_go_on()
    report = await machine.until_state(order.id, JobState.INTERRUPTED)
    assert report.batches[0].outcome is None
    assert (await machine.worker.start(order)).state is JobState.INTERRUPTED
    assert machine.installations("acme-waits") == 1
    await machine.install(machine.order("acme-lib", id="other"))
    assert machine.version("acme-lib") == f"{UPDATES['acme-lib']} installed"


async def test_stopped_job_ends_its_transaction_and_begins_no_other(machine: JobMachine) -> None:
    """What runs is left to its end; what was not begun is told as cancelled."""
    order = machine.order("acme-waits", "acme-tool", batch_size=1)
    await machine.worker.start(order)
    machine.wait_for("pgrep -f acme-wait[s].postinst")

    await machine.worker.stop_starting(order.id)
    machine.let_go_on()
    followed = await machine.follow(order.id)

    assert _outcomes(followed.report) == [
        (("acme-waits",), BatchOutcome.SUCCEEDED, 1),
        (("acme-tool",), BatchOutcome.CANCELLED, 0),
    ]
    assert machine.version("acme-waits") == "1.1-1 installed"
    assert machine.version("acme-tool") == "1.0-1 installed"


async def test_nothing_begins_after_the_window(machine: JobMachine) -> None:
    """By the machine's monotonic clock: what would begin too late is not begun."""
    order = machine.order("acme-waits", "acme-tool", batch_size=1, start_within_seconds=3)
    await machine.worker.start(order)
    machine.wait_for("pgrep -f acme-wait[s].postinst")
    began = (await machine.look(order.id)).elapsed_seconds or 0.0
    while ((await machine.look(order.id)).elapsed_seconds or 0.0) < max(4.0, began):
        await asyncio.sleep(0.2)
    machine.let_go_on()

    followed = await machine.follow(order.id)

    assert _outcomes(followed.report)[1] == (("acme-tool",), BatchOutcome.NOT_STARTED, 0)
    assert machine.version("acme-tool") == "1.0-1 installed"


async def test_hard_stop_ends_what_runs(machine: JobMachine) -> None:
    """At the end of the window a transaction that hangs is ended with all below it, and that is said."""
    order = machine.order("acme-waits", "acme-tool", batch_size=1, end_within_seconds=4)

    followed = await machine.install(order)

    assert followed.report.state is JobState.ENDED
    assert any("hard stop" in note.text for note in followed.report.notes)
    assert machine.shell("pgrep -f acme-wait[s].postinst; pgrep -x dpkg; pgrep -x apt-get") == ""
    assert _outcomes(followed.report)[-1] == (("acme-tool",), BatchOutcome.NOT_STARTED, 0)


async def test_downloaded_packages_are_installed_without_the_repositories(machine: JobMachine) -> None:
    """A download fetches everything, installs nothing, and the installation needs no repository any more."""
    order = machine.order(*UPDATES, id="fetch", kind=JobKind.DOWNLOAD)

    fetched = await machine.install(order)
    assert fetched.report.exit_status == 0
    assert machine.version("acme-tool") == "1.0-1 installed"
    install = machine.order(*UPDATES, id="install")
    assert (await machine.worker.simulate(install)).download_bytes == 0
    machine.shell("sed -i 's/lab.example/nowhere.invalid/' /etc/hosts")
    await machine.install(install)

    assert {name: machine.version(name) for name in UPDATES} == {n: f"{v} installed" for n, v in UPDATES.items()}


async def test_lock_is_waited_for_and_its_holder_named(machine: JobMachine) -> None:
    """While another apt holds dpkg's lock the job waits, says for whom, and goes on when it is released."""
    machine.shell(
        'perl -e \'use Fcntl qw(:DEFAULT SEEK_SET F_SETLK F_WRLCK); $0 = "unattended-upgr"; '
        'open(F, "+>>", "/var/lib/dpkg/lock-frontend"); my $l = pack("ssx4qqlx4", F_WRLCK, SEEK_SET, 0, 0, 0); '
        'fcntl(F, F_SETLK, $l) or die; sleep 1 until -e "/run/release"\' >/dev/null 2>&1 &'
    )
    machine.wait_for("pgrep -x unattended-upgr")
    order = machine.order("acme-tool")
    await machine.worker.start(order)
    async with asyncio.timeout(200):
        while not (await machine.look(order.id)).notes:
            await asyncio.sleep(0.1)

    machine.shell("touch /run/release")
    followed = await machine.follow(order.id)

    assert "waiting for the lock held by unattended-upgr (" in followed.report.notes[0].text
    assert followed.report.exit_status == 0
    assert machine.version("acme-tool") == "1.1-1 installed"


async def test_lock_that_is_never_released_is_the_outcome(machine: JobMachine) -> None:
    """When the time for locks is used up, the job ends as locked, with apt's own words in the log."""
    machine.shell(
        'perl -e \'use Fcntl qw(:DEFAULT SEEK_SET F_SETLK F_WRLCK); $0 = "unattended-upgr"; '
        'open(F, "+>>", "/var/lib/dpkg/lock-frontend"); my $l = pack("ssx4qqlx4", F_WRLCK, SEEK_SET, 0, 0, 0); '
        "fcntl(F, F_SETLK, $l) or die; sleep 600' >/dev/null 2>&1 &"
    )
    machine.wait_for("pgrep -x unattended-upgr")

    followed = await machine.install(machine.order("acme-tool", "acme-lib", lock_wait_seconds=1, tries=1, batch_size=1))

    assert [outcome for _, outcome, _ in _outcomes(followed.report)] == [BatchOutcome.LOCKED, BatchOutcome.LOCKED]
    assert b"Could not get lock /var/lib/dpkg/lock-frontend" in followed.log
    assert machine.version("acme-tool") == "1.0-1 installed"


async def test_dpkg_killed_in_the_middle_is_repaired(machine: JobMachine) -> None:
    """A transaction in which dpkg dies is repaired, and its packages are installed by the next one."""
    followed = await machine.install(machine.order("acme-kills-dpkg", "acme-tool"))

    assert machine.version("acme-kills-dpkg") == "1.1-1 installed"
    assert machine.version("acme-tool") == "1.1-1 installed"
    assert any("dpkg --configure -a ended with 0" in note.text for note in followed.report.notes)
    assert followed.report.exit_status == 0


async def test_dpkg_that_others_left_interrupted_is_refused_unless_asked(machine: JobMachine) -> None:
    """Another's interrupted run is not touched without the order's word; with it, it is finished first."""
    machine.shell("touch /var/lib/dpkg/updates/0001")

    refused = await machine.install(machine.order("acme-tool", id="careful"))
    repaired = await machine.install(machine.order("acme-tool", id="bold", repair_first=True))

    assert refused.report.exit_status == 2
    assert "dpkg was interrupted" in refused.report.notes[0].text
    assert repaired.report.exit_status == 0
    assert machine.version("acme-tool") == "1.1-1 installed"


async def test_full_disk_is_recognised(machine: JobMachine) -> None:
    """Where not a byte is free the job ends, says no-space, and its exit record is still written."""
    machine.shell("cp -a /var/lib /run/lib; mount -t tmpfs -o size=12m,mode=755 tmpfs /var/cache/apt/archives")
    machine.shell("mkdir /var/cache/apt/archives/partial; dd if=/dev/zero of=/var/cache/apt/archives/filler bs=4096")

    followed = await machine.install(machine.order("acme-tool", "acme-lib"))

    assert BatchOutcome.NO_SPACE in [outcome for _, outcome, _ in _outcomes(followed.report)]
    assert followed.report.state is JobState.ENDED
    assert machine.version("acme-tool") == "1.0-1 installed"


@pytest.fixture(scope="module")
def users(can_build: None) -> Iterator[Lab]:
    """Machines whose user may do less."""
    with running(("job-password", "job-limited", "job-nobody")) as lab:
        yield lab


@pytest.fixture
async def opened() -> AsyncIterator[AsyncExitStack]:
    """Closes what a test opens."""
    async with AsyncExitStack() as stack:
        yield stack


async def test_password_reaches_sudo_and_nothing_else(users: Lab, opened: AsyncExitStack) -> None:
    """With a password the job is root's; the password stands in no file, no process and no log of the machine."""
    secrets = OnePassword(PASSWORD)
    machine = await opened.enter_async_context(JobMachine(users, "job-password", secrets=secrets))
    order = machine.order("acme-waits", "acme-tool")
    await machine.worker.start(order)
    machine.wait_for("pgrep -f acme-wait[s].postinst")
    seen = machine.shell("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'")
    machine.let_go_on()

    followed = await machine.follow(order.id)

    assert followed.report.exit_status == 0
    assert PASSWORD not in seen
    assert machine.shell(f"grep -rlF {PASSWORD} /var/lib/patchdeck /var/log /tmp /home /run") == ""
    assert not any(PASSWORD in line for line, _, _ in machine.commands)


async def test_sudo_for_apt_alone_is_enough(users: Lab, opened: AsyncExitStack) -> None:
    """A user who may run apt-get alone has the job in a folder of his own, and it installs."""
    machine = await opened.enter_async_context(JobMachine(users, "job-limited"))

    followed = await machine.install(machine.order("acme-tool", "acme-asks", "acme-conffile"))

    assert followed.report.exit_status == 0
    assert machine.version("acme-tool") == "1.1-1 installed"
    assert machine.shell("cat /etc/acme-conffile.conf") == "colour = green\n"
    assert (
        machine.shell("stat -c '%U %a' /home/patcher/.local/state/patchdeck/jobs/run-1-install").strip()
        == "patcher 700"
    )
    assert machine.shell("ls /var/lib/patchdeck 2>/dev/null") == ""


@pytest.mark.parametrize("become", [Become.NONE, Become.SUDO])
async def test_user_without_root_is_told_so(users: Lab, opened: AsyncExitStack, become: Become) -> None:
    """Nobody becomes root by wishing: one failure, with what to do."""
    machine = await opened.enter_async_context(JobMachine(users, "job-nobody", become=become))

    with pytest.raises(TransportFailed) as caught:
        await machine.worker.start(machine.order("acme-tool"))

    assert caught.value.failure.kind is FailureKind.NO_ROOT
    assert "sudoers" in caught.value.failure.remedy
