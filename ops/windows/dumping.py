"""A raw dump of one Windows machine: what it says to everything that Patchdeck asks, without what tells whose it is."""

import gzip
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any  # Any: JSON of a machine, of any shape

from collectors.secrets import SecretSource
from collectors.transports.base import Transport, TransportFailed
from fleet.errors import BadInput, PatchdeckError
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine
from fleet.raw_dump.pseudonyms import NameKind
from fleet.raw_dump.sanitizing import sanitized
from ops.home import Home
from ops.permission import require_elsewhere
from ops.state.audit import utc_now
from ops.windows.reaching import reach_each

if TYPE_CHECKING:
    from collectors.windows.recording import RecordingCalls

SCHEMA = 1
# Without what is not ASCII a wrong code page would not show.
ECHO_TEXT = "Gr\u00fc\u00dfe \u20ac \u6f22\u5b57 \U0001f600"
PARTS = ("echo", "system", "services", "registry", "probes", "winrm", "tasks", "history", "search")
_SEARCH_SECONDS = 900.0
_PART_SECONDS = 120.0
_MOST_BYTES = 64 * 1024 * 1024
_BIG_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawDump:
    """A dump, as JSON; ``failed`` are the scripts that gave no answer."""

    document: Mapping[str, Any]
    calls: int
    failed: tuple[str, ...]


async def dump_machine(
    home: Home, machine: Machine, secrets: SecretSource, clock: Callable[[], datetime] = utc_now
) -> RawDump | Failure:
    """What ``machine`` says, part by part, and how an assessment of it goes. One part that fails stops no other.

    Raises:
        NotPermitted: this process does not change the home, and so reaches no machine.
    """

    async def ask_all(machine: Machine, transport: Transport) -> RawDump:
        return await _dump(machine, transport, secrets, clock)

    deadline = 2 * _SEARCH_SECONDS + len(PARTS) * _PART_SECONDS
    found = await reach_each(home, [machine], ask_all, secrets=secrets, deadline_seconds=deadline)
    return found[machine.id]


def check_place(path: Path) -> None:
    """Returns if a dump may be written to ``path``.

    Raises:
        BadInput: there is something already, or a home consists of it.
        NotPermitted: it is in a home that this process does not change.
    """
    require_elsewhere(path)
    if path.is_symlink() or path.exists():
        raise BadInput(f"{path} is there already: name another file, or remove it. Nothing was written.")


def default_name(dump: RawDump) -> Path:
    """A file's name that tells nothing of whose the machine is."""
    begun = str(dump.document["begun"]).replace("-", "").replace(":", "")[:15]
    return Path(f"windows-dump-{begun}Z.json")


def write_dump(dump: RawDump, path: Path, *, may_shrink: bool) -> Path:
    """Writes ``dump`` to ``path``, whole or not at all, for nobody else to read, and gives where it is.

    As gzip where ``path`` ends with ``.gz``, or it is big and ``may_shrink``.

    Raises:
        BadInput, NotPermitted: as `check_place`.
        QueryFailed: it cannot be written.
    """
    from query.outfile import written_aside

    content = json.dumps(dump.document, indent=1, ensure_ascii=True).encode("ascii")
    if may_shrink and len(content) > _BIG_BYTES and path.suffix != ".gz":
        path = path.with_name(f"{path.name}.gz")
    check_place(path)
    packed = gzip.compress(content, mtime=0) if path.suffix == ".gz" else content
    with written_aside(path) as file:
        file.write(packed)
    path.chmod(0o600)
    return path


async def _dump(
    machine: Machine, transport: Transport, secrets: SecretSource, clock: Callable[[], datetime]
) -> RawDump:
    from collectors.windows.recording import RecordingCalls

    begun = clock()
    names = await _names(machine, transport)
    recording = RecordingCalls(transport)
    for part in PARTS:
        seconds = _SEARCH_SECONDS if part == "search" else _PART_SECONDS
        await _ask_part(recording, part, seconds)
    await _read_settings(recording)
    words = await _assess(machine, recording, secrets, clock)
    raw = {"calls": recording.calls, "assessment": words}
    failed = tuple(
        f"{call['script']} {(call['told'] or {}).get('part', '')}".strip()
        for call in recording.calls
        if not call.get("answers")
    )
    document = {
        "schema": SCHEMA,
        "kind": "patchdeck-windows-dump",
        "patchdeck": version("patchdeck"),
        "begun": begun.isoformat(timespec="seconds"),
        "ended": clock().isoformat(timespec="seconds"),
        "reached_by": f"{machine.transport.value} {machine.winrm.scheme.value if machine.winrm else ''}".strip(),
        "echo_sent": [ord(character) for character in ECHO_TEXT],
        **sanitized(raw, names),
    }
    return RawDump(document, len(recording.calls), failed)


async def _names(machine: Machine, transport: Transport) -> dict[NameKind, list[str]]:
    """The names that nothing of the dump may hold: what we know of the machine, and what it says of itself.

    Raises:
        TransportFailed: it does not say: a dump in which they may stand is none.
    """
    from collectors.windows.asking import ask
    from collectors.windows.script_call import call_script

    names: dict[NameKind, list[str]] = {kind: [] for kind in NameKind}
    names[NameKind.HOST] += [machine.name, machine.address or ""]
    names[NameKind.USER] += [part for part in (machine.user or "").replace("@", "\\").split("\\") if part]
    answer = await ask(transport, call_script("dump", {"part": "names"}), deadline_seconds=_PART_SECONDS)
    said = answer.get("found")
    if not isinstance(said, dict) or not said.get(NameKind.HOST.value):
        words = "it does not say what it is called, and so its names could not be taken out of a dump."
        remedy = "See why on the machine: Get-CimInstance Win32_ComputerSystem."
        raise TransportFailed(Failure(FailureKind.OUTPUT_UNREADABLE, "dump names", words, remedy))
    for kind in NameKind:
        held = said.get(kind.value)
        names[kind] += [each for each in (held if isinstance(held, list) else [held]) if isinstance(each, str)]
    return names


async def _ask_part(transport: "RecordingCalls", part: str, seconds: float) -> None:
    from collectors.windows.script_call import call_script

    told = {"part": part, "text": ECHO_TEXT} if part == "echo" else {"part": part}
    # What went wrong is recorded, and the next part is asked all the same.
    with suppress(TransportFailed, PatchdeckError):
        await transport.run(call_script("dump", told).payload, deadline_seconds=seconds, max_output_bytes=_MOST_BYTES)


async def _read_settings(transport: "RecordingCalls") -> None:
    from collectors.windows.client_settings import read_client

    with suppress(TransportFailed, PatchdeckError):
        await read_client(transport, deadline_seconds=_PART_SECONDS)


async def _assess(
    machine: Machine, transport: "RecordingCalls", secrets: SecretSource, clock: Callable[[], datetime]
) -> Mapping[str, Any]:
    """How an assessment goes; what it asked is among the calls."""
    from collectors.assess import AssessOptions, assess_machine

    options = AssessOptions(deadline_seconds=_SEARCH_SECONDS, secrets=secrets)
    assessment = await assess_machine(machine, transport, options, clock)
    return {
        "coverage": assessment.coverage.value,
        "updates": len(assessment.updates),
        "failure": assessment.failure.describe() if assessment.failure else None,
        "findings": [finding.describe() for finding in assessment.findings],
        "elapsed_seconds": (assessment.ended_at - assessment.started_at).total_seconds(),
    }
