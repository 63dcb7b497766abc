"""How scripts, restarts and health gates on a Windows machine ended, from the answers of their scripts."""

import base64
import binascii
from collections.abc import Mapping, Sequence

from collectors.jobs.scripts import ScriptEnd
from collectors.windows.job_answers import SCHEMA, GateAnswer, RebootAnswer, ScriptAnswer
from collectors.windows.job_calls import MOST_OUTPUT_BYTES
from collectors.windows.loose_json import read_record
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, decode

# shutdown.exe: a restart was ordered before (ERROR_SHUTDOWN_IS_SCHEDULED), or goes on (ERROR_SHUTDOWN_IN_PROGRESS).
_ALREADY_ORDERED = (1190, 1115)


def read_script_end(answer: Mapping[str, object]) -> tuple[ScriptEnd | None, str]:
    """How a script ended, or None and why it could not be begun.

    Raises:
        UnreadableOutput: it is not what `run_script` answers.
    """
    where = "the script's answer"
    told = read_record(ScriptAnswer, {key: value for key, value in answer.items() if key != "output"}, where)
    if told.schema != SCHEMA:
        raise UnreadableOutput(where, 1, f"schema {told.schema}")
    if told.exit is None and told.late is not True:
        return None, clean(told.message, 600) or "nothing was said"
    output = _read_output(answer.get("output"), where)
    return ScriptEnd(None if told.late else told.exit, output, max(0.0, told.elapsed_seconds or 0.0)), ""


def read_reboot(answer: Mapping[str, object]) -> str:
    """Why the machine will not restart; empty where it will.

    Raises:
        UnreadableOutput: it is not what `reboot` answers.
    """
    told = read_record(RebootAnswer, answer, "the restart's answer")
    if told.schema != SCHEMA or told.exit is None:
        raise UnreadableOutput("the restart's answer", 1, f"schema {told.schema}, exit {told.exit}")
    if told.exit == 0 or told.exit in _ALREADY_ORDERED:
        return ""
    return f"shutdown.exe ended with {told.exit}: {clean(told.message, 400) or 'nothing was said'}"


def read_ports(answer: Mapping[str, object], tcp_ports: Sequence[int]) -> tuple[str, ...]:
    """What of the ports of a gate does not hold, a line each.

    Raises:
        UnreadableOutput: it is not what `gate` answers to these ports.
    """
    told = read_record(GateAnswer, answer, "the gate's answer")
    if told.schema != SCHEMA or [each.port for each in told.ports] != list(tcp_ports):
        raise UnreadableOutput("the gate's answer", 1, "answers that are not those to what was asked")
    return tuple(f"tcp port {each.port}: {clean(each.message, 400)}" for each in told.ports if each.message)


def describe_command(command: str, end: ScriptEnd, timeout_seconds: int) -> tuple[str, ...]:
    """That the command of a gate does not hold, in a line; nothing where it does."""
    shown = clean(command, 200)
    if end.exit_status is None:
        return (f"{shown}: not ended within {timeout_seconds} s",)
    if end.exit_status == 0:
        return ()
    lines = [line for line in end.output.splitlines() if line.strip()]
    said = f": {clean(lines[-1], 400)}" if lines else ""
    return (f"{shown}: exit status {end.exit_status}{said}",)


def _read_output(value: object, where: str) -> str:
    if not value:
        return ""
    if not isinstance(value, str) or len(value) > 2 * MOST_OUTPUT_BYTES:
        raise UnreadableOutput(where, 1, "an output that is none, or longer than was asked for")
    try:
        return decode(base64.b64decode(value, validate=True)[:MOST_OUTPUT_BYTES])
    except (binascii.Error, ValueError) as error:
        raise UnreadableOutput(where, 1, "an output that is no base64") from error
