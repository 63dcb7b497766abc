"""Logging in: keys from files and agents, passwords, and no secret in any text."""

import asyncio
import logging
import os
import subprocess
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from collectors.secrets import NoSecrets, Secret
from collectors.transports.base import TransportFailed
from fleet.failures import FailureKind
from fleet.machines import Machine

PASSWORD = "correct horse \N{LATIN SMALL LETTER E WITH ACUTE}"


@dataclass
class OneSecret(NoSecrets):
    """A source with one password for every machine."""

    text: str
    asked: list[str] = field(default_factory=list)

    def password(self, machine: Machine, /) -> Secret | None:
        self.asked.append(machine.name)
        return Secret(self.text)

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        return None


class PasswordServer(asyncssh.SSHServer):
    """A stand-in for sshd with PAM: takes ``PASSWORD`` by the methods it is told to offer."""

    methods: tuple[str, ...] = ("password",)
    prompts: tuple[tuple[str, bool], ...] = (("Password: ", False),)
    is_expired = False

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return "password" in self.methods

    def validate_password(self, username: str, password: str) -> bool:
        if self.is_expired:
            raise asyncssh.PasswordChangeRequired("Choose a new one")
        return password == PASSWORD

    def kbdint_auth_supported(self) -> bool:
        return "keyboard-interactive" in self.methods

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return "", "", "", list(self.prompts)

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        return list(responses) == [PASSWORD]


@pytest.fixture
async def password_server(ssh: Any) -> AsyncIterator[Callable[..., Any]]:
    """Starts a `PasswordServer` with other attributes; gives a machine on it whose host key is known."""
    servers: list[asyncssh.SSHAcceptor] = []
    host_key = asyncssh.generate_private_key("ssh-ed25519")

    async def run_sh(process: asyncssh.SSHServerProcess[bytes]) -> None:
        script = await process.stdin.read()
        ran = await asyncio.to_thread(subprocess.run, ["sh"], input=script, capture_output=True, check=False)
        process.stdout.write(ran.stdout)
        process.exit(ran.returncode)

    async def start(**attributes: object) -> Machine:
        kind = type("Server", (PasswordServer,), attributes)
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[host_key], server_factory=kind, process_factory=run_sh, encoding=None
        )
        servers.append(server)
        line = host_key.export_public_key("openssh").decode().strip()
        ssh.trust(f"[127.0.0.1]:{server.get_port()} {line}\n")
        machine: Machine = ssh.machine(server.get_port())
        return machine

    yield start
    for server in servers:
        server.close()


async def failed(ssh: Any, machine: Machine, **more: Any) -> TransportFailed:
    with pytest.raises(TransportFailed) as caught:
        await ssh.run(machine, **more)
    return caught.value


@pytest.mark.parametrize("method", ["password", "keyboard-interactive"])
async def test_password_logs_in(ssh: Any, password_server: Any, method: str) -> None:
    """A password is given by the method that the server takes, non-ASCII letters included."""
    machine = await password_server(methods=(method,))
    assert (await ssh.run(machine, secrets=OneSecret(PASSWORD))).stdout == b"hello\n"


async def test_password_is_not_asked_for_where_a_key_is_enough(ssh: Any, sshd: Any) -> None:
    """The source of passwords is left alone when a key logs in."""
    secrets = OneSecret(PASSWORD)
    await ssh.run(ssh.machine_on(sshd), secrets=secrets)
    assert secrets.asked == []


async def test_wrong_password_is_tried_once_by_each_method(ssh: Any, password_server: Any) -> None:
    """A wrong password is refused, asked for once, and the methods are named."""
    machine = await password_server(methods=("password", "keyboard-interactive"))
    secrets = OneSecret("wrong")
    failure = (await failed(ssh, machine, secrets=secrets)).failure
    assert failure.kind is FailureKind.LOGIN_REFUSED
    assert "Tried: keyboard-interactive, password." in failure.came_back
    assert secrets.asked == ["web-01"]


async def test_second_factor_is_told(ssh: Any, password_server: Any) -> None:
    """A prompt that nobody can answer is quoted in the failure, and gets no password."""
    prompts = (("Verification code: ", True),)
    machine = await password_server(methods=("keyboard-interactive",), prompts=prompts)
    failure = (await failed(ssh, machine, secrets=OneSecret(PASSWORD))).failure
    assert failure.kind is FailureKind.LOGIN_REFUSED
    assert "Verification code" in failure.came_back


async def test_expired_password_is_told(ssh: Any, password_server: Any) -> None:
    """A password that must be changed first is said to be expired."""
    failure = (await failed(ssh, await password_server(is_expired=True), secrets=OneSecret(PASSWORD))).failure
    assert failure.kind is FailureKind.LOGIN_REFUSED
    assert "expired" in failure.came_back


