"""One script run on a Windows machine for its one answer; whatever else comes back is a failure that says why."""

from collections.abc import Mapping

from collectors.reading_thread import read_aside
from collectors.transports.base import CommandResult, Transport, TransportFailed, clean_failure
from collectors.windows.answer import read_answer
from collectors.windows.error_stream import read_errors
from collectors.windows.script_call import ScriptCall
from fleet.errors import UnreadableOutput
from fleet.failures import Failure, FailureKind

_MOST_OUTPUT_BYTES = 8 * 1024 * 1024


async def ask(
    transport: Transport, call: ScriptCall, *, deadline_seconds: float, max_output_bytes: int = _MOST_OUTPUT_BYTES
) -> Mapping[str, object]:
    """What the script of ``call`` answered.

    Raises:
        TransportFailed: it did not run to its end, or its answer cannot be read.
    """
    result = await transport.run(call.payload, deadline_seconds=deadline_seconds, max_output_bytes=max_output_bytes)
    try:
        return await read_aside(lambda: read_answer(result.stdout, call.marker), len(result.stdout))
    except UnreadableOutput as error:
        raise TransportFailed(_unreadable(call, result, error), result.stdout) from error


def _unreadable(call: ScriptCall, result: CommandResult, error: UnreadableOutput) -> Failure:
    """What the script printed as an error says more than what is missing in its output."""
    words = read_errors(result.stderr) or str(error)
    status = "" if result.exit_status in (0, None) else f" (exit status {result.exit_status})"
    remedy = "See the log; patchdeck windows dump-raw keeps what such a machine says."
    return clean_failure(
        FailureKind.OUTPUT_UNREADABLE, call.name, f"{words[:600]}{status}", remedy, result.elapsed_seconds
    )
