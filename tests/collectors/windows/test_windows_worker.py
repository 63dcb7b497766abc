"""What a worker asks of a Windows machine beside jobs: looks, restarts, scripts, gates, rehearsals."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from collectors.jobs.conversation import WorkerOptions
from collectors.transports.base import TransportFailed
from collectors.windows.job_calls import call_reboot
from collectors.windows.script_kinds import find_script_kind
from collectors.windows.simulation import simulate_order
from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.deployments.jobs import JobKind, JobOrder, JobReport, JobState, PackageOrder
from fleet.deployments.returns import has_rebooted
from fleet.errors import BadInput
from fleet.failures import FailureKind
from fleet.updates import Blocker, Classification, Update, WindowsUpdate
from tests.collectors.windows.job_orders import JOB, make_order, make_update, make_worker, update_id
from tests.collectors.windows.peer_transport import PeerTransport
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerService, TokenKind

NOW = PeerMachine().now()


async def test_look_tells_boot_services_ports_and_people() -> None:
    """A pulse has what a health gate and a restart are judged by."""
    machine = PeerMachine(logged_in_users=["CONTOSO\\anna"])
    machine.services["Spooler"] = PeerService("Stopped", "Automatic", exit_code=1067)

    pulse = await make_worker(PeerTransport(machine)).look()

    assert pulse.kernel == "10.0.20348.2700"
    assert pulse.failed_units == ("Spooler",)
    assert pulse.users == ("CONTOSO\\anna",)
    assert "tcp 0.0.0.0:5985" in (pulse.listening or ())
    assert pulse.uptime_seconds == pytest.approx(864_000, abs=60)
    assert pulse.is_servicing is False


async def test_restart_is_another_boot_and_services_first() -> None:
    """After it has come back it still finishes its updates for a while, and tells so."""
    machine = PeerMachine(reboot_seconds=30.0, servicing_seconds=100.0)
    transport = PeerTransport(machine)
    worker = make_worker(transport)
    before = await worker.look()

    await worker.reboot(notice_minutes=1, message='Updates: "now"')
    await worker.reboot(notice_minutes=1, message="again")
    machine.clock.push(70)
    with pytest.raises(TransportFailed):
        await worker.look()
    machine.clock.push(30)
    during = await worker.look()
    machine.clock.push(200)
    after = await worker.look()

    assert has_rebooted(before, during)
    assert (during.is_servicing, after.is_servicing) == (True, False)
    assert machine.boots == 2


def test_message_of_a_restart_cannot_end_its_own_word() -> None:
    """Quotes and line breaks of a message do not reach shutdown.exe."""
    assert find_told(call_reboot(3, 'a "b"\nc\\').payload) == {"seconds": 180, "message": "a 'b' c"}


def find_told(payload: bytes) -> Mapping[str, object]:
    """The parameters of a payload."""
    lines = [line[2:] for line in payload.splitlines() if line.startswith(b"P ")]
    told: Mapping[str, object] = json.loads(base64.b64decode(b"".join(lines)))
    return told


async def test_restart_that_is_refused_says_what_windows_said() -> None:
    """A login without the right is told by name."""
    machine = PeerMachine()
    machine.users[0].token = TokenKind.UNPRIVILEGED
    worker = make_worker(PeerTransport(machine, user="patcher"))

    with pytest.raises(TransportFailed, match=r"Access is denied"):
        await worker.reboot(notice_minutes=0, message="")


async def test_scripts_run_by_the_shell_of_their_first_line() -> None:
    """With what is given to them, and their exit status; one that takes too long has none."""
    worker = make_worker(PeerTransport(PeerMachine()))

    async def run(text: bytes) -> tuple[int | None, str]:
        end = await worker.run_script(text, environment={"STAGE": "pre"}, stdin=b"{}", timeout_seconds=10)
        return end.exit_status, end.output

    assert await run(b"#!powershell\nexit 3\n") == (3, "powershell: {} [('STAGE', 'pre')]")
    assert await run(b"@echo off\nexit /b 4\n") == (4, "cmd: {} [('STAGE', 'pre')]")
    assert (await run(b"Start-Sleep 20"))[0] is None
    assert (await run(b"#!/bin/sh\nexit 0\n"))[0] == 126


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"Get-Service\n", "powershell"),
        (b"\xef\xbb\xbf# comment\n", "powershell"),
        (b"#!/usr/bin/env pwsh\nGet-Date\n", "powershell"),
        (b"#!cmd\ndir\n", "cmd"),
        (b"REM hello\ndir\n", "cmd"),
        (b":: hello\n", "cmd"),
        (b"Remove-Item x\n", "powershell"),
        (b"", "powershell"),
    ],
)
def test_kind_of_a_script_is_told_by_its_first_line(text: bytes, kind: str) -> None:
    """PowerShell, unless it says or shows that it is a batch file."""
    assert find_script_kind(text)[0] == kind


@pytest.mark.parametrize("text", [b"#!/bin/sh\necho\n", b"#!/usr/bin/env python3\n", b"a\0b"])
def test_script_for_another_system_is_refused_in_words(text: bytes) -> None:
    """A script of Linux is not fed to PowerShell."""
    with pytest.raises(BadInput, match=r"PowerShell|UTF-8"):
        find_script_kind(text)


def test_batch_file_gets_the_line_ends_of_windows_and_loses_its_first_line() -> None:
    """cmd would run ``#!cmd`` as a command, and loses its place in a file with newlines alone."""
    assert find_script_kind(b"#!cmd\ndir\r\nver\n") == ("cmd", b"dir\r\nver\r\n")