async def test_no_secret_in_any_text(
    ssh: Any, password_server: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the failure nor its traceback, nor a log at any level, nor the terminal holds the password."""
    caplog.set_level(logging.DEBUG)
    secret = "s3cret-and-wrong"
    error = await failed(ssh, await password_server(), secrets=OneSecret(secret))
    shown = "".join(traceback.format_exception(error)) + repr(error) + repr(error.failure) + caplog.text
    assert secret not in shown
    assert secret not in "".join(capfd.readouterr())


def test_secret_shows_itself_in_no_form() -> None:
    """However a secret is printed, it is masked; it cannot be pickled."""
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {secret!s} {secret:>10} {[secret]} {vars(OneSecret)}"
    assert secret.reveal() == "hunter2"
    with pytest.raises(TypeError):
        secret.__reduce__()


@pytest.fixture
def agent(ssh: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real ssh-agent without keys, where SSH_AUTH_SOCK points to."""
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    # Its socket is there before it listens; without keys, an agent that answers is told by 1, one that does not by 2.
    answers = "until ssh-add -l >/dev/null 2>&1; [ $? = 1 ]; do sleep 0.02; done"
    subprocess.run(["sh", "-c", answers], check=True, timeout=60)
    yield
    process.terminate()
    process.wait()


def add_to_agent(key: Path, passphrase: str = "") -> None:
    ask = key.parent / "ask"
    ask.write_text(f"#!/bin/sh\necho '{passphrase}'\n")
    ask.chmod(0o700)
    environment = {**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"}
    subprocess.run(["ssh-add", "-q", str(key)], check=True, env=environment, capture_output=True)


def encrypt(key: Path) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", "phrase", "-f", str(key)], check=True, capture_output=True
    )


@pytest.mark.usefixtures("agent")
async def test_key_in_the_agent_logs_in(ssh: Any, sshd: Any) -> None:
    """A key that only the agent has is offered, and signs for many connections at once."""
    add_to_agent(sshd.user_key)
    machine = ssh.machine_on(sshd, key_file=None)
    results = await asyncio.gather(*(ssh.run(machine) for _ in range(5)))
    assert {result.stdout for result in results} == {b"hello\n"}


async def test_agent_that_is_gone_is_as_none(ssh: Any, sshd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket of an agent that has ended does not keep a key file from being used."""
    monkeypatch.setenv("SSH_AUTH_SOCK", "/nonexistent/agent")
    assert (await ssh.run(ssh.machine_on(sshd))).stdout == b"hello\n"


async def test_default_key_files_are_used(ssh: Any, sshd: Any) -> None:
    """Without a key file of its own, a machine is offered those that OpenSSH would offer."""
    (Path.home() / ".ssh" / "id_ed25519").write_bytes(sshd.user_key.read_bytes())
    assert (await ssh.run(ssh.machine_on(sshd, key_file=None))).stdout == b"hello\n"


async def test_encrypted_key_file_names_the_remedy(ssh: Any, start_sshd: Any) -> None:
    """A key file with a passphrase is told as such, with the command that helps."""
    sshd = start_sshd()
    encrypt(sshd.user_key)
    failure = (await failed(ssh, ssh.machine_on(sshd))).failure
    assert failure.kind is FailureKind.BAD_CONFIGURATION
    assert "is encrypted" in failure.came_back
    assert failure.remedy.startswith(f"Run: ssh-add {sshd.user_key}")


@pytest.mark.usefixtures("agent")
async def test_encrypted_key_file_is_used_from_the_agent(ssh: Any, start_sshd: Any) -> None:
    """Once the agent holds it, an encrypted key file is as good as any."""
    sshd = start_sshd()
    encrypt(sshd.user_key)
    add_to_agent(sshd.user_key, "phrase")
    assert (await ssh.run(ssh.machine_on(sshd))).stdout == b"hello\n"


async def test_encrypted_default_key_is_mentioned_when_refused(ssh: Any, start_sshd: Any) -> None:
    """A default key that could not be offered is named in the refusal."""
    sshd = start_sshd()
    encrypt(sshd.user_key)
    (Path.home() / ".ssh" / "id_ed25519").write_bytes(sshd.user_key.read_bytes())
    failure = (await failed(ssh, ssh.machine_on(sshd, key_file=None))).failure
    assert failure.kind is FailureKind.LOGIN_REFUSED
    assert "id_ed25519 is encrypted and not in the agent" in failure.came_back


@pytest.mark.parametrize(("content", "said"), [(None, "is not there"), (b"garbage", "no key")])
async def test_unusable_key_file_is_named(
    ssh: Any, sshd: Any, tmp_path: Path, content: bytes | None, said: str
) -> None:
    """A key file that is missing or no key is a mistake in the configuration."""
    key_file = tmp_path / "key"
    if content is not None:
        key_file.write_bytes(content)
    failure = (await failed(ssh, ssh.machine_on(sshd, key_file=str(key_file)))).failure
    assert failure.kind is FailureKind.BAD_CONFIGURATION
    assert f"{key_file} " in failure.came_back
    assert said in failure.came_back
