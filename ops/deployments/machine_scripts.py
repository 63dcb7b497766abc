"""The scripts of a deployment on one machine: each once, or again where the console was killed while it ran."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from fleet.deployments.runs import RunStep
from fleet.deployments.scripts import Script, ScriptFailure, ScriptPlace, ScriptStage
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean
from ops.deployments.events import ScriptEnded
from ops.deployments.script_context import parameters_of
from ops.deployments.turn import Turn

Describe = Callable[[Script, int], bytes]
_OUTPUT_SHOWN = 300


async def run_machine_scripts(turn: Turn, stage: ScriptStage, describe: Describe) -> str:
    """Runs the scripts of ``stage``; what failed that must not, in one line, empty if nothing did.

    ``describe`` gives the run as JSON for a script and its attempt. Of PRE the first such failure ends them.

    Raises:
        TransportFailed: the machine cannot be asked.
    """
    step = RunStep.SCRIPTS_BEFORE if stage is ScriptStage.PRE else RunStep.SCRIPTS_AFTER
    scripts = [s for s in turn.context.deployment.scripts if (s.stage, s.place) == (stage, ScriptPlace.MACHINE)]
    if (known := turn.ended(step)) is not None or not scripts:
        return str(known.get("error", "")) if known else ""
    await turn.begin(step)
    errors = []
    for number, script in enumerate(scripts):
        if (error := await _run_once(turn, step, number, script, describe)) and stage is ScriptStage.PRE:
            errors = [error]
            break
        errors += [error] if error else []
    await turn.end(step, {"error": "; ".join(errors)})
    return "; ".join(errors)


async def _run_once(turn: Turn, step: RunStep, number: int, script: Script, describe: Describe) -> str:
    notes = [note for note in turn.notes(step) if note.get("script") == number]
    ended = next((note for note in notes if "exit" in note), None)
    if ended is not None:
        status: int | None = ended["exit"]
        output = str(ended.get("output", ""))
    else:
        attempt = 1 + len(notes)
        await turn.note(step, {"script": number, "path": script.path, "attempt": attempt})
        status, output = await _run(turn, script, attempt, describe)
        await turn.note(step, {"script": number, "exit": status, "output": output})
    if status == 0:
        return ""
    error = describe_failure(script, status, output)
    if script.on_failure is ScriptFailure.CONTINUE:
        turn.find([Finding(FindingKind.SCRIPT_FAILED, Severity.WARNING, error)])
        return ""
    return error


async def _run(turn: Turn, script: Script, attempt: int, describe: Describe) -> tuple[int | None, str]:
    try:
        text = await asyncio.to_thread(Path(script.path).read_bytes)
    except OSError as error:
        return 127, f"{script.path} cannot be read on the console: {error.strerror}"
    if change := turn.context.find_script_change(script.path, text):
        return 126, change
    result = await turn.worker.run_script(
        text,
        environment=parameters_of(script, attempt),
        stdin=describe(script, attempt),
        timeout_seconds=script.timeout_seconds,
    )
    name = turn.machine.name
    turn.context.tell(
        ScriptEnded(turn.now, name, script.stage, script.place, script.path, result.exit_status, result.elapsed_seconds)
    )
    return result.exit_status, clean(result.output[-_OUTPUT_SHOWN:])


def describe_failure(script: Script, status: int | None, output: str) -> str:
    """How a script failed, in one line, with the end of what it printed."""
    how = f"took longer than {script.timeout_seconds} s" if status is None else f"ended with exit status {status}"
    said = f": {clean(output[-_OUTPUT_SHOWN:])}" if output.strip() else "."
    return f"The {script.stage.value}-script {script.path} {how}{said}"
