"""Scripts over SSH, against OpenSSH's own sshd."""

from typing import Any


async def test_output_error_and_status_come_apart(ssh: Any, sshd: Any) -> None:
    """Standard output, standard error and the exit status are what the script gave."""
    result = await ssh.run(ssh.machine_on(sshd), "echo out; echo err >&2; exit 3")
    assert (result.stdout, result.stderr, result.exit_status) == (b"out\n", b"err\n", 3)
