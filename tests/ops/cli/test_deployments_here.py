"""`deployments preview` and `run --here`, through planner and engine. The machines are fakes in virtual time; real ones
stand in tests/lab.
"""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fleet.machines import TransportKind
from ops.deployments.context import WorkerMaker
from ops.enrolment import Definition, enrol
from ops.home import open_home
from ops.service.lease import take_lease
from tests.ops.deployments.fake_machines import FakeFleet, FakeState
from tests.ops.deployments.virtual_time import run_virtual

Patchdeck = Callable[..., Any]
T = TypeVar("T")


class _Time:
    """The time of the fakes: that of the virtual loop of each verb, one after the other."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        try:
            return self.offset + asyncio.get_running_loop().time()
        except RuntimeError:
            return self.offset

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        async def timed() -> T:
            try:
                return await work
            finally:
                self.offset += asyncio.get_running_loop().time()

        return run_virtual(timed())


@pytest.fixture
def fleet(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeFleet:
    """Two machines that miss two updates each, reached instead of whatever is enrolled."""
    passing = _Time()
    made = FakeFleet(tmp_path / "fleet", passing.now)
    for name in ("web-01", "web-02"):
        machine = enrol(open_home(home), Definition(name, TransportKind.LOCAL)).machine
        made.put(machine.id, FakeState({"curl": "1", "zlib": "1"}, {"curl": "2", "zlib": "2"}))

    @asynccontextmanager
    async def reached(*_: object) -> AsyncIterator[WorkerMaker]:
        yield made.make_worker

    for module in ("ops.deployments.preview", "ops.cli.run_here"):
        monkeypatch.setattr(f"{module}.reached_machines", reached)
    for module in ("plan_run", "run_here"):
        monkeypatch.setattr(f"ops.cli.{module}.asyncio.run", passing.run)
    return made


@pytest.fixture
def web(patchdeck: Patchdeck, fleet: FakeFleet) -> FakeFleet:
    """A deployment of all security updates on both."""
    patchdeck("deployments", "add", "web", "--target", "web-*", "--class", "security", "--wave", "1")
    return fleet


def machine_id(patchdeck: Patchdeck, name: str) -> str:
    rows = json.loads(patchdeck("machines", "list", name, "--json").out)
    found: str = rows[0]["id"]
    return found


def planned_hash(patchdeck: Patchdeck, *arguments: str) -> str:
    text: str = patchdeck("deployments", "preview", "web", *arguments).out
    return text.splitlines()[-1].removeprefix("plan ")


def test_preview_shows_each_transaction_and_ends_with_the_hash(
    patchdeck: Patchdeck, web: FakeFleet, tmp_path: Path
) -> None:
    """As text, as JSON, in a file; the same plan has the same hash."""
    shown = patchdeck("deployments", "preview", "web", "-o", "plan.json")

    assert "web-02  wave 2  apt" in shown.out
    assert "upgrade   curl:amd64 1 -> 2" in shown.out
    assert "4 package changes on 2 of 2 machines, in 2 waves." in shown.err
    made = shown.out.splitlines()[-1].removeprefix("plan ")
    assert json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))["hash"] == made
    rows = json.loads(patchdeck("deployments", "preview", "web", "--json").out)
    assert [(row["machine"], row["plan_hash"]) for row in rows] == [("web-01", made), ("web-02", made)]
    assert planned_hash(patchdeck, "web-01") != made
    assert all(state.installations == [] for state in (web.get(row["machine_id"]) for row in rows))


def test_preview_of_a_file_keeps_no_deployment(patchdeck: Patchdeck, fleet: FakeFleet, tmp_path: Path) -> None:
    """What looks like a name behind it is a target."""
    (tmp_path / "new.toml").write_text('targets = ["all"]\n[updates]\nclasses = ["security"]\n', encoding="utf-8")

    shown = patchdeck("deployments", "preview", "-f", "new.toml", "web-02")

    assert "web-02  wave 1" in shown.out
    assert "web-01" not in shown.out
    assert json.loads(patchdeck("deployments", "list", "--json").out) == []


def test_machine_that_cannot_be_planned_is_told(patchdeck: Patchdeck, web: FakeFleet) -> None:
    """The others are, and the exit code says that not all were."""
    web.put(machine_id(patchdeck, "web-01"), FakeState(is_off=True))

    shown = patchdeck("deployments", "preview", "web", code=3)

    assert "! nothing can be done" in shown.out
    assert "1 of 2 machines: nothing can be done on web-01" in shown.err


def test_run_here_installs_and_shows_what_happens(patchdeck: Patchdeck, web: FakeFleet) -> None:
    """From the plan to the results, with everything told and kept."""
    ran = patchdeck("deployments", "run", "web", "--here", "--yes")

    assert "Wave 2 begins: 1 machine." in ran.out
    assert "The run succeeded" in ran.out
    assert "of web succeeded" in ran.err
    results = json.loads(patchdeck("deployments", "results", "web", "--json").out)
    assert {(row["machine"], row["name"], row["status"]) for row in results} == {
        (machine, package, "Succeeded") for machine in ("web-01", "web-02") for package in ("curl", "zlib")
    }
    assert web.get(machine_id(patchdeck, "web-01")).installed == {"curl": "2", "zlib": "2"}
    assert patchdeck("deployments", "logs", "web").out == ran.out
    assert "curl" in patchdeck("deployments", "record", "web").out
    (machine, _) = json.loads(patchdeck("deployments", "history", "--machine", "web-*", "--json").out)
    assert machine["status"] == "Succeeded"


def test_failed_run_ends_with_its_code(patchdeck: Patchdeck, web: FakeFleet) -> None:
    """JSON has the run as it ended."""
    web.put(
        machine_id(patchdeck, "web-01"),
        FakeState({"curl": "1", "zlib": "1"}, {"curl": "2", "zlib": "2"}, failing=["curl"]),
    )

    (row,) = json.loads(patchdeck("deployments", "run", "web", "--here", "--yes", "--json", code=3).out)

    assert (row["status"], row["failed"], row["machines"]) == ("Failed", 1, 2)


def test_run_of_another_plan_than_required_installs_nothing(patchdeck: Patchdeck, web: FakeFleet) -> None:
    """It has an exit code of its own, and says what drifted."""
    planned = planned_hash(patchdeck)
    web.put(
        machine_id(patchdeck, "web-02"),
        FakeState({"curl": "1", "zlib": "1"}, {"curl": "3", "zlib": "2"}),
    )

    refused = patchdeck("deployments", "run", "web", "--here", "--yes", "--require-plan", planned, code=8)

    assert "not the required one" in refused.err
    assert web.get(machine_id(patchdeck, "web-01")).installations == []


def test_required_plan_that_holds_is_carried_out(patchdeck: Patchdeck, web: FakeFleet) -> None:
    """Nothing drifted between the preview and the run."""
    patchdeck("deployments", "run", "web", "--here", "--yes", "--require-plan", planned_hash(patchdeck))

    assert len(web.get(machine_id(patchdeck, "web-02")).installations) == 2


def test_interrupted_run_goes_on_where_it_was(
    patchdeck: Patchdeck, web: FakeFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C leaves it; resuming it here ends it, and nothing is installed twice."""
    make_worker = web.make_worker

    def interrupt(machine: Any) -> Any:
        if machine.name == "web-02" and web.get(machine_id_of["web-01"]).installations:
            signal.raise_signal(signal.SIGINT)  # to this thread, at once
        return make_worker(machine)

    machine_id_of = {name: machine_id(patchdeck, name) for name in ("web-01", "web-02")}
    patchdeck("deployments", "edit", "web", "--concurrency", "1")
    monkeypatch.setattr(web, "make_worker", interrupt)
    left = patchdeck("deployments", "run", "web", "--here", "--yes", code=130)
    monkeypatch.setattr(web, "make_worker", make_worker)

    assert "--here" in left.err
    assert [row["status"] for row in json.loads(patchdeck("deployments", "runs", "--json").out)] == ["InProgress"]
    patchdeck("deployments", "resume", "web", "--here")
    for each in machine_id_of.values():
        assert sorted(name for name, *_ in web.get(each).installations) == ["curl", "zlib"]


def test_run_here_is_refused_while_a_service_works(patchdeck: Patchdeck, web: FakeFleet, home: Path) -> None:
    """Two never work on one run; the run waits for the service."""
    held = take_lease(open_home(home))
    try:
        refused = patchdeck("deployments", "run", "web", "--here", "--yes", code=9)
    finally:
        held.close()

    assert "runs already" in refused.err
    assert "--follow" in refused.err
    assert [row["status"] for row in json.loads(patchdeck("deployments", "runs", "--json").out)] == ["Waiting"]
