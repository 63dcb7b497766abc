"""A transport that keeps what each script was told and answered, raw: the material of a dump."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any  # Any: JSON of any shape

from collectors.transports.base import CommandResult, Transport, TransportFailed
from collectors.windows.answer import read_answers
from fleet.errors import UnreadableOutput
from fleet.hostile import decode

_MOST_TOLD_CHARACTERS = 2_000
_MOST_WORDS = 4_000


class RecordingCalls:
    """Passes every run to ``inner``, and keeps it in ``calls`` as JSON: what was told and answered, how it ended."""

    def __init__(self, inner: Transport) -> None:
        self.calls: list[dict[str, Any]] = []
        self._inner = inner

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """See `collectors.transports.base.Transport.run`."""
        passed = bytearray()

        def keep(data: bytes) -> None:
            passed.extend(data)
            if on_output is not None:
                on_output(data)

        name, marker, told = _read_payload(script)
        call: dict[str, Any] = {"script": name, "told": told}
        self.calls.append(call)
        try:
            result = await self._inner.run(
                script,
                deadline_seconds=deadline_seconds,
                max_output_bytes=max_output_bytes,
                on_output=keep if on_output else None,
            )
        except TransportFailed as error:
            failure = error.failure
            call |= {"failure": {"kind": failure.kind.value, "words": failure.describe()}}
            call |= _output(bytes(passed) or error.partial, marker)
            raise
        call |= {"exit_status": result.exit_status, "elapsed_seconds": round(result.elapsed_seconds, 3)}
        call |= {"stderr": decode(result.stderr)[:_MOST_WORDS].splitlines()}
        call |= _output(bytes(passed) or result.stdout, marker)
        return result

    async def close(self) -> None:
        """Close the transport that is recorded."""
        await self._inner.close()


def _read_payload(script: bytes) -> tuple[str, str, Any]:
    """Name, marker and parameters of a call, texts that are long left out: they are scripts of ours."""
    lines = script.decode("ascii", "replace").splitlines()
    head = next((line.split() for line in lines if line.startswith("C ")), ["C", "", ""])
    parameters = "".join(line[2:] for line in lines if line.startswith("P "))
    try:
        told = json.loads(base64.b64decode(parameters))
    except (binascii.Error, ValueError):
        told = None
    _, name, marker, *_ = *head, "", ""
    return name, marker, _shortened(told)


def _shortened(told: Any) -> Any:
    if isinstance(told, str) and len(told) > _MOST_TOLD_CHARACTERS:
        return f"({len(told)} characters)"
    if isinstance(told, Mapping):
        return {key: _shortened(each) for key, each in told.items()}
    return told


def _output(output: bytes, marker: str) -> dict[str, Any]:
    """The answers among the output; where there is none that can be read, its beginning."""
    try:
        answers = list(read_answers(output, marker))
    except UnreadableOutput as error:
        return {"answers": [], "unreadable": str(error), "output": decode(output)[:_MOST_WORDS].splitlines()}
    said: dict[str, Any] = {"answers": answers}
    return said if answers else said | {"output": decode(output)[:_MOST_WORDS].splitlines()}
