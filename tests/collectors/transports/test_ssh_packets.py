"""What goes over the wire beside what was asked for: counted by OpenSSH's own sshd."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_EMPTY_PACKET = "Received SSH2_MSG_IGNORE"


async def test_no_empty_packets_go_before_others(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """With the ciphers of today, a session is opened and used without a packet that says nothing."""
    sshd = start_sshd("LogLevel DEBUG3")
    result = await ssh.run(ssh.machine_on(sshd))
    assert (result.stdout, sshd.log.count(_EMPTY_PACKET)) == (b"hello\n", 0)


async def test_a_cipher_of_chained_blocks_has_them(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """Where the next vector could be known, every packet has an empty one before it, as asyncssh does."""
    sshd = start_sshd("LogLevel DEBUG3", "Ciphers aes256-cbc")
    Path("~/.ssh/config").expanduser().write_text("Ciphers aes256-cbc\n")
    result = await ssh.run(ssh.machine_on(sshd))
    assert result.stdout == b"hello\n"
    assert sshd.log.count(_EMPTY_PACKET) > 5


async def test_steps_are_not_logged(ssh: Any, sshd: Any, caplog: pytest.LogCaptureFixture) -> None:
    """asyncssh's steps are not even prepared, also where a log of everything is kept."""
    with caplog.at_level(logging.DEBUG):
        await ssh.run(ssh.machine_on(sshd))
    assert [record.message for record in caplog.records if record.name == "asyncssh"] == []
