"""Scripts on the console: real ones, run, timed out, ended with all that they began."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.deployments.console_scripts import MOST_OUTPUT_BYTES, run_on_console
from ops.deployments.worker import ScriptResult


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script that is not written yet."""
    return tmp_path / "before.sh"


async def _run(script: Path, text: str, seconds: float = 200, mode: int = 0o700) -> ScriptResult:
    script.write_text(text)
    script.chmod(mode)
    environment = {"PATCHDECK_TICKET": "CHG 1; $(id)"}
    return await run_on_console(
        script, environment=environment, context_file=script.parent / "run.json", timeout_seconds=seconds
    )


async def test_script_is_told_its_parameters_and_nothing_else(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameters come through unharmed; what surrounds the console, secrets included, does not."""
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")
    result = await _run(script, "#!/bin/sh\nenv | sort\ncat\npwd >&2\nexit 3\n")
    assert result.exit_status == 3
    names = {line.partition("=")[0] for line in result.output.splitlines() if "=" in line}
    assert names == {"PATCHDECK_TICKET", "PATCHDECK_RUN_CONTEXT", "PATH", "HOME", "LANG", "PWD"}
    assert "PATCHDECK_TICKET=CHG 1; $(id)\n" in result.output
    assert f"PATCHDECK_RUN_CONTEXT={script.parent}/run.json\n" in result.output
    assert result.output.endswith(f"{script.parent}\n")


async def test_script_that_takes_too_long_is_ended_with_its_children(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No exit status, what it printed until then, and nothing that it began goes on."""
    pass_time = _time_that_passes_at_will(monkeypatch)
    task = asyncio.create_task(
        _run(
            script,
            f'#!/bin/sh\ntrap "" TERM\nsh -c \'trap "" TERM; echo $$ > {tmp_path}/pid; exec sleep 60\' &\n'
            f"while ! [ -s {tmp_path}/pid ]; do sleep 0.01; done\necho begun\n: > {tmp_path}/begun\nwait\n",
            seconds=600,
        )
    )
    await _until((tmp_path / "begun").exists)
    pass_time(599)
    await asyncio.sleep(0)
    assert not task.done()
    while not task.done():  # its own time, and then what it is given to end
        pass_time(1)
        await asyncio.sleep(0.01)
    assert (task.result().exit_status, task.result().output) == (None, "begun\n")
    child = int((tmp_path / "pid").read_text())
    await _until(lambda: not _lives(child))  # killed, which on a busy machine takes a moment to be seen


async def test_script_that_leaves_something_running_is_not_waited_for(script: Path) -> None:
    """A background process that holds the output open does not hold the run."""
    result = await _run(script, "#!/bin/sh\necho done\nsleep 600 &\n")
    assert (result.exit_status, result.output) == (0, "done\n")
    assert result.elapsed_seconds < 100


async def test_script_that_prints_for_ever_is_cut(script: Path) -> None:
    """A megabyte is kept."""
    result = await _run(script, "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\n")
    assert (result.exit_status, len(result.output)) == (0, MOST_OUTPUT_BYTES)


async def test_script_that_cannot_be_run_says_so(script: Path) -> None:
    """Missing, and no folder of permissions: one line each."""
    assert "cannot be run: Permission denied" in (await _run(script, "#!/bin/sh\n", mode=0o600)).output
    result = await _run(script, "#!/no/such/interpreter\n")
    assert (result.exit_status, "cannot be run: No such file" in result.output) == (126, True)


async def test_parameter_that_no_environment_can_hold_says_so(script: Path) -> None:
    """A NUL ends the script, not the run."""
    script.write_text("#!/bin/sh\n")
    script.chmod(0o700)
    result = await run_on_console(
        script, environment={"PATCHDECK_X": "a\0b"}, context_file=script.parent / "run.json", timeout_seconds=5
    )
    assert (result.exit_status, "cannot be run" in result.output) == (126, True)


async def test_cancelling_leaves_no_process_behind(script: Path, tmp_path: Path) -> None:
    """A service that stops takes its scripts with it."""
    task = asyncio.create_task(
        _run(script, f"#!/bin/sh\necho $$ > {tmp_path}/own\nmv {tmp_path}/own {tmp_path}/pid\nsleep 60\n")
    )
    await _until((tmp_path / "pid").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _lives(int((tmp_path / "pid").read_text()))


def _time_that_passes_at_will(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock of the running loop forward by so many seconds."""
    loop = asyncio.get_running_loop()
    read, ahead = loop.time, 0.0

    def forward(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    monkeypatch.setattr(loop, "time", lambda: read() + ahead)
    return forward


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def _lives(pid: int) -> bool:
    """Whether the process does anything; one that ended and was not waited for does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
