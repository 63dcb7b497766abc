"""The lab itself: its machines are what they say, and nothing of it stays."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab.builder.apt_machines import HAPPY, UNREACHABLE, UNWELL
from tests.lab.builder.lab import Lab, running
from tests.lab.builder.recipe import USER
from tests.lab.builder.specs import MachineSpec


@pytest.mark.parametrize("spec", HAPPY, ids=lambda spec: spec.name)
def test_machine_lets_an_ordinary_user_in_and_knows_its_own_name(lab: Lab, spec: MachineSpec) -> None:
    """Every happy machine runs a command over OpenSSH, as itself."""
    answer = lab.ssh(spec.name, "id -un; hostname")

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.decode().removeprefix("Welcome!\nhalf").split() == [USER, spec.name]


def test_machines_have_identities_of_their_own(lab: Lab) -> None:
    """No two machines share a host key, a machine id, a boot id or an uptime."""
    names = [spec.name for spec in HAPPY]
    script = (
        "cat /etc/machine-id /proc/sys/kernel/random/boot_id /etc/ssh/ssh_host_ed25519_key; cut -d. -f1 /proc/uptime"
    )

    answers = {lab.exec(name, ["sh", "-c", script]).stdout for name in names}
    uptimes = {answer.splitlines()[-1] for answer in answers}

    assert len(answers) == len(uptimes) == len(names)


def test_machine_has_more_unhappy_kinds_than_happy_ones() -> None:
    """Half of the lab is unwell or out of reach, as the issue asks."""
    assert len(HAPPY) >= 6
    assert len(UNREACHABLE) + len(UNWELL) >= len(HAPPY)


def test_machine_is_not_booted_with_systemd(lab: Lab) -> None:
    """`systemctl` is a stub that says so, and fails."""
    answer = lab.exec("empty", ["systemctl", "is-system-running"])

    assert answer.returncode == 1
    assert "not been booted with systemd" in answer.stderr


def test_machine_cannot_reach_the_mirror_it_was_made_from(lab: Lab) -> None:
    """A machine with real Debian sources finds nobody at the mirror's name but loopback."""
    hosts = lab.exec("behind", ["cat", "/etc/hosts"]).stdout
    resolver = lab.exec("behind", ["cat", "/etc/resolv.conf"]).stdout

    assert all(name in hosts for name in lab.plan.lost_hosts)
    assert all(line.startswith("127.") for line in hosts.splitlines())
    assert resolver == ""


@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("true", "1 error")])
def test_lab_that_cannot_be_built_is_a_skip_and_in_ci_a_failure(ci: str, outcome: str) -> None:
    """Where tools are missing the tests say so: skipped on somebody's machine, failed in CI."""
    test = f"{Path(__file__)}::test_machine_is_not_booted_with_systemd"
    words = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", test]

    environment = {"PATH": "/nonexistent", "CI": ci}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    assert outcome in done.stdout
    assert "tools are missing" in done.stdout


@pytest.fixture(params=["closed", "killed"])
def ended_lab(request: pytest.FixtureRequest, can_build: None) -> Iterator[Lab]:
    """A small lab that was closed, or whose outermost process was killed."""
    with running(["pending", "locked", "var-full", "stalls", "silent"]) as lab:
        assert _processes_of(lab)
        assert _mounts_of(lab)
        assert _listeners_of(lab)
        if request.param == "killed":
            os.kill(_parent_of(lab.supervisor_pid), signal.SIGKILL)
            _wait_until(lambda: not Path(f"/proc/{lab.supervisor_pid}/ns").exists())
            yield lab
            return
    yield lab


def test_nothing_of_a_lab_stays(ended_lab: Lab) -> None:
    """After the lab has ended, one way or the other, there is no mount, process or listening socket of it."""
    assert _mounts_of(ended_lab) == []
    assert _processes_of(ended_lab) == []
    assert _listeners_of(ended_lab) == []


def test_closed_lab_leaves_no_folder(can_build: None) -> None:
    """The lab's own folder goes with it; only what was built is kept."""
    with running(["pending"]) as lab:
        folder = lab.plan.folder
        assert folder.exists()

    assert not folder.exists()


def test_lab_ends_with_the_test_run(can_build: None) -> None:
    """A supervisor whose stdin ends, because the test run was killed, takes all machines with it."""
    with running(["pending"]) as lab:
        words = ["nsenter", "-t", str(lab.supervisor_pid), "-m", "-p", "cat", "/proc/1/cmdline"]
        assert b"tests.lab.builder.supervisor" in subprocess.run(words, capture_output=True, check=True).stdout
        lab.hang_up()
        _wait_until(lambda: not _processes_of(lab))

        assert _listeners_of(lab) == []


def _processes_of(lab: Lab) -> list[str]:
    """The processes that hold a mount of the lab's folder, or were told of it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            said = (process / "cmdline").read_bytes() + (process / "mountinfo").read_bytes()
        except OSError:
            continue
        if str(lab.plan.folder).encode() in said:
            found.append(process.name)
    return found


def _mounts_of(lab: Lab) -> list[str]:
    """The mounts of the lab that any process of this host sees."""
    found = set()
    for mounts in Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            found |= {line for line in mounts.read_text().splitlines() if str(lab.plan.folder) in line}
        except OSError:
            continue
    return sorted(found)


def _listeners_of(lab: Lab) -> list[str]:
    """The sockets that listen in the lab's net: /proc/net/tcp has addresses in hexadecimal, backwards."""
    net = bytes(int(part) for part in reversed(lab.plan.net.split("."))).hex().upper()
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [line[1] for line in lines if line[3] == "0A" and line[1].partition(":")[0].endswith(net)]


def _parent_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:"))


def _wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at, "it did not become so"
        time.sleep(0.02)
