"""Installations on a Windows machine from their start to their end, by the worker and a peer's model of it."""

from typing import Any

import pytest

from collectors.transports.base import CommandResult, TransportFailed
from fleet.deployments.jobs import BatchOutcome, JobKind, JobReport, JobState
from fleet.failures import FailureKind
from fleet.hostile import clean_name
from tests.collectors.windows.job_orders import JOB, make_order, make_update, make_worker, update_id
from tests.collectors.windows.peer_transport import PeerTransport
from tests.winrm_peer.job_tasks import find_job
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.offers import SERVICE_PACKS
from tests.winrm_peer.parts import PeerFile, TokenKind


async def bring_to_end(transport: PeerTransport, **fields: object) -> tuple[JobReport, bytes]:
    """The last report of a job that is begun and followed as the engine does it, and its whole log."""
    worker = make_worker(transport)
    order = make_order(transport.machine, **fields)
    logs: dict[int, bytes] = {}

    def take(report: JobReport) -> None:
        if report.log:
            logs[report.log_end - len(report.log)] = report.log

    for _ in range(50):
        try:
            report = await worker.start(order)
            while report.state is JobState.RUNNING:
                log_from = max((start + len(log) for start, log in logs.items()), default=0)
                report = await worker.follow(order.id, log_from, take, for_seconds=0)
            log_from = max((start + len(log) for start, log in logs.items()), default=0)
            report = await worker.follow(order.id, log_from, take, for_seconds=0)
            return report, b"".join(logs[start] for start in sorted(logs))
        except TransportFailed as error:
            if error.failure.kind is not FailureKind.CONNECTION_LOST:
                raise
    raise AssertionError("it did not come to its end")


def outcomes_of(report: JobReport) -> dict[str, list[BatchOutcome | None]]:
    """What the batches say of each update, in order."""
    found: dict[str, list[BatchOutcome | None]] = {}
    for batch in report.batches:
        for name, _ in batch.packages:
            found.setdefault(name.rpartition("(KB50000")[2].rstrip(")"), []).append(batch.outcome)
    return found


async def test_everything_ordered_is_installed_and_reported_with_its_log() -> None:
    """A job that goes well installs each update once, says so, and leaves a whole log."""
    machine = PeerMachine(updates=[make_update(n, install_seconds=60.0) for n in range(5)])

    report, log = await bring_to_end(PeerTransport(machine, push_seconds=50.0), batch_size=2)

    assert report.state is JobState.ENDED
    assert report.exit_status == 0
    assert outcomes_of(report) == {f"{n:02}": [BatchOutcome.SUCCEEDED] for n in range(5)}
    assert {result.outcome for result in report.results} == {BatchOutcome.SUCCEEDED}
    assert log == bytes(find_job(machine, JOB).log)  # type: ignore[union-attr] # it is there
    assert report.elapsed_seconds == pytest.approx(300.0, abs=5)


@pytest.mark.parametrize("lost", [{n} for n in range(1, 9)] + [{2, 3, 4}, {1, 2}])
@pytest.mark.parametrize("side", ["lost_before", "lost_after"])
async def test_connection_lost_at_any_poll_changes_nothing(lost: set[int], side: str) -> None:
    """Whichever request is lost, before or after the machine heard it: one job, each byte of the log once."""
    machine = PeerMachine(updates=[make_update(n, install_seconds=60.0) for n in range(3)])
    transport = PeerTransport(machine, push_seconds=40.0)
    setattr(transport, side, lost)

    report, log = await bring_to_end(transport, batch_size=1)

    assert report.exit_status == 0
    assert [entry.result_code for entry in machine.history] == [2, 2, 2]
    assert log == bytes(find_job(machine, JOB).log)  # type: ignore[union-attr] # it is there


@pytest.mark.parametrize(("times", "expected"), [(1, BatchOutcome.SUCCEEDED), (2, BatchOutcome.FAILED)])
async def test_update_that_fails_is_tried_once_more_alone(times: int, expected: BatchOutcome) -> None:
    """It is repeated apart from the others; one that fails twice has its number and what that means."""
    bad = make_update(0, fails_times=times, asks_for_reboot=False)
    machine = PeerMachine(updates=[bad, make_update(1, asks_for_reboot=False)])

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=5.0))

    assert outcomes_of(report)["00"] == [BatchOutcome.FAILED, expected]
    assert outcomes_of(report)["01"] == [BatchOutcome.FAILED]
    result = next(each for each in report.results if "00)" in each.name)
    assert result.outcome is expected
    assert next(each for each in report.results if "01)" in each.name).outcome is BatchOutcome.SUCCEEDED
    if times == 2:
        assert result.code == "0x80070643"
        assert result.words


