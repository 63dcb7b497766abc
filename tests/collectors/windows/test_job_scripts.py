"""The scripts about jobs write what is read of them, and are told what they ask for."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import fields

import pytest

from collectors.windows import job_answers
from collectors.windows.job_answers import (
    BatchStatus,
    BatchUpdate,
    GateAnswer,
    JobAnswer,
    LookAnswer,
    NoteStatus,
    PortAnswer,
    RebootAnswer,
    ScriptAnswer,
    StatusFile,
    UpdateStatus,
)
from collectors.windows.job_calls import (
    call_command,
    call_follow,
    call_forget,
    call_gate,
    call_look,
    call_reboot,
    call_start,
    call_stop,
)
from collectors.windows.script_call import ScriptCall
from fleet.deployments.jobs import JobKind, JobOrder, PackageOrder
from tests.collectors.windows.powershell_tree import SCRIPTS, key_sets, parse

JOB = "20261120T020000Z-5f3a9c-install"
ORDER = JobOrder(
    JOB, JobKind.INSTALL, (PackageOrder("T", "", "KB1", update_id=f"{0:08x}-0000-4000-8000-{0:012x}"),), 60
)
WRITERS: Mapping[str, tuple[type, ...]] = {
    "job_part": (JobAnswer,),
    "job_start": (StatusFile,),
    "job_task": (StatusFile, UpdateStatus, BatchStatus, BatchUpdate, NoteStatus),
    "look": (LookAnswer,),
    "reboot": (RebootAnswer,),
    "run_script": (ScriptAnswer,),
    "gate": (GateAnswer, PortAnswer),
}
# Tables that stay within a script.
OWN = ({"bytes", "count", "length"}, {"entries"})
CALLS = (
    call_start(ORDER),
    call_follow(JOB, 0, 5, ""),
    call_stop(JOB),
    call_forget(JOB),
    call_look(),
    call_reboot(1, "x"),
    call_command("hostname", 5),
    call_gate((80,)),
)


def names_of(kind: type) -> set[str]:
    """The fields of a model."""
    return {field.name for field in fields(kind)}


def text_of(name: str) -> str:
    """A script's own text."""
    return (SCRIPTS / f"{name}.ps1").read_text("ascii")


def told_of(call: ScriptCall) -> dict[str, object]:
    """The parameters of a call."""
    lines = [line[2:] for line in call.payload.splitlines() if line.startswith(b"P ")]
    told: dict[str, object] = json.loads(base64.b64decode(b"".join(lines)))
    return told


@pytest.mark.parametrize("name", WRITERS)
def test_every_table_of_a_script_is_one_that_is_read(name: str) -> None:
    """No key is written that no model has."""
    models = [names_of(kind) for kind in WRITERS[name]]

    unknown = [keys for keys in key_sets(parse(name)) if keys not in OWN and not any(keys <= model for model in models)]

    assert unknown == []


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in WRITERS.items() for kind in kinds])
def test_every_field_is_written_somewhere(name: str, kind: type) -> None:
    """In a table, or one by one; of the status file by whoever begins the job, and then by the job."""
    if (name, kind) == ("job_start", StatusFile):
        return
    text, models = text_of(name), names_of(kind)
    written = {key for keys in key_sets(parse(name)) if keys <= models for key in keys}

    assert {field for field in models - written if f".{field} = " not in text and f"    {field} " not in text} == set()


def test_every_model_has_its_script() -> None:
    """None of them is left over."""
    models = {
        kind
        for kind in vars(job_answers).values()
        if isinstance(kind, type) and kind.__module__ == job_answers.__name__
    }

    assert models == {kind for kinds in WRITERS.values() for kind in kinds}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_script_asks_for_nothing_that_it_is_not_told(call: ScriptCall) -> None:
    """And is told nothing that it does not ask for."""
    asked = set(re.findall(r"\$Patchdeck\.([a-z_]+)", text_of(call.name)))

    assert asked == set(told_of(call))


def test_job_asks_for_all_that_is_ordered() -> None:
    """The order goes into a file, and the job reads it from there."""
    order = told_of(call_start(ORDER))["order"]
    assert isinstance(order, dict)
    text = text_of("job_task")

    assert set(re.findall(r"\$order\.([a-z_]+)", text)) == set(order) - {"schema"}
    assert set(re.findall(r"\$each\.(id|revision|name|kb|exclusive)", text)) == set(order["updates"][0])


def test_a_poll_of_a_job_that_works_does_not_wait_for_wmi() -> None:
    """WMI restarts while Windows is serviced: a poll that failed by that would say that nothing was begun."""
    text = text_of("job_part")
    code = text[text.index("function Write-PatchdeckJob") :]

    assert code.index("$boot = [string]$status.boot") < code.index("if (-not $boot) { $boot = Get-PatchdeckBoot }")
    assert code.count("Get-PatchdeckBoot") == 1
