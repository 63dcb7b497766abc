"""Real machines introduce themselves over a real sshd; and whoever misuses a token gets nothing else."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fleet.enrol_tokens import ApprovalMode
from fleet.host_key_lines import describe_key
from ops.candidates import list_candidates
from ops.enrol_tokens.authorizing import find_token, list_tokens, revoke
from ops.enrolment import find_machine, list_machines
from ops.home import Home
from tests.free_ports import free_port
from tests.ops.enrol_tokens.conftest import Client, RunningSshd, StartSshd, make_key, needs

ROOT = Path(__file__).parents[3]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
# Another host name and another /etc/ssh, as another machine has them.
ON_THE_MACHINE = 'hostname "$NAME" && mount --bind "$ETC_SSH" /etc/ssh && eval "$LINE"'

MakeClient = Callable[..., Client]


def run_line(line: str, machine: RunningSshd, user_home: Path, name: str = "web-01", **more: str) -> str:
    """What the line prints on a machine that is called ``name`` and has the sshd ``machine``."""
    needs("unshare")
    environment = {"PATH": os.environ["PATH"], "HOME": str(user_home), "LINE": line, "NAME": name}
    done = subprocess.run(
        ["unshare", "--mount", "--uts", "sh", "-c", ON_THE_MACHINE],
        env=environment | {"ETC_SSH": str(machine.folder)} | more,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    if "unshare failed" in done.stderr:
        pytest.skip("this system lets nobody have a name and mounts of their own")
    assert done.returncode == 0, done.stderr
    return done.stdout


def patchdeck(home: Home, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "patchdeck.py"), "--home", str(home.path), *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, check=False)


def test_a_machine_introduces_itself_is_approved_and_answers(
    home: Home, client: MakeClient, start_sshd: StartSshd, tmp_path: Path
) -> None:
    """From the line to the first answer nobody compares or accepts a key by hand, and no key is taken on trust."""
    user_home = tmp_path / "machine"
    user_home.mkdir()
    machine = start_sshd(f"AuthorizedKeysFile {user_home}/.ssh/authorized_keys")
    console_key = make_key(tmp_path / "console_key")
    holder = client(installed_key=tmp_path / "console_key.pub", allowed_tags=("role=*",))

    line = holder.token.line.replace("| sh", "| sh -s role=web")
    answers = [run_line(line, machine, user_home) for _ in range(2)]

    assert answers[0].startswith("web-01 is known to the console, and waits")
    assert answers[1].startswith("web-01 is known to the console already")
    assert describe_key(machine.host_key) in answers[0]
    assert (user_home / ".ssh" / "authorized_keys").read_text().strip() == f"{console_key} patchdeck"
    (candidate,) = list_candidates(home)
    assert (candidate.name, candidate.came_from, candidate.port) == ("web-01", "127.0.0.1", machine.port)
    assert (candidate.host_keys, dict(candidate.tags)) == ((machine.host_key,), {"role": "web"})
    assert (candidate.user, candidate.doubts) == ("root", ())
    assert "Linux" in candidate.system

    assert patchdeck(home, "machines", "approve", "web-01").returncode == 0
    patchdeck(home, "machines", "edit", "web-01", "--key-file", str(tmp_path / "console_key"))
    assessed = patchdeck(home, "assess", "web-01")
    assert assessed.returncode == 0, assessed.stderr


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_any_posix_shell_runs_the_line(
    home: Home, client: MakeClient, sshd: RunningSshd, tmp_path: Path, shell: str
) -> None:
    """Whatever sh is on the machine."""
    needs(shell.split(maxsplit=1)[0])
    line = client(approval=ApprovalMode.AUTO).token.line
    answer = run_line(line.replace("' | sh", f"' | {shell}"), sshd, tmp_path, name="db-01")
    assert answer.startswith("db-01 is enrolled.")
    assert find_machine(home, "db-01").port == sshd.port


def test_while_the_line_runs_no_process_shows_its_secrets(
    client: MakeClient, sshd: RunningSshd, tmp_path: Path
) -> None:
    """The list of processes is for everybody on the machine; and nothing is left behind."""
    holder = client()
    spy = tmp_path / "bin" / "ssh"
    spy.parent.mkdir()
    spy.write_text(
        f"#!/bin/sh\ncat /proc/[0-9]*/cmdline >{tmp_path}/seen 2>/dev/null\npwd >{tmp_path}/where\nls -l key >&2\n"
    )
    spy.chmod(0o755)
    run_line(holder.token.line, sshd, tmp_path, PATH=f"{spy.parent}:{os.environ['PATH']}", TMPDIR=str(tmp_path))
    seen = (tmp_path / "seen").read_bytes()
    assert b"ssh" in seen
    assert holder.proof.encode() not in seen
    assert holder.key.read_bytes().splitlines()[1] not in seen
    assert not Path((tmp_path / "where").read_text().strip()).exists()


def test_the_line_talks_to_no_other_console(client: MakeClient, start_sshd: StartSshd, tmp_path: Path) -> None:
    """Who answers with another host key hears nothing."""
    needs("unshare")
    holder, other = client(), start_sshd()
    (other.authorized_keys).write_text(holder.token.token.public_key)
    line = re.sub(r"-p \d+", f"-p {other.port}", holder.token.line)
    done = subprocess.run(["sh", "-c", line], capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode != 0
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in done.stderr


@pytest.mark.parametrize(
    ("options", "command", "refusal"),
    [
        ((), ("id",), b"patchdeck: "),
        ((), ("patchdeck", "machines", "list"), b"patchdeck: "),
        ((), ("9c41d07e; id",), b"patchdeck: "),
        (("-tt",), ("sh",), b"PTY allocation request failed"),
        (("-s",), ("sftp",), b""),
        (
            ("-o", "SetEnv=PYTHONINSPECT=1 PYTHONSTARTUP=/tmp/x PYTHONPATH=/tmp PATCHDECK_HOME=/tmp/other"),
            (),
            b"patchdeck: ",
        ),
    ],
    ids=["command", "verb", "injection", "terminal", "sftp", "environment"],
)
def test_a_key_of_a_token_does_nothing_else(
    home: Home, client: MakeClient, options: tuple[str, ...], command: tuple[str, ...], refusal: bytes
) -> None:
    """Whatever is asked for: no command is run, nothing of the console is shown."""
    given = b"import os; os.system('id')\nid\n"
    done = client().ssh(*options, given=given, command=command)
    shown = done.stdout + done.stderr
    assert done.returncode != 0
    assert b"uid=" not in shown
    assert b">>>" not in shown
    assert str(home.path).encode() not in shown
    assert list_candidates(home) == []


def test_nothing_is_forwarded(client: MakeClient, start_sshd: StartSshd) -> None:
    """Neither a port of the console to the client, nor one of the client to the console."""
    holder = client()
    refused = holder.ssh("-o", "ExitOnForwardFailure=yes", "-R", f"{free_port()}:127.0.0.1:{holder.sshd.port}", "-N")
    assert refused.returncode != 0
    inner = holder.ssh("-W", f"127.0.0.1:{holder.sshd.port}")
    assert inner.returncode != 0
    assert b"SSH-2.0" not in inner.stdout


def test_too_much_is_not_taken_in(home: Home, client: MakeClient) -> None:
    """Megabytes end the connection."""
    done = client().ssh(given=b"patchdeck-introduction 1\n" + b"address 192.0.2.1\n" * 500_000)
    assert done.returncode != 0
    assert list_candidates(home) == []
    (token,) = list_tokens(home)
    assert (token.refusals, token.last_refusal) == (
        1,
        "The introduction is longer than 65,536 bytes. (from 127.0.0.1)",
    )


def test_a_replay_is_no_second_machine(home: Home, client: MakeClient) -> None:
    """What somebody recorded and sends again changes nothing."""
    holder = client(count=5)
    for _ in range(2):
        assert holder.ssh(given=holder.said("web-01", KEY)).returncode == 0
    assert len(list_candidates(home)) == 1
    assert find_token(home, holder.token.token.id).used == 1


def test_a_key_opens_its_own_token_only(home: Home, client: MakeClient) -> None:
    """The proof of one token with the key of another is refused, and so is a guess."""
    one, other = client(), client()
    for given in (one.said("web-01", KEY), other.said("web-01", KEY).replace(b"proof ", b"proof x")):
        done = other.ssh(given=given)
        assert (done.returncode, b"not the line of this token" in done.stderr) == (11, True)
    assert list_candidates(home) == []


def test_of_those_who_race_for_the_last_use_one_gets_it(home: Home, client: MakeClient, tmp_path: Path) -> None:
    """However many come at the same moment."""
    holder = client(count=1, approval=ApprovalMode.AUTO)
    said = [
        holder.said(f"web-{number}", make_key(tmp_path / f"host-{number}"), f"port {number}") for number in range(1, 6)
    ]
    with ThreadPoolExecutor(len(said)) as pool:
        done = list(pool.map(lambda given: holder.ssh(given=given), said))
    assert sorted(each.returncode for each in done) == [0, 11, 11, 11, 11]
    assert all(b"used up" in each.stderr for each in done if each.returncode)
    assert len(list_machines(home)) == 1


def test_sshd_itself_refuses_what_is_out_of_time_or_place(client: MakeClient, home: Home) -> None:
    """Before anything of Patchdeck runs; and so it does after the token was revoked."""
    elsewhere = client(networks=("192.0.2.0/24",))
    late, ended = client(), client()
    keys = late.sshd.authorized_keys
    old = re.sub(rf'(expiry-time=")\d+(".*{late.token.token.id})', r"\g<1>20200101000000\2", keys.read_text())
    assert old != keys.read_text()
    keys.write_text(old)
    revoke(home, [ended.token.token.id])
    for holder in (elsewhere, late, ended):
        done = holder.ssh(given=holder.said("web-01", KEY))
        assert (done.returncode, b"Permission denied" in done.stderr) == (255, True)
    assert ended.token.token.public_key not in keys.read_text()


def test_a_token_that_was_revoked_and_is_authorized_still_is_refused(home: Home, client: MakeClient) -> None:
    """A line that somebody wrote by hand outlives the token, and leads nowhere."""
    holder = client()
    line = holder.sshd.authorized_keys.read_text()
    revoke(home, [holder.token.token.id])
    holder.sshd.authorized_keys.write_text(line)
    done = holder.ssh(given=holder.said("web-01", KEY))
    assert (done.returncode, b"revoked" in done.stderr) == (11, True)


def test_a_console_that_is_in_trouble_tells_nothing_of_itself(home: Home, client: MakeClient) -> None:
    """Whoever holds a token hears that it went wrong, and the administrator why."""
    holder = client()
    home.state_file.write_bytes(b"no database")
    done = holder.ssh(given=holder.said("web-01", KEY))
    assert done.returncode == 1
    assert str(home.path).encode() not in done.stdout + done.stderr
    assert "state.db" in home.log_file.read_text()
