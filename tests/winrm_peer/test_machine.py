"""The machine behind a peer: what it offers, installs and becomes."""

import json
from datetime import timedelta

import pytest

from tests.winrm_peer import traps
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.scenario import BadScenario, read_machine, write_machine
from tests.winrm_peer.systems import SYSTEMS, fleet, server_2016


def titles(machine: PeerMachine) -> list[str]:
    return [update.title for update in machine.offered()]


def test_a_chain_is_offered_link_by_link() -> None:
    """The cumulative update comes after the servicing stack, and raises the revision once the machine has rebooted."""
    machine = server_2016()
    machine.reboot_seconds = 30
    stack, monthly = machine.updates[:2]
    assert monthly not in list(machine.offered())
    assert machine.install(stack) == "0x00000000"
    assert monthly in list(machine.offered())
    machine.install(monthly)
    assert (machine.reboot_asked, monthly.is_installed, machine.ubr) == (True, False, 7336)
    machine.reboot()
    assert not machine.is_up
    machine.clock.push(31)
    machine.settle()
    assert (machine.reboot_asked, monthly.is_installed, machine.ubr) == (False, True, 7428)


def test_an_update_fails_so_often_as_it_is_told_and_rolls_back() -> None:
    """It fails with its HRESULT first; one that rolls back is offered again after the reboot."""
    update = traps.cumulative()
    update.fails_times, update.fails_with, update.rolls_back = 1, "0x800F0922", True
    machine = PeerMachine(updates=[update], reboot_seconds=0)
    assert machine.install(update) == "0x800F0922"
    assert machine.install(update) == "0x00000000"
    assert titles(machine) == []
    machine.reboot()
    machine.settle()
    assert titles(machine) == [update.title]
    assert [entry.result_code for entry in machine.history] == [2, 4]


def test_what_is_superseded_is_not_offered() -> None:
    """Neither beside the newer one, nor once that is installed."""
    newest = traps.cumulative()
    last = traps.superseded(newest)
    machine = PeerMachine(updates=[newest, last])
    assert (list(machine.offered()), list(machine.superseded())) == ([newest], [last])
    machine.install(newest)
    assert titles(machine) == []


def test_definitions_change_by_the_clock() -> None:
    """Some hours later, the same update has another revision."""
    update = traps.definitions()
    machine = PeerMachine(updates=[update])
    before = machine.revision_of(update)
    machine.clock.push(5 * 3600)
    assert machine.revision_of(update) == before + 1


def test_a_machine_reboots_by_itself_in_the_middle_of_a_task() -> None:
    """Its task began before that boot, and it has another boot time."""
    machine = PeerMachine(reboots_itself_after=60, reboot_seconds=5)
    booted = machine.booted_at
    task = machine.begin_task("job", seconds=600)
    machine.clock.push(59)
    machine.settle()
    assert (machine.boots, machine.is_up) == (task.boot, True)
    machine.clock.push(2)
    machine.settle()
    assert (machine.boots, machine.is_up) == (task.boot + 1, False)
    machine.clock.push(5)
    assert machine.is_up
    assert machine.booted_at - booted > timedelta(days=9)


@pytest.mark.parametrize("make", SYSTEMS, ids=lambda make: make.__name__)
def test_a_scenario_says_all_of_a_machine(make: type[PeerMachine]) -> None:
    """What is written as JSON is read as the same machine."""
    told = write_machine(make())
    assert write_machine(read_machine(json.loads(json.dumps(told)))) == told


@pytest.mark.parametrize("told", [{"nmae": "x"}, {"build": "20348"}, {"users": [{"token": "king"}]}, []], ids=str)
def test_a_scenario_that_cannot_be_is_refused(told: object) -> None:
    """An unknown name, a value of another type, and what is no object."""
    with pytest.raises(BadScenario):
        read_machine(told)


def test_a_fleet_has_no_two_of_one_name() -> None:
    """However many there are."""
    assert len({machine.name for machine in fleet(40)}) == 40
