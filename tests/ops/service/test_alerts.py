"""The duty of alerts: rounds one at a time, told where they fail, stopped when the service ends."""

import asyncio
from datetime import timedelta

import pytest

from fleet.alerts.rule import Comparison
from fleet.errors import HomeUnusable
from ops.alerts import rounds
from ops.alerts.book import define_rule, list_open
from ops.home import Home
from ops.service.alerts import AlertsDuty
from tests.ops.alerts.conftest import run_rule
from tests.ops.service.conftest import Console, VirtualTime


async def _attend(duty: AlertsDuty, console: Console) -> object:
    """One look, with all that it begins."""
    at = await duty.attend(console.look())
    if duty._task is not None:
        await asyncio.wait_for(asyncio.shield(duty._task), 60)
    return at


@pytest.fixture
def rule(home: Home) -> None:
    """A rule that fires while nothing was deployed; nobody is told."""
    define_rule(home, run_rule("nothing", split_by=(), channels=(), comparison=Comparison.LESS, threshold=1.0))


async def test_duty_without_rules_waits_for_one(console: Console) -> None:
    """It costs nothing until then."""
    duty = AlertsDuty(console.post())
    assert await _attend(duty, console) is None
    assert duty._task is None


@pytest.mark.usefixtures("rule")
async def test_duty_evaluates_and_asks_for_the_next_look(console: Console, home: Home, time: VirtualTime) -> None:
    """A round that ended asks for a look, which says when the next one is due."""
    duty = AlertsDuty(console.post())
    await _attend(duty, console)
    assert (len(list_open(home)), console.asked) == (1, 1)
    time.true += timedelta(seconds=3)
    at = await _attend(duty, console)
    assert at is not None
    assert (console.asked, duty.troubles(), duty.activities()) == (1, [], ())


@pytest.mark.usefixtures("rule")
async def test_duty_that_fails_says_why_and_tries_again(
    console: Console, home: Home, time: VirtualTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, for example; nothing else is held up."""

    def full(*_given: object) -> None:
        raise HomeUnusable("the disk is full")

    duty = AlertsDuty(console.post())
    monkeypatch.setattr(rounds, "keep_findings", full)
    await _attend(duty, console)
    assert [trouble.text for trouble in duty.troubles()] == ["the disk is full"]
    monkeypatch.undo()
    time.true += timedelta(minutes=1)
    await _attend(duty, console)
    assert (duty.troubles(), len(list_open(home))) == ([], 1)


@pytest.mark.usefixtures("rule")
async def test_service_that_ends_begins_no_round(console: Console, home: Home) -> None:
    """It is left to the next one."""
    duty = AlertsDuty(console.post())
    await duty.end()
    await _attend(duty, console)
    assert list_open(home) == []
