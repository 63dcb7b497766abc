"""Requests about jobs in several shells, with a package manager that is a few lines of shell and says so."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from collectors.jobs import orders
from collectors.jobs.frames import FrameReader
from collectors.jobs.managers import JobManager, find_job_manager
from collectors.jobs.orders import Gain, Request, follow_request, forget_request, start_request, stop_request
from collectors.jobs.reports import ReportReader
from fleet.deployments.jobs import BatchOutcome, JobKind, JobOrder, JobReport, JobState, PackageOrder
from fleet.machines import Become

SHELLS = [shell for shell in ("dash", "busybox", "bash", "mksh") if shutil.which(shell)]
GAIN = Gain(Become.NONE)
_FAKE = r"""
install_fake() { printf 'log of \377 %s\n' "$(names_of "$1")" >>"$folder/log"; manage ROOT/fake "$1"; }
is_done_fake() { [ -e "ROOT/installed/$1" ]; }
judge_fake() { if [ "$1" = 0 ]; then echo succeeded; else echo failed; fi; }
"""
_PROGRAM = r"""#!/bin/sh
root=$(dirname "$0")
if grep -q ^slow "$1"; then : >"$root/begun"; until [ -e "$root/go-on" ]; do sleep 0.05; done; fi
cut -f 1 "$1" | while read -r name; do touch "$root/installed/$name"; done
"""


class _Machine:
    """A folder that stands for a machine, with one shell as its `sh`. Jobs lie in it, whoever runs the tests."""

    def __init__(self, root: Path, shell: str) -> None:
        self.root = root
        self.log = b""
        for name in ("bin", "installed", "home"):
            (root / name).mkdir()
        (root / "bin/sh").symlink_to(shutil.which(shell) or shell)
        # Whoever is not root has the job in a folder of his own; the tests are about one place.
        (root / "bin/id").write_text("#!/bin/sh\necho 0\n")
        (root / "fake").write_text(_PROGRAM)
        for program in ("bin/id", "fake"):
            (root / program).chmod(0o755)

    @property
    def jobs(self) -> Path:
        return self.root / "jobs"

    def ask(self, request: Request, log_from: int = 0) -> JobReport:
        script = request.script.replace(b"/var/lib/patchdeck/jobs", str(self.jobs).encode())
        script = script.replace(b"/run/systemd/system", str(self.root / "systemd").encode())
        environment = {"PATH": f"{self.root}/bin:{os.environ['PATH']}", "HOME": str(self.root / "home")}
        ran = subprocess.run(
            [self.root / "bin/sh"], input=script, env=environment, capture_output=True, timeout=60, check=False
        )
        frames, reader = FrameReader(request.marker), ReportReader("one", log_from)
        for frame in frames.feed(ran.stdout):
            report = reader.take(frame)
            self.log += report.log if report else b""
        assert (frames.has_ended, frames.trouble, ran.stderr) == (True, "", b"")
        return reader.report

    def start(self, *names: str, id: str = "one") -> JobReport:  # noqa: A002
        packages = tuple(PackageOrder(name, "all", "1") for name in names)
        return self.ask(start_request(JobOrder(id, JobKind.INSTALL, packages, 600, batch_size=1), _manager(), GAIN))

    def follow(self, log_from: int = 0, id: str = "one") -> JobReport:  # noqa: A002
        return self.ask(follow_request(id, log_from, 60, GAIN), log_from)


def _manager() -> JobManager:
    apt = find_job_manager("apt")
    assert apt is not None
    return JobManager("fake", ("fake.sh",), (), apt.read_simulation, apt.read_progress)


@pytest.fixture(params=SHELLS)
def machine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Machine:
    """A machine of each shell."""
    read_part, fake = orders.read_job_part, _FAKE.replace("ROOT", str(tmp_path))
    monkeypatch.setattr(orders, "read_job_part", lambda name: fake if name == "fake.sh" else read_part(name))
    return _Machine(tmp_path, request.param)


def test_job_is_begun_followed_and_forgotten(machine: _Machine) -> None:
    """Its whole log comes, byte for byte, and nothing is left but who had the machine."""
    began = machine.start("a", "b")
    ended = machine.follow()

    assert (began.log, began.log_end) == (b"", 0)
    assert (ended.state, ended.exit_status, ended.log_end) == (JobState.ENDED, 0, len(machine.log))
    assert machine.log == b"log of \xff a/all \nlog of \xff b/all \n"
    assert machine.ask(forget_request("one", GAIN)).state is JobState.ABSENT
    assert [path.name for path in machine.jobs.iterdir()] == ["active.1"]


def test_log_goes_on_where_it_had_come_to(machine: _Machine) -> None:
    """A second follower asks for the rest, and gets exactly that."""
    machine.start("a", "b")
    machine.follow()
    whole, machine.log = machine.log, b""

    machine.follow(log_from=7)

    assert machine.log == whole[7:]


def test_large_log_comes_whole(machine: _Machine) -> None:
    """More than one report holds comes in several, up to the end."""
    machine.start("a")
    machine.follow()
    large = b"x\0y\n" * 200_000
    (machine.jobs / "one/log").write_bytes(large)
    machine.log = b""

    report = machine.follow()

    assert (machine.log, report.log_end) == (large, len(large))


def test_running_job_is_reported_and_stopped(machine: _Machine) -> None:
    """What runs is left to its end, what is to come is not begun, and forgetting it in between does nothing."""
    assert machine.start("slow", "b").state is JobState.RUNNING
    deadline = time.monotonic() + 60
    while not (machine.root / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert machine.ask(stop_request("one", GAIN)).state is JobState.RUNNING
    assert machine.ask(forget_request("one", GAIN)).state is JobState.RUNNING
    (machine.root / "go-on").touch()

    report = machine.follow()

    assert [batch.outcome for batch in report.batches] == [BatchOutcome.SUCCEEDED, BatchOutcome.CANCELLED]


def test_other_job_is_told_who_has_the_machine(machine: _Machine) -> None:
    """Busy with the name of the job that works; begun once that has ended."""
    machine.start("slow", id="first")

    busy = machine.start("b")

    assert (busy.state, busy.other_job) == (JobState.BUSY, "first")
    (machine.root / "go-on").touch()
    machine.follow(id="first")
    machine.start("b")
    assert machine.follow().exit_status == 0


@pytest.mark.parametrize(
    ("refuses", "detached_by"), [("nothing", "systemd-run"), ("--collect", "systemd-run"), ("--unit", "setsid")]
)
def test_job_belongs_to_systemd_where_that_runs(machine: _Machine, refuses: str, detached_by: str) -> None:
    """As a unit of its own, without an option that an old systemd lacks, and by setsid where systemd will not.

    No systemd can run here: a few lines of shell stand in for systemd-run, and note what they are asked for.
    """
    (machine.root / "systemd").mkdir()
    program = machine.root / "bin/systemd-run"
    program.write_text(
        f'#!/bin/sh\necho "$*" >>{machine.root}/asked\n'
        f'case " $* " in *" {refuses}"*) exit 1 ;; esac\n'
        'while [ "$1" != /bin/sh ]; do shift; done\nsetsid "$@" </dev/null >/dev/null 2>&1 &\n'
    )
    program.chmod(0o755)

    machine.start("a")

    report = machine.follow()
    assert (report.detached_by, report.exit_status) == (detached_by, 0)
    asked = (machine.root / "asked").read_text().splitlines()
    assert asked[0].startswith("--quiet --collect --unit=patchdeck-one -p KillMode=process")
    assert len(asked) == (1 if refuses == "nothing" else 2)


def test_unknown_job_is_absent(machine: _Machine) -> None:
    """Where nothing was ever begun, nothing is there, and looking leaves nothing."""
    assert machine.follow().state is JobState.ABSENT
    assert not machine.jobs.exists()


def test_interrupted_job_is_told_by_the_start_time_of_its_process(machine: _Machine) -> None:
    """A living process that has the number of the job's, but began at another time, is another one."""
    machine.start("a")
    machine.follow()
    folder = machine.jobs / "one"
    (folder / "exit").unlink()
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()

    (folder / "claim").unlink()
    (folder / "claim").write_text(f"{os.getpid()} 1 {boot_id} one 1.0\n")
    assert machine.follow().state is JobState.INTERRUPTED

    start = Path(f"/proc/{os.getpid()}/stat").read_text().rpartition(") ")[2].split()[19]
    (folder / "claim").write_text(f"{os.getpid()} {start} {boot_id} one 1.0\n")
    assert machine.ask(follow_request("one", 0, 0, GAIN)).state is JobState.RUNNING

    (folder / "claim").write_text(f"{os.getpid()} {start} another-boot one 1.0\n")
    assert machine.follow().state is JobState.INTERRUPTED


