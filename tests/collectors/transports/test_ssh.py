"""Scripts over SSH, against OpenSSH's own sshd."""

import asyncio
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collectors.transports import ssh_config, ssh_session
from collectors.transports.base import TransportFailed
from collectors.transports.opening import open_transport
from fleet.failures import Failure, FailureKind


async def failed(ssh: Any, machine: Any, script: str = "echo hello", **more: Any) -> TransportFailed:
    with pytest.raises(TransportFailed) as caught:
        await ssh.run(machine, script, **more)
    return caught.value


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_true():
            await asyncio.sleep(0.01)


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def test_output_error_and_status_come_apart(ssh: Any, sshd: Any) -> None:
    """Standard output, standard error and the exit status are what the script gave."""
    result = await ssh.run(ssh.machine_on(sshd), "echo out; echo err >&2; exit 3")
    assert (result.stdout, result.stderr, result.exit_status) == (b"out\n", b"err\n", 3)


async def test_bytes_come_as_they_are(ssh: Any, sshd: Any) -> None:
    """Output is neither decoded nor changed."""
    result = await ssh.run(ssh.machine_on(sshd), r"printf '\377\000\033[31m\r\n'")
    assert result.stdout == b"\xff\x00\x1b[31m\r\n"


async def test_long_script_and_long_answer_arrive_whole(ssh: Any, sshd: Any) -> None:
    """A script and an answer larger than every window arrive to the last byte."""
    script = "# " + "x" * 300_000 + "\nhead -c 5000000 /dev/zero; echo end"
    result = await ssh.run(ssh.machine_on(sshd), script, max_output_bytes=10_000_000)
    assert (len(result.stdout), result.stdout[-5:]) == (5_000_004, b"\0end\n")


async def test_many_machines_share_one_context(ssh: Any, sshd: Any) -> None:
    """Runs at the same time do not disturb each other."""
    machine, context = ssh.machine_on(sshd), await ssh.context()

    async def ask(number: int) -> bytes:
        transport = open_transport(machine, context)
        result = await transport.run(f"echo {number}".encode(), deadline_seconds=60, max_output_bytes=1000)
        return bytes(result.stdout)

    answers = await asyncio.gather(*(ask(number) for number in range(20)))
    assert answers == [f"{number}\n".encode() for number in range(20)]


async def test_nothing_stays_open_after_a_run(ssh: Any, sshd: Any) -> None:
    """A context that is closed has no file, socket or process of its runs open."""
    context = await ssh.context()
    machine = ssh.machine_on(sshd)
    await open_transport(machine, context).run(b"true", deadline_seconds=30, max_output_bytes=1000)
    before = open_files()
    for _ in range(3):
        await open_transport(machine, context).run(b"true", deadline_seconds=30, max_output_bytes=1000)
    await until(lambda: open_files() <= before)


@pytest.mark.parametrize("redirect", ["", ">&2"])
async def test_flood_is_stopped_at_the_limit(ssh: Any, sshd: Any, redirect: str) -> None:
    """A gigabyte on either stream costs neither memory nor more than the limit, and is ended on the machine."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = await failed(ssh, ssh.machine_on(sshd), f"head -c 1000000000 /dev/zero {redirect}")
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert error.failure.kind is FailureKind.OUTPUT_TOO_LARGE
    assert len(error.partial) <= 1_000_000
    assert grown_kib < 60_000


async def test_deadline_ends_the_script_on_the_machine(ssh: Any, sshd: Any, tmp_path: Path) -> None:
    """When time is up, the shell and what it started are ended there, and what had come is kept."""
    script = f"echo early; sleep 1000 & echo $! $$ > {tmp_path}/pids; wait"
    error = await failed(ssh, ssh.machine_on(sshd), script, deadline_seconds=3.0)
    assert error.failure.kind is FailureKind.DEADLINE_EXCEEDED
    assert error.partial == b"early\n"
    for pid in (tmp_path / "pids").read_text().split():
        await until(lambda pid=pid: not is_running(pid))  # type: ignore[misc]


async def test_cancelling_ends_the_script_on_the_machine(ssh: Any, sshd: Any, tmp_path: Path) -> None:
    """A cancelled run leaves nothing at work on the machine."""
    pids = tmp_path / "pids"
    script = f"sleep 1000 & echo $! $$ > {pids}.new; mv {pids}.new {pids}; wait"
    task = asyncio.create_task(ssh.run(ssh.machine_on(sshd), script))
    await until(pids.exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for pid in pids.read_text().split():
        await until(lambda pid=pid: not is_running(pid))  # type: ignore[misc]


async def test_connection_cut_in_mid_command_is_lost(ssh: Any, sshd: Any) -> None:
    """No exit status is never success: the failure counts the bytes, and keeps them."""
    error = await failed(
        ssh, ssh.machine_on(sshd), "echo half; head -c 3000000 /dev/zero; kill -9 $PPID", max_output_bytes=5_000_000
    )
    assert error.failure.kind is FailureKind.CONNECTION_LOST
    assert error.partial.startswith(b"half\n")
    assert "bytes of output" in error.failure.came_back


@pytest.mark.parametrize("is_followed", [False, True])
async def test_stalled_link_is_noticed(
    ssh: Any, sshd: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_followed: bool
) -> None:
    """A link that carries nothing any more is lost, long before the deadline, also while its output is followed."""
    monkeypatch.setattr(ssh_config, "KEEPALIVE_SECONDS", 20.0 if is_followed else 0.1)
    monkeypatch.setattr(ssh_session, "_FOLLOWED_KEEPALIVE_SECONDS", 0.1)
    take = {"on_output": lambda _data: None} if is_followed else {}
    script = f"echo $PPID > {tmp_path}/pid; echo $$ > {tmp_path}/shell; echo half; kill -STOP $PPID; sleep 1000"
    try:
        error = await failed(ssh, ssh.machine_on(sshd), script, deadline_seconds=60.0, **take)
    finally:
        os.kill(int((tmp_path / "pid").read_text()), 9)
        os.killpg(int((tmp_path / "shell").read_text()), 9)
    assert error.failure.kind is FailureKind.CONNECTION_LOST
    assert "keepalive" in error.failure.came_back
    assert error.failure.elapsed_seconds is not None
    assert error.failure.elapsed_seconds < 30


async def test_killed_shell_is_no_answer(ssh: Any, sshd: Any) -> None:
    """A shell that was ended by a signal is a failure that names the signal."""
    error = await failed(ssh, ssh.machine_on(sshd), "echo half; kill -KILL $$")
    assert error.failure.kind is FailureKind.CONNECTION_LOST
    assert "SIGKILL" in error.failure.came_back


async def test_helper_that_keeps_the_output_open_does_not_hold_the_answer(
    ssh: Any, sshd: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the shell has ended and is quiet, a process it left behind is not waited for."""
    monkeypatch.setattr(ssh_session, "_QUIET_SECONDS", 0.2)
    script = f"setsid sleep 1000 & echo $! > {tmp_path}/pid; echo done"
    result = await ssh.run(ssh.machine_on(sshd), script, deadline_seconds=60.0)
    os.kill(int((tmp_path / "pid").read_text()), 9)
    assert (result.stdout, result.exit_status) == (b"done\n", 0)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/usr/sbin/nologin", "not available"),
        ("echo 'Your password has expired.' >&2; exit 1", "password has expired"),
        ("exit 0", "nothing was said"),
        ("no-such-shell", "not found"),
    ],
)
async def test_login_without_a_shell_is_told(ssh: Any, start_sshd: Callable[..., Any], command: str, said: str) -> None:
    """A login shell that runs no `sh` is a failure that quotes what came in its place."""
    machine = ssh.machine_on(start_sshd(f"ForceCommand {command}"))
    error = await failed(ssh, machine)
    assert error.failure.kind is FailureKind.NO_SHELL
    assert said in error.failure.came_back


