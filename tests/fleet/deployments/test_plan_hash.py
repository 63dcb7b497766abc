"""The hash of a plan: over what would be done, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Answer
from fleet.deployments.deployment import Deployment
from fleet.deployments.job_ids import job_id, run_of
from fleet.deployments.jobs import JobKind
from fleet.deployments.plan import (
    ChangeKind,
    LeftOut,
    LeftOutReason,
    MachinePlan,
    PackageChange,
    Plan,
    Selection,
    Simulation,
)
from fleet.deployments.plan_hash import describe_behaviour, find_drift, hash_plan
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.updates import Classification, Update

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_CHANGES = st.builds(
    PackageChange,
    st.sampled_from(list(ChangeKind)),
    st.sampled_from(["curl", "zlib1g"]),
    st.sampled_from(["amd64", "i386"]),
    st.sampled_from(["", "1"]),
    st.sampled_from(["2", "3"]),
    st.none() | st.integers(0, 9),
)
_MACHINES = st.lists(
    st.builds(
        lambda number, changes, problem: MachinePlan(
            f"id-{number}", f"web-{number}", 0, simulation=Simulation(tuple(changes)), problem=problem
        ),
        st.integers(0, 3),
        st.lists(_CHANGES, max_size=3),
        st.sampled_from(["", "", "unreachable"]),
    ),
    max_size=4,
    unique_by=lambda machine: machine.machine_id,
)


def _plan(machines: Sequence[MachinePlan], behaviour: str = "") -> Plan:
    return Plan("nightly", _NOW, tuple(machines), hash_plan("nightly", machines, behaviour))


def _what_is_done(machines: Sequence[MachinePlan]) -> object:
    return {
        machine.machine_id: {replace(change, size_bytes=None) for change in machine.simulation.changes}
        for machine in machines
        if not machine.problem
    }


@given(_MACHINES, _MACHINES)
def test_hashes_are_equal_if_and_only_if_the_same_would_be_done(
    one: list[MachinePlan], other: list[MachinePlan]
) -> None:
    """The same machines and transactions have the same hash, others another."""
    assert (hash_plan("n", one) == hash_plan("n", other)) is (_what_is_done(one) == _what_is_done(other))


@given(_MACHINES, _MACHINES)
def test_drift_is_told_if_and_only_if_hashes_differ(one: list[MachinePlan], other: list[MachinePlan]) -> None:
    """Every difference has a line, and without one there is none."""
    old, new = _plan(one), _plan(other)
    assert bool(find_drift(old, new)) is (old.hash != new.hash)


@given(_MACHINES, st.randoms(use_true_random=False))
def test_order_of_machines_and_changes_does_not_matter(machines: list[MachinePlan], random: object) -> None:
    """However they are listed, the hash is the same."""
    shuffled = [
        replace(machine, simulation=replace(machine.simulation, changes=machine.simulation.changes[::-1]))
        for machine in machines
    ]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis does not name the type
    assert hash_plan("n", shuffled) == hash_plan("n", machines)


@given(_MACHINES)
def test_times_predictions_warnings_and_what_is_left_out_do_not_matter(machines: list[MachinePlan]) -> None:
    """Asking again later, with a longer history, gives the same hash."""
    update = Update("held", "amd64", "1", "2", Classification.OTHERS, "", "")
    later = [
        replace(
            machine,
            machine_name=f"renamed-{machine.machine_name}",
            wave=7,
            assessed_at=_NOW + timedelta(hours=1),
            predicted_seconds=99.0,
            fits=Answer.NO,
            warnings=("something",),
            reboot_expected=Answer.YES,
            selection=Selection((), (LeftOut(update, LeftOutReason.EXCLUDED, "by a rule"),)),
            simulation=replace(machine.simulation, download_bytes=7, disk_bytes=8),
        )
        for machine in machines
    ]
    assert hash_plan("n", later) == hash_plan("n", machines)


def test_names_of_deployments_do_not_run_into_machines() -> None:
    """Another deployment's plan has another hash."""
    assert hash_plan("a", ()) != hash_plan("b", ())


def test_drift_says_what_differs_on_each_machine() -> None:
    """Versions, packages that came and went, machines that came and went."""

    def machine(name: str, *changes: PackageChange, problem: str = "") -> MachinePlan:
        return MachinePlan(f"id-{name}", name, 0, simulation=Simulation(changes), problem=problem)

    def upgrade(name: str, to_version: str) -> PackageChange:
        return PackageChange(ChangeKind.UPGRADE, name, "amd64", "1", to_version)

    old = _plan([machine("a", upgrade("curl", "2"), upgrade("old", "2")), machine("b"), machine("c"), machine("d")])
    new = _plan(
        [
            machine("a", upgrade("curl", "3"), upgrade("zlib", "2")),
            machine("c", problem="refused."),
            machine("d"),
            machine("e", upgrade("curl", "3")),
        ]
    )
    held = LeftOut(
        Update("old", "amd64", "1", "2", Classification.SECURITY, "", ""), LeftOutReason.BLOCKED, "held: by bert"
    )
    kept = tuple(replace(m, selection=Selection((), (held,))) if m.machine_name == "a" else m for m in new.machines)
    assert find_drift(old, replace(new, machines=kept)) == (
        "a: curl would be upgraded 1 → 3, before: upgraded 1 → 2",
        "a: old would be upgraded 1 → 2 no longer: held: by bert",
        "a: zlib would be upgraded 1 → 2 too",
        "b: is no longer in the plan",
        "c: nothing can be done any more: refused.",
        "e: is new in the plan, with 1 change",
    )


def test_changed_behaviour_is_drift() -> None:
    """Another reboot policy or another content of a script is another plan, where it is asked for."""
    script = Script(ScriptStage.PRE, ScriptPlace.MACHINE, "/srv/stop.sh", {"MODE": "soft"})
    deployment = Deployment("nightly", ("all",), scripts=(script,))
    always = replace(deployment, reboot=RebootRules(RebootPolicy.ALWAYS))
    texts = {
        describe_behaviour(deployment),
        describe_behaviour(always),
        describe_behaviour(deployment, {"/srv/stop.sh": "abc"}),
        describe_behaviour(replace(deployment, scripts=(replace(script, parameters={"MODE": "hard"}),))),
    }
    assert len(texts) == 4 and describe_behaviour(replace(deployment, description="x")) in texts
    drift = find_drift(_plan((), describe_behaviour(deployment)), _plan((), describe_behaviour(always)))
    assert drift == ("reboots, scripts, window, waves or rounds of the deployment are others",)


def test_job_of_a_run_has_one_id() -> None:
    """The id names the run and the work, and leads back to the run."""
    job = job_id("20261120T020000Z-5f3a9c", JobKind.INSTALL)
    assert job == "20261120T020000Z-5f3a9c-install" and run_of(job) == "20261120T020000Z-5f3a9c"
    assert run_of(f"{job}-2") == "20261120T020000Z-5f3a9c"


@pytest.mark.parametrize("text", ["", "a-b", "-install", "../x-install", "install", "a-install-x"])
def test_foreign_jobs_lead_to_no_run(text: str) -> None:
    """What is not named as ours is nobody's."""
    assert run_of(text) == ""


@pytest.mark.parametrize("text", ["", "../x", "a b", "a--b", "x" * 101])
def test_run_that_cannot_name_a_job_is_refused(text: str) -> None:
    """A job's id becomes a folder's name on the machine."""
    with pytest.raises(ValueError, match="cannot name a job"):
        job_id(text, JobKind.DOWNLOAD)