def test_old_jobs_are_swept(machine: _Machine) -> None:
    """With the first start after two weeks, what nobody asked for goes; what is younger stays."""
    machine.start("a", id="old")
    machine.follow(id="old")
    machine.start("a", id="young")
    machine.follow(id="young")
    os.utime(machine.jobs / "old", (0, 0))

    machine.start("b")

    assert not (machine.jobs / "old").exists()
    assert (machine.jobs / "young/exit").exists()


def test_start_that_cannot_write_is_refused(machine: _Machine) -> None:
    """Where the folder cannot be made, nothing is begun, and the machine's words say why."""
    machine.jobs.write_text("not a folder")
    packages = (PackageOrder("a", "all", "1"),)
    request = start_request(JobOrder("one", JobKind.INSTALL, packages, 600), _manager(), GAIN)
    script = request.script.replace(b"/var/lib/patchdeck/jobs", str(machine.jobs).encode())

    ran = subprocess.run(
        [machine.root / "bin/sh"],
        input=script,
        env={"PATH": f"{machine.root}/bin:{os.environ['PATH']}"},
        capture_output=True,
        timeout=60,
        check=False,
    )

    (frame,) = FrameReader(request.marker).feed(ran.stdout)
    assert (frame.kind, frame.content.startswith(b"not-started\n")) == ("refused", True)


