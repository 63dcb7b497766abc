"""A batch as text: a line for each assessment, and before it a line for what many assessments have in common.

    {"format": 2, "id": "20261120T120000Z-5f3a9c"}
    {"shared": {"updates": […], "installed": […], …}}
    [0, {"machine_id": …}]

The number before an assessment says which of the shared lines it goes with, from 0. Machines of one image have the same
updates and packages, which are nearly all of what a scan holds. Lines are written one by one: all at once they would
need several times the memory of the scan. A file of an earlier Patchdeck is one object, and is read as well.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from fleet.assessments import Assessment
from fleet.updates import Update
from ops.state.documents import Codec
from ops.store.batch import Batch

_FORMAT = 2


@dataclass(frozen=True, slots=True)
class _Shared:
    """What machines that are alike have in common."""

    updates: tuple[Update, ...] = ()
    installed: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    sources: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))


_NOTHING = _Shared()
_BATCHES = Codec(Batch)
_SHARED = Codec(_Shared)
_ASSESSMENTS = Codec(Assessment)


def write_batch(batch: Batch) -> Iterator[str]:
    """The lines of ``batch``, each with its newline."""
    yield json.dumps({"format": _FORMAT, "id": batch.id}) + "\n"
    # By identity: what is shared was read once (`collectors.shared_readings`). The batch keeps it alive.
    numbers: dict[tuple[int, int, int], int] = {}
    for assessment in batch.assessments:
        key = id(assessment.updates), id(assessment.installed), id(assessment.sources)
        if key not in numbers:
            numbers[key] = len(numbers)
            shared = _Shared(assessment.updates, assessment.installed, assessment.sources)
            yield f'{{"shared":{_SHARED.dump(shared)}}}\n'
        own = _with(assessment, _NOTHING)
        yield f"[{numbers[key]},{_ASSESSMENTS.dump(own)}]\n"


def read_batch(lines: Iterable[bytes]) -> Batch:
    """The batch that `write_batch` wrote.

    Raises:
        ValueError, TypeError, KeyError, IndexError: it is not one.
    """
    rest = iter(lines)
    first = next(rest, b"")
    begun = json.loads(first)
    if not isinstance(begun, dict):
        raise TypeError("it does not begin with an object")
    if "format" not in begun:
        return _BATCHES.load(first)
    if begun["format"] != _FORMAT:
        raise ValueError(f"format {begun['format']!r} is not known")
    shared: list[_Shared] = []
    assessments: list[Assessment] = []
    for line in rest:
        entry = json.loads(line)
        if isinstance(entry, dict):
            shared.append(_SHARED.read(entry["shared"]))
        else:
            number, own = entry
            assessments.append(_with(_ASSESSMENTS.read(own), shared[number]))
    return Batch(begun["id"], tuple(assessments))


def _with(assessment: Assessment, shared: _Shared) -> Assessment:
    return replace(assessment, updates=shared.updates, installed=shared.installed, sources=shared.sources)
