"""The scripts of a run on the console, as a step that is written down; and the description that they are given."""

import asyncio
from pathlib import Path

from fleet.deployments.runs import RunStep
from fleet.deployments.scripts import Script, ScriptFailure, ScriptPlace, ScriptStage
from fleet.hostile import clean
from ops.deployments.console_scripts import run_on_console
from ops.deployments.context import StepRecord
from ops.deployments.events import RunNote, ScriptEnded
from ops.deployments.machine_scripts import Describe, describe_failure
from ops.deployments.run_desk import RunDesk
from ops.deployments.script_context import parameters_of
from ops.state.runs import JournalPhase


async def run_console_scripts(desk: RunDesk, stage: ScriptStage, known: StepRecord, describe: Describe) -> str:
    """Runs the scripts of ``stage`` one after the other; what failed that must not, empty if nothing did.

    ``known`` is what the journal says of the step, ``describe`` gives the run as JSON. A script that was running when
    the console was killed is run again, and can see that by PATCHDECK_ATTEMPT. Of PRE the first failure ends them.
    """
    step = RunStep.SCRIPTS_BEFORE if stage is ScriptStage.PRE else RunStep.SCRIPTS_AFTER
    scripts = [s for s in desk.context.deployment.scripts if (s.stage, s.place) == (stage, ScriptPlace.CONSOLE)]
    if known.is_over or not scripts:
        return str(known.detail.get("error", ""))
    await desk.write(step, JournalPhase.BEGIN)
    errors: list[str] = []
    for number, script in enumerate(scripts):
        notes = [note for note in known.notes if note.get("script") == number]
        ended = next((note for note in notes if "error" in note), None)
        error = str(ended["error"]) if ended else await _run(desk, step, number, script, 1 + len(notes), describe)
        if error and script.on_failure is ScriptFailure.CONTINUE:
            desk.context.tell(RunNote(desk.context.clock(), error))
            continue
        errors += [error] if error else []
        if error and stage is ScriptStage.PRE:
            break
    await desk.write(step, JournalPhase.END, {"error": "; ".join(errors)})
    return "; ".join(errors)


async def _run(desk: RunDesk, step: RunStep, number: int, script: Script, attempt: int, describe: Describe) -> str:
    context = desk.context
    await desk.write(step, JournalPhase.NOTE, {"script": number, "path": script.path, "attempt": attempt})
    file = context.folder.path / f"{script.stage.value}-{number}.json"
    try:
        context.folder.write_whole(file, describe(script, attempt))
    except OSError as error:
        desk.say(f"The description of the run cannot be written: {error.strerror}.")
    if change := await asyncio.to_thread(_find_change, desk, script):
        await desk.write(step, JournalPhase.NOTE, {"script": number, "error": change})
        return change
    result = await run_on_console(
        Path(script.path),
        environment=parameters_of(script, attempt),
        context_file=file,
        timeout_seconds=script.timeout_seconds,
    )
    heading = f"== {context.clock().isoformat(timespec='seconds')} {script.path} (attempt {attempt})\n"
    try:
        context.folder.note_script(f"{heading}{result.output.rstrip()}\n".encode("utf-8", "replace"))
    except OSError as error:
        desk.say(f"What {clean(script.path)} printed cannot be written: {error.strerror}.")
    status, seconds = result.exit_status, result.elapsed_seconds
    context.tell(ScriptEnded(context.clock(), "", script.stage, script.place, script.path, status, seconds))
    failed = "" if status == 0 else describe_failure(script, status, result.output)
    await desk.write(step, JournalPhase.NOTE, {"script": number, "error": failed})
    return failed


def _find_change(desk: RunDesk, script: Script) -> str:
    """Why the script is not run: it is not as it was approved; empty if it may be. What cannot be read does not run."""
    try:
        return desk.context.find_script_change(script.path, Path(script.path).read_bytes())
    except OSError:
        return ""