def _answer(machine: _Machine, request: Request) -> tuple[str, str]:
    """The first frame of an answer: its kind and its words."""
    script = request.script.replace(b"/var/lib/patchdeck/jobs", str(machine.jobs).encode())
    environment = {"PATH": f"{machine.root}/bin:{os.environ['PATH']}", "HOME": str(machine.root / "home")}
    ran = subprocess.run(
        [machine.root / "bin/sh"], input=script, env=environment, capture_output=True, timeout=60, check=False
    )
    frames = FrameReader(request.marker).feed(ran.stdout)
    return frames[0].kind, frames[0].content.decode()


def _refusal(machine: _Machine, request: Request) -> str:
    """The words of a machine that refuses."""
    kind, words = _answer(machine, request)
    assert kind == "refused"
    return words


def _start_request() -> Request:
    return start_request(JobOrder("one", JobKind.INSTALL, (PackageOrder("a", "all", "1"),), 600), _manager(), GAIN)


@pytest.mark.parametrize("trap", ["link", "open", "job-link", "job-open", "foreign"])
def test_folder_that_others_can_write_is_not_used(machine: _Machine, trap: str) -> None:
    """Whoever made it before could swap the script that root runs, or have any file shown as a log."""
    elsewhere = machine.root / "elsewhere"
    elsewhere.mkdir()
    folder = machine.jobs / "one"
    if trap == "link":
        machine.jobs.symlink_to(elsewhere)
    elif trap == "job-link":
        machine.jobs.mkdir(mode=0o700)
        folder.symlink_to(elsewhere)
    else:
        (folder if trap == "job-open" else machine.jobs).mkdir(parents=True, mode=0o700)
        (folder if trap == "job-open" else machine.jobs).chmod(0o700 if trap == "foreign" else 0o777)
    if trap == "foreign":
        if os.getuid():
            pytest.skip("files can be given away by root alone")
        os.chown(machine.jobs, 65534, 65534)

    for request in (_start_request(), follow_request("one", 0, 0, GAIN), stop_request("one", GAIN)):
        assert "look at it, and move it away" in _refusal(machine, request)

    assert list(elsewhere.iterdir()) == []
    assert not (folder / "job").exists()