async def test_refused_session_is_told(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """A server that allows no session says so, not that the login failed."""
    error = await failed(ssh, ssh.machine_on(start_sshd("MaxSessions 0")))
    assert error.failure.kind is FailureKind.NO_SHELL


@pytest.mark.parametrize("command", ["echo noise from .bashrc; sh", "tcsh -c sh", "fish -c sh"])
async def test_login_shells_do_not_matter(ssh: Any, start_sshd: Callable[..., Any], command: str) -> None:
    """Noise before the script is left out; shells that are not POSIX run the same word."""
    shell = command.split(maxsplit=1)[0]
    if shell != "echo" and not any(Path(folder, shell).exists() for folder in ("/bin", "/usr/bin")):
        pytest.skip(f"{shell} is not installed")
    result = await ssh.run(ssh.machine_on(start_sshd(f"ForceCommand {command}")), "echo answer 2>&1")
    assert result.stdout == b"answer\n"


async def test_banner_before_the_login_may_be_anything(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """A banner that is not UTF-8 does not keep anybody out."""
    sshd = start_sshd()
    (sshd.folder / "banner").write_bytes(b"Zutritt f\xfcr Unbefugte verboten\n")
    sshd = start_sshd(f"Banner {sshd.folder}/banner")
    assert (await ssh.run(ssh.machine_on(sshd))).stdout == b"hello\n"


async def test_old_algorithms_only_is_told(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """A server with nothing in common is named as such, with the setting that would help."""
    error = await failed(
        ssh, ssh.machine_on(start_sshd("Ciphers aes128-cbc", "KexAlgorithms diffie-hellman-group1-sha1"))
    )
    assert error.failure.kind is FailureKind.NO_COMMON_ALGORITHM
    assert "KexAlgorithms" in error.failure.remedy


async def test_refused_login_names_what_was_tried(ssh: Any, sshd: Any, start_sshd: Callable[..., Any]) -> None:
    """The failure lists the keys that were offered and what the server would take."""
    other = start_sshd()
    failure = (await failed(ssh, ssh.machine_on(sshd, key_file=str(other.user_key)))).failure
    assert failure.kind is FailureKind.LOGIN_REFUSED
    assert f"key ssh-ed25519 ({other.user_key})" in failure.came_back
    assert "The server takes: keyboard-interactive, publickey." in failure.came_back


async def test_login_without_keys_says_so(ssh: Any, sshd: Any) -> None:
    """With neither key nor password the failure says that nothing could be tried."""
    failure = (await failed(ssh, ssh.machine_on(sshd, key_file=None))).failure
    assert failure.kind is FailureKind.LOGIN_REFUSED
    assert "lack of keys" in failure.came_back


async def test_too_many_keys_are_told(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """A server that gives up after some keys is told apart, and the remedy is to name the key."""
    sshd, other = start_sshd("MaxAuthTries 1"), start_sshd()
    failure = (await failed(ssh, ssh.machine_on(sshd, key_file=str(other.user_key)))).failure
    assert failure.kind is FailureKind.LOGIN_REFUSED
    assert "too many" in failure.came_back


async def test_failure_tells_user_address_and_port(ssh: Any, sshd: Any) -> None:
    """What was tried names who, where and how long."""
    failure: Failure = (await failed(ssh, ssh.machine_on(sshd, user="nobody-here"))).failure
    assert failure.tried == f"SSH to nobody-here@127.0.0.1:{sshd.port}"
    assert failure.elapsed_seconds is not None