async def test_reboot_in_the_middle_leaves_an_interrupted_job() -> None:
    """A machine that restarts by itself has no process of the job any more, in another boot, and says so."""
    machine = PeerMachine(updates=[make_update(n, install_seconds=100.0) for n in range(3)], reboots_itself_after=150.0)

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=40.0), batch_size=1)

    assert report.state is JobState.INTERRUPTED
    assert report.boot_id != report.began_in_boot
    assert outcomes_of(report)["00"] == [BatchOutcome.SUCCEEDED]
    assert outcomes_of(report)["01"] == [None]
    assert next(each for each in report.results if "01)" in each.name).outcome is None


async def test_job_that_gives_way_to_a_restart_runs_until_that_has_come() -> None:
    """0x8007045B is no failure of an update: another job would meet the same restart, and is begun after it."""
    machine = PeerMachine(updates=[make_update(0, fails_times=1, fails_with="0x8007045B"), make_update(1)])
    worker = make_worker(PeerTransport(machine, push_seconds=1.0))
    await worker.start(make_order(machine, batch_size=1))

    before = await worker.follow(JOB, 0, lambda _: None, for_seconds=0)
    machine.reboot()
    machine.clock.push(3600)
    after = await worker.follow(JOB, 0, lambda _: None, for_seconds=0)

    assert before.state is JobState.RUNNING
    assert before.progress is not None
    assert "restart" in before.progress.doing
    assert after.state is JobState.INTERRUPTED
    assert any("0x8007045B" in note.text for note in after.notes)


async def test_restart_that_never_comes_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody called it off: the job is interrupted."""
    monkeypatch.setattr("collectors.windows.worker._RESTART_SECONDS", -1.0)
    machine = PeerMachine(updates=[make_update(0, fails_times=1, fails_with="0x8024001E")])

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=5.0))

    assert report.state is JobState.INTERRUPTED


async def test_killed_process_is_an_interrupted_job() -> None:
    """A job whose process somebody ended does not run, and did not end."""
    machine = PeerMachine(updates=[make_update(0, install_seconds=1000.0)])
    worker = make_worker(PeerTransport(machine))
    await worker.start(make_order(machine))
    find_job(machine, JOB).kill()  # type: ignore[union-attr] # it is there

    report = await worker.follow(JOB, 0, lambda _: None, for_seconds=0)

    assert report.state is JobState.INTERRUPTED
    assert report.boot_id == report.began_in_boot


async def test_stopping_begins_no_further_batch() -> None:
    """The batch that runs ends, the others are cancelled."""
    machine = PeerMachine(updates=[make_update(n, install_seconds=100.0) for n in range(3)])
    transport = PeerTransport(machine)
    worker = make_worker(transport)
    await worker.start(make_order(machine, batch_size=1))
    assert (await worker.stop_starting(JOB)).state is JobState.RUNNING
    transport.push_seconds = 120.0

    report = await worker.follow(JOB, 0, lambda _: None, for_seconds=0)

    assert report.state is JobState.ENDED
    cancelled = [BatchOutcome.CANCELLED]
    assert outcomes_of(report) == {"00": [BatchOutcome.SUCCEEDED], "01": cancelled, "02": cancelled}


async def test_nothing_begins_after_the_window() -> None:
    """What did not start in time is not started, by the machine's own clock."""
    machine = PeerMachine(updates=[make_update(n, install_seconds=100.0) for n in range(3)])

    report, _ = await bring_to_end(
        PeerTransport(machine, push_seconds=50.0), batch_size=1, start_within_seconds=150, end_within_seconds=1000
    )

    assert outcomes_of(report)["02"] == [BatchOutcome.NOT_STARTED]
    assert report.exit_status == 1


async def test_download_fetches_all_and_installs_nothing() -> None:
    """A download ahead of its time leaves everything there for the installation."""
    machine = PeerMachine(updates=[make_update(n, download_seconds=30.0) for n in range(3)])

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=20.0), kind=JobKind.DOWNLOAD)

    assert report.exit_status == 0
    assert all(update.is_downloaded and not update.is_installed for update in machine.updates)
    assert outcomes_of(report) == {f"{n:02}": [BatchOutcome.SUCCEEDED] for n in range(3)}


async def test_full_disk_is_told_by_its_number() -> None:
    """What does not fit is neither downloaded nor installed."""
    machine = PeerMachine(updates=[make_update(0)], disk_free_bytes=1000)

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=5.0))

    assert outcomes_of(report) == {"00": [BatchOutcome.NO_SPACE]}
    assert report.results[0].code == "0x80070070"