def test_start_that_is_cut_anywhere_begins_nothing(machine: _Machine) -> None:
    """After each line of the script, and at each byte of its last ones: nothing is there, or the whole job is."""
    script = _start_request().script.replace(b"/var/lib/patchdeck/jobs", str(machine.jobs).encode())
    environment = {"PATH": f"{machine.root}/bin:{os.environ['PATH']}", "HOME": str(machine.root / "home")}
    places = [at + 1 for at, byte in enumerate(script) if byte == 10]
    call = script.rindex(b"run_request")
    for place in [*places[:: max(1, len(places) // 60)], *range(call - 30, call + len("run_request") - 1)]:
        if place < call + len("run_request"):
            subprocess.run(
                [machine.root / "bin/sh"],
                input=script[:place],
                env=environment,
                capture_output=True,
                timeout=60,
                check=False,
            )
            assert not machine.jobs.exists(), script[max(0, place - 80) : place]


def test_second_half_that_is_cut_anywhere_begins_nothing(machine: _Machine) -> None:
    """It goes through a pipe to the shell of root, whose writer may be killed at any byte."""
    script = _start_request().script.replace(b"/var/lib/patchdeck/jobs", str(machine.jobs).encode())
    begin = script.index(b"request_text() {")
    begin = script.index(b"\n", script.index(b"<<'", begin)) + 1
    second = (
        b"root_way=root session_pid=1 root_program=''\n"
        + script[begin : script.rindex(b"end-", 0, script.rindex(b"run_request"))]
    )
    call = second.rindex(b"request_start")
    places = [at + 1 for at, byte in enumerate(second) if byte == 10]
    environment = {"PATH": f"{machine.root}/bin:{os.environ['PATH']}", "HOME": str(machine.root / "home")}
    inside = range(second.index(b"job_text() {"), call, 1013)
    for place in [*places[:: max(1, len(places) // 40)], *inside, *range(call - 30, call + len("request_start") - 1)]:
        if place < call + len("request_start"):
            subprocess.run(
                [machine.root / "bin/sh"],
                input=second[:place],
                env=environment,
                capture_output=True,
                timeout=60,
                check=False,
            )
            assert not machine.jobs.exists(), second[max(0, place - 80) : place]


def test_start_on_a_full_disk_leaves_no_half_job(machine: _Machine) -> None:
    """With room for more and more of it nothing is claimed, and with room for all of it the job is begun."""
    if os.getuid():
        pytest.skip("file systems can be mounted by root alone")
    machine.jobs.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", machine.jobs], check=True)
    try:
        for free in (0, 4096, 65536, 69632, 77824):
            _leave_free(machine.jobs / "filler", free)
            said = _answer(machine, _start_request())
            assert said[0] in ("refused", "state"), said
            assert said[0] == "refused" or "state=absent" in said[1]
            assert not (machine.jobs / "one/claim").exists()
            assert not list(machine.jobs.glob("active.*"))
            shutil.rmtree(machine.jobs / "one", ignore_errors=True)
        (machine.jobs / "filler").unlink()
        machine.start("a")
        assert machine.follow().exit_status == 0
    finally:
        subprocess.run(["umount", "-l", machine.jobs], check=True)


def _leave_free(filler: Path, free: int) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            file.truncate(max(0, file.tell() - free))


def test_machine_without_setsid_and_timeout_runs_the_job(machine: _Machine) -> None:
    """Small systems have neither."""
    few = machine.root / "few"
    few.mkdir()
    # printf: mksh has none of its own.
    names = (
        "cat chmod cp cut date dirname find grep head id ln ls mkdir mv nohup printf rm sed sleep sort tail touch tr"
    )
    names += " uname wc"
    for name in names.split():
        (few / name).symlink_to(shutil.which(name) or name)
    (few / "sh").symlink_to((machine.root / "bin/sh").resolve())
    (machine.root / "bin/id").rename(machine.root / "bin/old-id")
    (few / "id").unlink()
    (few / "id").write_text("#!/bin/sh\necho 0\n")
    (few / "id").chmod(0o755)
    script = _start_request().script.replace(b"/var/lib/patchdeck/jobs", str(machine.jobs).encode())
    script = script.replace(b":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", b"")
    script = script.replace(b"PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:$PATH", b"")

    subprocess.run([few / "sh"], input=script, env={"PATH": str(few)}, capture_output=True, timeout=60, check=False)

    report = machine.follow()
    # The shell of busybox may have a setsid of its own.
    assert report.detached_by == "nohup" or "busybox" in str((few / "sh").resolve())
    assert report.exit_status == 0