async def test_gate_tells_what_does_not_hold() -> None:
    """A command by its exit status and last words, ports that nothing listens at."""
    worker = make_worker(PeerTransport(PeerMachine()))

    assert await worker.probe("Get-Service W32Time", (5985,), timeout_seconds=5) == ()
    troubles = await worker.probe("exit 2", (5985, 81), timeout_seconds=5)
    assert troubles[0].startswith("exit 2: exit status 2")
    assert troubles[1] == "tcp port 81: nothing listens there"


def make_assessment(*updates: Update) -> Assessment:
    """An assessment that offers ``updates``."""
    return Assessment("m-1", "win-1", NOW, NOW, Coverage.COMPLETE, updates=updates)


def offer(number: int, **fields: Any) -> Update:
    """An update that is offered. Any: fields of it, by name."""
    known = WindowsUpdate(update_id(number), "200", kb=(f"{number}",))
    windows = {name: fields.pop(name) for name in list(fields) if name in WindowsUpdate.__slots__}
    update = Update(
        f"Update {number}", "", "", f"KB{number}", Classification.UPDATES, "wua", "", windows=replace(known, **windows)
    )
    return replace(update, **fields)


def order_of(*updates: Update) -> JobOrder:
    """An order of ``updates``."""
    packages = tuple(
        PackageOrder(update.name, "", update.offered_version, update_id=update.windows.update_id)
        for update in updates
        if update.windows
    )
    return JobOrder("id-install", JobKind.INSTALL, packages, 60)


def test_rehearsal_counts_what_must_be_fetched_and_no_absurd_sizes() -> None:
    """Nothing of what lies there already; a size that no update has is unknown."""
    there, small, absurd = (
        offer(1, size_bytes=10**9, is_downloaded=True),
        offer(2, size_bytes=10**6),
        offer(3, size_bytes=10**13),
    )

    known = simulate_order(order_of(there, small), make_assessment(there, small))
    unknown = simulate_order(order_of(there, absurd), make_assessment(there, absurd))

    assert (known.download_bytes, [change.size_bytes for change in known.changes]) == (10**6, [0, 10**6])
    assert unknown.download_bytes is None


def test_rehearsal_says_why_something_would_not_be_installed() -> None:
    """Withdrawn, hidden, for a person, or with a licence that nobody accepted."""
    gone, hidden, person, licence = (
        offer(1),
        offer(2, is_hidden=True),
        offer(3, blocker=Blocker.NEEDS_PERSON),
        offer(4, is_licence_accepted=False),
    )
    ordered = order_of(gone, hidden, person, licence)

    simulation = simulate_order(ordered, make_assessment(hidden, person, licence))
    accepting = simulate_order(replace(ordered, accept_licences=True), make_assessment(hidden, person, licence))

    words = [kept.words for kept in simulation.kept]
    assert [any(word in each for word in ("offer", "hidden", "person", "licence")) for each in words] == [True] * 4
    assert simulation.changes == ()
    assert [change.name for change in accepting.changes] == ["Update 4"]


async def test_answer_that_is_not_ours_is_a_failure_with_words() -> None:
    """Whatever comes back is read or refused; never an exception of another kind."""
    transport = PeerTransport(PeerMachine(), spoil=lambda output: output.replace(b"patchdeck>>>", b"cut"))

    with pytest.raises(TransportFailed) as caught:
        await make_worker(transport).look()

    assert caught.value.failure.kind is FailureKind.OUTPUT_UNREADABLE


async def test_list_of_commands_has_one_line_for_all_polls_of_a_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job of hours is asked for thousands of times."""
    monkeypatch.setattr("collectors.windows.worker._LEAST_POLL_SECONDS", 0.0)
    machine = PeerMachine(updates=[make_update(0, install_seconds=30.0)])
    transport = PeerTransport(machine, push_seconds=1.0)
    noted: list[str] = []
    options = WorkerOptions(note_command=lambda command, _seconds, _status: noted.append(command))
    worker = make_worker(transport, options)
    await worker.start(make_order(machine))
    reports: list[JobReport] = []

    last = await worker.follow(JOB, 0, reports.append, for_seconds=60.0)

    assert last.state is JobState.ENDED
    assert noted == ["powershell (job_start)", "powershell (job_follow)"]
    assert transport.asked > 20
    assert len(reports) < transport.asked