@pytest.mark.parametrize("accepts", [True, False])
async def test_licence_is_accepted_only_where_the_order_says_so(accepts: bool) -> None:
    """It is a decision of the operator, and recorded in notes and log."""
    machine = PeerMachine(updates=[make_update(0, eula_accepted=False)])

    report, log = await bring_to_end(PeerTransport(machine, push_seconds=5.0), accept_licences=accepts)

    assert machine.updates[0].eula_accepted is accepts
    expected = BatchOutcome.SUCCEEDED if accepts else BatchOutcome.FAILED
    assert report.results[0].outcome is expected
    assert b"licence" in log
    assert any("licence" in note.text for note in report.notes)
    if not accepts:
        assert report.results[0].code == "0x80240023"


async def test_exclusive_updates_and_service_packs_are_installed_alone() -> None:
    """Servicing stacks first, service packs last, each in a batch of its own."""
    stack = make_update(1, impact=2, asks_for_reboot=False)
    pack = make_update(0, category=SERVICE_PACKS)
    machine = PeerMachine(updates=[pack, make_update(2), stack, make_update(3)])

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=5.0))

    numbers = [[name.rpartition("(KB50000")[2].rstrip(")") for name, _ in batch.packages] for batch in report.batches]
    assert numbers == [["01"], ["02", "03"], ["00"]]


async def test_exclusive_update_waits_for_the_restart_that_is_due() -> None:
    """Windows refuses it while a restart is pending: it is left for the next round."""
    stack = make_update(0, impact=2)
    machine = PeerMachine(updates=[stack, make_update(1, impact=2)])

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=5.0))

    assert outcomes_of(report) == {"00": [BatchOutcome.SUCCEEDED], "01": [BatchOutcome.NEEDS_RESTART]}


async def test_other_installer_is_waited_for_and_named() -> None:
    """An update that somebody else's installer keeps out is not begun, or locked, and the report says why."""
    machine = PeerMachine(updates=[make_update(0)], is_other_installer_busy=True)

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=15.0), lock_wait_seconds=60)

    assert outcomes_of(report) == {"00": [BatchOutcome.LOCKED]}
    assert any("Another installer" in note.text for note in report.notes)


async def test_withdrawn_and_hidden_updates_are_left_and_told() -> None:
    """What is not offered any more, or was hidden meanwhile, is no failure of the machine's."""
    machine = PeerMachine(updates=[make_update(0), make_update(1), make_update(2)])
    order = make_order(machine)
    machine.updates[0].is_needed = False
    machine.updates[1].is_hidden = True
    transport = PeerTransport(machine, push_seconds=5.0)

    await make_worker(transport).start(order)
    report = await make_worker(transport).follow(JOB, 0, lambda _: None, for_seconds=0)

    assert outcomes_of(report) == {"02": [BatchOutcome.SUCCEEDED]}
    assert sum("offered" in note.text or "hidden" in note.text for note in report.notes) == 2


async def test_second_console_finds_the_job_of_the_first() -> None:
    """The same id never begins twice; another id is told that the machine is busy, and with what."""
    machine = PeerMachine(updates=[make_update(0, install_seconds=100.0)])
    first, second = make_worker(PeerTransport(machine)), make_worker(PeerTransport(machine))
    await first.start(make_order(machine))

    again = await second.start(make_order(machine))
    other = await second.start(make_order(machine, id="20261120T030000Z-000000-install"))

    assert again.state is JobState.RUNNING
    assert (other.state, other.other_job) == (JobState.BUSY, JOB)
    assert len([name for name in machine.tasks if name.startswith("patchdeck")]) == 1


async def test_forgetting_removes_folder_and_task() -> None:
    """Nothing stays on the machine; a job that works is not removed."""
    machine = PeerMachine(updates=[make_update(0, install_seconds=100.0)])
    transport = PeerTransport(machine)
    worker = make_worker(transport)
    await worker.start(make_order(machine))

    await worker.forget(JOB)
    assert find_job(machine, JOB) is not None
    transport.push_seconds = 200.0
    await worker.follow(JOB, 0, lambda _: None, for_seconds=0)
    await worker.forget(JOB)

    assert find_job(machine, JOB) is None
    assert not [path for path in machine.files if path.endswith(JOB)]


@pytest.mark.parametrize(
    "folder",
    [PeerFile(owner="WIN-PEER\\mallory"), PeerFile(is_writable_by_users=True), PeerFile(content=b"")],
)
async def test_folder_of_somebody_else_is_refused(folder: PeerFile) -> None:
    """Whoever may write there could have SYSTEM run anything: nothing is begun, and the folder is named."""
    machine = PeerMachine(updates=[make_update(0)], files={r"C:\Program Files\Patchdeck": folder})

    with pytest.raises(TransportFailed, match=r"Program Files.Patchdeck") as caught:
        await make_worker(PeerTransport(machine)).start(make_order(machine))

    assert caught.value.failure.kind is FailureKind.JOB_REFUSED
    assert not machine.tasks


