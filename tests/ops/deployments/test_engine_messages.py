"""The channels of a deployment are told when a run begins and how it ended, once, whatever is killed between."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from fleet.deployments.runs import RunStatus
from fleet.messages import Message, MessageKind
from ops.messages.book import list_deliveries
from tests.ops.deployments.fake_runs import NIGHTLY, FakeRuns

_TOLD = replace(NIGHTLY, channels=("mail", "chat"))


def told(runs: FakeRuns) -> Sequence[Message]:
    return [delivery.message for delivery in reversed(list_deliveries(runs.home, "mail"))]


def test_channels_are_told_of_the_beginning_and_the_end(runs: FakeRuns) -> None:
    """Each of them, with results."""
    runs.enrol(3)
    run = runs.work(runs.make(_TOLD))
    began, ended = told(runs)
    assert (began.kind, ended.kind) == (MessageKind.DEPLOYMENT_STARTED, MessageKind.DEPLOYMENT_ENDED)
    assert (began.facts["run"], ended.facts["status"]) == (run.id, "Succeeded")
    assert "3 of 3 machines succeeded" in ended.text
    assert len(list_deliveries(runs.home, "chat")) == 2


def test_a_run_that_is_taken_up_again_tells_nobody_twice(runs: FakeRuns) -> None:
    """By the process that ends it."""
    runs.enrol(2, seconds_a_package=30.0)

    async def stop(runs: FakeRuns, _run: object) -> None:
        await asyncio.sleep(20)
        runs.stop.set()

    run = runs.work(runs.make(_TOLD), beside=stop)
    assert run.status is RunStatus.IN_PROGRESS
    assert runs.work(run).status is RunStatus.SUCCEEDED
    assert [message.kind for message in told(runs)] == [
        MessageKind.DEPLOYMENT_STARTED,
        MessageKind.DEPLOYMENT_ENDED,
    ]


def test_where_nobody_is_told_nothing_is_kept(runs: FakeRuns) -> None:
    """The outbox is for what waits for somebody."""
    runs.enrol(1)
    runs.work(runs.make())
    assert list_deliveries(runs.home) == []