async def test_job_that_could_not_be_looked_at_is_not_said_to_have_begun_nothing() -> None:
    """It may be at work."""
    machine = PeerMachine(updates=[make_update(0)])
    worker = make_worker(PeerTransport(machine))
    await worker.start(make_order(machine))
    machine.files[r"C:\Program Files\Patchdeck"] = PeerFile(is_writable_by_users=True)

    with pytest.raises(TransportFailed, match="could not be looked at: ") as caught:
        await worker.follow(JOB, 0, lambda _: None, for_seconds=0)

    assert "nothing was begun" not in str(caught.value)


async def test_login_without_administrators_rights_is_named() -> None:
    """A login that may not is told which rights it lacks, and what a workgroup needs."""
    machine = PeerMachine(updates=[make_update(0)])
    machine.users[0].token = TokenKind.UNPRIVILEGED
    transport = PeerTransport(machine, user="patcher")

    with pytest.raises(TransportFailed, match="administrator") as caught:
        await make_worker(transport).start(make_order(machine))

    assert caught.value.failure.kind is FailureKind.NO_ROOT
    assert "LocalAccountTokenFilterPolicy" in caught.value.failure.remedy


async def test_refused_task_says_what_windows_said() -> None:
    """A task scheduler that takes no task begins nothing."""
    machine = PeerMachine(updates=[make_update(0)], are_tasks_refused=True)

    with pytest.raises(TransportFailed, match="0x80070005"):
        await make_worker(PeerTransport(machine)).start(make_order(machine))


async def test_queued_task_is_explained() -> None:
    """A task that never gets its turn is told as such, with the scheduler's number."""
    machine = PeerMachine(updates=[make_update(0)])
    machine.services["Schedule"].state = "StartPending"

    report = await make_worker(PeerTransport(machine)).start(make_order(machine))

    assert report.state is JobState.RUNNING
    assert any("0x00041325" in note.text and "queued" in note.text for note in report.notes)


async def test_search_that_fails_ends_the_job_before_anything() -> None:
    """Its number and meaning are in the notes; the job has exit status 2."""
    machine = PeerMachine(updates=[make_update(0)])
    order = make_order(machine)
    machine.search_fails_with = "0x8024402C"
    worker = make_worker(PeerTransport(machine))
    await worker.start(order)

    report = await worker.follow(JOB, 0, lambda _: None, for_seconds=0)

    assert (report.state, report.exit_status, report.batches) == (JobState.ENDED, 2, ())
    assert any("0x8024402C" in note.text for note in report.notes)


async def test_update_without_identity_is_not_ordered() -> None:
    """An order from before the machine was a Windows asks nothing of it."""
    machine = PeerMachine(updates=[make_update(0)])
    order = make_order(machine)
    package = order.packages[0].__class__("vim", "amd64", "2")

    with pytest.raises(TransportFailed, match="vim"):
        await make_worker(PeerTransport(machine)).start(make_order(machine, packages=(package,)))

    assert update_id(0) == order.packages[0].update_id


async def test_another_console_goes_on_where_a_killed_one_was() -> None:
    """Who follows anew begins at the byte up to which the log was kept; progress and results are the job's own."""
    machine = PeerMachine(updates=[make_update(n, install_seconds=50.0) for n in range(4)])
    transport = PeerTransport(machine, push_seconds=60.0)
    kept: list[bytes] = []
    killed, other = make_worker(transport), make_worker(transport)
    await killed.start(make_order(machine, batch_size=1))
    seen = await killed.follow(JOB, 0, lambda report: kept.append(report.log), for_seconds=0)

    transport.push_seconds = 600.0
    last = await other.follow(JOB, seen.log_end, lambda report: kept.append(report.log), for_seconds=0)

    assert seen.state is JobState.RUNNING
    assert last.exit_status == 0
    assert b"".join(kept) == bytes(find_job(machine, JOB).log)  # type: ignore[union-attr] # it is there


async def test_very_long_title_is_the_same_in_the_order_and_in_the_report() -> None:
    """Outcomes are found by it."""
    title = clean_name("Ünïcode " * 40) + " [01234567]"
    machine = PeerMachine(updates=[make_update(0, title=title)])

    report, _ = await bring_to_end(PeerTransport(machine, push_seconds=5.0))

    assert report.batches[0].packages == ((title, ""),)
    assert report.results[0].name == title


async def test_machine_that_says_too_much_of_a_job_is_not_listened_to() -> None:
    """Reading tens of megabytes of records takes minutes, in which nobody else would be asked."""
    limits: list[int] = []

    class Listening(PeerTransport):
        async def run(self, script: bytes, *, max_output_bytes: int, **how: Any) -> CommandResult:
            limits.append(max_output_bytes)
            return await super().run(script, max_output_bytes=max_output_bytes, **how)

    await bring_to_end(Listening(PeerMachine(updates=[make_update(1)])))
    assert max(limits) <= 4 * 1024 * 1024
